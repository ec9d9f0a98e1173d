"""A day as the rules see it: which deadlines it lies before, on, or behind."""

from datetime import date, timedelta
from functools import cached_property

from reviewflow.deadlines import WorkingCalendar

# A day so many working days ahead is found within twice as many days and the longest holiday.
_LONGEST_HOLIDAY = 12


class Day:
    def __init__(self, day: date, calendar: WorkingCalendar):
        self.date, self._calendar = day, calendar

    @cached_property
    def is_worked(self) -> bool:
        return self._calendar.works(self.date)

    def due_in(self, working_days: int) -> list[date]:
        """The dates for which today is the day, so many working days before them, on which to remind."""
        ahead = (self.date + timedelta(days=each) for each in range(1, 2 * working_days + _LONGEST_HOLIDAY))
        return [due for due in ahead if self._calendar.before(due, working_days) == self.date]

    def due_in_any(self, reminders: list[int]) -> set[date]:
        return {due for working_days in reminders for due in self.due_in(working_days)}

    def overdue_for(self, due: date) -> int:
        """How many working days have passed since `due`, today included where it is one."""
        return self._calendar.until(self.date, today=due)
