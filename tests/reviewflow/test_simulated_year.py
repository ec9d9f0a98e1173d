"""A year goes by, morning by morning: the daily scan tells everybody what the table says, on its day and on no other."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import chinese_calendar
import pytest

from reviewflow import mailing
from reviewflow.alerts import scan
from reviewflow.models.messages import Mail, Notice
from tests.reviewflow import year_script
from tests.reviewflow.year_calendar import Calendar
from tests.reviewflow.year_script import NO_ADDRESS, Script
from tests.reviewflow.year_table import Year
from tests.reviewflow.year_world import MORNING, Clock, World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("items", "first", "last"),
    [
        pytest.param(
            30, date(2025, 9, 1), date(2025, 11, 14), id="National Day", marks=pytest.mark.any_database
        ),
        pytest.param(300, date(2025, 1, 1), date(2025, 12, 31), id="year", marks=pytest.mark.long),
    ],
)
def test_every_rule_fires_on_its_day_and_on_no_other(items, first, last, monkeypatch):
    script = Script(items, first, last)
    clock = Clock(monkeypatch)
    world = World(script, clock)
    year = Year(
        year_script.departments(),
        year_script.offices(),
        year_script.COORDINATION,
        year_script.HOMES,
        year_script.rounds(),
        script.reporting,
        script.items,
    )
    expected, digests, late_digests = Counter(), set(), set()
    steps = iter([*script.steps, None])
    step = next(steps)
    while step and step.day < first:
        world.happen(step)
        expected += year.happen(step)
        step = next(steps)
    today = first
    while today <= last:
        clock.set(today, MORNING)
        assert scan.run(today) == [today]
        mailing.gather()
        told = year.morning(today)
        digests |= {(today, each.person) for each in told if not each.at_once} | late_digests
        expected += told
        told = Counter()
        while step and step.day == today:
            world.happen(step)
            told += year.happen(step)
            step = next(steps)
        today += timedelta(days=1)
        late_digests = {(today, each.person) for each in told if not each.at_once}
        expected += told
    assert step is None

    assert_same(world.told(), expected)
    assert_every_line_is_covered(expected)
    assert_mails_bring_them(digests)


def assert_same(told, expected):
    unexpected, missing = told - expected, expected - told
    lines = [f"told, and not in the table: {each}" for each in sorted(unexpected.elements())[:10]]
    lines += [f"in the table, and not told: {each}" for each in sorted(missing.elements())[:10]]
    assert not lines, "\n".join(["", f"{unexpected.total()} too many, {missing.total()} missing", *lines])


def assert_every_line_is_covered(expected):
    """A script in which nothing is late would show little."""
    found = defaultdict(set)
    for each in expected:
        found[each.kind].add((each.urgency, each.at_once))
    overdue = {("SOON", False), ("TODAY", False), ("OVERDUE", True), ("OVERDUE", False)}
    for kind in ("review_due", "correction_due", "report_due"):
        assert found[kind] == overdue, kind
    assert found["milestone_due"] == overdue
    assert found["check_due"] == overdue - {("TODAY", False)}
    assert {"asked", "returned", "approved", "deactivated", "escalated"} <= set(found)


def assert_mails_bring_them(digests):
    """Whoever has an address gets each notice, in one mail that is theirs; and one digest a day where there is
    something to tell."""
    for notice in Notice.objects.select_related("mail", "person").iterator(500):
        if notice.person.username in NO_ADDRESS:
            assert notice.mail is None
            continue
        assert notice.mail.person_id == notice.person_id
        assert (notice.mail.digest_on is None) == notice.immediate
        assert notice.subject in f"{notice.mail.subject}\n{notice.mail.text}"
    sent = Counter(Mail.objects.exclude(digest_on=None).values_list("digest_on", "person__username"))
    assert set(sent.values()) == {1}
    assert set(sent) == {(day, person) for day, person in digests if person not in NO_ADDRESS}


def test_the_tables_working_days_are_the_official_ones():
    calendar, day = Calendar(), date(2025, 1, 1)
    while day.year < 2027:
        assert calendar.works(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
