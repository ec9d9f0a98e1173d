"""The mails that people would have in their mailboxes."""

from django.core import mail

from reviewflow.mailing import send_owed


def delivered() -> list:
    """Lets the worker send what is owed; returns everything that was sent in this test so far."""
    send_owed()
    return mail.outbox
