"""The report of the checks: what is open, until when, and what was checked.

A coordination team sees its part of the tree, people of a department its own items.
"""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, TitleColumn

from reviewflow.coordination import coordinated_pages, coordinates
from reviewflow.desk.queue import DUE_SOON, IN_TIME, OVERDUE, Lights
from reviewflow.models.checks import GuideCheck
from servicepages.models import Department, Law, Region
from servicepages.reports import Report

OPEN, DONE = "open", "done"


def departments_of(user):
    """The departments whose editor or legal officer `user` is."""
    groups = user.groups.all()
    return Department.objects.filter(Q(editors__in=groups) | Q(legal_officers__in=groups))


def sees_checks(user) -> bool:
    return user.is_active and (coordinates(user) or departments_of(user).exists())


def checks_before(user):
    """The checks that `user` may see: what is open first, by the day it is due, then what was done last."""
    mine = Q(page__department__in=departments_of(user))
    if coordinates(user):
        mine |= Q(page__in=coordinated_pages(user))
    return (
        GuideCheck.objects.filter(mine)
        .select_related("page__department__region", "law", "checked_by")
        .order_by(F("checked_at").desc(nulls_first=True), "due_on", "pk")
    )


def _departments(request):
    return Department.objects.filter(
        pk__in=checks_before(request.user).order_by().values("page__department")
    ).select_related("region")


def _regions(request):
    return Region.objects.filter(departments__in=_departments(request)).distinct()


def _laws(request):
    return Law.objects.filter(pk__in=checks_before(request.user).order_by().values("law"))


class CheckReportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Where it stands"),
        method="of_state",
        choices=[
            (OPEN, gettext_lazy("open")),
            (OVERDUE, gettext_lazy("Overdue")),
            (DUE_SOON, gettext_lazy("Due within 2 working days")),
            (IN_TIME, gettext_lazy("In time")),
            (DONE, gettext_lazy("done")),
        ],
    )
    outcome = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a check", "Outcome"), choices=GuideCheck.Outcome.choices, field_name="outcome"
    )
    reason = django_filters.ChoiceFilter(
        label=gettext_lazy("Reason"), choices=GuideCheck.Reason.choices, field_name="reason"
    )
    law = django_filters.ModelChoiceFilter(label=gettext_lazy("Law"), field_name="law", queryset=_laws)
    region = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Region"), field_name="page__department__region", queryset=_regions
    )
    department = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"), field_name="page__department", queryset=_departments
    )

    class Meta:
        model = GuideCheck
        fields = ["state", "outcome", "reason", "law", "region", "department"]

    def of_state(self, queryset, name, value):
        if value == DONE:
            return queryset.done()
        return queryset.open() if value == OPEN else queryset.open().filter(Lights().filter(value))


class DueColumn(BaseColumn):
    """The day, with its light while the check is open."""

    cell_template_name = "reviewflow/admin/check_due_cell.html"

    def __init__(self, *args, lights, **kwargs):
        super().__init__(*args, **kwargs)
        self.lights = lights

    def get_cell_context_data(self, check, parent_context):
        context = super().get_cell_context_data(check, parent_context)
        context["state"] = self.lights.of(check) if check.is_open else ""
        return context


class CheckReport(Report):
    page_title = gettext_lazy("Checks of guides")
    header_icon = "tasks"
    template_name = "reviewflow/admin/check_report.html"
    index_url_name = "check_report"
    index_results_url_name = "check_report_results"
    filterset_class = CheckReportFilterSet
    is_searchable = True
    search_fields = ["page__title"]
    search_backend_name = None
    list_export = [
        "title",
        "department",
        "region",
        "reason",
        "due_on",
        "due_is_provisional",
        "overdue",
        "outcome",
        "checked_at",
        "checked_by",
        "note",
    ]
    export_headings = {
        "title": gettext_lazy("Service item"),
        "department": gettext_lazy("Department"),
        "region": gettext_lazy("Region"),
        "reason": gettext_lazy("Reason"),
        "due_on": gettext_lazy("Due"),
        "due_is_provisional": gettext_lazy("provisional"),
        "overdue": gettext_lazy("Overdue"),
        "outcome": pgettext_lazy("of a check", "Outcome"),
        "checked_by": gettext_lazy("Checked by"),
    }

    def dispatch(self, request, *args, **kwargs):
        if not sees_checks(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        own = set(departments_of(self.request.user).values_list("pk", flat=True))

        def address(check):
            name = (
                "check_guide"
                if check.is_open and check.page.department_id in own
                else "wagtailadmin_pages:edit"
            )
            return reverse(name, args=[check.page_id])

        return [
            TitleColumn("title", label=gettext_lazy("Service item"), accessor="page.title", get_url=address),
            Column("department", label=gettext_lazy("Department"), accessor="page.department"),
            Column("reason", label=gettext_lazy("Reason"), accessor="reason_in_words"),
            DueColumn("due_on", label=gettext_lazy("Due"), sort_key="due_on", lights=Lights()),
            Column("outcome", label=pgettext_lazy("of a check", "Outcome"), accessor="get_outcome_display"),
            DateColumn("checked_at", label=gettext_lazy("Checked at"), sort_key="checked_at"),
            Column("checked_by", label=gettext_lazy("Checked by"), accessor="checked_by"),
        ]

    def get_queryset(self):
        return self.order_queryset(checks_before(self.request.user))

    def get_filtered_queryset(self):
        return self.search_queryset(super().get_filtered_queryset())

    def get_filename(self):
        return f"guide-checks-{timezone.localdate():%Y-%m-%d}"

    def to_row_dict(self, check):
        department = check.page.department
        return {
            "title": check.page.title,
            "department": str(department),
            "region": department.region.name,
            "reason": check.reason_in_words,
            "due_on": check.due_on,
            "due_is_provisional": check.due_is_provisional,
            "overdue": check.is_open and check.due_on < timezone.localdate(),
            "outcome": check.get_outcome_display(),
            "checked_at": check.checked_at,
            "checked_by": str(check.checked_by or ""),
            "note": check.note,
        }


class CheckReportMenuItem(MenuItem):
    def is_shown(self, request):
        return sees_checks(request.user)


def admin_urls():
    return [
        path("reports/guide-checks/", CheckReport.as_view(), name="check_report"),
        path(
            "reports/guide-checks/results/",
            CheckReport.as_view(results_only=True),
            name="check_report_results",
        ),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return CheckReportMenuItem(
        _("Checks of guides"), reverse("check_report"), name="guide-checks", icon_name="tasks", order=415
    )
