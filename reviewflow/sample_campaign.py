"""The sample's campaign: the stage plan of 2018 (plan, part three) in the year of the loading.

What is due was done by most departments, so that the board shows all there is to see: done, due and overdue.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from reviewflow.campaign.figures import figures_of
from reviewflow.campaign.months import last_working_day, months_between, next_month
from reviewflow.deadlines import working_calendar
from reviewflow.models import Milestone, MilestoneDone, ProgressReport, ReportingPeriod
from servicepages.models import Department
from servicepages.sample import content

# One department in so many has not done, or not filed, what is due; one in so many has done it early.
BEHIND, EARLY = 7, 3
_WORK = "已按方案要求完成本月任务，梳理规范事项要素，组织填报流程确认单。"
_HINDRANCES = ("", "部分事项依据正在修订，需与上级部门核对。", "个别申报材料能否网上核验，尚待数据共享。")


def load_campaign(ledger, administrator):
    data, year = content.read("campaign"), timezone.localdate().year
    departments = list(
        Department.objects.select_related("region", "editors").prefetch_related("editors__user_set")
    )
    for number, each in enumerate(data["milestone"]):
        _load_milestone(ledger, administrator, departments, number, each, year)
    _load_reports(ledger, administrator, departments, data["reports"], year)


def _load_milestone(ledger, administrator, departments, number, each, year):
    key = f"milestone:{each['title']}"
    if key in ledger or Milestone.objects.filter(title=each["title"]).exists():
        return
    milestone = Milestone(
        stage=each["stage"],
        title=each["title"],
        task=each["task"],
        due_on=_last_day(year, each["month_end"]),
    )
    concerned = [department for department in departments if _concerns(each["concerns"], department)]
    milestone.departments = concerned
    milestone.save()
    ledger.enter(milestone, key, administrator)
    MilestoneDone.objects.bulk_create(
        MilestoneDone(
            milestone=milestone,
            department=department,
            done_by=_editor(department) or administrator,
            done_at=_moment_before(milestone.due_on, days=1 + (number + position) % 9),
            note="材料已报推进组。",
        )
        for position, department in enumerate(concerned)
        if _has_done(number + position, milestone.due_on)
    )


def _load_reports(ledger, administrator, departments, each, year):
    key = f"reporting period:{each['name']}"
    if key in ledger or ReportingPeriod.objects.filter(name=each["name"]).exists():
        return
    first, last = (_last_day(year, each[name]).replace(day=1) for name in ("first_month", "last_month"))
    period = ReportingPeriod(name=each["name"], first_month=first, last_month=last)
    period.departments = departments
    period.save()
    ledger.enter(period, key, administrator)
    calendar, today = working_calendar(), timezone.localdate()
    for number, month in enumerate(months_between(first, min(last, today))):
        due = last_working_day(month, calendar).day
        if due < today:
            _file_reports(departments, administrator, number, month, _moment_before(due, days=0))


def _file_reports(departments, administrator, number, month, moment):
    filing = [
        (position, department)
        for position, department in enumerate(departments)
        if (number + position) % BEHIND
    ]
    figures = figures_of([department.pk for _position, department in filing], month, moment)
    ProgressReport.objects.bulk_create(
        ProgressReport(
            department=department,
            month=month,
            what_was_done=_WORK,
            what_hinders=_HINDRANCES[(number + position) % len(_HINDRANCES)],
            figures=figures[department.pk],
            filed_by=_editor(department) or administrator,
            filed_at=moment,
        )
        for position, department in filing
    )


def _last_day(year, month):
    return next_month(date(year, month, 1)) - timedelta(days=1)


def _concerns(concerns, department) -> bool:
    if concerns == "all":
        return True
    in_city = department.region.name == content.CITY
    return in_city and (concerns == "city" or department.name in concerns)


def _has_done(number, due_on) -> bool:
    """Of what is due, most; of what is due within a hundred days, some; nothing beyond."""
    ahead = (due_on - timezone.localdate()).days
    if ahead < 0:
        return number % BEHIND != 0
    return ahead < 100 and number % EARLY == 0


def _moment_before(due_on, days):
    """In the afternoon so many days before, or before today where that is earlier."""
    day = min(due_on - timedelta(days=days), timezone.localdate() - timedelta(days=1 + days))
    return timezone.make_aware(datetime.combine(day, time(15, 20)))


def _editor(department):
    return next(iter(department.editors.user_set.all()), None) if department.editors else None
