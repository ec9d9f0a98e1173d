"""The report of the review rounds: each item that was handed in, and where it stands.

An item is listed once for each round it was handed in for, with its latest submission in it; what was handed
in outside any round is current upkeep.
"""

import django_filters
from django.db.models import Exists, OuterRef, Prefetch
from django.db.models.functions import Coalesce
from django.urls import path, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.permissions import page_permission_policy

from reviewflow.coordination import coordinated_pages, coordinates
from reviewflow.gate import listed
from reviewflow.models import OfficeReview, ReviewRound, Submission
from servicepages.models import Department, Region
from servicepages.reports import Report

IN_REVIEW = "in_review"


def handed_in(user):
    """The latest submission of each item in each round, in the part of the tree that `user` coordinates."""
    later = Submission.objects.filter(page=OuterRef("page"), pk__gt=OuterRef("pk")).annotate(
        same_round=Coalesce("round", 0)
    )
    return (
        Submission.objects.annotate(round_or_upkeep=Coalesce("round", 0))
        .filter(page__in=coordinated_pages(user))
        .exclude(Exists(later.filter(same_round=OuterRef("round_or_upkeep"))))
        .select_related("page__department__region", "round")
        .prefetch_related(Prefetch("reviews", OfficeReview.objects.waiting(), to_attr="waiting_reviews"))
        .order_by("-submitted_at", "-pk")
    )


def standing(submission) -> str:
    """Where it stands, in words: before whom, or what became of it and why."""
    if submission.is_open:
        names = listed([review.get_signatory_display() for review in submission.waiting_reviews])
        return _("in review, waits for %(names)s") % {"names": names} if names else _("in review")
    return submission.get_outcome_display()


def name_of_round(submission) -> str:
    return submission.round.name if submission.round else _("current upkeep")


def waits_until(submission):
    """The one of those it waits for that is due first; None where it waits for nobody."""
    dated = (review for review in submission.waiting_reviews if review.due_on)
    return min(dated, key=lambda review: review.due_on, default=None)


def shown_due(submission) -> str:
    review = waits_until(submission)
    if review is None:
        return ""
    day = formats.date_format(review.due_on, "SHORT_DATE_FORMAT")
    return _("%(date)s (provisional)") % {"date": day} if review.due_is_provisional else day


def _departments(request):
    return Department.objects.filter(
        pk__in=Submission.objects.filter(page__in=coordinated_pages(request.user)).values("page__department")
    ).select_related("region")


def _regions(request):
    return Region.objects.filter(departments__in=_departments(request)).distinct()


class RoundReportFilterSet(WagtailFilterSet):
    round = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Review round"),
        queryset=ReviewRound.objects.all(),
        null_label=gettext_lazy("current upkeep"),
    )
    region = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Region"), field_name="page__department__region", queryset=_regions
    )
    department = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"), field_name="page__department", queryset=_departments
    )
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("Outcome"),
        method="of_outcome",
        choices=[(IN_REVIEW, gettext_lazy("in review")), *Submission.Outcome.choices],
    )

    class Meta:
        model = Submission
        fields = ["round", "region", "department", "outcome"]

    def of_outcome(self, queryset, name, value):
        return queryset.filter(outcome="" if value == IN_REVIEW else value)


class RoundReport(Report):
    page_title = gettext_lazy("Review rounds")
    header_icon = "calendar-check"
    index_url_name = "round_report"
    index_results_url_name = "round_report_results"
    filterset_class = RoundReportFilterSet
    permission_policy = page_permission_policy
    any_permission_required = ["publish"]
    is_searchable = True
    search_fields = ["title"]
    search_backend_name = None
    columns = [
        TitleColumn(
            "title",
            label=gettext_lazy("Service item"),
            get_url=lambda submission: reverse("wagtailadmin_pages:edit", args=[submission.page_id]),
        ),
        Column("department", label=gettext_lazy("Department"), accessor="page.department"),
        Column("round", label=gettext_lazy("Review round"), accessor=name_of_round),
        DateColumn("submitted_at", label=gettext_lazy("Submitted"), sort_key="submitted_at"),
        Column("standing", label=gettext_lazy("Where it stands"), accessor=standing),
        Column("due", label=gettext_lazy("Due"), accessor=shown_due),
        Column("reason", label=gettext_lazy("Reason"), accessor="reason"),
    ]
    list_export = [
        "title",
        "department",
        "region",
        "round",
        "submitted_at",
        "standing",
        "due",
        "due_is_provisional",
        "closed_at",
        "reason",
    ]
    export_headings = {
        "department": gettext_lazy("Department"),
        "region": gettext_lazy("Region"),
        "round": gettext_lazy("Review round"),
        "submitted_at": gettext_lazy("Submitted"),
        "standing": gettext_lazy("Where it stands"),
        "due": gettext_lazy("Due"),
        "due_is_provisional": gettext_lazy("provisional"),
    }

    def get_queryset(self):
        return self.order_queryset(handed_in(self.request.user))

    def get_filtered_queryset(self):
        return self.search_queryset(super().get_filtered_queryset())

    def get_filename(self):
        return f"review-rounds-{timezone.localdate():%Y-%m-%d}"

    def to_row_dict(self, submission):
        department, first = submission.page.department, waits_until(submission)
        computed = {
            "department": str(department),
            "region": department.region.name,
            "round": name_of_round(submission),
            "standing": standing(submission),
            "due": first.due_on if first else None,
            "due_is_provisional": first.due_is_provisional if first else None,
        }
        return {
            name: computed[name] if name in computed else getattr(submission, name)
            for name in self.list_export
        }


class RoundReportMenuItem(MenuItem):
    def is_shown(self, request):
        return coordinates(request.user)


def admin_urls():
    return [
        path("reports/review-rounds/", RoundReport.as_view(), name="round_report"),
        path(
            "reports/review-rounds/results/",
            RoundReport.as_view(results_only=True),
            name="round_report_results",
        ),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return RoundReportMenuItem(
        _("Review rounds"),
        reverse("round_report"),
        name="review-rounds",
        icon_name="calendar-check",
        order=410,
    )
