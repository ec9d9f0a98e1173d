"""The mails that Django and Wagtail write by themselves (a password that is reset, a notification) go the way of our
own: they are owed with the caller's transaction, and the background worker sends them. No request talks to a mail
server.
"""

import logging
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error, transaction

from reviewflow import mime
from reviewflow.mailing import one_line, wake_worker_on_commit
from reviewflow.models.messages import Mail
from servicepages.models import User

logger = logging.getLogger(__name__)


class OwedMailBackend(BaseEmailBackend):
    """`EMAIL_BACKEND`. The worker itself sends with `MAIL_DELIVERY_BACKEND`."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        """Each recipient of each message, cc and bcc included, is owed a mail of their own, with everything that
        is in the message. Returns for how many messages there is one.

        The Message-ID is ours, one for each mail; the sender of the envelope is the one in From. Raises what the
        database raises, and the ValueError of a message that cannot be written.
        """
        mails = [_mails_of(message) for message in email_messages]
        try:
            with transaction.atomic():
                Mail.objects.bulk_create([mail for each in mails for mail in each])
                wake_worker_on_commit()
        except Error:
            if not self.fail_silently:
                raise
            logger.exception("%d messages could not be written down", len(mails))
            return 0
        return sum(bool(each) for each in mails)


def _mails_of(message) -> list[Mail]:
    mails = []
    for address in dict.fromkeys(parseaddr(each)[1] or each for each in message.recipients()):
        mail = Mail(person=_person_of(address), address=address, subject=one_line(str(message.subject)))
        mail.mime = mime.as_bytes(message, mail.message_id)
        mails.append(mail)
    return mails


def _person_of(address) -> User | None:
    """Nobody where several people have the same address."""
    people = User.objects.filter(email__iexact=address, is_active=True)[:2]
    return people[0] if len(people) == 1 else None
