"""Working days by China's official calendar, and deadlines counted in them.

The State Council names the public holidays of a year, and the week-ends that are worked in their place (调休), in
the autumn before. The package `chinesecalendar` knows them; what it does not know yet, and what the city decides
itself, stands in the register of exceptions. A deadline is the end of its day in Asia/Shanghai.
"""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays

_SATURDAY = 5


class Deadline(NamedTuple):
    """`is_provisional`: days of a year were counted of which the official calendar is not known yet."""

    day: date
    is_provisional: bool


@cache
def _official(day: date) -> bool | None:
    """Whether the official calendar has it as a working day; None for a year that the package does not know."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return None


def known_until() -> int:
    """The last year whose official calendar the package knows."""
    return max(holidays).year


class WorkingCalendar:
    """`exceptions` is {date: whether it is a working day}, and goes before everything else."""

    def __init__(self, exceptions: dict[date, bool]):
        self._exceptions = exceptions

    def works(self, day: date) -> bool:
        """By week-days where the official calendar is not known."""
        if day in self._exceptions:
            return self._exceptions[day]
        official = _official(day)
        return day.weekday() < _SATURDAY if official is None else official

    def is_known(self, day: date) -> bool:
        return day in self._exceptions or _official(day) is not None

    def after(self, start: date, days: int) -> Deadline:
        """The day that many working days after `start`; counting begins on the next working day.

        0 is `start` itself. ValueError for a negative number.
        """
        if days < 0:
            raise ValueError("a deadline lies ahead")
        day, provisional = start, False
        while days:
            day += timedelta(days=1)
            provisional = provisional or not self.is_known(day)
            days -= self.works(day)
        return Deadline(day, provisional)

    def before(self, due: date, days: int) -> date:
        """The working day that many working days before `due`: the latest on which so many still lie ahead."""
        day = due
        while days:
            day -= timedelta(days=1)
            days -= self.works(day)
        return day

    def until(self, due: date, today: date) -> int:
        """Working days from `today` to `due`: 0 on the day itself, negative when it has passed."""
        earlier, later = sorted((due, today))
        count = sum(
            self.works(earlier + timedelta(days=each)) for each in range(1, (later - earlier).days + 1)
        )
        return count if due >= today else -count


def working_calendar() -> WorkingCalendar:
    """With the register's exceptions of today; one query. To be asked once for a list, not for each row."""
    from reviewflow.models.calendar import CalendarException

    return WorkingCalendar(dict(CalendarException.objects.values_list("date", "works")))
