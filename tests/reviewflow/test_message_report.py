"""The report of the messages: what is owed and what failed is seen by the coordination team, and by it alone."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reviewflow.mailing import gather
from reviewflow.message_report import Standing
from reviewflow.models import Mail, Notice
from reviewflow.notices import tell
from tests.factories import RegionFactory, UserFactory
from tests.mailbox import delivered
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def coordinator():
    return UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")])


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def owe(username, **fields):
    person = UserFactory(username=username, **fields)
    tell([person], f"致{username}", [], kind=Notice.Kind.ASKED, about=f"test:{username}")
    return person


@pytest.fixture
def messages():
    """One in each standing."""
    for username in ("failed", "to_send", "sent"):
        owe(username)
    gather()
    Mail.objects.filter(person__username="failed").update(
        state=Mail.State.FAILED, attempts=3, last_error="550 5.1.1 No such mailbox"
    )
    Mail.objects.filter(person__username="sent").update(state=Mail.State.SENT, sent_at=timezone.now())
    owe("in_no_mail")
    owe("no_address", email="")


def listed(client, **filters):
    response = client.get(reverse("message_report_results"), filters)
    assert response.status_code == 200
    return [notice.person.username for notice in response.context["object_list"]]


def test_the_report_says_where_each_message_stands(coordinator, messages):
    client = client_of(coordinator)
    assert reverse("message_report") in client.get("/admin/").content.decode()
    html = client.get(reverse("message_report")).content.decode()
    for standing in Standing:
        assert f"致{standing.value}" in html
        assert str(standing.label) in html
    assert "550 5.1.1 No such mailbox" in html
    mail = Mail.objects.get(person__username="failed")
    assert html.count("send-again") == 1
    assert reverse("send_again", args=[mail.pk]) in html


def test_the_report_is_filtered_and_searched(coordinator, messages):
    client = client_of(coordinator)
    for standing in Standing:
        assert listed(client, standing=standing.value) == [standing.value]
    assert len(listed(client, kind=Notice.Kind.ASKED)) == 5
    assert listed(client, kind=Notice.Kind.AUDIT) == []
    assert listed(client, q="致failed") == ["failed"]


def test_the_report_is_exported(coordinator, messages):
    response = client_of(coordinator).get(reverse("message_report"), {"export": "csv"})
    rows = b"".join(response.streaming_content).decode().splitlines()
    assert len(rows) == 6
    assert any("550 5.1.1 No such mailbox" in row and "failed@example.org" in row for row in rows)


def test_a_failed_mail_is_sent_again(coordinator, messages):
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    mail = Mail.objects.get(person__username="failed")
    address = reverse("send_again", args=[mail.pk])
    assert client.post(address).status_code == 403
    html = client.get(reverse("message_report")).content.decode()
    form = html.partition(f'action="{address}"')[2].partition("</form>")[0]
    token = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert client.get(address).status_code == 405
    response = client.post(address, {"csrfmiddlewaretoken": token}, follow=True)
    assert response.status_code == 200
    assert ["failed@example.org"] in [message.to for message in delivered()]
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (Mail.State.SENT, "")


def test_what_has_not_failed_is_not_sent_again(coordinator, messages):
    mail = Mail.objects.get(person__username="sent")
    response = client_of(coordinator).post(reverse("send_again", args=[mail.pk]), follow=True)
    assert [str(message.level_tag) for message in response.context["messages"]] == ["error"]
    mail.refresh_from_db()
    assert mail.state == Mail.State.SENT


def test_nobody_else_reads_the_messages_or_sends_them(messages):
    RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    mail = Mail.objects.get(person__username="failed")
    for group in ("Editorial", "鸡东县 Coordination"):
        client = client_of(UserFactory(groups=[Group.objects.get(name=group)]))
        assert reverse("message_report") not in client.get("/admin/").content.decode()
        for name in ("message_report", "message_report_results"):
            assert client.get(reverse(name)).status_code == 302
        client.post(reverse("send_again", args=[mail.pk]))
    Client().post(reverse("send_again", args=[mail.pk]))
    mail.refresh_from_db()
    assert mail.state == Mail.State.FAILED
    assert client_of(UserFactory(is_superuser=True)).get(reverse("message_report")).status_code == 200


def test_queries_do_not_grow_with_the_messages(coordinator, messages):
    client = client_of(coordinator)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(reverse("message_report"))
        return len(captured)

    queries()
    before = queries()
    for number in range(10):
        owe(f"person{number}")
    gather()
    Mail.objects.owed().update(state=Mail.State.FAILED)
    assert queries() == before
