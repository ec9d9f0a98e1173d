"""What happens in the simulated year: who is there, and what they do on which day. Plain data, for the software and
for the table that it is compared with (tests.reviewflow.year_table)."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from tests.reviewflow.year_calendar import Calendar, months_later
from tests.reviewflow.year_table import LEGAL, Department, Item, Office, Round, Step

OFFICES = ("Editorial", "Legal Affairs", "General Office")
LAWS = ("law a", "law b")
SIGNER = {"Editorial": "editorial1", "Legal Affairs": "legal1", "General Office": "general1"}
COORDINATOR = "coordinator1"
PLAIN = Calendar()  # without what the city decides


def day(text: str) -> date:
    return date.fromisoformat(text)


def departments() -> dict[str, Department]:
    return {
        "civil": Department({"civil1", "civil2"}, {"civil-o1", "civil-o2"}, {"civil-l"}, {"civil-c"}),
        # one person is the leader and the liaison
        "land": Department({"land1"}, {"land-o1"}, {"land-l"}, {"land-l"}),
        # nobody leads it
        "health": Department({"health1", "health2"}, {"health-o1"}, set(), {"health-c"}),
        # its one legal officer is away for a while
        "water": Department({"water1"}, {"water-o1"}, {"water-l"}, {"water-c"}),
        # an editor is its contact person, too
        "roads": Department({"roads1", "roads2"}, {"roads-o1"}, {"roads-l", "roads-m"}, {"roads2"}),
        # owes the campaign nothing
        "forests": Department({"forests1"}, {"forests-o1"}, {"forests-l"}),
    }


def offices() -> dict[str, Office]:
    return {
        "Editorial": Office(
            {"editorial1", "editorial2"},
            leader="editorial-l",
            deputy="land-d",
            away=(day("2025-09-22"), day("2025-10-17")),
        ),
        # one of the coordination team leads it
        "Legal Affairs": Office({"legal1", "legal2"}, leader="coordinator2"),
        # nobody leads it; one has no address
        "General Office": Office({"general1", "general2", "general3"}),
    }


COORDINATION = {COORDINATOR, "coordinator2", "coordinator3"}
HOMES = {"editorial2": "civil", "land-d": "land", "general2": "health"}
NO_ADDRESS = {"general3"}


def rounds() -> dict[str, Round]:
    return {
        "spring": Round({"civil", "land", "health"}, day("2025-02-10"), day("2025-03-14")),
        "autumn": Round({"civil", "land", "health"}, day("2025-09-08"), day("2025-09-30")),
        "winter": Round({"water", "roads"}, day("2025-10-13"), day("2025-11-28")),
    }


EVENTS = [
    Step(day("2025-03-12"), "move_closing", "spring", value=day("2025-03-21")),
    Step(day("2025-10-09"), "move_closing", "autumn", value=day("2025-10-24")),
    Step(day("2025-11-05"), "move_closing", "winter", value=day("2025-11-07")),
    Step(day("2025-03-15"), "amend", "law a"),
    Step(day("2025-06-20"), "amend", "law b"),
    Step(day("2025-09-26"), "amend", "law a"),
    Step(day("2025-06-03"), "decide_day", "", value=(day("2025-06-06"), False)),
    Step(day("2025-10-14"), "decide_day", "", value=(day("2025-10-18"), True)),
    Step(day("2025-10-20"), "decide_day", "", value=(day("2025-10-22"), False)),
    Step(day("2025-04-15"), "deactivate", "civil-l"),
    Step(day("2025-07-01"), "deactivate", "health2"),
    Step(day("2025-09-29"), "deactivate", "water-o1"),
    Step(day("2025-10-10"), "deactivate", "legal2"),
    Step(day("2025-10-16"), "activate", "water-o1"),
    Step(day("2025-10-23"), "deactivate", "coordinator3"),
    Step(day("2025-10-28"), "deactivate", "roads-m"),
    Step(day("2025-11-17"), "activate", "legal2"),
]
AWAY = {"water-o1": (day("2025-09-29"), day("2025-10-16"))}

MILESTONES = {
    "2025-01-27": ("civil", "land"),
    "2025-02-01": ("civil", "health"),  # of a holiday
    "2025-03-31": ("civil", "land", "health"),
    "2025-05-05": ("water", "roads"),
    "2025-06-30": ("civil", "land", "health", "water", "roads"),
    "2025-09-14": ("civil", "roads"),
    "2025-09-29": ("land", "water"),
    "2025-09-30": ("civil", "land", "health"),
    "2025-10-02": ("water", "roads"),
    "2025-11-15": ("civil", "land"),
    "2025-12-31": ("civil", "land", "health", "water", "roads"),
    "2026-01-09": ("health", "roads"),
}
REPORTING = ("civil", "land", "health", "water", "roads")
HOW_LATE = (-4, -2, -1, 0, 0, 1, 1, 2, 3, 4, 5, 6, 8)  # working days after something is due


class Script:
    """`items` of them live and are reviewed from `first` to `last`, the same at every run."""

    def __init__(self, items: int, first: date, last: date):
        self.first, self.last = first, last
        self._random = random.Random(20250101)
        self.items, steps = {}, []
        for number in range(items):
            name = f"事项{number + 1}"
            department = sorted(departments())[number % len(departments())]
            law = self._random.choice([*LAWS, "", ""])
            self.items[name] = Item(department, months=self._random.choice([12, 2]), law=law)
            life = self._reviewed(name) if number % 5 < 2 else self._guide(name)
            steps += self._in_time(life)
        steps += [step for step in EVENTS if first <= step.day]
        steps += self._campaign()
        # What somebody does on a day follows the order in which it is written here.
        self.steps = sorted((step for step in steps if step.day <= last), key=lambda step: step.day)

    @property
    def reporting(self) -> dict[date, tuple]:
        months = [date(2025, month, 1) for month in range(1, 13)]
        return {month: REPORTING for month in months if self.first <= month <= self.last}

    def _in_time(self, life) -> list[Step]:
        """A life ends with the year."""
        steps = []
        for step in life:
            if step.day > self.last:
                break
            steps.append(step)
        return steps

    def _later(self, since, due) -> date:
        """Some days before or after it is due, but not before `since`."""
        days = self._random.choice(HOW_LATE)
        moved = PLAIN.later(due, days) if days >= 0 else PLAIN.earlier(due, -days)
        return max(since, moved)

    def _editor(self, item) -> str:
        return min(departments()[self.items[item].department].editors)

    def _officer(self, item) -> str:
        return min(departments()[self.items[item].department].officers)

    def _some_day(self, first, last) -> date:
        return first + timedelta(days=self._random.randrange((last - first).days + 1))

    def _reviewed(self, item) -> Iterator[Step]:
        """Handed in, with the department's legal officer, with the offices; perhaps returned; perhaps live."""
        now = self._some_day(self.first, self.last - timedelta(days=20))
        fate = self._random.choices(
            ["published", "returned", "withdrawn", "not checked", "not decided"], [60, 24, 8, 3, 5]
        )[0]
        yield Step(now, "submit", item, self._editor(item))
        if fate == "not checked":
            return
        now = self._later(now, PLAIN.later(now, 3))
        away = AWAY.get(self._officer(item))
        if away and away[0] <= now <= away[1]:
            now = away[1] + timedelta(days=1)
        yield Step(now, "sign", item, self._officer(item), LEGAL)
        yield from self._before_offices(item, now, list(OFFICES), fate)

    def _before_offices(self, item, now, offices, fate) -> Iterator[Step]:
        due = PLAIN.later(now, 5)
        decided = sorted((self._later(now, due), office) for office in offices)
        for number, (when, office) in enumerate(decided):
            is_last = number == len(decided) - 1
            if fate == "withdrawn" and is_last:
                yield Step(when, "withdraw", item, self._editor(item))
                return
            if fate == "not decided" and is_last:
                return
            if fate == "returned" and (is_last or self._random.random() < 0.4):
                yield Step(when, "send_back", item, SIGNER[office], office)
                yield from self._returned(item, when, [office for _when, office in decided[number:]])
                return
            yield Step(when, "sign", item, SIGNER[office], office)
        yield from self._live(item, decided[-1][0])

    def _returned(self, item, now, offices) -> Iterator[Step]:
        what_next = self._random.choices(["corrected", "again", "withdrawn", "nothing"], [65, 15, 8, 12])[0]
        if what_next == "nothing":
            return
        now = self._later(now, PLAIN.later(now, 3))
        if what_next == "withdrawn":
            yield Step(now, "withdraw", item, self._editor(item))
            return
        yield Step(now, "submit", item, self._editor(item))
        yield from self._before_offices(
            item, now, offices, "returned" if what_next == "again" else "published"
        )

    def _guide(self, item) -> Iterator[Step]:
        """Published before, so that its check is due in the year or soon after."""
        months = self.items[item].months
        last = self.first + timedelta(days=55) if months == 2 else self.last + timedelta(days=45)
        due = self._some_day(self.first - timedelta(days=45), last)
        published = months_later(due, 12 - months)
        published = published.replace(year=published.year - 1, day=min(published.day, 28))
        yield Step(published, "published", item)
        yield from self._live(item, published)

    def _live(self, item, published) -> Iterator[Step]:
        """Checked, revised, taken down or forgotten; some weeks before the check is due, or some weeks after."""
        due = months_later(published, self.items[item].months)
        earliest = max(published, self.first) + timedelta(days=1)
        now = max(
            earliest, due + timedelta(days=self._random.choice([-33, -20, -7, -3, 0, 1, 2, 9, 40, 100]))
        )
        fate = self._random.choices(["checked", "revised", "taken down", "forgotten"], [50, 20, 5, 25])[0]
        if fate == "checked":
            yield Step(now, "check", item, self._editor(item))
            yield from self._live(item, now)
        elif fate == "revised":
            yield Step(now, "revise", item, self._editor(item))
            yield from self._before_offices(item, now, ["Legal Affairs"], "published")
        elif fate == "taken down":
            yield Step(now, "take_down", item, COORDINATOR)

    def _campaign(self) -> Iterator[Step]:
        for title, names in MILESTONES.items():
            due = day(title)
            yield Step(self.first, "set_milestone", title, value=(due, names))
            for name in names:
                if self._random.random() < 0.85:
                    yield from self._achieved(
                        name, title, max(due, self.first), "milestone_done", "milestone_undone"
                    )
        for month, names in self.reporting.items():
            due = PLAIN.earlier(months_later(month, 1), 1)
            for name in names:
                if self._random.random() < 0.9:
                    yield from self._achieved(name, f"{month:%Y-%m}", due, "file", "reopen")

    def _achieved(self, department, what, due, action, back) -> Iterator[Step]:
        editor = min(departments()[department].editors)
        now = max(
            self.first,
            self._later(due - timedelta(days=20), due + timedelta(days=self._random.choice([0, 0, 9]))),
        )
        yield Step(now, action, what, editor, department)
        if self._random.random() < 0.15:
            now += timedelta(days=self._random.randrange(1, 9))
            yield Step(now, back, what, COORDINATOR, department)
            if self._random.random() < 0.5:
                yield Step(now + timedelta(days=5), action, what, editor, department)
