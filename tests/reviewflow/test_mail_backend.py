"""The mails that Django and Wagtail write: no request talks to the mail server, and nothing of them is lost."""

import re
import socket
from email import message_from_bytes

import pytest
from django.contrib.auth.models import Group
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import OperationalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowPage, WorkflowTask

from reviewflow.mailing import send_owed
from reviewflow.models import Mail
from servicepages.models import ContentPage, HomePage, User
from tests.factories import UserFactory
from tests.mailbox import delivered
from tests.reviewflow.test_mail_faults import MailServer

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
RESET = re.compile(r"/password_reset/confirm/\S+")


@pytest.fixture(autouse=True)
def backend(settings):
    """Django's test runner has put its own in the place of ours."""
    settings.EMAIL_BACKEND = "reviewflow.mail_backend.OwedMailBackend"


@pytest.fixture
def person():
    return UserFactory(username="person", email="person@example.org")


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def ask_for_a_new_password(person):
    return Client().post(reverse("wagtailadmin_password_reset"), {"email": person.email})


def reject_a_page(person):
    """A page that is no item, in a workflow of Wagtail's own tasks; Wagtail tells `person`, who submitted it."""
    page = HomePage.objects.get().add_child(instance=ContentPage(title="通报", live=False))
    page.save_revision()
    task = GroupApprovalTask.objects.create(name="市长审批")
    workflow = Workflow.objects.create(name="通报")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=page)
    state = workflow.start(page, person).current_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "reject", state.pk])
    return client_of(UserFactory(is_superuser=True, email="")).post(address, {"comment": "暂缓"})


# An unreachable server


@pytest.fixture
def asked(monkeypatch):
    """The addresses that Python opens a connection to."""
    addresses = []
    connect = socket.socket.connect

    def recorded(self, address):
        addresses.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", recorded)
    return addresses


@pytest.fixture(params=["nobody listens", "nobody answers"])
def mail_server(request, settings, tmp_path):
    """A server that comes when it is started; until then its port is closed, or open and silent."""
    server = MailServer(tmp_path / "accepted")
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    if request.param == "nobody listens":
        listener.close()
    settings.MAIL_DELIVERY_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.2
    start = server.start

    def come():
        listener.close()
        settings.EMAIL_TIMEOUT = 20
        start()

    server.start = come
    yield server
    listener.close()
    if server.process:
        server.stop()


@pytest.mark.parametrize(
    ("act", "said"), [(ask_for_a_new_password, RESET), (reject_a_page, re.compile("通报"))]
)
def test_a_page_does_not_ask_an_unreachable_server_and_the_mail_comes_later(
    act, said, person, mail_server, asked
):
    response = act(person)
    assert response.status_code in (200, 302)
    address = ("127.0.0.1", mail_server.port)
    assert address not in asked
    assert Mail.objects.owed().count() == 1
    send_owed()  # the worker does ask
    assert address in asked
    assert Mail.objects.owed().get().last_error
    mail_server.start()
    Mail.objects.update(next_attempt_at=timezone.now(), unreachable_at=None)
    send_owed()
    [arrived] = mail_server.accepted()
    assert arrived["to"] == "person@example.org"
    assert said.search(arrived["subject"] + arrived["text"])
    mail = Mail.objects.get()
    assert (mail.state, mail.person, mail.message_id) == (Mail.State.SENT, person, arrived["id"])


def test_the_link_of_the_mail_sets_the_password(person):
    ask_for_a_new_password(person)
    [message] = delivered()
    link = RESET.search(message.message().get_payload(decode=True).decode()).group()
    client = Client()
    form = client.get(f"/admin{link}", follow=True).redirect_chain[-1][0]
    client.post(form, {"new_password1": "neu-und-lang-2026", "new_password2": "neu-und-lang-2026"})
    assert User.objects.get(pk=person.pk).check_password("neu-und-lang-2026")


# What is written down


def letter(**fields):
    message = EmailMultiAlternatives(
        **{
            "subject": "季度简报",
            "body": "正文" * 600,
            "from_email": "编辑部 <desk@example.org>",
            "to": ["某人 <to@example.org>", "PERSON@example.org"],
            "headers": {"X-Round": "第三轮"},
        }
        | fields
    )
    message.attach_alternative("<p>正文</p>", "text/html")
    message.attach("附件.bin", bytes(range(256)) * 40, "application/octet-stream")
    return message


def test_every_recipient_gets_everything_that_was_in_the_message(person):
    message = letter(
        cc=["cc@example.org", "to@example.org"], bcc=["bcc@example.org"], reply_to=["re@example.org"]
    )
    assert message.send() == 1
    before = {mail.address: bytes(mail.mime) for mail in Mail.objects.all()}
    sent = {each.to[0]: each for each in delivered()}
    assert sent.keys() == before.keys()
    assert sent.keys() == {"to@example.org", "PERSON@example.org", "cc@example.org", "bcc@example.org"}
    for address, each in sent.items():
        assert each.from_email == "desk@example.org"
        assert each.message().as_bytes() == before[address]
        assert b"\r\n" in each.message().as_bytes(linesep="\r\n")
        whole = message_from_bytes(before[address])
        assert whole["Bcc"] is None
        assert (whole["Cc"], whole["Reply-To"]) == ("cc@example.org, to@example.org", "re@example.org")
        assert whole["Message-ID"] == Mail.objects.get(address=address).message_id
        original = message.message()
        assert [part.get_payload(decode=True) for part in whole.walk()] == [
            part.get_payload(decode=True) for part in original.walk()
        ]
        for name in ("Subject", "From", "To", "X-Round"):
            assert whole[name] == str(original[name])
    assert Mail.objects.get(address="PERSON@example.org").person == person
    assert Mail.objects.get(address="cc@example.org").person is None


def test_an_address_of_several_people_is_nobodys_in_particular(person):
    UserFactory(username="other", email="Person@example.org")
    letter(to=["person@example.org"]).send()
    assert Mail.objects.get().person is None


def test_it_is_owed_with_the_transaction_of_the_caller(
    person, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("reviewflow.mailing.async_task", lambda func, **options: woken.append(func))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        letter().send()
        transaction.set_rollback(True)
    assert (Mail.objects.count(), woken) == (0, [])
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        letter().send()
        assert woken == []
    assert (Mail.objects.count(), woken) == (2, ["reviewflow.mailing.send_owed"])


def test_a_message_that_cannot_be_written_is_refused_as_django_does(person):
    with pytest.raises(ValueError, match="newline"):
        letter(headers={"X-Round": "three\nBcc: everybody@example.org"}).send()
    assert not Mail.objects.exists()
    assert letter(to=[]).send() == 0


def test_a_database_that_is_away_is_an_error_unless_that_was_to_be_silent(monkeypatch, caplog):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Mail.objects, "bulk_create", away)
    with pytest.raises(OperationalError):
        letter().send()
    assert get_connection(fail_silently=True).send_messages([letter()]) == 0
    assert "server closed the connection" in caplog.text


# What may hold a secret


@pytest.fixture
def coordinator():
    return UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")])


def screens(coordinator):
    client = client_of(coordinator)
    return "".join(
        client.get(reverse(name)).content.decode() for name in ("background_work", "message_report")
    )


def test_what_a_sent_mail_said_is_not_kept(person):
    ask_for_a_new_password(person)
    assert RESET.search(bytes(Mail.objects.get().mime).decode())
    assert len(delivered()) == 1
    mail = Mail.objects.get()
    assert (bytes(mail.mime), mail.text, mail.html) == (b"", "", "")
    assert mail.subject
    assert mail.sent_at


def test_a_failed_mail_is_shown_without_what_it_says_and_sent_again_to_its_own_address(person, coordinator):
    ask_for_a_new_password(person)
    mail = Mail.objects.get()
    link = RESET.search(bytes(mail.mime).decode()).group()
    assert mail.address not in screens(coordinator)
    Mail.objects.update(state=Mail.State.FAILED, last_error="550 5.1.1 No such mailbox")
    shown = screens(coordinator)
    for said in (mail.address, "550 5.1.1 No such mailbox", reverse("send_again", args=[mail.pk])):
        assert said in shown
    assert link not in shown
    User.objects.filter(pk=person.pk).update(email="new@example.org", is_active=False)
    response = client_of(coordinator).post(reverse("send_again", args=[mail.pk]))
    assert response.url == reverse("background_work")
    [message] = delivered()
    assert message.to == ["person@example.org"]
    assert link in message.message().get_payload(decode=True).decode()
