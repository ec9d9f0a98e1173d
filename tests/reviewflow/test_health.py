"""The health line: red when the worker is silent, a scan is late or a schedule fails, and at no other time."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from django_q.models import Schedule

from reviewflow import health
from reviewflow.alerts.scan import FROM_HOUR
from reviewflow.health import SCAN_DONE_BY, SILENT_AFTER, Health
from reviewflow.models import Scan, ScheduleRun

NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.get_default_timezone())
YESTERDAY, TODAY = date(2026, 3, 3), date(2026, 3, 4)


def run(name="send owed mail", ago=timedelta(0), now=NOON, **fields):
    return ScheduleRun(name=name, **{"started_at": now - ago, "finished_at": now - ago} | fields)


def scanned(*days, finished=True):
    return [Scan(day=day, finished_at=NOON if finished else None) for day in days]


def words(health):
    return [trouble.what for trouble in health.troubles]


@pytest.mark.parametrize(
    ("ago", "silent"),
    [(timedelta(0), False), (SILENT_AFTER, False), (SILENT_AFTER + timedelta(seconds=1), True)],
)
def test_a_worker_that_is_silent_for_ten_minutes_is_a_trouble(ago, silent):
    assert timedelta(minutes=10) == SILENT_AFTER
    health = Health([run(ago=ago), run("daily scan", ago=timedelta(hours=1))], scanned(TODAY), NOON)
    assert health.is_silent is silent
    assert len(health.troubles) == silent


def test_a_long_task_that_has_begun_is_a_sign_of_life():
    health = Health(
        [run(started_at=NOON - timedelta(minutes=1), finished_at=NOON - timedelta(days=1))],
        scanned(TODAY),
        NOON,
    )
    assert health.troubles == []


@pytest.mark.parametrize(("minutes", "broken_off"), [(9, False), (11, True)])
def test_a_run_that_does_not_end_is_a_trouble(minutes, broken_off):
    """What django-q2 kills after ten minutes sends no signal."""
    hanging = run(started_at=NOON - timedelta(minutes=minutes), finished_at=NOON - timedelta(days=1))
    told = Health([hanging, run("publish scheduled pages")], scanned(TODAY), NOON)
    assert bool(told.troubles) is broken_off
    assert not told.is_silent


def test_a_scan_of_a_day_to_come_hides_no_late_one():
    told = Health([run()], scanned(TODAY + timedelta(days=3650), YESTERDAY), NOON)
    assert told.missing_scan() == TODAY


def test_the_line_says_since_when():
    with translation.override("en"):
        [said] = words(Health([run(ago=timedelta(minutes=42))], scanned(TODAY), NOON))
    assert "11:18" in said


def test_a_worker_that_has_never_run_is_a_trouble_of_its_own():
    with translation.override("en"):
        [said] = words(Health([], [], NOON))
    assert "has not run yet" in said


@pytest.mark.parametrize(
    ("clock", "scans", "late"),
    [
        ("08:59", scanned(YESTERDAY), None),
        ("09:00", scanned(YESTERDAY), TODAY),
        ("09:00", scanned(TODAY), None),
        ("09:00", [*scanned(TODAY, finished=False), *scanned(YESTERDAY)], TODAY),
        ("23:59", scanned(TODAY), None),
        ("00:10", scanned(YESTERDAY), None),
        ("00:10", scanned(date(2026, 3, 2)), YESTERDAY),
        ("00:10", [*scanned(YESTERDAY, finished=False), *scanned(date(2026, 3, 2))], YESTERDAY),
        ("12:00", scanned(date(2026, 2, 27)), date(2026, 2, 28)),  # the machine was off for days
        ("08:59", [], None),  # a new site
        ("09:00", [], TODAY),
        ("08:59", scanned(YESTERDAY, finished=False), YESTERDAY),
    ],
)
def test_a_scan_is_late_from_nine_on(clock, scans, late):
    hour, minute = map(int, clock.split(":"))
    now = NOON.replace(hour=hour, minute=minute)
    health = Health([run(now=now)], scans, now.astimezone(UTC))
    assert health.missing_scan() == late
    assert len(health.troubles) == (late is not None)


def test_a_scan_has_two_hours():
    assert SCAN_DONE_BY.hour == FROM_HOUR + 2


def test_a_schedule_whose_last_run_failed_is_a_trouble():
    failed = run("audit live items", failed_at=NOON, error="OSError: full")
    mended = run("daily scan", failed_at=NOON - timedelta(days=1), error="OSError: locked")
    [said] = words(Health([failed, mended], scanned(TODAY), NOON))
    assert "OSError: full" in said


@pytest.fixture
def healthy(db):
    now = timezone.now()
    ScheduleRun.objects.create(name="send owed mail", started_at=now, finished_at=now)
    Scan.objects.create(day=timezone.localdate(), finished_at=now)


@pytest.mark.usefixtures("healthy")
def test_what_is_scheduled_no_more_is_no_trouble():
    now = timezone.now()
    ScheduleRun.objects.create(name="old", started_at=now, finished_at=now, failed_at=now, error="OSError")
    assert Health.read().troubles == []
    Schedule.objects.create(name="old", func="builtins.len", schedule_type=Schedule.DAILY)
    assert len(Health.read().troubles) == 1


def checked():
    output = StringIO()
    try:
        call_command("health", stdout=output)
    except SystemExit as end:
        return end.code, output.getvalue()
    return 0, output.getvalue()


@pytest.mark.usefixtures("healthy")
def test_the_command_says_it_in_one_line_and_by_its_exit():
    code, line = checked()
    assert (code, line.count("\n")) == (0, 1)
    ScheduleRun.objects.update(
        started_at=timezone.now() - timedelta(hours=1), finished_at=timezone.now() - timedelta(hours=1)
    )
    Scan.objects.update(day=timezone.localdate() - timedelta(days=9))
    code, line = checked()
    assert (code, line.count("\n")) == (1, 1)
    assert all(what in line for what in words(Health.read()))


@pytest.mark.django_db
def test_the_newest_scans_are_enough_to_tell_a_late_one(monkeypatch):
    monkeypatch.setattr(health, "SCANS", 2)
    today = timezone.localdate()
    for days in range(5):
        Scan.objects.create(day=today - timedelta(days=days), finished_at=timezone.now() if days else None)
    assert [scan.day for scan in Health.read().scans] == [today, today - timedelta(days=1)]
    assert Health.read().missing_scan() in (None, today)
