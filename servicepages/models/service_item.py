"""The service item: every line of the confirmation sheet and what guides add to it today.

Who may see a field and who signs for it stands in servicepages.fields; what must be filled in before
an item can be submitted stands in servicepages.completeness. Every field is optional here, because a
draft can always be saved.
"""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PageManager, PageQuerySet
from wagtail.search import index

from servicepages import blocks
from servicepages.copying import CopyAsDraftForm
from servicepages.forms import ServiceItemForm
from servicepages.indexing import item_saved
from servicepages.models.pages import DepartmentPage, PinyinSlugMixin
from servicepages.moving import ChecksItsMove
from servicepages.panels import service_item_editor
from servicepages.permissions import ServiceItemPermissionTester
from servicepages.routing import RoutesToKnownType
from servicepages.time_limits import time_limit
from servicepages.vocabulary import CaseKind, ItemType, ServiceLevel, TimeUnit

ONLINE_CHOICES = [(None, _("not stated")), (True, _("yes")), (False, _("no"))]


class ServiceItemQuerySet(PageQuerySet):
    def of_department(self, department):
        return self.filter(department=department)

    def top_level(self):
        """Items that are no sub-item of another."""
        return self.filter(depth=ITEM_DEPTH)

    def published(self):
        """What the public may see: live, without a view restriction."""
        return self.live().public()

    def about(self, topic):
        return self.filter(topics=topic)

    def served_at(self, hall):
        return self.filter(service_points__hall=hall).distinct()

    def with_live_sub_items(self):
        """Each item knows whether it has a live sub-item, without a query of its own."""
        below = Page.objects.live().filter(
            depth=ITEM_DEPTH + 1,
            path__range=(Concat(OuterRef("path"), Value("0000")), Concat(OuterRef("path"), Value("ZZZZ"))),
        )
        return self.annotate(has_live_sub_items=Exists(below))

    def for_listing(self):
        """With what a line of a public list shows, in a constant number of queries."""
        return self.select_related("department__region").prefetch_related("topics").with_live_sub_items()


# Where one of these is filled in, a sheet was filed.
SHEET = ("fees", "conditions", "procedure", "materials", "approval_steps")

# What people fill in that is kept in rows of other tables.
ROWS_ELSEWHERE = {"topics", "service_points"}

# root 1, home 2, region 3, department 4, item 5, sub-item 6
ITEM_DEPTH = 5

ServiceItemManager = PageManager.from_queryset(ServiceItemQuerySet)


class ServiceItemPage(RoutesToKnownType, ChecksItsMove, PinyinSlugMixin, Page):
    # Editorial: the establishment office
    department = models.ForeignKey(
        "servicepages.Department",
        verbose_name=_("implementing body"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="items",
    )
    serial_number = models.CharField(
        _("serial number"),
        max_length=20,
        blank=True,
        help_text=_("As in the summary table of the department."),
    )
    item_type = models.CharField(_("item type"), max_length=20, blank=True, choices=ItemType.choices)
    basic_code = models.CharField(
        _("basic code"),
        max_length=12,
        blank=True,
        help_text=_("12 characters; the same wherever the item is handled."),
    )
    implementation_code = models.CharField(
        _("implementation code"),
        max_length=31,
        blank=True,
        help_text=_("31 characters: credit code of the body (18), level (1), basic code (12)."),
    )
    legal_bases = StreamField(
        [("legal_basis", blocks.LegalBasisBlock())], verbose_name=_("legal bases"), blank=True
    )

    # Legal Affairs: the legal affairs office
    fees = StreamField(
        [("fee", blocks.FeeBlock()), ("no_fee", blocks.NoFeeBlock())],
        verbose_name=_("fees and their basis"),
        blank=True,
        help_text=_("Where nothing is charged, say so with a line “No fee”."),
    )
    conditions = StreamField(
        [("condition", blocks.ConditionBlock())], verbose_name=_("handling conditions"), blank=True
    )
    procedure = StreamField(
        [("step", blocks.ProcedureStepBlock())], verbose_name=_("handling procedure"), blank=True
    )

    # General Office: everything else
    who_may_apply = models.TextField(_("who may apply"), blank=True)
    case_kind = models.CharField(_("kind of case"), max_length=20, blank=True, choices=CaseKind.choices)
    acceptance_days = models.PositiveSmallIntegerField(
        _("acceptance time limit (working days)"), null=True, blank=True
    )
    review_days = models.PositiveSmallIntegerField(
        _("review time limit (working days)"), null=True, blank=True
    )
    promised_limit = models.PositiveSmallIntegerField(_("promised time limit"), null=True, blank=True)
    promised_limit_unit = models.CharField(
        _("unit of the promised time limit"), max_length=20, blank=True, choices=TimeUnit.choices
    )
    statutory_limit = models.PositiveSmallIntegerField(_("statutory time limit"), null=True, blank=True)
    statutory_limit_unit = models.CharField(
        _("unit of the statutory time limit"), max_length=20, blank=True, choices=TimeUnit.choices
    )
    time_limit_note = models.TextField(_("note on the time limits"), blank=True)
    visits_required = models.PositiveSmallIntegerField(
        _("visits needed"), null=True, blank=True, help_text=_("0 means that nobody has to come in person.")
    )
    visit_reason = models.CharField(_("reason for the visit"), max_length=300, blank=True)
    periodic_inspection = models.TextField(_("periodic inspection and its basis"), blank=True)
    approval_steps = StreamField(
        [("step", blocks.ApprovalStepBlock())],
        verbose_name=_("internal approval flow"),
        blank=True,
        help_text=_(
            "Step names and their days are published in the flow chart; sections, handlers, posts and "
            "mobile numbers never are."
        ),
    )
    flow_chart = models.ForeignKey(
        "servicepages.Picture",
        verbose_name=_("flow chart"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Drawn from the approval steps by itself; a picture here takes its place."),
    )
    materials = StreamField(
        [("material", blocks.MaterialBlock()), ("none_needed", blocks.NoMaterialBlock())],
        verbose_name=_("application materials"),
        blank=True,
    )
    result = StreamField([("result", blocks.ResultBlock())], verbose_name=_("result"), blank=True)
    topics = ParentalManyToManyField(
        "servicepages.Topic", verbose_name=_("audience and topics"), blank=True, related_name="items"
    )
    other_topics = StreamField(
        [("topic", blocks.OtherTopicBlock())], verbose_name=_("other topics"), blank=True
    )
    online = models.BooleanField(_("handled online"), null=True, blank=True, choices=ONLINE_CHOICES)
    service_level = models.CharField(
        _("how far online"), max_length=20, blank=True, choices=ServiceLevel.choices
    )
    online_address = models.URLField(_("online address"), blank=True, max_length=500)
    consultation_phone = models.CharField(
        _("consultation phone"), max_length=60, blank=True, help_text=_("Published on the internet.")
    )
    consultation_email = models.EmailField(
        _("consultation e-mail"), blank=True, help_text=_("Published on the internet.")
    )
    mailing_address = models.CharField(
        _("mailing address"), max_length=200, blank=True, help_text=_("Published on the internet.")
    )
    complaint_phone = models.CharField(_("complaint phone"), max_length=60, blank=True)
    questions = StreamField(
        [("question", blocks.QuestionBlock())], verbose_name=_("common questions"), blank=True
    )

    # Internal: 內部使用不公開
    own_hall = models.CharField(
        _("own reception hall"), max_length=200, blank=True, help_text=_("Internal, never published.")
    )
    public_hall = models.CharField(
        _("public reception hall"), max_length=200, blank=True, help_text=_("Internal, never published.")
    )
    on_provincial_platform = models.BooleanField(
        _("entered on the provincial platform"), null=True, blank=True, choices=ONLINE_CHOICES
    )
    offline_reason = models.TextField(
        _("reason for not handling it online"), blank=True, help_text=_("Internal, never published.")
    )
    offline_decision = StreamField(
        [("decision", blocks.OfflineDecisionBlock())],
        verbose_name=_("decision not to handle it online"),
        blank=True,
    )
    filled_in_by = models.CharField(_("filled in by"), max_length=50, blank=True)
    filled_in_phone = models.CharField(_("phone of the person who filled it in"), max_length=40, blank=True)
    filled_in_on = models.DateField(_("filled in on"), null=True, blank=True)

    objects = ServiceItemManager()

    base_form_class = ServiceItemForm
    copy_form_class = CopyAsDraftForm
    edit_handler = service_item_editor()
    parent_page_types = ["servicepages.DepartmentPage", "servicepages.ServiceItemPage"]
    subpage_types = ["servicepages.ServiceItemPage"]
    template = "servicepages/service_item_page.html"
    routes_to = "servicepages.ServiceItemPage"
    routes_with = ("department__region",)
    search_fields = [
        *Page.search_fields,
        index.SearchField("public_text"),
        index.FilterField("department"),
        index.FilterField("item_type"),
        index.FilterField("online"),
        index.FilterField("case_kind"),
        index.FilterField("visits_required"),
        index.FilterField("basic_code"),
    ]

    class Meta:
        verbose_name = _("service item")
        verbose_name_plural = _("service items")

    # Place in the tree

    @property
    def is_sub_item(self) -> bool:
        return self.depth is not None and self.depth > ITEM_DEPTH

    @property
    def has_sub_items(self) -> bool:
        """Whether pages stand below it, drafts included."""
        return bool(self.numchild)

    @property
    def has_live_sub_items(self) -> bool:
        """One query, unless the item comes from a query `with_live_sub_items`."""
        if "has_live_sub_items" not in self.__dict__:
            self.__dict__["has_live_sub_items"] = self.has_sub_items and self.get_children().live().exists()
        return self.__dict__["has_live_sub_items"]

    @has_live_sub_items.setter
    def has_live_sub_items(self, value):
        self.__dict__["has_live_sub_items"] = value

    @property
    def files_no_sheet(self) -> bool:
        """Whether it holds only name, number, type and basis, and its page lists its sub-items.

        A draft below an item that was published with a sheet changes nothing for the public: the list
        takes the sheet's place when the first sub-item is published.
        """
        if not self.has_sub_items:
            return False
        has_a_sheet = any(len(getattr(self, name)) for name in SHEET)
        return self.has_live_sub_items or not has_a_sheet

    @classmethod
    def can_create_at(cls, parent):
        parent = parent.specific_deferred
        return super().can_create_at(parent) and not getattr(parent, "is_sub_item", False)

    def can_move_to(self, parent):
        """One level of sub-items; and no other department while it is live or in review."""
        parent = parent.specific
        if not super().can_move_to(parent) or getattr(parent, "is_sub_item", False):
            return False
        if isinstance(parent, ServiceItemPage) and self.has_sub_items:
            return False
        return parent.department_id == self.department_id or not self.is_bound_to_its_department

    @property
    def is_bound_to_its_department(self) -> bool:
        """Whether it, or a sub-item, is live or in review."""
        family = Page.objects.descendant_of(self, inclusive=True)
        if family.live().exists():
            return True
        return any(page.workflow_in_progress for page in family)

    def permissions_for_user(self, user):
        return ServiceItemPermissionTester(user, self)

    def save(self, *args, update_fields=None, **kwargs):
        """In one transaction: whoever listens before a save writes together with it, or not at all.

        modelcluster saves rows of other tables that `update_fields` names without telling anybody; a whole
        save tells.
        """
        if update_fields is not None and ROWS_ELSEWHERE & set(update_fields):
            update_fields = None
        if self.path:
            self.department_id = self._department_of_section()
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            item_saved.send(sender=type(self), instance=self, update_fields=update_fields)

    def get_lock(self):
        """The lock of the review comes first: a page that somebody locked for themselves would otherwise
        stay open to them while it is reviewed."""
        task = self.current_workflow_task
        return task.lock_class(self, task) if task is not None else super().get_lock()

    def _department_of_section(self):
        """The implementing body follows the section that the item stands in, never the form."""
        section = DepartmentPage.objects.ancestor_of(self).only("department_id").first()
        if section is None:
            raise ValidationError(_("A service item stands in the section of a department."))
        return section.department_id

    def with_content_json(self, content):
        item = super().with_content_json(content)
        item.department_id = self.department_id
        return item

    # What is said of it

    @property
    def promised(self):
        return time_limit(self.promised_limit, self.promised_limit_unit)

    @property
    def statutory(self):
        return time_limit(self.statutory_limit, self.statutory_limit_unit)

    def public_text(self) -> str:
        """All public values as plain text, for the search index; nothing internal."""
        from servicepages.public import plain_text

        return plain_text(self)

    def get_context(self, request, *args, **kwargs):
        from servicepages.freshness import rendering
        from servicepages.listings import item_context

        return {
            **super().get_context(request, *args, **kwargs),
            **item_context(self),
            **rendering(request, keep=self.live and not getattr(request, "is_preview", False)),
        }

    # A withdrawn guide answers 410

    def route(self, request, path_components):
        from servicepages.withdrawal import withdrawn_route

        if not path_components and not self.live:
            return withdrawn_route(self)
        return super().route(request, path_components)

    def serve(self, request, *args, withdrawn=None, **kwargs):
        if withdrawn is not None:
            from servicepages.withdrawal import gone

            return gone(request, self, withdrawn)
        return super().serve(request, *args, **kwargs)


class ServicePoint(Orderable):
    """A hall, and the window in it, where the item is handled. The register holds their addresses.

    What a row shows is protected (servicepages.signal_handlers). What only an old revision shows may go:
    SET_NULL lets that revision be read all the same.
    """

    page = ParentalKey(ServiceItemPage, on_delete=models.CASCADE, related_name="service_points")
    hall = models.ForeignKey(
        "servicepages.ServiceHall",
        verbose_name=_("hall"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="service_points",
    )
    window = models.ForeignKey(
        "servicepages.ServiceWindow",
        verbose_name=_("window"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="service_points",
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("service point")
        verbose_name_plural = _("service points")

    def __str__(self):
        return str(self.window or self.hall or "")
