"""From a notice that is owed to a mail that is sent: what is in it, when it is tried, and when no more."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django.utils import timezone, translation
from django_q.models import Schedule

from reviewflow import mailing
from reviewflow.alerts.digest import gather_digests
from reviewflow.mailing import (
    CannotSendAgain,
    claim,
    deliver,
    gather,
    is_permanent,
    send_again,
    send_owed,
    wake_worker_on_commit,
)
from reviewflow.models import Mail, Notice
from reviewflow.notices import tell
from tests.factories import UserFactory
from tests.mailbox import delivered

pytestmark = pytest.mark.django_db
Kind, State = Notice.Kind, Mail.State


@pytest.fixture
def person():
    return UserFactory(username="person")


def owe(*people, about="test:1", subject="请审核：某事项", lines=("某局已提交某事项。",), **fields):
    tell(people, subject, [*lines], fields.pop("url", "/admin/"), kind=Kind.ASKED, about=about, **fields)


def mail_of(person) -> Mail:
    return Mail.objects.get(person=person)


def later(mail, **elapsed):
    """As if that much time had passed since the mail's last attempt."""
    mail.refresh_from_db()
    for name in ("first_attempt_at", "next_attempt_at", "claimed_until", "unreachable_at"):
        if moment := getattr(mail, name):
            setattr(mail, name, moment - timedelta(**elapsed))
    mail.save()
    return mail


class Unwilling:
    """A mail backend that answers as the test says (settings.ANSWERS: what to raise, and None for a yes), and
    keeps what it was given in Django's outbox."""

    def __init__(self, **kwargs):
        pass

    def open(self):
        from django.conf import settings

        if settings.ANSWERS and isinstance(settings.ANSWERS[0], ConnectionRefusedError):
            raise settings.ANSWERS.pop(0)

    def close(self):
        pass

    def send_messages(self, messages):
        from django.conf import settings

        if settings.ANSWERS and (answer := settings.ANSWERS.pop(0)):
            raise answer
        django_mail.outbox += messages
        return len(messages)


@pytest.fixture
def answers(settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Unwilling"
    settings.MAIL_RETRY_MINUTES = [1, 5, 30]
    settings.ANSWERS = []
    return settings.ANSWERS


AWAY = ConnectionRefusedError(111, "Connection refused")
BUSY = smtplib.SMTPDataError(451, b"4.3.0 Try again later")
UNKNOWN = smtplib.SMTPRecipientsRefused({"person@example.org": (550, b"5.1.1 No such mailbox")})


# What a mail says


def test_a_mail_says_the_same_as_text_and_as_a_page(person, settings):
    owe(person, lines=["第一段", "<b>写明\n标准</b>"], url="/admin/pages/7/edit/")
    [message] = delivered()
    assert message.to == ["person@example.org"]
    assert message.subject == f"{settings.SITE_NAME} | 请审核：某事项"
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    for said in (message.body, html):
        assert "第一段" in said
        assert "http://testserver/admin/pages/7/edit/" in said
    assert "<b>写明\n标准</b>" in message.body
    assert "&lt;b&gt;写明<br>标准&lt;/b&gt;" in html
    assert 'name="viewport"' in html
    assert "<table" not in html


def test_its_headers_say_which_it_is_and_that_nobody_wrote_it(person, settings):
    settings.DEFAULT_FROM_EMAIL = "办事指南 <noreply@guides.example.org>"
    owe(person)
    [message] = delivered()
    headers = message.message()
    assert headers["Message-ID"] == mail_of(person).message_id
    assert headers["Message-ID"].endswith("@guides.example.org>")
    assert headers["Auto-Submitted"] == "auto-generated"


def test_every_mail_names_where_its_reader_chooses_what_comes(person, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://guides.example.org"
    owe(person)
    owe(person, about="test:2", immediate=False)
    gather_digests(timezone.localdate())
    messages = delivered()
    assert len(messages) == 2
    for message in messages:
        address = "https://guides.example.org/admin/account/reminders/"
        headers = message.message()
        assert headers["List-Unsubscribe"] == f"<{address}>"
        assert "List-Unsubscribe-Post" not in headers, "who changes it has to log in"
        assert address in message.body
        assert address in message.alternatives[0][0]


def test_what_waits_for_one_person_comes_in_one_mail(person):
    other = UserFactory(username="other")
    owe(person, other, about="test:1", subject="请审核：甲", lines=["甲的话"])
    owe(person, about="test:2", subject="请审核：乙", lines=["乙的话"])
    by_address = {message.to[0]: message for message in delivered()}
    assert len(by_address) == 2
    for words in ("请审核：甲", "甲的话", "请审核：乙", "乙的话"):
        assert words in by_address["person@example.org"].body
    assert "乙" not in by_address["other@example.org"].body


def test_a_mail_is_written_in_the_sites_language(person):
    with translation.override("en"):
        owe(person)
        [message] = delivered()
    assert 'lang="zh-hans"' in message.alternatives[0][0]


def test_a_mail_does_not_change_once_it_is_written(person, answers, settings):
    answers.append(BUSY)
    owe(person)
    send_owed()
    before = Mail.objects.values("subject", "text", "html", "address", "message_id").get()
    settings.SITE_NAME, settings.WAGTAILADMIN_BASE_URL = "另一个名称", "https://elsewhere.example.org"
    settings.DEFAULT_FROM_EMAIL = "other@elsewhere.example.org"
    person.email = "new@example.org"
    person.save()
    owe(person, about="test:2")
    later(mail_of(person), minutes=2)
    gather()
    assert Mail.objects.values("subject", "text", "html", "address", "message_id").earliest("pk") == before


def test_a_subject_of_several_lines_is_one_line(person):
    owe(person, subject="请审核：某\n事项\r\nBcc: everybody@example.org")
    [message] = delivered()
    assert "\n" not in message.subject
    assert message.recipients() == ["person@example.org"]


# To whom


def test_those_who_cannot_be_mailed_keep_their_notice(person):
    nowhere = UserFactory(username="nowhere", email="")
    gone = UserFactory(username="gone", is_active=False)
    owe(person, nowhere, gone)
    assert [message.to for message in delivered()] == [["person@example.org"]]
    assert set(Notice.objects.waiting().values_list("person__username", flat=True)) == {"nowhere", "gone"}
    nowhere.email = "now@example.org"
    nowhere.save()
    assert [message.to for message in delivered()[1:]] == [["now@example.org"]]


def test_an_address_that_no_mail_can_have_is_a_failed_mail(person):
    UserFactory(username="odd", email="a@b@c\n")
    owe(person, *type(person).objects.filter(username="odd"))
    assert [message.to for message in delivered()] == [["person@example.org"]]
    assert Mail.objects.get(person__username="odd").state == State.FAILED


def test_what_waits_for_the_digest_is_in_no_mail_of_its_own(person):
    owe(person, immediate=False)
    assert delivered() == []
    assert Notice.objects.waiting().count() == 1


def test_a_person_who_is_deleted_takes_the_notices_along(person):
    owe(person)
    delivered()
    person.delete()
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()


# When it is tried


def test_it_is_sent_once_however_often_the_worker_runs(person):
    owe(person)
    for _run in range(3):
        assert len(delivered()) == 1
    mail = mail_of(person)
    assert (mail.state, mail.attempts) == (State.SENT, 1)
    assert mail.sent_at is not None


def test_pauses_grow_and_the_last_one_holds(person, answers):
    answers += [BUSY] * 5
    owe(person)
    pauses = []
    for _attempt in range(5):
        send_owed()
        mail = mail_of(person)
        pauses.append(round((mail.next_attempt_at - timezone.now()).total_seconds() / 60))
        send_owed()  # too early
        assert mail_of(person).attempts == mail.attempts
        later(mail, minutes=30)
    assert pauses == [1, 5, 30, 30, 30]
    assert mail_of(person).last_error == "451 4.3.0 Try again later"
    assert len(delivered()) == 1
    assert mail_of(person).last_error == ""


def test_it_is_given_up_after_a_day_of_attempts(person, answers):
    answers += [BUSY, BUSY, BUSY]
    owe(person)
    Mail.objects.update(created_at=timezone.now() - timedelta(days=3))  # the machine was off
    send_owed()
    later(mail_of(person), hours=23)
    send_owed()
    assert mail_of(person).state == State.OWED
    later(mail_of(person), hours=2)
    send_owed()
    mail = mail_of(person)
    assert (mail.state, mail.last_error) == (State.FAILED, "451 4.3.0 Try again later")


def recipient(code):
    return smtplib.SMTPRecipientsRefused({"person@example.org": (code, b"said so")})


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (recipient(550), True),
        (recipient(450), False),
        (recipient(530), False),  # "authentication required" is said of us
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPSenderRefused(550, b"not from you", "noreply@localhost"), False),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
        (smtplib.SMTPConnectError(554, b"no service"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError("timed out"), False),
    ],
)
def test_only_what_is_said_of_the_mail_is_final(error, permanent, person, answers):
    assert is_permanent(error) is permanent
    answers.append(error)
    owe(person)
    send_owed()
    assert mail_of(person).state == (State.FAILED if permanent else State.OWED)
    assert mail_of(person).last_error


def test_a_refused_mail_holds_up_no_other(person, answers):
    answers += [UNKNOWN, BUSY]
    owe(person, UserFactory(username="second"), UserFactory(username="third"))
    assert [message.to for message in delivered()] == [["third@example.org"]]


def test_a_server_that_is_away_is_asked_once_and_then_left_alone(person, answers):
    answers += [AWAY] * 3
    owe(person, UserFactory(username="other"))
    send_owed()
    owe(person, about="test:2")
    send_owed()
    assert len(answers) == 2
    for mail in Mail.objects.filter(attempts=1):
        later(mail, minutes=1)
    answers.clear()
    assert len(delivered()) == 3
    assert not Mail.objects.owed().exists()


# One worker at a time


def test_a_claimed_mail_is_nobody_elses_until_the_lease_ends(person):
    owe(person)
    gather()
    assert claim() == mail_of(person)
    assert claim() is None
    later(mail_of(person), seconds=mailing.LEASE.total_seconds() + 1)
    assert claim() == mail_of(person)


def test_a_worker_whose_lease_has_ended_does_not_undo_what_another_did(person, answers):
    owe(person)
    gather()
    slow = claim()
    later(slow, seconds=mailing.LEASE.total_seconds() + 1)
    assert len(delivered()) == 1
    slow.claimed_until += timedelta(seconds=mailing.LEASE.total_seconds() + 1)
    answers.append(UNKNOWN)
    deliver(slow, Unwilling())
    assert mail_of(person).state == State.SENT


def test_a_lease_outlasts_every_timeout_of_a_conversation(settings):
    steps = ["connect", "greeting", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "name", "password"]
    steps += ["MAIL", "RCPT", "DATA", "content"]
    assert timedelta(seconds=settings.EMAIL_TIMEOUT) * len(steps) < mailing.LEASE


# From the request to the worker


def test_the_worker_is_asked_once_for_a_transaction(person, monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr("reviewflow.mailing.async_task", lambda func, **options: asked.append(func))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        for number in range(5):
            owe(person, about=f"test:{number}")
        assert asked == []
    assert asked == ["reviewflow.mailing.send_owed"]


def test_the_worker_is_not_asked_for_what_was_rolled_back(person, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            owe(person)
            transaction.set_rollback(True)
        assert callbacks == []
        wake_worker_on_commit()
    assert len(callbacks) == 1
    assert not Notice.objects.exists()


def test_the_worker_sends_by_the_clock_as_well():
    schedule = Schedule.objects.get(func="reviewflow.mailing.send_owed")
    assert (schedule.schedule_type, schedule.minutes) == (Schedule.MINUTES, 1)
    assert schedule.kwargs == "q_options={'save': False}"


# Once more


def failed(person, answers) -> Mail:
    answers.append(UNKNOWN)
    owe(person)
    send_owed()
    return mail_of(person)


def test_a_failed_mail_is_sent_again_to_todays_address_and_is_the_same_mail(person, answers):
    mail = failed(person, answers)
    person.email = "right@example.org"
    person.save()
    send_again(Mail.objects.get(pk=mail.pk))
    [message] = delivered()
    assert message.to == ["right@example.org"]
    assert message.message()["Message-ID"] == mail.message_id
    assert mail_of(person).state == State.SENT


def test_nothing_is_sent_again_that_has_not_failed_or_has_nowhere_to_go(person, answers):
    mail = failed(person, answers)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(CannotSendAgain):
        send_again(Mail.objects.get(pk=mail.pk))
    type(person).objects.filter(pk=person.pk).update(is_active=True)
    send_again(Mail.objects.get(pk=mail.pk))
    send_owed()
    with pytest.raises(CannotSendAgain):
        send_again(Mail.objects.get(pk=mail.pk))
    assert len(delivered()) == 1
