"""Mails of other authors as bytes: what the database keeps of them until they are sent."""

from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.message import MIMEMixin


def as_bytes(message: EmailMessage, message_id: str) -> bytes:
    """All of `message` under the given Message-ID. ValueError where its headers are no headers."""
    whole = message.message()
    del whole["Message-ID"]
    whole["Message-ID"] = message_id
    return whole.as_bytes()


class _Parsed(MIMEMixin, Message):
    """With the `as_bytes` that Django's mail backends call."""


class KeptMessage(EmailMessage):
    """A message to one recipient that is sent byte for byte as it was kept."""

    def __init__(self, mime: bytes, recipient: str):
        self._kept = message_from_bytes(mime, _class=_Parsed)
        super().__init__(from_email=parseaddr(self._kept["From"])[1], to=[recipient])

    def message(self):
        return self._kept
