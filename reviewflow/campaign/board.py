"""The board of the coordination teams: departments by milestone and by month, in the reports menu.

All of it is read in a constant number of queries, whatever the number of departments.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import django_filters
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.permissions import page_permission_policy

from reviewflow.campaign.months import last_working_day, months_between
from reviewflow.campaign.overview import milestone_address, report_address
from reviewflow.campaign.people import coordinated_departments
from reviewflow.coordination import coordinates
from reviewflow.deadlines import working_calendar
from reviewflow.models import Milestone, MilestoneDone, ProgressReport, ReportingPeriod
from reviewflow.models.campaign import Stage
from servicepages.models import Department, Region
from servicepages.reports import Report, harmless

DONE, DUE, OVERDUE = "done", "due", "overdue"
REPORTS = "reports"
WORDS = {
    DONE: pgettext_lazy("campaign", "Done"),
    DUE: pgettext_lazy("campaign", "Due"),
    OVERDUE: gettext_lazy("Overdue"),
}
ICONS = {DONE: "circle-check", DUE: "time", OVERDUE: "warning"}


@dataclass
class BoardColumn:
    """A milestone, or the month of a report."""

    key: str
    title: str
    stage: str
    due_on: date
    is_provisional: bool
    departments: set
    address: object  # called with the key of a department; "" where there is no screen yet
    settled: dict  # {key of a department: (person, moment)}

    def cell(self, department_id, today):
        if department_id not in self.departments:
            return None
        person, moment = self.settled.get(department_id, (None, None))
        state = DONE if moment else OVERDUE if self.due_on < today else DUE
        return Cell(state, person, moment, self.address(department_id))


@dataclass
class Cell:
    state: str
    person: str | None
    moment: object
    address: str

    @property
    def word(self):
        return WORDS[self.state]

    @property
    def icon(self):
        return ICONS[self.state]

    @property
    def who_and_when(self) -> str:
        if self.moment is None:
            return ""
        return f"{self.person} {date_format(timezone.localtime(self.moment), 'SHORT_DATETIME_FORMAT')}"

    @property
    def in_words(self) -> str:
        return f"{self.word} {self.who_and_when}".strip()


def board_columns(year: int, stage: str = "") -> list[BoardColumn]:
    """The milestones of that year, or of one stage of it, and then the months; with REPORTS the months alone."""
    milestones = [] if stage == REPORTS else _milestone_columns(year, stage)
    return milestones + (_month_columns(year) if stage in ("", REPORTS) else [])


def _milestone_columns(year, stage):
    milestones = Milestone.objects.filter(due_on__year=year)
    if stage:
        milestones = milestones.filter(stage=stage)
    concerned, done = defaultdict(set), defaultdict(dict)
    rows = Milestone.departments.through.objects.filter(milestone__in=milestones.values("pk"))
    for milestone, department in rows.values_list("milestone", "department"):
        concerned[milestone].add(department)
    for row in MilestoneDone.objects.filter(milestone__in=milestones.values("pk")).select_related("done_by"):
        done[row.milestone_id][row.department_id] = str(row.done_by), row.done_at
    return [
        BoardColumn(
            key=f"milestone_{each.pk}",
            title=each.title,
            stage=each.get_stage_display(),
            due_on=each.due_on,
            is_provisional=False,
            departments=concerned[each.pk],
            address=lambda department, pk=each.pk: milestone_address(pk, department),
            settled=done[each.pk],
        )
        for each in milestones
    ]


def _month_columns(year):
    owing, filed = defaultdict(set), defaultdict(dict)
    first_day, last_day = date(year, 1, 1), date(year, 12, 31)
    rows = ReportingPeriod.departments.through.objects.filter(
        reportingperiod__first_month__lte=last_day, reportingperiod__last_month__gte=first_day
    )
    for department, first, last in rows.values_list(
        "department", "reportingperiod__first_month", "reportingperiod__last_month"
    ):
        for month in months_between(max(first, first_day), min(last, last_day)):
            owing[month].add(department)
    reports = ProgressReport.objects.filed().filter(month__year=year).select_related("filed_by")
    for report in reports.defer("what_was_done", "what_hinders", "figures"):
        filed[report.month][report.department_id] = str(report.filed_by), report.filed_at
    calendar, today = working_calendar(), timezone.localdate()
    return [
        BoardColumn(
            key=f"report_{month:%Y_%m}",
            title=date_format(month, "YEAR_MONTH_FORMAT"),
            stage=_("Monthly reports"),
            due_on=due.day,
            is_provisional=due.is_provisional,
            departments=owing[month],
            address=lambda department, month=month: (
                report_address(department, month) if month <= today else ""
            ),
            settled=filed[month],
        )
        for month in sorted(owing)
        for due in [last_working_day(month, calendar)]
    ]


def years() -> list[int]:
    """Those in which something is due, the latest first."""
    found = {day.year for day in Milestone.objects.order_by().dates("due_on", "year")}
    for first, last in ReportingPeriod.objects.values_list("first_month", "last_month"):
        found |= set(range(first.year, last.year + 1))
    return sorted(found, reverse=True)


def _regions(request):
    return Region.objects.filter(
        departments__in=coordinated_departments(request.user).values("pk")
    ).distinct()


class BoardFilterSet(WagtailFilterSet):
    """Only the region narrows the rows; stage and year say which columns there are."""

    region = django_filters.ModelChoiceFilter(label=gettext_lazy("Region"), queryset=_regions)
    stage = django_filters.ChoiceFilter(
        label=gettext_lazy("Stage"),
        method="of_columns",
        choices=[*Stage.choices, (REPORTS, gettext_lazy("Monthly reports"))],
    )
    year = django_filters.ChoiceFilter(
        label=gettext_lazy("Year"),
        method="of_columns",
        choices=lambda: [(str(year), year) for year in years()],
    )

    class Meta:
        model = Department
        fields = ["region", "stage", "year"]

    def of_columns(self, queryset, name, value):
        return queryset


class CampaignBoard(Report):
    page_title = gettext_lazy("Campaign board")
    header_icon = "table"
    index_url_name = "campaign_board"
    index_results_url_name = "campaign_board_results"
    template_name = "reviewflow/campaign/board.html"
    results_template_name = "reviewflow/campaign/board_results.html"
    filterset_class = BoardFilterSet
    permission_policy = page_permission_policy
    any_permission_required = ["publish"]
    is_searchable = True
    search_fields = ["name", "short_name"]
    search_backend_name = None
    paginate_by = 100
    verbose_name_plural = gettext_lazy("departments")
    columns = [Column("name", label=gettext_lazy("Department"))]

    @cached_property
    def today(self):
        return timezone.localdate()

    def _asked(self, name):
        if not (self.filters and self.filters.is_valid()):
            return ""
        return self.filters.form.cleaned_data.get(name) or ""

    @cached_property
    def year(self) -> int:
        """This year unless another is asked for; the last one in which something was due where it is over."""
        if asked := self._asked("year"):
            return int(asked)
        known = years()
        return next(
            (year for year in known if year <= self.today.year), known[-1] if known else self.today.year
        )

    @cached_property
    def board_columns(self):
        return board_columns(self.year, self._asked("stage"))

    def get_queryset(self):
        concerned = set().union(*(column.departments for column in self.board_columns))
        return (
            coordinated_departments(self.request.user)
            .filter(pk__in=concerned)
            .select_related("region")
            .order_by("region__sort_order", "region", "sort_order", "name")
        )

    def get_filtered_queryset(self):
        return self.search_queryset(super().get_filtered_queryset())

    def decorate_paginated_queryset(self, departments):
        return [
            {
                "department": department,
                "cells": [column.cell(department.pk, self.today) for column in self.board_columns],
            }
            for department in departments
        ]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            board_columns=self.board_columns, year=self.year, reports=REPORTS, **kwargs
        )

    # The export

    @property
    def list_export(self):
        return ["region", "department", *(column.key for column in self.board_columns)]

    def get_heading(self, queryset, field):
        fixed = {"region": _("Region"), "department": _("Department")}
        return harmless(str(fixed.get(field) or self._headings[field]))

    @cached_property
    def _headings(self):
        headings = {}
        for column in self.board_columns:
            day = date_format(column.due_on, "SHORT_DATE_FORMAT")
            if column.is_provisional:
                day = _("%(date)s (provisional)") % {"date": day}
            headings[column.key] = _("%(title)s, due %(day)s") % {"title": column.title, "day": day}
        return headings

    def to_row_dict(self, row):
        cells = zip(self.board_columns, row["cells"], strict=True)
        return {
            "region": row["department"].region.name,
            "department": row["department"].name,
            **{column.key: cell.in_words if cell else "" for column, cell in cells},
        }

    def get_filename(self):
        return f"campaign-board-{self.today:%Y-%m-%d}"


class BoardMenuItem(MenuItem):
    def is_shown(self, request):
        return coordinates(request.user)


def admin_urls():
    return [
        path("reports/campaign/", CampaignBoard.as_view(), name="campaign_board"),
        path(
            "reports/campaign/results/",
            CampaignBoard.as_view(results_only=True),
            name="campaign_board_results",
        ),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return BoardMenuItem(
        _("Campaign board"), reverse("campaign_board"), name="campaign-board", icon_name="table", order=405
    )
