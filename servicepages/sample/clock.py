"""The clock that the sample's people lived by: their work is spread over the weeks before the loading.

Without it every revision and every approval would bear the minute of the loading, and nothing that looks
at dates (what is recent, what is overdue) would have anything to show.
"""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.utils import timezone

OPENS, CLOSES = time(8, 30), time(17, 0)


class Clock:
    """Moves through office hours, never past the real now."""

    def __init__(self, start: datetime):
        self.latest = timezone.now()
        self.moment = self._in_office_hours(timezone.localtime(start))

    def forward(self, hours: float):
        """`hours` of an office's day later; a day of the office has eight and a half."""
        days, rest = divmod(hours, 8.5)
        moment = self.moment + timedelta(days=days, hours=rest)
        if moment.time() > CLOSES or moment.date() > self.moment.date() + timedelta(days=days):
            moment += timedelta(hours=15.5)
        self.moment = min(self._in_office_hours(moment), timezone.localtime(self.latest))
        return self

    @staticmethod
    def _in_office_hours(moment: datetime) -> datetime:
        """`moment`, or the next morning on which the office is open."""
        if moment.time() > CLOSES:
            moment += timedelta(days=1)
        if not OPENS <= moment.time() <= CLOSES:
            moment = moment.replace(hour=OPENS.hour, minute=OPENS.minute + moment.minute % 30)
        while moment.weekday() > 4:
            moment += timedelta(days=1)
        return moment


@contextmanager
def at(moment: datetime):
    """Everything in the block that asks Django for the time is told `moment`.

    For a command in a process of its own; never in one that serves requests.
    """
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
