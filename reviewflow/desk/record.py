"""The review record of an item, to be printed: who signed what, when, over which content."""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import registry as log_actions
from wagtail.models import PageLogEntry
from wagtail.permissions import page_permission_policy

from reviewflow.desk.differences import FieldChange, compare
from reviewflow.desk.reading import Reader
from reviewflow.labels import label_of
from reviewflow.models import Decision, OfficeReview, Remark, Submission
from reviewflow.signatories import Signatory
from servicepages.models import ServiceItemPage

# Lines of the page's history that say what became of it in public.
PUBLICATION = (
    "wagtail.publish",
    "wagtail.publish.schedule",
    "wagtail.schedule.cancel",
    "wagtail.unpublish",
    "reviewflow.refuse",
    "reviewflow.take_down",
    "reviewflow.roll_back",
)


@dataclass
class RecordedDecision:
    decision: Decision
    content: list[FieldChange]


@dataclass
class RecordedSubmission:
    submission: Submission
    decisions: list[RecordedDecision] = field(default_factory=list)
    carried_over: list[OfficeReview] = field(default_factory=list)
    undecided: list[OfficeReview] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class Record:
    """Everything in a constant number of queries, however often the item was reviewed."""

    def __init__(self, item: ServiceItemPage):
        self.item = item
        decisions = list(item.decisions.select_related("person", "office", "round").order_by("pk"))
        reader = Reader(decision.content for decision in decisions)
        recorded = [RecordedDecision(each, _content(reader, each)) for each in decisions]
        submissions = item.submissions.select_related("submitted_by", "round").order_by("pk")
        self.submissions = [RecordedSubmission(each) for each in submissions]
        by_key = {each.submission.pk: each for each in self.submissions}
        self.beside = [each for each in recorded if each.decision.submission_id is None]
        for each in recorded:
            if each.decision.submission_id is not None:
                by_key[each.decision.submission_id].decisions.append(each)
        self._add_reviews(by_key)
        self._add_remarks(by_key)
        self.publications = self._publications()

    def _add_reviews(self, by_key):
        reviews = OfficeReview.objects.filter(submission__in=list(by_key)).select_related("decision__person")
        for review in reviews.order_by("pk"):
            place = by_key[review.submission_id]
            if review.status == OfficeReview.Status.CARRIED_OVER:
                place.carried_over.append(review)
            elif not review.has_decided:
                place.undecided.append(review)

    def _add_remarks(self, by_key):
        for remark in self.item.remarks.select_related("author", "answered_by").order_by("pk"):
            remark.field_label = label_of(remark.field)
            by_key[remark.submission_id].remarks.append(remark)

    def _publications(self):
        entries = PageLogEntry.objects.filter(page=self.item.pk, action__in=PUBLICATION).select_related(
            "user"
        )
        return [
            {
                "at": entry.timestamp,
                "by": entry.user,
                "what": entry.formatter.format_message(entry),
                "why": entry.comment,
            }
            for entry in entries.order_by("timestamp", "pk")
            if log_actions.action_exists(entry.action)
        ]


def _content(reader, decision) -> list[FieldChange]:
    fields = compare(reader, Signatory(decision.signatory), None, decision.content)
    return [each for each in fields if not each.is_empty]


def may_read(person, item) -> bool:
    """Staff who may see the item: people of its department and the coordination team, by their part of the
    tree; contact people of the department, its leader in charge among them; those whose office was asked about
    it, with its leader; and who has decided on it, as a deputy who is none any more."""
    asked = OfficeReview.objects.asked().filter(submission__page=item.pk)
    return (
        page_permission_policy.explorable_instances(person).filter(pk=item.pk).exists()
        or person.contact_entries.filter(department=item.department_id).exists()
        or asked.of_person(person).exists()
        or asked.filter(office__leader=person).exists()
        or item.decisions.filter(person=person).exists()
    )


class RecordView(WagtailAdminTemplateMixin, View):
    page_title = gettext_lazy("Review record")
    header_icon = "history"
    template_name = "reviewflow/desk/record.html"

    def get(self, request, item_id):
        self.item = get_object_or_404(
            ServiceItemPage.objects.select_related("department__region"), pk=item_id
        )
        if not may_read(request.user, self.item):
            raise PermissionDenied
        context = self.get_context_data(record=Record(self.item), item=self.item)
        return TemplateResponse(request, self.template_name, context)

    def get_page_subtitle(self):
        return self.item.get_admin_display_title()

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": "", "label": _("Review record"), "sublabel": self.get_page_subtitle()},
        ]


def item_or_record(request, item_id):
    """Where messages about an item lead: to the editor for who may write it, to the record for who only hears of it
    (liaison, leader, whoever has decided on it)."""
    item = get_object_or_404(ServiceItemPage, pk=item_id)
    if item.permissions_for_user(request.user).can_edit():
        return redirect("wagtailadmin_pages:edit", item.pk)
    return redirect("review_record", item.pk)


def header_buttons(page, user, view_name, next_url=None):
    """`register_page_header_buttons`: where there is something to read."""
    if page.specific_class is ServiceItemPage and Submission.objects.filter(page=page.pk).exists():
        yield Button(
            _("Review record"),
            reverse("review_record", args=[page.pk]),
            icon_name="history",
            priority=75,
        )
