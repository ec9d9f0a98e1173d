"""What the background worker does by the clock."""

from datetime import timedelta

from django.utils import timezone
from django_q.models import Schedule

NIGHT = 3  # o'clock


def next_night():
    """The next time that it is three at night here."""
    now = timezone.localtime()
    tonight = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


SCHEDULES = {
    "publish scheduled pages": {
        "func": "django.core.management.call_command",
        "args": "'publish_scheduled'",
        # The worker keeps the last results only; one a minute would crowd out the audit's.
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    "audit live items": {
        "func": "reviewflow.audit.audit_nightly",
        "schedule_type": Schedule.DAILY,
        "next_run": next_night,
    },
}


def ensure_schedules():
    """The rows that django-q2 reads. One of ours that an earlier version wrote is brought up to date; one that
    says what it should keeps the time at which it is next due."""
    for name, values in SCHEDULES.items():
        said = {field: value for field, value in values.items() if field != "next_run"}
        if not Schedule.objects.filter(name=name, **said).exists():
            Schedule.objects.update_or_create(name=name, defaults=values)
