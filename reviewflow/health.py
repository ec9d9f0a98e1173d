"""Whether the background work is done: what is wrong, since when, and what to do about it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_q.models import Schedule

from reviewflow.models.alerts import Scan
from reviewflow.models.heartbeat import ScheduleRun

# Two schedules run every minute, and no task may take longer than ten.
SILENT_AFTER = timedelta(minutes=10)
# Two hours after the scan begins (reviewflow.alerts.scan.FROM_HOUR); the hour is tried twice by then.
SCAN_DONE_BY = time(9)
# The newest scans, of which one at most is not finished.
SCANS = 14


class Trouble(NamedTuple):
    what: str
    remedy: str


class Health:
    """`runs` are those of the schedules that there are, `scans` the newest first. Red when there is any of `troubles`."""

    def __init__(self, runs: Iterable[ScheduleRun], scans: Iterable[Scan], now: datetime | None = None):
        self.runs, self.scans = list(runs), list(scans)
        self.now = timezone.localtime(now)
        self.last_sign = max(
            (at for run in self.runs for at in (run.started_at, run.finished_at) if at), default=None
        )
        self.troubles = [*self._silence(), *self._late_scan(), *self._failures()]

    @classmethod
    def read(cls) -> "Health":
        """In two queries."""
        # What an earlier version scheduled is done no more, and its last failure concerns nobody.
        runs = ScheduleRun.objects.filter(name__in=Schedule.objects.values("name"))
        return cls(runs, Scan.objects.order_by("-day")[:SCANS])

    @property
    def is_silent(self) -> bool:
        """Also where the worker has never run: nothing is sent, whatever the reason."""
        return self.last_sign is None or self.now - self.last_sign > SILENT_AFTER

    def missing_scan(self):
        """The first day that should have been scanned by now and was not; None where there is none."""
        wanted = self.now.date()
        if self.now.time() < SCAN_DONE_BY:
            wanted -= timedelta(days=1)
        # One of a day to come was written when the server's clock was wrong.
        finished = [scan.day for scan in self.scans if scan.finished_at and scan.day <= self.now.date()]
        if finished:
            missing = max(finished) + timedelta(days=1)
        elif self.scans:
            missing = self.scans[-1].day
        elif self.last_sign:
            missing = self.now.date()
        else:  # a new site, whose worker has not run: that says it all
            return None
        return missing if missing <= wanted else None

    def _silence(self):
        if self.last_sign is None:
            yield Trouble(
                _("The background worker has not run yet. Nothing is sent or published at its time."),
                _("Start it: “manage.py qcluster”. Within a minute this line changes."),
            )
        elif self.is_silent:
            yield Trouble(
                _(
                    "The background worker has been silent since %(moment)s. Nothing is sent or published at its time."
                )
                % {"moment": moment(self.last_sign)},
                _("Start it again: “manage.py qcluster”. Its log says why it ended."),
            )

    def _late_scan(self):
        if missing := self.missing_scan():
            yield Trouble(
                _("The daily scan of %(day)s is late. Nobody has been told of the deadlines since.")
                % {"day": formats.date_format(missing, "SHORT_DATE_FORMAT")},
                _(
                    "The worker tries each hour from seven on, and makes up for missed days. “manage.py alerts” scans now "
                    "and shows what is wrong."
                ),
            )

    def _failures(self):
        for run in self.runs:
            if run.is_broken_off(self.now):
                yield Trouble(
                    _("“%(schedule)s” has not ended since %(moment)s.")
                    % {"schedule": capfirst(_(run.name)), "moment": moment(run.started_at)},
                    _("It was broken off, perhaps because it took too long. The worker's log says more."),
                )
            elif run.failed_at and run.failed_at == run.finished_at:
                yield Trouble(
                    _("“%(schedule)s” failed at %(moment)s: %(error)s")
                    % {
                        "schedule": capfirst(_(run.name)),
                        "moment": moment(run.failed_at),
                        "error": run.error,
                    },
                    _("It is tried again by itself. If it keeps failing, tell whoever runs the server."),
                )


def moment(at: datetime) -> str:
    """The local time in words."""
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
