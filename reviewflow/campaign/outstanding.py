"""What departments still owe: milestones that are not done, monthly reports that are not filed.

For the daily scan, for the dashboard and for a department's own screen. Each function asks a constant number
of queries. Their rows are as many as departments and milestones, and read before the first is handed out: the scan
writes meanwhile (servicepages.row_chunks).
"""

from datetime import date
from typing import NamedTuple

from django.utils import timezone

from reviewflow.campaign.months import last_working_day, month_of, months_between
from reviewflow.campaign.people import people_of
from reviewflow.deadlines import working_calendar
from reviewflow.models import Milestone, ProgressReport, ReportingPeriod
from reviewflow.models.campaign import not_done
from servicepages.models import Department


class Owed(NamedTuple):
    """A milestone or, where there is none, the report of `month`, owed by `department`.

    `people`: those of the department who can log in and may do it; empty where nobody asked for them.
    """

    department: Department
    due_on: date
    due_is_provisional: bool
    people: list
    milestone: Milestone | None = None
    month: date | None = None


def milestones_open_on(day: date):
    """Yields an Owed for each milestone and each department that has not done it, by date; three queries.

    A milestone that was done later than `day` was still open on that day.
    """
    yield from _milestones_owed(not_done(on=day))


def reports_open_on(day: date):
    """Yields an Owed for each month that has begun by `day` and each department that owes its report and has not
    filed it; five queries, one of them for the calendar of working days."""
    owed = _reports_owed(Department.objects.values("pk"), day)
    people = people_of(Department.objects.filter(pk__in={each.department.pk for each in owed}))
    for each in owed:
        yield each._replace(people=people.get(each.department.pk, []))


def owed_by(departments, today: date | None = None) -> list[Owed]:
    """Everything that these departments owe, what is due first at the top: milestones whatever their date, and
    the reports of the months that have begun. Without their people. Four queries.

    `departments` is a queryset.
    """
    today = today or timezone.localdate()
    keys = departments.order_by().values("pk")
    rows = not_done().filter(department__in=keys)
    owed = [_milestone_owed(row, []) for row in _with_names(rows)]
    owed += _reports_owed(keys, today)
    return sorted(owed, key=lambda each: (each.due_on, each.month is None, str(each.department)))


def _milestones_owed(rows):
    people = people_of(Department.objects.filter(pk__in=rows.order_by().values("department")))
    for row in list(_with_names(rows)):
        yield _milestone_owed(row, people.get(row.department_id, []))


def _with_names(rows):
    return rows.select_related("milestone", "department__region").order_by(
        "milestone__due_on", "milestone", "department"
    )


def _milestone_owed(row, people) -> Owed:
    return Owed(row.department, row.milestone.due_on, False, people, milestone=row.milestone)


def _reports_owed(keys, today):
    in_periods = ReportingPeriod.departments.through.objects.filter(
        department__in=keys, reportingperiod__first_month__lte=today
    ).select_related("reportingperiod", "department__region")
    filed = set(ProgressReport.objects.filed().filter(department__in=keys).values_list("department", "month"))
    calendar, owed = working_calendar(), {}
    for row in in_periods:
        period = row.reportingperiod
        for month in months_between(period.first_month, min(period.last_month, month_of(today))):
            if (row.department_id, month) not in filed:
                due = last_working_day(month, calendar)
                owed[row.department_id, month] = Owed(
                    row.department, due.day, due.is_provisional, [], month=month
                )
    return list(owed.values())


def owes_report(department, month: date) -> bool:
    return ReportingPeriod.objects.filter(
        departments=department, first_month__lte=month, last_month__gte=month
    ).exists()
