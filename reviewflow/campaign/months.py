"""Months of the reports, each held as its first day, and the day by which a month's report is due."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from reviewflow.deadlines import Deadline, working_calendar


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return month_of(month.replace(day=28) + timedelta(days=4))


def months_between(first: date, last: date):
    """Every month from that of `first` to that of `last`."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def begins_at(month: date) -> datetime:
    """The month's first moment, in the site's time zone."""
    return timezone.make_aware(datetime.combine(month_of(month), time.min))


def ends_at(month: date) -> datetime:
    """The first moment of the next month, which does not belong to this one."""
    return begins_at(next_month(month))


def last_working_day(month: date, calendar=None) -> Deadline:
    """When the report of `month` is due. Source: the table of deadlines in docs/campaign.md.

    `calendar` is a WorkingCalendar, for whoever asks for several months. Provisional where a day that was
    looked at is of a year whose official calendar is not known yet.
    """
    calendar = calendar or working_calendar()
    day = month.replace(day=monthrange(month.year, month.month)[1])
    provisional = not calendar.is_known(day)
    while not calendar.works(day):
        day -= timedelta(days=1)
        provisional = provisional or not calendar.is_known(day)
    return Deadline(day, provisional)
