"""Old messages are deleted by night; nothing that is owed, and nothing by which something would be told twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviewflow import message_cleanup
from reviewflow.alerts import scan
from reviewflow.alerts.rules import Alert
from reviewflow.mailing import gather
from reviewflow.message_cleanup import delete_old
from reviewflow.models import Mail, Notice, Scan
from reviewflow.models.alerts import Escalation
from reviewflow.notices import tell
from tests.factories import UserFactory
from tests.mailbox import delivered

pytestmark = pytest.mark.django_db
OLD, YOUNG = timedelta(days=401), timedelta(days=399)


@pytest.fixture(autouse=True)
def kept(settings):
    settings.ALERTS_KEEP_DAYS = 400


def owe(username, **fields):
    person = UserFactory(username=username, **fields)
    tell([person], f"致{username}", [], kind=Notice.Kind.ASKED, about=f"test:{username}")


def aged(age):
    """As if everything that is there had happened so long ago."""
    then = timezone.now() - age
    Notice.objects.update(created_at=then)
    Mail.objects.update(created_at=then, next_attempt_at=then)
    Mail.objects.filter(state=Mail.State.SENT).update(sent_at=then)


def left():
    return set(Notice.objects.values_list("person__username", flat=True))


@pytest.fixture
def one_in_each_state():
    for username in ("sent", "failed", "owed"):
        owe(username)
    gather()
    for state in (Mail.State.SENT, Mail.State.FAILED):
        Mail.objects.filter(person__username=state).update(state=state)
    owe("waiting")
    owe("nowhere", email="")
    owe("gone", is_active=False)


def test_what_is_past_goes_and_what_is_owed_stays(one_in_each_state):
    aged(OLD)
    delete_old()
    assert left() == {"owed", "waiting"}
    assert set(Mail.objects.values_list("person__username", flat=True)) == {"owed"}


def test_nothing_young_goes(one_in_each_state):
    aged(YOUNG)
    delete_old()
    assert left() == {"sent", "failed", "owed", "waiting", "nowhere", "gone"}
    assert Mail.objects.count() == 3


def test_the_days_are_a_setting(one_in_each_state, settings):
    aged(timedelta(days=31))
    delete_old()
    assert Mail.objects.count() == 3
    settings.ALERTS_KEEP_DAYS = 30
    delete_old()
    assert left() == {"owed", "waiting"}


def test_a_mail_is_as_old_as_its_last_attempt(one_in_each_state):
    aged(OLD)
    now = timezone.now()
    Mail.objects.filter(state=Mail.State.SENT).update(sent_at=now)
    Mail.objects.filter(state=Mail.State.FAILED).update(next_attempt_at=now)  # sent again, in vain
    delete_old()
    assert left() == {"sent", "failed", "owed", "waiting"}


def test_a_mail_takes_all_its_notices_along_and_others_are_not_touched():
    person = UserFactory(username="person")
    for number in range(3):
        tell([person], "一", [], kind=Notice.Kind.ASKED, about=f"test:{number}")
    assert len(delivered()) == 1
    aged(OLD)
    tell([person], "二", [], kind=Notice.Kind.ASKED, about="test:new")
    assert len(delivered()) == 2
    delete_old()
    assert list(Notice.objects.values_list("subject", flat=True)) == ["二"]
    assert Mail.objects.count() == 1


def test_many_go_in_turns(monkeypatch):
    monkeypatch.setattr(message_cleanup, "AT_A_TIME", 2)
    for number in range(5):
        owe(f"person{number}")
        owe(f"nowhere{number}", email="")
    assert len(delivered()) == 5
    aged(OLD)
    delete_old()
    assert left() == set()
    assert not Mail.objects.exists()


# The scans


def scans(*days_ago, finished=True):
    now = timezone.now()
    for days in days_ago:
        Scan.objects.create(
            day=timezone.localdate() - timedelta(days=days), finished_at=now if finished else None
        )


def days_left():
    today = timezone.localdate()
    return [(today - day).days for day in Scan.objects.values_list("day", flat=True)]


def test_old_scans_go():
    scans(0, 399, 401, 500)
    delete_old()
    assert days_left() == [0, 399]


def test_the_newest_finished_scan_stays_however_old():
    scans(600, 500)
    scans(499, finished=False)
    delete_old()
    assert days_left() == [499, 500]


def test_where_no_scan_is_finished_none_goes():
    scans(500, finished=False)
    delete_old()
    assert days_left() == [500]


@pytest.fixture
def overdue(monkeypatch):
    """Something that the scan tells one person on each day. Holds the scanned days, and those that break off after
    their notice is written."""
    person, scanned, breaking = UserFactory(username="person"), [], []

    def alerts_of(day, *of):
        scanned.append(day)
        kind, urgency = Notice.Kind.REVIEW_DUE, Notice.Urgency.OVERDUE
        yield Alert(kind, "review:1", frozenset({person}), "逾期", "/admin/", urgency, immediate=True)
        if day in breaking:
            breaking.remove(day)
            raise RuntimeError

    monkeypatch.setattr(scan, "alerts_of", alerts_of)
    monkeypatch.setattr(scan, "AT_A_TIME", 1)
    return scanned, breaking


def told():
    """How many mails were sent."""
    return len(delivered())


LONG_AGO = timezone.localdate() - timedelta(days=500)


def days_after(number):
    return LONG_AGO + timedelta(days=number)


def test_what_was_deleted_is_not_told_again(overdue):
    scanned, _breaking = overdue
    scan.run(LONG_AGO)
    assert told() == 1
    aged(OLD)
    delete_old()
    assert not Notice.objects.exists()
    for today in (LONG_AGO, days_after(1)):
        scan.run(today)
    assert scanned == [LONG_AGO, days_after(1)]
    assert told() == 2  # of the second day


def test_what_a_late_scan_has_told_of_long_past_days_is_not_told_again(overdue):
    """The machine was off for more than a year; the scan that catches up breaks off, and night falls."""
    scanned, breaking = overdue
    scan.run(LONG_AGO)
    assert told() == 1
    breaking.append(days_after(2))
    with pytest.raises(RuntimeError):
        scan.run(days_after(3))
    told_by_then = told()
    assert Notice.objects.filter(day=days_after(2), mail__state=Mail.State.SENT).count() == 1
    delete_old()
    Scan.objects.update(claimed_until=None)
    scan.run(days_after(3))
    assert scanned == [days_after(number) for number in (0, 1, 2, 2, 3)]
    assert told() == told_by_then + 1  # of the last day
    assert Notice.objects.filter(day=days_after(2)).count() == 1


def test_what_was_told_of_above_is_remembered_for_two_years():
    today = timezone.localdate()
    for days in (0, 2 * 365, 2 * 366 + 1):
        Escalation.objects.create(about=f"review:{days}:leader", day=today - timedelta(days=days))
    delete_old()
    assert {(today - day).days for day in Escalation.objects.values_list("day", flat=True)} == {0, 2 * 365}
