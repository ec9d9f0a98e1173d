"""A day as the rules see it: which deadlines it lies before, on, or behind."""

from datetime import date, timedelta
from functools import cached_property

from reviewflow.deadlines import WorkingCalendar


class Day:
    def __init__(self, day: date, calendar: WorkingCalendar):
        self.date, self._calendar = day, calendar

    @cached_property
    def is_worked(self) -> bool:
        return self._calendar.works(self.date)

    def due_in(self, working_days: int) -> list[date]:
        """The dates for which today is the day, so many working days before them, on which to remind: those until
        which so many working days are left, today included. None on a holiday, and none for 0 working days."""
        if not self.is_worked:
            return []
        found, left, due = [], 0, self.date
        while left <= working_days:
            left += self._calendar.works(due)
            due += timedelta(days=1)
            if left == working_days:
                found.append(due)
        return found

    def due_in_any(self, reminders: list[int]) -> set[date]:
        return {due for working_days in reminders for due in self.due_in(working_days)}

    def overdue_for(self, due: date) -> int:
        """How many working days have passed since `due`, today included where it is one; 0 until `due` has passed."""
        return self._calendar.until(self.date, today=due) if due < self.date else 0
