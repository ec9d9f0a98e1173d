"""The daily scan: each day is looked through once, for what its deadlines have people told.

Whatever ends it midway, the next run goes on: a day that was not finished is looked through again, and a notice
that is there already is not written twice (docs/alerts.md).
"""

import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from reviewflow.alerts.day import Day
from reviewflow.alerts.digest import gather_digests
from reviewflow.alerts.rules import Alert, Rules
from reviewflow.deadlines import working_calendar
from reviewflow.guide_checks import open_for_changed_laws
from reviewflow.mailing import wake_worker_on_commit
from reviewflow.models.alerts import AlertSettings, Escalation, Scan
from reviewflow.models.messages import Notice
from reviewflow.preferences import as_wanted, wishes_of

FROM_HOUR = 7
LEASE, RENEW_AFTER = timedelta(minutes=10), timedelta(minutes=1)
AT_A_TIME = 500


def scan_by_the_clock() -> None:
    """For the background worker, each hour: what of the days until today is not done yet, from seven on."""
    if timezone.localtime().hour >= FROM_HOUR:
        run(timezone.localdate())


def run(today: date) -> list[date]:
    """Scans the days since the last one that was finished, then writes each person's digest. Returns the days.

    One at a time, across all workers: where another is at it, nothing happens. Of several days everything waits for
    the digest, so that nobody is told the same of two days twice on one morning.
    """
    done, days = [], days_to_scan(today)
    if days:
        open_for_changed_laws()
    for day in days:
        if not _claim(day):
            return done
        _scan(day, today, at_once=len(days) == 1)
        done.append(day)
    gather_digests(today)
    return done


def days_to_scan(today: date) -> list[date]:
    """The days that a machine which was off has missed, too; only today where there was no scan before."""
    last = Scan.objects.exclude(finished_at=None).filter(day__lte=today).order_by("-day").first()
    first = last.day + timedelta(days=1) if last else today
    return [first + timedelta(days=each) for each in range((today - first).days + 1)]


def alerts_of(day: date, now: date | None = None, at_once: bool = True) -> Iterator[Alert]:
    """What people are told of `day`, as things stand; on `now`, a later day, where the scan catches up. In the
    site's language. Writes nothing."""
    calendar = working_calendar()
    rules = Rules(Day(day, calendar), AlertSettings.load(), now and Day(now, calendar), at_once)
    with translation.override(settings.LANGUAGE_CODE):
        for alert in rules.alerts():
            if alert.people or alert.escalation:
                yield alert


def _claim(day) -> bool:
    Scan.objects.get_or_create(day=day)
    free = Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())
    return bool(
        Scan.objects.filter(free, day=day, finished_at=None).update(claimed_until=timezone.now() + LEASE)
    )


def notices_of(alerts: Iterable[Alert], day: date, wishes: dict) -> list[Notice]:
    """What `alerts` have people told of `day`, as each of them wants it (`wishes_of`); not saved."""
    return as_wanted(
        [
            Notice(
                kind=alert.kind,
                person=person,
                about=alert.about,
                day=day,
                subject=" ".join(alert.subject.split()),
                url=alert.url,
                urgency=alert.urgency,
                immediate=alert.immediate,
            )
            for alert in alerts
            for person in sorted(alert.people, key=lambda each: each.pk)
        ],
        wishes,
    )


def _scan(day, today, at_once) -> None:
    written, renewed_at = 0, time.monotonic()
    alerts, wishes = alerts_of(day, today, at_once), wishes_of()
    while chunk := list(islice(alerts, AT_A_TIME)):
        written += _write(chunk, day, wishes)
        if time.monotonic() - renewed_at > RENEW_AFTER.total_seconds():
            Scan.objects.filter(day=day).update(claimed_until=timezone.now() + LEASE)
            renewed_at = time.monotonic()
    Scan.objects.filter(day=day).update(finished_at=timezone.now(), claimed_until=None, notices=written)
    if written:
        wake_worker_on_commit()


def _write(alerts, day, wishes) -> int:
    """What is remembered of an escalation is written with its notices."""
    notices = notices_of(alerts, day, wishes)
    escalations = [Escalation(about=alert.escalation, day=day) for alert in alerts if alert.escalation]
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        if escalations:
            Escalation.objects.bulk_create(escalations, ignore_conflicts=True)
    return len(notices)
