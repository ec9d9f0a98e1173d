"""From the notices that are owed to the mails that are sent.

`gather` writes a mail down before anything is tried; `send_owed` claims one mail after the other, commits,
talks to the mail server, and marks what it took. Whatever dies in between is taken up by the next run. What
this promises is in docs/alerts.md.
"""

import logging
import smtplib
import time
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import connection as database
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from reviewflow.mime import KeptMessage
from reviewflow.models.messages import Mail, Notice

logger = logging.getLogger(__name__)

# How long a worker may be at one mail: longer than a mail server that uses every timeout of the conversation.
LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=1)
# A run that takes longer stops, so that the worker's other tasks have their turn; the next goes on.
LONGEST_RUN = timedelta(minutes=1)
# A mail server that could not be reached is left alone until the next run by the clock: otherwise each new
# notice would have the worker wait for it.
REST = timedelta(seconds=50)
# "Authentication required" and its kin. They are said of us, not of the mail, and are mended in the settings.
OF_AUTHENTICATION = {530, 534, 535, 538}


# From the request to the worker


def wake_worker_on_commit() -> None:
    """The worker is asked to send as soon as the transaction is committed; once, however many notices it owes.

    A broker that is down is logged and fails nothing: the schedule sends within a minute.
    """
    waiting = (callback for _savepoints, callback, *_robust in database.run_on_commit)
    if wake_worker not in waiting:
        transaction.on_commit(wake_worker, robust=True)


def wake_worker() -> None:
    # The worker keeps the last results only; one for each step of a review would crowd out the audit's.
    async_task("reviewflow.mailing.send_owed", q_options={"save": False})


# From notices to mails


def gather() -> None:
    """Each person's waiting immediate notices become one mail, with its text for good."""
    waiting = Notice.objects.waiting().that_can_be_mailed().filter(immediate=True)
    for person in waiting.order_by("person").values_list("person", flat=True).distinct():
        _gather_for(person)


@transaction.atomic
def _gather_for(person_id):
    waiting = Notice.objects.waiting().that_can_be_mailed().filter(immediate=True, person=person_id)
    notices = list(
        waiting.select_for_update(of=("self",)).select_related("person").order_by("created_at", "pk")
    )
    if notices:  # otherwise another worker has gathered them meanwhile
        freeze(notices)


def freeze(notices: list[Notice]) -> Mail:
    """Writes down the mail that brings `notices`, all of one person's, and puts them into it.

    To be called in a transaction that has locked them. Later changes of settings, templates or names do not
    reach the mail any more.
    """
    person = notices[0].person
    with translation.override(settings.LANGUAGE_CODE):
        subject = notices[0].subject
        if more := len(notices) - 1:
            subject = ngettext(
                "%(subject)s, and %(count)d more message", "%(subject)s, and %(count)d more messages", more
            ) % {"subject": subject, "count": more}
        messages = [
            {"subject": notice.subject, "lines": notice.lines, "url": whole_address(notice.url)}
            for notice in notices
        ]
        mail = Mail.objects.create(
            person=person,
            address=person.email,
            subject=one_line(f"{settings.SITE_NAME} | {subject}"),
            text=_text(messages),
            html=render_to_string(
                "reviewflow/mail/notices.html",
                {
                    "messages": messages,
                    "site_name": settings.SITE_NAME,
                    "subject": one_line(subject),
                    "preferences": preferences_address(),
                },
            ),
        )
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
    return mail


def _text(messages) -> str:
    """The subjects stand over their messages where there are several; one stands in the mail's own subject."""
    blocks = []
    for number, message in enumerate(messages, start=1):
        if len(messages) > 1:
            blocks.append(f"{number}. {message['subject']}")
        blocks += message["lines"]
        if message["url"]:
            blocks.append(message["url"])
    return in_words(blocks)


def in_words(blocks: list[str]) -> str:
    """The text of a mail, from its paragraphs, with what stands below every mail."""
    below = _("Sent by the software of “%(site)s”. Nobody reads answers to this mail.") % {
        "site": settings.SITE_NAME
    }
    choose = _("Which of these mails you get: %(address)s") % {"address": preferences_address()}
    return "\n\n".join([*blocks, f"-- \n{below}\n{choose}"])


def preferences_address() -> str:
    """Where people choose which mails they get; asks for a login."""
    return whole_address(reverse("reminders"))


def whole_address(url: str) -> str:
    return urljoin(settings.WAGTAILADMIN_BASE_URL, url) if url else ""


def one_line(text: str) -> str:
    return " ".join(text.split())


# From mails to the mail server


def send_owed() -> None:
    """Gathers what is waiting and sends what is due. For the background worker, as often as one likes and in as
    many processes at once."""
    gather()
    started = time.monotonic()
    if _server_rests():
        return
    server = get_connection(settings.MAIL_DELIVERY_BACKEND)
    try:
        while time.monotonic() - started < LONGEST_RUN.total_seconds():
            mail = claim()
            if mail is None or not deliver(mail, server):
                return
    finally:
        _hang_up(server)
    logger.info("Mails are left for the next run")


def _server_rests() -> bool:
    return Mail.objects.owed().filter(unreachable_at__gt=timezone.now() - REST).exists()


def claim() -> Mail | None:
    """The next mail that is due, for this worker alone until its lease ends.

    The lease is committed before anything is sent. PostgreSQL passes over rows that another worker is just
    claiming; SQLite lets one transaction write at a time.
    """
    now = timezone.now()
    if not Mail.objects.due(now).exists():  # an idle worker does not take SQLite's one lock each minute
        return None
    with transaction.atomic():
        mail = Mail.objects.due(now).select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        mail.attempts += 1
        mail.first_attempt_at = mail.first_attempt_at or now
        mail.claimed_until = mail.next_attempt_at = now + LEASE
        mail.save(update_fields=["attempts", "first_attempt_at", "claimed_until", "next_attempt_at"])
    return mail


def deliver(mail: Mail, server) -> bool:
    """Tries to send a claimed mail over `server`, a mail backend, and notes what came of it. False where the
    server cannot be talked to, so that this run had better end."""
    try:
        server.open()
    except OSError as error:  # smtplib's exceptions are among them
        _postpone(mail, error, unreachable_at=timezone.now())
        return False
    try:
        taken = server.send_messages([as_message(mail)])
    except (OSError, ValueError) as error:
        _hang_up(server)
        if is_permanent(error):
            _fail(mail, error)
        elif isinstance(error, TimeoutError):
            _postpone(mail, error, unreachable_at=timezone.now())
            return False
        else:
            _postpone(mail, error)
        return True
    if not taken:
        _postpone(mail, OSError(_("The mail server was not given the mail.")))
        return True
    mark_sent(mail)
    return True


def as_message(mail: Mail) -> EmailMessage:
    """The mail with its headers: the same at every attempt."""
    if mail.mime is not None:
        return KeptMessage(bytes(mail.mime), mail.address)
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.address],
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(timezone.localtime(mail.created_at)),
            "Auto-Submitted": "auto-generated",
            # Without List-Unsubscribe-Post: one click does not do, because who changes it has to log in.
            "List-Unsubscribe": f"<{preferences_address()}>",
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def is_permanent(error: OSError | ValueError) -> bool:
    """Whether this mail will never be taken: the server refused the recipient or the message with a 5xx, or
    no mail can have such an address.

    What it says against the connection, the login or the sender is about the settings, and mends.
    """
    match error:
        case ValueError():
            return True
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _reason in error.recipients.values()]
        case smtplib.SMTPDataError():
            codes = [error.smtp_code]
        case _:
            return False
    return all(500 <= code < 600 and code not in OF_AUTHENTICATION for code in codes)


def mark_sent(mail: Mail) -> None:
    """Whoever holds the lease now: the server has said yes. What may hold a secret is not kept any longer."""
    Mail.objects.filter(pk=mail.pk).update(
        state=Mail.State.SENT,
        sent_at=timezone.now(),
        claimed_until=None,
        last_error="",
        mime=None if mail.mime is None else b"",
    )


def _postpone(mail, error, unreachable_at=None):
    """Until after the next pause; or for good, where it has been tried for a day."""
    now = timezone.now()
    if now - mail.first_attempt_at >= GIVE_UP_AFTER:
        _fail(mail, error)
        return
    pauses = settings.MAIL_RETRY_MINUTES
    pause = timedelta(minutes=pauses[min(mail.attempts, len(pauses)) - 1])
    logger.warning("Mail %s to %s is tried again in %s: %s", mail.pk, mail.address, pause, described(error))
    _as_claimed(mail).update(
        claimed_until=None,
        next_attempt_at=now + pause,
        unreachable_at=unreachable_at,
        last_error=described(error),
    )


def _fail(mail, error):
    logger.error("Mail %s to %s is not sent: %s", mail.pk, mail.address, described(error))
    _as_claimed(mail).update(state=Mail.State.FAILED, claimed_until=None, last_error=described(error))


def _as_claimed(mail):
    """Nothing where our lease has ended: another worker may know better by now."""
    return Mail.objects.owed().filter(pk=mail.pk, claimed_until=mail.claimed_until)


def _hang_up(server):
    """What was taken is marked by now, so what the server says to the good-bye does not matter."""
    try:
        server.close()
    except OSError as error:
        logger.info("The connection to the mail server did not end well: %s", error)


def described(error: Exception) -> str:
    """For the coordination team: the server's own words where it said any."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(_reply(*reply) for reply in error.recipients.values())
        case smtplib.SMTPResponseException():
            return _reply(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _reply(code, words):
    words = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {words}"


# Once more


class CannotSendAgain(Exception):
    """The person has no address or does not work here any more, or the mail has not failed."""


def send_again(mail: Mail) -> None:
    """A failed mail is owed again, to the address that its person has today, or to its own where it brings no
    notices. CannotSendAgain where it is not."""
    address = mail.address if mail.mime is not None else _address_of(mail.person)
    with transaction.atomic():
        changed = (
            Mail.objects.failed()
            .filter(pk=mail.pk)
            .update(
                state=Mail.State.OWED,
                address=address,
                attempts=0,
                first_attempt_at=None,
                next_attempt_at=timezone.now(),
                unreachable_at=None,
                last_error="",
            )
        )
        if not changed:
            raise CannotSendAgain(_("This mail has not failed."))
        wake_worker_on_commit()


def _address_of(person):
    if not (person.is_active and person.email):
        raise CannotSendAgain(_("%(person)s is deactivated or has no address.") % {"person": person})
    return person.email
