"""The sending worker in processes of their own, which are killed with SIGKILL where a test says.

`python -m tests.reviewflow.mail_worker` reads orders from its standard input, one line of JSON each: a
list of workers that are to run at the same time. It forks them, and answers with a list of what became of them:
0 for one that found nothing left to do, -9 for one that was killed.

An order says the mail server's `port`, and the `lease` and the `timeout` in seconds. It may say `at` (a place of PLACES) and `times` (the how manieth passage kills), or `after` (seconds), or
`once` (one run instead of as many as it takes).
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import timedelta

import django
from django.conf import settings


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def killing(function, times, *, before):
    """`function`, whose passage number `times` ends this process: before it is called, or after."""
    passages = 0

    def passage(*args, **kwargs):
        nonlocal passages
        passages += 1
        if before and passages == times:
            kill()
        result = function(*args, **kwargs)
        if not before and passages == times:
            kill()
        return result

    return passage


def places():
    """{name: (owner, attribute, whether before it)}: where a worker can be told to die."""
    from django.core.mail.backends.smtp import EmailBackend

    from reviewflow import mailing
    from reviewflow.models import Mail

    return {
        "between notice and mail": (mailing, "freeze", True),
        "mail written, notices not in it": (Mail.objects, "create", False),
        "before connect": (EmailBackend, "open", True),
        "connected": (EmailBackend, "open", False),
        "after the yes, before the mark": (mailing, "mark_sent", True),
        "after the mark": (mailing, "mark_sent", False),
    }


def settle(port, lease, timeout):
    from reviewflow import mailing

    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, timeout
    settings.MAIL_RETRY_MINUTES = [0.1 / 60]
    mailing.LEASE = timedelta(seconds=lease)
    mailing.REST = timedelta(0)


def work(order):
    from reviewflow import mailing
    from reviewflow.models import Mail, Notice

    settle(order["port"], order["lease"], order["timeout"])
    if "at" in order:
        owner, name, before = places()[order["at"]]
        setattr(owner, name, killing(getattr(owner, name), order["times"], before=before))
    if "after" in order:
        timer = threading.Timer(order["after"], kill)
        timer.daemon = True
        timer.start()
    mailing.send_owed()
    while not order.get("once") and (
        Mail.objects.owed().exists() or Notice.objects.waiting().that_can_be_mailed().exists()
    ):
        time.sleep(0.02)
        mailing.send_owed()


def run_together(orders) -> list[int]:
    children = []
    for order in orders:
        child = os.fork()
        if child == 0:
            try:
                work(order)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run_together(json.loads(line))) + "\n")
        sys.stdout.flush()
