"""What the background worker does for the review by the clock."""

from django_q.models import Schedule

from servicepages.schedules import keep_schedules, next_night

SCHEDULES = {
    "publish scheduled pages": {
        "func": "django.core.management.call_command",
        "args": "'publish_scheduled'",
        # The worker keeps the last results only; one a minute would crowd out the audit's.
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    # A new notice asks the worker by itself; this sends what was postponed, and all of it where the asking failed.
    "send owed mail": {
        "func": "reviewflow.mailing.send_owed",
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    # Each hour, so that a day is not lost to one failure; what is done already costs one query.
    "daily scan": {
        "func": "reviewflow.alerts.scan.scan_by_the_clock",
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.HOURLY,
    },
    "audit live items": {
        "func": "reviewflow.audit.audit_nightly",
        "schedule_type": Schedule.DAILY,
        "next_run": next_night,
    },
}


def ensure_schedules():
    keep_schedules(SCHEDULES)
