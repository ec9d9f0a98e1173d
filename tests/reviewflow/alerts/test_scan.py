"""The daily scan itself: once for each day, after days that were missed, beside others who write, at no more cost."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewflow.alerts import open_deadlines, scan
from reviewflow.alerts.rules import Alert, Urgency
from reviewflow.models import CalendarException, Milestone, MilestoneDone, OfficeReview
from reviewflow.models.alerts import Scan
from reviewflow.models.messages import Mail, Notice
from reviewflow.signatories import Signatory
from servicepages.models import User
from tests.reviewflow.alerts.scanning import LEGAL, START, day, last_scan, submitted, told


def test_scanning_a_day_again_owes_nothing_twice(before_legal_affairs):
    scan.run(START)
    assert Notice.objects.count() == 1
    Scan.objects.update(finished_at=None)
    scan.run(START)
    assert Notice.objects.count() == 1
    assert Mail.objects.count() == 1


def test_days_that_were_missed_are_caught_up_in_one_digest(before_legal_affairs, people):
    last_scan(day("2025-10-09"))
    assert scan.run(day("2025-10-13")) == [day(f"2025-10-{each}") for each in (10, 11, 12, 13)]
    assert [notice.day.day for notice in people["member"].notices.order_by("day")] == [10, 11, 13]
    mail = people["member"].mails.get()
    assert mail.text.count("/admin/review/") == 1, "the deadline, once"
    assert people["leader"].notices.filter(day=day("2025-10-10")).exists(), "nothing skipped"


def test_a_scan_that_catches_up_says_how_things_stand_now(before_legal_affairs, people):
    """Due on Tuesday 30 September; the machine is off from that day on, until the 9th of October, the first day
    overdue."""
    last_scan(day("2025-09-29"))
    scan.run(day("2025-10-09"))
    notices = people["member"].notices.all()
    assert {(notice.day, notice.urgency, notice.immediate) for notice in notices} == {
        (day(each), Urgency.OVERDUE, False) for each in ("2025-09-30", "2025-10-09")
    }
    assert len({notice.subject for notice in notices}) == 1
    mail = people["member"].mails.get()
    assert mail.text.count(before_legal_affairs.title) == 1
    assert str(Urgency.TODAY.label) not in mail.text


def test_what_was_done_while_the_machine_was_off_is_not_told(owing, department):
    last_scan(day("2025-09-29"))
    done_at = datetime(2025, 10, 4, tzinfo=UTC)
    MilestoneDone.objects.create(
        milestone=Milestone.objects.get(), department=department, done_by=owing, done_at=done_at
    )
    scan.run(day("2025-10-10"))
    assert not owing.notices.exists()


def test_a_reminder_finds_its_way_over_the_longest_holiday(before_legal_affairs):
    """As in 2020, when the holiday of spring was made longer; the working day before it is the last one ahead."""
    for number in range(1, 22):
        CalendarException.objects.update_or_create(
            date=day(f"2025-10-{number:02}"), defaults={"works": False, "reason": "市政府通知"}
        )
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=day("2025-10-23"))
    found = told(day("2025-09-25"), day("2025-10-23"))
    assert found == {"2025-09-30": {("member", "SOON")}, "2025-10-23": {("member", "TODAY")}}


def test_a_day_to_come_that_was_scanned_by_a_wrong_clock_stops_nothing(before_legal_affairs):
    last_scan(day("2036-01-01"))
    assert scan.run(START) == [START]
    assert scan.run(day("2025-09-29")) == [day("2025-09-29")]


@pytest.mark.django_db(transaction=True)
def test_the_scan_goes_on_while_others_write(before_legal_affairs, department, people, monkeypatch):
    """A request or the worker's heartbeat commits between the reading of what is due and the writing of it."""
    for number in range(3):
        submitted(department, people, title=f"事项{number}", serial_number=f"9{number}")
    OfficeReview.objects.filter(status=OfficeReview.Status.WAITING).update(due_on=START)
    monkeypatch.setattr(scan, "AT_A_TIME", 1)
    monkeypatch.setattr(open_deadlines, "READ_AT_ONCE", 2)
    write, written = scan._write, []

    def elsewhere():
        User.objects.filter(pk=people["leader"].pk).update(first_name=f"明{len(written)}")
        connection.close()

    def write_after_another(*args):
        other = Thread(target=elsewhere)
        other.start()
        other.join()
        written.append(args)
        return write(*args)

    monkeypatch.setattr(scan, "_write", write_after_another)
    assert scan.run(START) == [START]
    assert len(written) == 4
    assert Notice.objects.filter(kind=Notice.Kind.REVIEW_DUE).values("about").distinct().count() == 4


def test_the_first_day_overdue_is_told_at_once(before_legal_affairs, people):
    scan.run(day("2025-10-09"))
    assert people["member"].notices.get().immediate
    assert not people["member"].mails.exclude(digest_on=None).exists()


def test_one_scan_at_a_time(before_legal_affairs):
    Scan.objects.create(day=START, claimed_until=timezone.now() + timedelta(minutes=5))
    assert scan.run(START) == []
    assert not Notice.objects.exists()
    Scan.objects.update(claimed_until=timezone.now() - timedelta(minutes=5))
    assert scan.run(START) == [START], "its worker is gone"


def test_a_dry_run_prints_and_writes_nothing(before_legal_affairs):
    out = StringIO()
    call_command("alerts", "--dry-run", "--on", "2025-10-10", stdout=out)
    assert "member\t" in out.getvalue()
    assert "leader\t" in out.getvalue()
    assert not Notice.objects.exists()
    assert not Scan.objects.exists()
    for wrong in (["--dry-run", "--on", "2025-13-40"], ["--on", "2025-10-10"]):
        with pytest.raises(CommandError):
            call_command("alerts", *wrong)


def test_queries_do_not_grow_with_what_is_due(before_legal_affairs, department, people):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(scan.alerts_of(day("2025-10-10")))
        return len(asked)

    def more(numbers):
        for number in numbers:
            submitted(department, people, title=f"事项{number}", serial_number=f"9{number}")
        checks = OfficeReview.objects.filter(signatory=Signatory.DEPARTMENT_LEGAL)
        checks.update(due_on=day("2025-10-09"))

    more([1])
    few = queries()
    more([2, 3, 4])
    assert queries() == few


def test_a_days_notices_are_written_in_one_statement(people, monkeypatch):
    told, url = frozenset(list(people.values())[:5]), "x" * 100
    alerts = [
        Alert(Notice.Kind.REVIEW_DUE, f"review:{number}", told, "审", url, Urgency.SOON)
        for number in range(scan.AT_A_TIME)
    ]
    monkeypatch.setattr(scan, "alerts_of", lambda *of: iter(alerts))
    with CaptureQueriesContext(connection) as asked:
        scan.run(START)
    assert Notice.objects.count() == scan.AT_A_TIME * len(told)
    assert sum(f'INTO "{Notice._meta.db_table}"' in query["sql"] for query in asked) == 1
