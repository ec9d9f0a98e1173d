"""The mails of a development machine, shown as pages.

Development sends mail into a folder (settings.EMAIL_FILE_PATH) instead of a server, and whoever tries
the review wants to read what the software wrote to the three offices. The pages exist only with
DEBUG on: the folder holds the links by which passwords are reset.
"""

import dataclasses
import datetime
import email
import email.policy
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

# Written after each message by Django's file-based mail backend.
SEPARATOR = b"-" * 79 + b"\n"

# A mail brings its own inline styles, and must bring nothing else: no script, no outside picture.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@dataclasses.dataclass(frozen=True)
class Mail:
    """One message: where it lies (file name, number within the file) and what it says."""

    name: str
    number: int
    sent: datetime.datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str

    @classmethod
    def from_bytes(cls, raw: bytes, *, name: str, number: int, written: datetime.datetime):
        """`written` stands in for a Date header that is missing or cannot be read."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        date = message["Date"]
        sent = date.datetime if date is not None and date.datetime is not None else written
        if timezone.is_naive(sent):
            sent = sent.replace(tzinfo=datetime.UTC)
        return cls(
            name=name,
            number=number,
            sent=sent,
            sender=str(message["From"] or ""),
            to=", ".join(
                str(value) for header in ("To", "Cc", "Bcc") for value in message.get_all(header, [])
            ),
            subject=str(message["Subject"] or ""),
            text=_part(message, "plain"),
            html=_part(message, "html"),
        )


def _part(message, subtype):
    part = message.get_body(preferencelist=(subtype,))
    return part.get_content() if part is not None else ""


def _read(file: Path) -> list[Mail]:
    written = datetime.datetime.fromtimestamp(file.stat().st_mtime, tz=datetime.UTC)
    pieces = [piece for piece in file.read_bytes().split(SEPARATOR) if piece.strip()]
    return [
        Mail.from_bytes(piece, name=file.name, number=number, written=written)
        for number, piece in enumerate(pieces)
    ]


def _files() -> list[Path]:
    """The folder's own files; Http404 unless this is a development machine that mails to a folder."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not settings.DEBUG or not folder:
        raise Http404
    folder = Path(folder)
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []


def _respond(request, template, context):
    response = render(request, template, context)
    response["Content-Security-Policy"] = POLICY
    return response


def index(request):
    mails = [mail for file in _files() for mail in _read(file)]
    mails.sort(key=lambda mail: (mail.sent, mail.name, mail.number), reverse=True)
    return _respond(request, "cms/mailbox.html", {"mails": mails, "folder": settings.EMAIL_FILE_PATH})


def message(request, name, number):
    """`name` is looked up among the names the folder holds and is never made into a path."""
    for file in _files():
        if file.name == name:
            mails = _read(file)
            if number < len(mails):
                return _respond(request, "cms/mailbox_message.html", {"mail": mails[number]})
    raise Http404


app_name = "mailbox"
urlpatterns = [
    path("", index, name="index"),
    path("<str:name>/<int:number>/", message, name="message"),
]
