"""What the background worker does for the review by the clock.

The names are shown on the screen of the background work, translated.
"""

from django.utils.translation import gettext_noop
from django_q.models import Schedule

from servicepages.schedules import keep_schedules, next_night

SCHEDULES = {
    gettext_noop("publish scheduled pages"): {
        "func": "django.core.management.call_command",
        "args": "'publish_scheduled'",
        # The worker keeps the last results only; one a minute would crowd out the audit's.
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    # A new notice asks the worker by itself; this sends what was postponed, and all of it where the asking failed.
    gettext_noop("send owed mail"): {
        "func": "reviewflow.mailing.send_owed",
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    # Each hour, so that a day is not lost to one failure; what is done already costs one query.
    gettext_noop("daily scan"): {
        "func": "reviewflow.alerts.scan.scan_by_the_clock",
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.HOURLY,
    },
    gettext_noop("audit live items"): {
        "func": "reviewflow.audit.audit_nightly",
        "schedule_type": Schedule.DAILY,
        "next_run": next_night,
    },
    gettext_noop("delete old messages"): {
        "func": "reviewflow.message_cleanup.delete_old",
        "kwargs": "q_options={'save': False}",
        "schedule_type": Schedule.DAILY,
        "next_run": next_night,
    },
}


def ensure_schedules():
    keep_schedules(SCHEDULES)
