"""The queue: what waits for the offices and the department that a person acts for.

One list under Wagtail's menu, with the first rows of it on the dashboard.
"""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views.generic import BaseListingView

from reviewflow.deadlines import working_calendar
from reviewflow.desk import claims
from reviewflow.four_eyes import hindrance
from reviewflow.models import OfficeReview, ReviewOffice, ReviewRound
from reviewflow.signatories import Signatory
from servicepages.models import Department
from servicepages.vocabulary import ItemType

SOON = 2  # working days
OVERDUE, DUE_SOON, IN_TIME = "overdue", "soon", "in_time"
DUE_CHOICES = [(OVERDUE, _("Overdue")), (DUE_SOON, _("Due within 2 working days")), (IN_TIME, _("In time"))]
FIRST_TIME, CHANGED = "first_time", "changed"
UPKEEP = "upkeep"
ON_THE_DASHBOARD = 5
# How many items that somebody else has to sign are passed over in the search for the next one.
PASSED_OVER = 10
SHOWN = (
    "status",
    "signatory",
    "first_time",
    "changed_fields",
    "due_on",
    "due_is_provisional",
    "looked_at_since",
    "looked_at_last",
    "looked_at_by__username",
    "looked_at_by__first_name",
    "looked_at_by__last_name",
    "submission__title",
    "submission__submitted_at",
    "submission__submitted_by__username",
    "submission__submitted_by__first_name",
    "submission__submitted_by__last_name",
    "submission__round__name",
    "submission__page__item_type",
    "submission__page__department__name",
    "submission__page__department__region__name",
)
SHOWN_ON_THE_DASHBOARD = (
    "due_on",
    "due_is_provisional",
    "submission__title",
    "submission__page__department__name",
    "submission__page__department__region__name",
)
ORDER = ("due_on", "pk")


def offices_of(person) -> dict[int, str]:
    """{key of an office that `person` acts for today: signatory}."""
    return dict(ReviewOffice.objects.acting(person).values_list("pk", "office"))


def departments_checked_by(person) -> list[int]:
    """Keys of the departments whose legal officer `person` is."""
    checked = Department.objects.filter(legal_officers__in=person.groups.all())
    return list(checked.values_list("pk", flat=True))


def acts_for_somebody(person) -> bool:
    """Whether there is a queue for `person`: as a member or deputy of an office, or as legal officer of a
    department."""
    return person.is_active and bool(offices_of(person) or departments_checked_by(person))


def waiting_for(person):
    """What waits for `person`, in the order in which it is due.

    The same reviews as `OfficeReview.objects.waiting().of_person(person)`, asked in such a way that the
    database can walk the index of an office's queue: what does not restrict this person is left out. What
    waits belongs to a submission that is open, because closing one ends the waiting (reviewflow.models.closing).
    """
    mine = Q(office__in=list(offices_of(person)))
    if person.home_department_id:
        mine &= ~Q(submission__page__department=person.home_department_id)
    if departments := departments_checked_by(person):
        mine |= Q(signatory=Signatory.DEPARTMENT_LEGAL, submission__page__department__in=departments)
    return OfficeReview.objects.waiting().filter(mine).order_by(*ORDER)


def next_review(person, after: OfficeReview | None = None) -> OfficeReview | None:
    """The next one that `person` can decide on: the first due after `after`, then from the beginning.

    What a colleague is looking at comes last, and so does what four eyes keep from this person.
    """
    waiting = waiting_for(person)
    if after is not None:
        waiting = waiting.exclude(pk=after.pk)
    candidates = []
    for reviews in (claims.free_for(person, waiting), waiting):
        if after is not None and after.due_on is not None:
            behind = Q(due_on__gt=after.due_on) | Q(due_on=after.due_on, pk__gt=after.pk)
            candidates += reviews.filter(behind)[:PASSED_OVER]
        candidates += reviews[:PASSED_OVER]
    for review in candidates:
        if hindrance(person, review.submission, review) is None:
            return review
    return None


class Lights:
    """Which of DUE_CHOICES a date is on a day (today), for a row and for the filter alike."""

    def __init__(self, today=None):
        self.today = today or timezone.localdate()
        self.soon = working_calendar().after(self.today, SOON).day

    def of(self, review) -> str:
        if review.due_on is None or review.due_on > self.soon:
            return IN_TIME
        return OVERDUE if review.due_on < self.today else DUE_SOON

    def filter(self, state) -> Q:
        return {
            OVERDUE: Q(due_on__lt=self.today),
            DUE_SOON: Q(due_on__gte=self.today, due_on__lte=self.soon),
            IN_TIME: Q(due_on__gt=self.soon) | Q(due_on=None),
        }[state]


class QueueFilterSet(WagtailFilterSet):
    department = django_filters.ModelChoiceFilter(
        label=_("Department"),
        field_name="submission__page__department",
        queryset=lambda request: Department.objects.select_related("region").order_by(
            "region__sort_order", "region_id", "sort_order", "name"
        ),
    )
    item_type = django_filters.ChoiceFilter(
        label=_("Item type"), field_name="submission__page__item_type", choices=ItemType.choices
    )
    round = django_filters.ChoiceFilter(
        label=_("Review round"),
        method="of_round",
        choices=lambda: [(UPKEEP, _("current upkeep")), *_rounds()],
    )
    due = django_filters.ChoiceFilter(label=_("Due"), method="of_due", choices=DUE_CHOICES)
    change = django_filters.ChoiceFilter(
        label=_("First time or changed"),
        method="of_change",
        choices=[(FIRST_TIME, _("First time")), (CHANGED, _("Changed since the last sign-off"))],
    )

    class Meta:
        model = OfficeReview
        fields = ["department", "item_type", "round", "due", "change"]

    def of_round(self, queryset, name, value):
        return queryset.filter(submission__round=None if value == UPKEEP else value)

    def of_due(self, queryset, name, value):
        return queryset.filter(Lights().filter(value))

    def of_change(self, queryset, name, value):
        return queryset.filter(first_time=value == FIRST_TIME)


def _rounds():
    return [(str(pk), name) for pk, name in ReviewRound.objects.values_list("pk", "name")]


class ChooseColumn(BaseColumn):
    header_template_name = "reviewflow/desk/choose_all.html"


class QueuePaginator(WagtailPaginator):
    """Counts items: Wagtail's would count rows of our table under their name."""

    verbose_name = _("item")
    verbose_name_plural = _("items")


class QueueView(BaseListingView):
    """`results_only` answers the searches and filters that Wagtail sends by itself."""

    model = OfficeReview
    template_name = "reviewflow/desk/queue.html"
    results_template_name = "reviewflow/desk/queue_results.html"
    page_title = _("Waiting for me")
    header_icon = "clipboard-list"
    index_url_name = "review_queue"
    index_results_url_name = "review_queue_results"
    paginate_by = 50
    paginator_class = QueuePaginator
    is_searchable = True
    search_fields = ["submission__title"]
    default_ordering = "due_on"
    filterset_class = QueueFilterSet
    verbose_name_plural = _("items in review")

    def dispatch(self, request, *args, **kwargs):
        if not acts_for_somebody(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        """Their heads only: the rows are one template, because cell by cell fifty of them take their time."""
        columns = [
            ChooseColumn("choose"),
            Column("title", label=_("Item"), sort_key="submission__title"),
            Column("department", label=_("Department"), sort_key="submission__page__department__name"),
            Column("item_type", label=_("Item type")),
            Column("round", label=_("Review round")),
            Column("submitted", label=_("Submitted"), sort_key="submission__submitted_at"),
            Column("due_on", label=_("Due"), sort_key="due_on"),
            Column("changes", label=_("Changes"), sort_key="changed_fields"),
        ]
        if self.wears_several_hats:
            columns.insert(2, Column("signatory", label=_("Asked of")))
        return columns

    @cached_property
    def wears_several_hats(self) -> bool:
        """Whether a row has to say of whom it is asked."""
        hats = set(offices_of(self.request.user).values())
        return len(hats) + bool(departments_checked_by(self.request.user)) > 1

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        lights, person = Lights(), self.request.user
        context["rows"] = [
            {
                "review": review,
                "submission": review.submission,
                "due_state": lights.of(review),
                "colleague": claims.colleague(review, person),
            }
            for review in context["object_list"]
        ]
        return context

    def get_base_queryset(self):
        return (
            waiting_for(self.request.user)
            .select_related(
                "submission__page__department__region",
                "submission__round",
                "submission__submitted_by",
                "looked_at_by",
            )
            .only(*SHOWN)
        )

    def order_queryset(self, queryset):
        name = self.ordering.removeprefix("-")
        direction = F(name).desc() if self.ordering.startswith("-") else F(name).asc()
        return queryset.order_by(direction, "pk")

    @cached_property
    def no_results_message(self):
        if self.is_searching or self.is_filtering:
            return _("Nothing that waits for you matches.")
        return _("Nothing waits for you.")


class QueueMenuItem(MenuItem):
    def is_shown(self, request):
        return acts_for_somebody(request.user)


def menu_item():
    """`register_admin_menu_item`"""
    return QueueMenuItem(
        _("Waiting for me"),
        reverse("review_queue"),
        name="review-queue",
        icon_name="clipboard-list",
        order=90,
    )


class QueuePanel(Component):
    """The first rows of the queue, on the dashboard."""

    name = "review_queue"
    template_name = "reviewflow/desk/queue_panel.html"
    order = 100

    class Media:
        css = {"all": ["reviewflow/desk_review.css"]}

    def __init__(self, person):
        self.person = person

    def get_context_data(self, parent_context):
        waiting, lights = waiting_for(self.person), Lights()
        first = waiting.select_related("submission__page__department__region").only(*SHOWN_ON_THE_DASHBOARD)
        rows = [{"review": review, "state": lights.of(review)} for review in first[:ON_THE_DASHBOARD]]
        return {
            "rows": rows,
            "count": waiting.count(),
            "overdue": waiting.filter(lights.filter(OVERDUE)).count(),
        }


# Wagtail's own list of the same items: without an end, and with a menu in the place of the sheet.
STOCK_PANEL = "workflow_objects_to_moderate"


def put_on_dashboard(request, panels):
    """`construct_homepage_panels`"""
    if acts_for_somebody(request.user):
        panels[:] = [panel for panel in panels if getattr(panel, "name", "") != STOCK_PANEL]
        panels.append(QueuePanel(request.user))
