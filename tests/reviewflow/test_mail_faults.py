"""A real mail server and real workers, each in a process of its own, and everything that can happen to them.

Every notice arrives or is shown as refused, none is owed twice, and a double has the id of its first.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections import defaultdict

import pytest
from django.conf import settings

from reviewflow.models import Mail, Notice
from reviewflow.notices import tell
from servicepages.models import User
from tests.reviewflow.mail_worker import places
from tests.reviewflow.test_concurrent_decisions import database_address

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = re.compile(r"通知第\d{4}号")
YES_LOST = "after the yes, before the mark"


class MailServer:
    def __init__(self, path):
        self.path, self.port, self.process = path, 0, None

    def start(self, dies_at=0):
        """On the port that it had before, if any."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reviewflow.mail_server", str(self.port), self.path, str(dies_at)],
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def accepted(self) -> list[dict]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@pytest.fixture
def server(tmp_path):
    server = MailServer(tmp_path / "accepted")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def forks(django_db_setup):
    """Takes orders for workers (tests.reviewflow.mail_worker); says what became of each."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reviewflow.mail_worker"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | database_address()
        | {"DATA_DIR": str(settings.MEDIA_ROOT.parent), "DJANGO_SETTINGS_MODULE": "cms.settings.dev"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def run(orders):
        process.stdin.write(json.dumps(orders) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield run
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


@pytest.fixture
def work(forks, server):
    """Lets workers run at the same time, one for each of the keyword dictionaries; one without any."""

    def run(*orders, lease=0.2, timeout=30) -> list[int]:
        same = {"port": server.port, "lease": lease, "timeout": timeout}
        return forks([same | order for order in orders or [{}]])

    return run


def owe(addresses):
    """One notice to each address, with words of its own."""
    people = User.objects.bulk_create(
        User(username=address, email=f"{address}@example.org") for address in addresses
    )
    for number, person in enumerate(people, start=1):
        words = f"通知第{number:04}号"
        tell([person], words, [words], "/admin/", kind=Notice.Kind.ASKED, about=f"test:{number}")


def person_numbers(count):
    return [f"person{number:04}" for number in range(count)]


def doubles(server, scenario, capsys) -> int:
    """How many mails arrived again, after checking that all else is as promised; printed, with their ids."""
    arrived = defaultdict(list)
    for message in server.accepted():
        arrived[message["id"]].append(message)
    told = defaultdict(set)
    mails = {mail.message_id: mail for mail in Mail.objects.all()}
    assert arrived.keys() <= mails.keys()
    for message_id, copies in arrived.items():
        assert all(copy == copies[0] for copy in copies)
        assert copies[0]["to"] == mails[message_id].address
        assert copies[0]["auto"] == "auto-generated"
        said = set(WORDS.findall(copies[0]["text"]))
        assert said
        assert set(WORDS.findall(copies[0]["html"])) == said
        for words in said:
            told[words].add(message_id)
    for notice in Notice.objects.select_related("mail"):
        match notice.mail.state:
            case Mail.State.SENT:
                assert told[notice.subject] == {notice.mail.message_id}
            case Mail.State.FAILED:
                assert notice.mail.last_error
                assert notice.subject not in told
            case other:
                pytest.fail(f"{notice} is still {other}")
    again = {message_id: len(copies) - 1 for message_id, copies in arrived.items() if len(copies) > 1}
    with capsys.disabled():
        sys.stdout.write(
            f"\n{scenario}: {len(told)} notices arrived, {Mail.objects.failed().count()} mails shown as "
            f"refused, {sum(again.values())} doubles {' '.join(again)}\n"
        )
    return sum(again.values())


@pytest.mark.parametrize("place", places())
def test_a_worker_killed_at_a_named_place(place, work, server, capsys):
    owe(person_numbers(4))
    assert work({"at": place, "times": 1 if "connect" in place else 2}) == [-signal.SIGKILL]
    assert work() == [0]
    assert doubles(server, place, capsys) == (1 if place == YES_LOST else 0)


def test_what_the_server_refuses_is_shown_and_holds_up_nothing(work, server, capsys):
    owe(["unknown", "unwanted", "later", "slow", "person"])
    assert work() == [0]
    assert doubles(server, "refusals", capsys) == 0
    errors = dict(Mail.objects.failed().values_list("person__username", "last_error"))
    assert errors == {
        "unknown": "550 5.1.1 No such mailbox",
        "unwanted": "554 5.7.1 Rejected by content filter",
    }
    assert dict(Mail.objects.values_list("person__username", "attempts")) == {
        "unknown": 1,
        "unwanted": 1,
        "later": 2,
        "slow": 1,
        "person": 1,
    }


def test_a_server_that_goes_away_and_comes_back(work, server, capsys):
    owe(person_numbers(4))
    server.stop()
    assert work({"once": True}) == [0]
    assert Mail.objects.owed().count() == 4
    [tried] = Mail.objects.filter(attempts=1)  # the others are spared an attempt in vain
    assert "ConnectionRefusedError" in tried.last_error
    server.start(dies_at=2)  # before it says yes to its second mail
    assert work({"once": True}) == [0]
    server.stop()
    server.start()
    assert work() == [0]
    assert doubles(server, "server away", capsys) == 1


def test_a_yes_that_comes_too_late(work, server, capsys):
    owe(["dawdle", "person"])
    assert work(timeout=1) == [0]
    assert doubles(server, "late yes", capsys) >= 1


def test_workers_side_by_side_send_nothing_twice(work, server, capsys):
    owe(person_numbers(30))
    assert work({}, {}, {}, lease=60) == [0, 0, 0]
    assert doubles(server, "three workers", capsys) == 0


def kill_at_random(work, *, rounds, at_once, longest, lease) -> int:
    moments = random.Random(os.urandom(8))
    ends = []
    for _round in range(rounds):
        ends += work(*({"after": moments.uniform(0, longest)} for _worker in range(at_once)), lease=lease)
    assert set(ends) <= {0, -signal.SIGKILL}
    return ends.count(-signal.SIGKILL)


def test_workers_killed_at_random_moments(work, server, capsys):
    owe(person_numbers(40))
    kills = kill_at_random(work, rounds=4, at_once=1, longest=0.2, lease=0.2)
    assert kills
    assert work() == [0]
    assert doubles(server, f"{kills} random kills", capsys) <= kills


@pytest.mark.long
def test_five_hundred_notices_and_twenty_random_kills(work, server, capsys):
    addresses = person_numbers(440)
    for kind, count in {"unknown": 20, "unwanted": 10, "later": 20, "slow": 10}.items():
        addresses += [f"{kind}{number}" for number in range(count)]
    random.shuffle(addresses)
    owe(addresses)
    kills = kill_at_random(work, rounds=5, at_once=2, longest=0.3, lease=3)
    server.stop()
    kills += kill_at_random(work, rounds=1, at_once=2, longest=0.3, lease=3)
    server.start()
    kills += kill_at_random(work, rounds=4, at_once=2, longest=0.3, lease=3)
    assert kills == 20
    assert work({}, {}, lease=3) == [0, 0]
    assert doubles(server, f"{kills} random kills", capsys) <= kills
    assert Mail.objects.failed().count() == 30
