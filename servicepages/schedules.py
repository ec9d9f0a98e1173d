"""What the background worker does by the clock: rows that django-q2 reads. Each room says its own."""

from datetime import timedelta

from django.utils import timezone
from django_q.models import Schedule

NIGHT = 3  # o'clock


def next_night():
    """The next time that it is three at night here."""
    now = timezone.localtime()
    tonight = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def keep_schedules(schedules: dict) -> None:
    """Rows of these names and values, {name: {field: value}}. One that an earlier version wrote is brought up to
    date; one that says what it should keeps the time at which it is next due."""
    for name, values in schedules.items():
        said = {field: value for field, value in values.items() if field != "next_run"}
        if not Schedule.objects.filter(name=name, **said).exists():
            Schedule.objects.update_or_create(name=name, defaults=values)
