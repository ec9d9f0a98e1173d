"""Limits with units: what can be said of two of them, and never more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicepages.time_limits import TimeLimit, time_limit
from servicepages.vocabulary import TimeUnit

WORKING, CALENDAR, MONTHS, AT_ONCE = (
    TimeUnit.WORKING_DAYS,
    TimeUnit.CALENDAR_DAYS,
    TimeUnit.MONTHS,
    TimeUnit.ON_THE_SPOT,
)


@pytest.mark.parametrize(
    ("first", "second", "within"),
    [
        ((5, WORKING), (20, WORKING), True),
        ((21, WORKING), (20, WORKING), False),
        ((20, WORKING), (20, WORKING), True),
        ((0, AT_ONCE), (1, WORKING), True),
        ((1, WORKING), (0, AT_ONCE), False),
        ((0, WORKING), (0, AT_ONCE), True),
        ((5, WORKING), (60, CALENDAR), True),
        ((31, WORKING), (30, CALENDAR), False),
        ((20, WORKING), (30, CALENDAR), None),  # four weeks, or more with a holiday in between
        ((30, CALENDAR), (20, WORKING), None),
        ((27, CALENDAR), (1, MONTHS), True),
        ((30, CALENDAR), (1, MONTHS), None),  # February
        ((32, CALENDAR), (1, MONTHS), False),
        ((3, MONTHS), (60, CALENDAR), False),
    ],
)
def test_comparing(first, second, within):
    assert TimeLimit(*first).within(TimeLimit(*second)) is within


def days_of(limit, start):
    """How many calendar days `limit` takes when counting starts after `start`, by a plain calendar
    without holidays: working days from Monday to Friday."""
    if limit.unit == TimeUnit.ON_THE_SPOT:
        return 0
    if limit.unit == TimeUnit.CALENDAR_DAYS:
        return limit.number
    if limit.unit == TimeUnit.MONTHS:
        month = start.month - 1 + limit.number
        year, month = start.year + month // 12, month % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        return (date(year, month, min(start.day, last)) - start).days
    day, left = start, limit.number
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return (day - start).days


limits = st.builds(
    TimeLimit, st.integers(min_value=0, max_value=24), st.sampled_from([WORKING, CALENDAR, MONTHS, AT_ONCE])
)


@given(limits, limits, st.dates(date(2018, 1, 1), date(2030, 12, 31)))
def test_what_it_says_holds_on_every_calendar_day(first, second, start):
    within = first.within(second)
    if within is True:
        assert days_of(first, start) <= days_of(second, start)
    elif within is False:
        assert days_of(first, start) > days_of(second, start)


@given(limits, st.dates(date(2018, 1, 1), date(2030, 12, 31)))
def test_the_range_of_a_limit_holds_its_days(limit, start):
    assert limit.shortest <= days_of(limit, start) <= limit.longest


def test_a_limit_needs_its_number_and_its_unit():
    assert time_limit(None, WORKING) is None
    assert time_limit(5, "") is None
    assert time_limit(0, WORKING) == TimeLimit(0, WORKING)
    assert time_limit(None, AT_ONCE).longest == 0


def test_half_days_are_written_as_half_days():
    assert "0.5" in str(TimeLimit(Decimal("0.5"), WORKING))
    assert "5.0" not in str(TimeLimit(Decimal("5.0"), WORKING))
