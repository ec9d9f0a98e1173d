"""What the background worker does by the clock."""

from django_q.models import Schedule

SCHEDULES = {
    "publish scheduled pages": {
        "func": "django.core.management.call_command",
        "args": "'publish_scheduled'",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
}


def ensure_schedules():
    """The rows django-q2 reads; an interval that was changed in the admin is left as it is."""
    for name, values in SCHEDULES.items():
        Schedule.objects.get_or_create(name=name, defaults=values)
