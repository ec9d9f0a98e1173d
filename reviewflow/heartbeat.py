"""What the background worker notes of each run of a schedule: when it began, when it ended, what went wrong.

django-q2 keeps no result of most of our schedules, and forgets the others soon. Its signals say the same of all of
them: the process that works sends `pre_execute`, the one that collects the results sends `post_execute`. That a
schedule ran is the worker's heartbeat, too: two of ours run every minute (reviewflow.health).
"""

import logging

from django.db import Error
from django.utils import timezone
from django_q.signals import post_execute, pre_execute
from django_q.utils import close_old_django_connections

from reviewflow.models.heartbeat import ScheduleRun

logger = logging.getLogger(__name__)

LONGEST_ERROR = 500  # characters; the whole traceback is in the worker's log
_BEGAN = "began_at"


def connect():
    pre_execute.connect(begun, dispatch_uid="heartbeat")
    post_execute.connect(ended, dispatch_uid="heartbeat")


def begun(task, **kwargs):
    """`pre_execute`. The task takes the moment along to `ended`: two runs of one schedule may overlap, and the
    task's own "started" is when it was put into the queue."""
    task[_BEGAN] = timezone.now()
    _note(task, started_at=task[_BEGAN])


def ended(task, **kwargs):
    """`post_execute`. An exception in here would end the process that collects the results."""
    began, finished = task.get(_BEGAN), task.get("stopped")
    if began is None or finished is None:
        return
    values = {"finished_at": finished, "seconds": (finished - began).total_seconds()}
    if not task.get("success"):
        values |= {"failed_at": finished, "error": last_line(str(task.get("result", "")))}
    _note(task, **values)


def last_line(traceback: str) -> str:
    """The exception's own line of a result such as "words : Traceback (most recent call last): …"."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()]
    return lines[-1][:LONGEST_ERROR] if lines else ""


def _note(task, **values):
    """One UPDATE; a task that no schedule has started has no group, and costs nothing. What the database refuses
    is logged: the work matters more than its record."""
    name = task.get("group")
    if not name:
        return
    try:
        # django-q2 does so before it writes a result, and here none may be written.
        if not task.get("sync"):
            close_old_django_connections()
        runs = ScheduleRun.objects.filter(name=name)
        if not runs.update(**values):
            ScheduleRun.objects.bulk_create([ScheduleRun(name=name, **values)], ignore_conflicts=True)
    except Error:
        logger.exception("The run of “%s” could not be noted", name)
