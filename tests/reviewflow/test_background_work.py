"""The screen of the background work and its health line: what ran when, and red when something is not done."""

import re
from datetime import timedelta
from multiprocessing import Value
from queue import Queue

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django_q.models import Schedule
from django_q.monitor import monitor
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage
from django_q.worker import worker

from reviewflow.background_work import how_often, in_words
from reviewflow.health import Health
from reviewflow.mailing import gather
from reviewflow.models import Mail, Notice, Scan, ScheduleRun
from reviewflow.notices import tell
from tests.factories import RegionFactory, UserFactory
from tests.shared import shared

pytestmark = pytest.mark.django_db


class Broker:
    """Keeps what the scheduler asks for, as a queue would."""

    list_key = "test"

    def __init__(self):
        self.packs = []

    def enqueue(self, pack):
        self.packs.append(pack)
        return len(self.packs)


@pytest.fixture
def cluster(monkeypatch):
    """django-q2's own scheduler, worker and monitor in this process: runs what is due, returns the tasks."""
    # it would close the connection of the test's own transaction
    for module in ("django_q.scheduler", "django_q.worker", "django_q.monitor", "reviewflow.heartbeat"):
        monkeypatch.setattr(f"{module}.close_old_django_connections", lambda: None)

    def run(*names) -> list[dict]:
        now = timezone.now()
        Schedule.objects.exclude(name__in=names).update(next_run=now + timedelta(days=1))
        Schedule.objects.filter(name__in=names).update(next_run=now - timedelta(seconds=1))
        broker, asked, done = Broker(), Queue(), Queue()
        scheduler(broker)
        tasks = [SignedPackage.loads(pack) for pack in broker.packs]
        for task in [*tasks, "STOP"]:
            asked.put(task)
        worker(asked, done, Value("f", -1))
        done.put("STOP")
        monitor(done, broker)
        return tasks

    return run


def break_down():
    raise OSError("the disk\nis full")


@pytest.fixture
def breaking(db):
    """A schedule whose task fails."""
    return Schedule.objects.create(name="breaking", func=f"{__name__}.break_down", schedule_type="D")


# The record of the runs


def test_every_schedule_leaves_a_record_though_no_result_is_kept(cluster):
    names = set(Schedule.objects.values_list("name", flat=True))
    before = timezone.now()
    tasks = cluster(*names)
    assert len(tasks) == len(names)
    runs = {run.name: run for run in ScheduleRun.objects.all()}
    assert runs.keys() == names
    for run in runs.values():
        assert before <= run.started_at <= run.finished_at
        assert run.seconds == pytest.approx((run.finished_at - run.started_at).total_seconds())
        assert (run.failed_at, run.error) == (None, "")


def test_a_failure_is_noted_in_one_line_and_stays_after_the_next_success(cluster, breaking):
    [task] = cluster("breaking")
    assert task["success"] is False
    run = ScheduleRun.objects.get()
    assert run.failed_at == run.finished_at
    assert run.error == "is full"
    breaking.func = "reviewflow.mailing.send_owed"
    breaking.save()
    cluster("breaking")
    again = ScheduleRun.objects.get()
    assert (again.failed_at, again.error) == (run.failed_at, run.error)
    assert again.finished_at > again.failed_at


def test_a_run_costs_one_statement_at_its_beginning_and_one_at_its_end(cluster):
    cluster("send owed mail")
    with CaptureQueriesContext(connection) as captured:
        cluster("send owed mail")
    table = ScheduleRun._meta.db_table
    statements = [query["sql"] for query in captured if table in query["sql"]]
    assert len(statements) == 2
    assert all(statement.startswith("UPDATE") for statement in statements)


def test_a_record_that_cannot_be_written_fails_no_task(cluster, monkeypatch, caplog):
    def away(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(ScheduleRun.objects, "filter", away)
    [task] = cluster("send owed mail")
    assert task["success"] is True
    assert not ScheduleRun.objects.exists()
    assert caplog.text.count("“send owed mail” could not be noted") == 2


def test_what_nobody_scheduled_leaves_no_record(cluster):
    Schedule.objects.update(name=None)
    cluster()
    assert not ScheduleRun.objects.exists()


def test_an_idle_hour_is_no_silence():
    """Something runs every minute, whether there is something to do or not."""
    assert Schedule.objects.filter(schedule_type=Schedule.MINUTES, minutes=1).exists()


# The screen


@pytest.fixture
def healthy():
    now = timezone.now()
    for name in Schedule.objects.values_list("name", flat=True):
        ScheduleRun.objects.create(name=name, started_at=now, finished_at=now, seconds=0.25)
    Scan.objects.create(day=timezone.localdate(), finished_at=now, notices=7)


@shared
def coordinator():
    return UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")])


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page(user):
    response = client_of(user).get(reverse("background_work"))
    assert response.status_code == 200
    return response.content.decode()


def test_the_screen_says_that_all_is_well_and_the_dashboard_says_nothing(coordinator, healthy):
    html = page(coordinator)
    assert "work-done" in html
    assert "icon-circle-check" in html
    assert "help-critical" not in html
    dashboard = client_of(coordinator).get("/admin/").content.decode()
    assert reverse("background_work") in dashboard  # in the menu
    assert 'id="background-work' not in dashboard


def test_the_screen_and_the_dashboard_say_what_is_wrong(coordinator, healthy):
    ScheduleRun.objects.update(
        started_at=timezone.now() - timedelta(hours=1), finished_at=timezone.now() - timedelta(hours=1)
    )
    [trouble] = Health.read().troubles
    html = page(coordinator)
    assert "work-done" not in html
    assert "icon-warning" in html
    assert trouble.what in html
    assert trouble.remedy in html
    dashboard = client_of(coordinator).get("/admin/").content.decode()
    assert 'id="background-work' in dashboard
    assert trouble.what in dashboard


def test_nobody_else_sees_it():
    RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    assert Health.read().troubles
    for group in ("Editorial", "鸡东县 Coordination"):
        client = client_of(UserFactory(groups=[Group.objects.get(name=group)]))
        assert "background-work" not in client.get("/admin/").content.decode()
        assert client.get(reverse("background_work")).status_code == 302
    assert page(UserFactory(is_superuser=True))


def test_every_schedule_stands_there_in_words(coordinator, healthy):
    html = page(coordinator)
    for schedule in Schedule.objects.all():
        assert f">{capfirst(translation.gettext(schedule.name))}</td>" in html
        assert how_often(schedule) in html
    assert html.count("review-due--in_time") == Schedule.objects.count()
    assert in_words(0.25) in html
    assert re.search(r">7</td>", html)  # the notices of the scan


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"finished_at": None}, "running"),
        ({"finished_at": None, "started_at": timedelta(minutes=11)}, "broken off"),
        ({"started_at": None, "finished_at": None}, "has not run yet"),
        ({"failed_at": timedelta(0)}, "failed"),
    ],
)
def test_a_run_that_is_not_done_is_told_from_one_that_is(values, outcome, coordinator, healthy):
    now = ScheduleRun.objects.first().finished_at
    moments = {name: ago if ago is None else now - ago for name, ago in values.items()}
    ScheduleRun.objects.filter(name="audit live items").update(**moments, error="OSError: full")
    # The health line above the table may name it, too.
    row = (
        page(coordinator)
        .rpartition(capfirst(translation.gettext("audit live items")))[2]
        .partition("</tr>")[0]
    )
    assert translation.pgettext("of a run", outcome) in row
    assert "review-due--in_time" not in row
    assert ("OSError: full" in row) == (outcome == "failed")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (60.4, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_how_long_it_took_in_words(seconds, said):
    with translation.override("en"):
        assert in_words(seconds) == said


def owe(username, **fields):
    person = UserFactory(username=username, **fields)
    tell([person], f"致{username}", [], kind=Notice.Kind.ASKED, about=f"test:{username}")


def test_the_numbers_lead_to_the_messages(coordinator):
    for number in range(9):
        owe(f"mail{number}")
    gather()
    mails = list(Mail.objects.values_list("pk", flat=True))
    now = timezone.now()
    Mail.objects.filter(pk__in=mails[:3]).update(state=Mail.State.SENT, sent_at=now - timedelta(hours=23))
    Mail.objects.filter(pk=mails[3]).update(state=Mail.State.SENT, sent_at=now - timedelta(hours=25))
    Mail.objects.filter(pk=mails[4]).update(state=Mail.State.FAILED)
    owe("waiting")
    owe("nowhere", email="")
    owe("gone", is_active=False)
    rows = re.findall(r'\?standing=(\w+)">.*?>\s*(\d+)\s', page(coordinator), re.DOTALL)
    assert dict(rows) == {"in_no_mail": "1", "no_address": "2", "to_send": "4", "sent": "3", "failed": "1"}
    client = client_of(coordinator)
    for standing, number in rows:
        listed = client.get(reverse("message_report_results"), {"standing": standing})
        older = standing == "sent"  # the report lists those of all days
        assert len(listed.context["object_list"]) == int(number) + older


def test_queries_do_not_grow(coordinator):
    client = client_of(coordinator)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("background_work"))
        return len(captured)

    queries()
    before = queries()
    for number in range(8):
        owe(f"person{number}")
        Schedule.objects.create(name=f"more {number}", func="builtins.len")
        ScheduleRun.objects.create(name=f"more {number}", started_at=timezone.now())
        Scan.objects.create(day=timezone.localdate() - timedelta(days=number))
        Mail.objects.create(address="a@example.org", subject="一", mime=b"", state=Mail.State.FAILED)
    gather()
    assert queries() == before
