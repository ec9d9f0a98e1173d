"""Messages that are past are deleted by night: nobody asks for them after ALERTS_KEEP_DAYS."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reviewflow.models.alerts import Escalation, Scan
from reviewflow.models.messages import Mail, Notice

logger = logging.getLogger(__name__)

AT_A_TIME = 500
# What is still open after so long is told of above once more.
ESCALATED_FOR = timedelta(days=2 * 366)


def delete_old() -> None:
    """Mails that were sent or given up with their notices, notices of people who cannot be mailed, and scans.

    Never what is still to be sent, and never the newest finished scan: the next one goes on after it. So no day is
    scanned a second time, and what was told on it is not told again, whether its notices are there or not.
    """
    before = timezone.now() - timedelta(days=settings.ALERTS_KEEP_DAYS)
    counts = _delete_mails(before), _delete_notices(before), _delete_scans(timezone.localdate(before))
    logger.info("Deleted what is from before %s: %d mails, %d unsent notices, %d scans", before, *counts)
    Escalation.objects.filter(day__lt=timezone.localdate() - ESCALATED_FOR).delete()


def _delete_mails(before) -> int:
    # A mail's next attempt is set at each attempt, a little ahead; of one that was given up it is the last.
    given_up = Q(state=Mail.State.FAILED, next_attempt_at__lt=before)
    past = Mail.objects.filter(Q(state=Mail.State.SENT, sent_at__lt=before) | given_up)

    def delete_some():
        # Locked, so that none is sent again meanwhile.
        mails = list(past.order_by("pk").select_for_update().values_list("pk", flat=True)[:AT_A_TIME])
        Notice.objects.filter(mail__in=mails).delete()
        Mail.objects.filter(pk__in=mails).delete()
        return len(mails)

    return _all_of(delete_some)


def _delete_notices(before) -> int:
    past = Notice.objects.waiting().that_cannot_be_mailed().filter(created_at__lt=before).order_by("pk")

    def delete_some():
        notices = list(past.values_list("pk", flat=True)[:AT_A_TIME])
        # Asked again: the person may have come back, and the notice into a mail.
        Notice.objects.waiting().that_cannot_be_mailed().filter(pk__in=notices).delete()
        return len(notices)

    return _all_of(delete_some)


def _delete_scans(before) -> int:
    newest = Scan.objects.exclude(finished_at=None).order_by("-day").first()
    if newest is None:
        return 0
    _count, each = Scan.objects.filter(day__lt=min(before, newest.day)).delete()
    return each.get(Scan._meta.label, 0)


def _all_of(delete_some) -> int:
    """In transactions of AT_A_TIME rows, so that whoever wants to write does not wait for all of them."""
    deleted = 0
    while True:
        with transaction.atomic():
            some = delete_some()
        deleted += some
        if some < AT_A_TIME:
            return deleted
