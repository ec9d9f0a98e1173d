"""Who is to be told what on which day: the table of docs/alerts.md written down a second time, to compare with.

It imports nothing of the software, and has a calendar of its own. A `Year` is moved from morning to morning:
`morning` says what that day's scan should tell, `happen` what somebody does after it, and whom that tells at once.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tests.reviewflow.year_calendar import DAY, Calendar, months_later

LEGAL = "Department legal"


class Told(NamedTuple):
    day: date
    kind: str
    person: str
    what: str
    urgency: str
    at_once: bool


class Step(NamedTuple):
    """Something that `who` does on a day, after the scan: `what` names the item, the milestone, …"""

    day: date
    action: str
    what: str
    who: str = ""
    value: object = None


@dataclass
class Department:
    editors: set
    officers: set
    leaders: set = field(default_factory=set)
    liaisons: set = field(default_factory=set)


@dataclass
class Office:
    members: set
    leader: str = ""
    deputy: str = ""
    away: tuple = ()  # the first and the last day on which the deputy stands in


@dataclass
class Round:
    departments: set
    opens: date
    closes: date


@dataclass
class Item:
    department: str
    months: int = 12
    law: str = ""
    live: bool = False
    written: int = -1  # the step at which the live version was written
    handed_in: int = 0  # how many times
    by: str = ""
    write_step: int = -1  # that of the version in review
    round: str = ""
    signed: set = field(default_factory=set)
    deciders: set = field(default_factory=set)


@dataclass
class Deadline:
    kind: str
    what: str
    department: str
    office: str = ""
    item: str = ""
    due: date | None = None  # or counted:
    asked: date | None = None
    working_days: int = 0
    step: int = -1  # at which it began
    law: str = ""


class Year:
    """`coordination` are people; `homes` says of people which department they come from."""

    def __init__(self, departments, offices, coordination, homes, rounds, reporting, items):
        self.departments, self.offices, self.coordination = departments, offices, coordination
        self.homes, self.rounds, self.items = homes, rounds, items
        self.reporting = reporting  # {first day of a month: names of departments}
        self.calendar, self.gone, self.steps = Calendar(), set(), 0
        self.open, self.done = {}, {}  # {what: Deadline}
        self.escalated = set()  # what was told of above, and to whom
        self.changes, self.asked_about = (
            {},
            set(),
        )  # {law: the steps at which it changed}, checks asked for it

    def _here(self, people):
        return {person for person in people if person and person not in self.gone}

    # Mornings

    def morning(self, today: date) -> Counter:
        for month, names in self.reporting.items():
            if month == today:
                for name in names:
                    self._begin(Deadline("report_due", f"{month:%Y-%m}/{name}", name))
        told = Counter()
        for deadline in self.open.values():
            told.update(self._told(deadline, today))
        return told

    def due(self, deadline) -> date:
        if deadline.due:
            return deadline.due
        if deadline.kind == "report_due":
            day = months_later(date.fromisoformat(f"{deadline.what[:7]}-01"), 1) - DAY
            while not self.calendar.works(day):
                day -= DAY
            return day
        day = self.calendar.later(deadline.asked, deadline.working_days)
        if deadline.kind == "review_due" and (name := self.items[deadline.item].round):
            closes = self.rounds[name].closes
            if closes < day:
                day = max(closes, deadline.asked)
        return day

    def _told(self, deadline, today):
        due = self.due(deadline)
        late = self.calendar.worked_since(due, today)
        worked = self.calendar.works(today)
        urgency = "OVERDUE" if today > due else "TODAY" if today == due else "SOON"
        people = self._people(deadline, today) if self._is_the_day(deadline, due, today) else set()
        for person in people:
            yield Told(today, deadline.kind, person, deadline.what, urgency, late == 1 and worked)
        leaders, team = self._here(self._leaders(deadline)), self._here(self.coordination)
        for level, after, above in (("", 2, leaders), (":coordination", 5, team)):
            once = (deadline.what, due, level)
            if worked and late >= after and above and once not in self.escalated:
                self.escalated.add(once)
                for person in above - people:
                    yield Told(today, "escalated", person, f"{deadline.what}{level}", urgency, False)
                people = people | above

    def _is_the_day(self, deadline, due, today) -> bool:
        if today > due:
            return self._is_overdue_day(deadline, due, today)
        if deadline.kind == "check_due":
            morning_after = deadline.law != "" and today == deadline.asked + DAY
            return morning_after or (due - today).days in (30, 7)
        before = {
            "review_due": [2],
            "correction_due": [1],
            "report_due": [3],
            "milestone_due": [10, 5, 2],
        }[deadline.kind]
        return today == due or any(self.calendar.earlier(due, each) == today for each in before)

    def _is_overdue_day(self, deadline, due, today) -> bool:
        if self.calendar.works(today) and self.calendar.worked_since(due, today) == 1:
            return True
        if deadline.kind == "milestone_due":
            return (today - due).days % 7 == 0
        if deadline.kind == "check_due":
            return any(months_later(due, months) == today for months in range(1, 20))
        return self.calendar.works(today)

    def _people(self, deadline, day):
        department = self.departments[deadline.department]
        match deadline.kind:
            case "review_due":
                return self._asked(deadline.department, deadline.office, day)
            case "correction_due":
                return self._here({self.items[deadline.item].by} | department.liaisons)
            case "milestone_due" | "report_due":
                return self._here(department.editors | department.liaisons | department.leaders)
            case "check_due":
                return self._here(department.editors)
        raise ValueError(deadline.kind)

    def _asked(self, department, office, day):
        if office == LEGAL:
            return self._here(self.departments[department].officers)
        office = self.offices[office]
        people = set(office.members)
        if office.away and office.away[0] <= day <= office.away[1]:
            people.add(office.deputy)
        return {person for person in self._here(people) if self.homes.get(person) != department}

    def _leaders(self, deadline):
        if deadline.kind == "review_due" and deadline.office != LEGAL:
            return {self.offices[deadline.office].leader}
        return self.departments[deadline.department].leaders

    # What happens

    def happen(self, step: Step) -> Counter:
        self.steps += 1
        told = getattr(self, f"_{step.action}")(step)
        return Counter(
            Told(step.day, kind, person, what, "NEW", kind != "deactivated")
            for kind, people, what in told or ()
            for person in people
        )

    def _begin(self, deadline):
        self.open[deadline.what] = deadline

    def _end(self, belongs):
        self.open = {what: each for what, each in self.open.items() if not belongs(each)}

    def _involved(self, item):
        return self._here(self.departments[item.department].editors | {item.by} | item.deciders)

    def _submit(self, step):
        item = self.items[step.what]
        self._end(lambda each: each.item == step.what and each.kind == "correction_due")
        item.handed_in += 1
        item.by, item.deciders, item.write_step = step.who, set(), self.steps
        item.round = ""
        for name, each in self.rounds.items():
            if item.department in each.departments and each.opens <= step.day <= each.closes:
                item.round = name
        return self._ask([LEGAL] if LEGAL not in item.signed else self.offices, step)

    def _ask(self, offices, step):
        item = self.items[step.what]
        for office in offices:
            if office not in item.signed:
                deadline = Deadline(
                    "review_due",
                    f"{step.what}/{item.handed_in}/{office}",
                    item.department,
                    office,
                    step.what,
                    asked=step.day,
                    working_days=3 if office == LEGAL else 5,
                )
                self._begin(deadline)
                yield "asked", self._asked(item.department, office, step.day), deadline.what

    def _sign(self, step):
        """`value` is the office."""
        item = self.items[step.what]
        item.deciders.add(step.who)
        item.signed.add(step.value)
        self._end(lambda each: each.item == step.what and each.office == step.value)
        if step.value == LEGAL:
            yield from self._ask(self.offices, step)
        elif not any(each.item == step.what and each.kind == "review_due" for each in self.open.values()):
            yield "approved", self._involved(item), f"{step.what}/{item.handed_in}"
            self._go_live(step, item)

    def _send_back(self, step):
        item = self.items[step.what]
        item.deciders.add(step.who)
        item.signed.discard(step.value)
        self._end(lambda each: each.item == step.what and each.kind == "review_due")
        what = f"{step.what}/{item.handed_in}"
        self._begin(
            Deadline("correction_due", what, item.department, item=step.what, asked=step.day, working_days=3)
        )
        yield "returned", self._involved(item) | self._here(self.departments[item.department].liaisons), what

    def _withdraw(self, step):
        self._end(lambda each: each.item == step.what and each.kind != "check_due")

    def _revise(self, step):
        """Writes a version with other conditions, which Legal Affairs signs for, and hands it in."""
        self.items[step.what].signed.discard("Legal Affairs")
        return self._submit(step)

    def _published(self, step):
        """Before the year: nobody of it is told."""
        item = self.items[step.what]
        item.signed, item.write_step = {LEGAL, *self.offices}, self.steps
        self._go_live(step, item)

    def _go_live(self, step, item):
        self._end(
            lambda each: (
                each.item == step.what
                and each.kind == "check_due"
                and (not each.law or item.write_step > each.step)
            )
        )
        item.live, item.written = True, item.write_step
        self._check_in_so_many_months(step, item)
        self._check_for_law(step, step.what, item)

    def _check_in_so_many_months(self, step, item):
        due = months_later(step.day, item.months)
        what = f"{step.what}/{step.day}"
        self._begin(Deadline("check_due", what, item.department, item=step.what, due=due, step=self.steps))

    def _check_for_law(self, step, name, item):
        """Where the live version was written before its law last changed, and was not asked about that yet."""
        changes = self.changes.get(item.law, [])
        if not changes or not item.live or item.written > changes[-1]:
            return
        what = f"{name}/{item.law}/{len(changes)}"
        if what not in self.asked_about:
            self.asked_about.add(what)
            self._begin(
                Deadline(
                    "check_due",
                    what,
                    item.department,
                    item=name,
                    asked=step.day,
                    working_days=10,
                    step=self.steps,
                    law=item.law,
                )
            )

    def _amend(self, step):
        self.changes.setdefault(step.what, []).append(self.steps)
        for name, item in self.items.items():
            if item.law == step.what:
                self._check_for_law(step, name, item)

    def _check(self, step):
        """Says that nothing has changed."""
        self._end(lambda each: each.item == step.what and each.kind == "check_due")
        self._check_in_so_many_months(step, self.items[step.what])

    def _take_down(self, step):
        item = self.items[step.what]
        item.live = False
        self._end(lambda each: each.item == step.what and each.kind == "check_due")
        yield "taken_down", self._here(self.departments[item.department].editors), step.what

    def _set_milestone(self, step):
        """`value` is the day it is due, and the names of the departments."""
        due, names = step.value
        for name in names:
            self._begin(Deadline("milestone_due", f"{step.what}/{name}", name, due=due))

    def _milestone_done(self, step):
        self._put_away(step, "milestone_due")

    def _milestone_undone(self, step):
        self.open[f"{step.what}/{step.value}"] = self.done.pop(f"{step.what}/{step.value}")

    def _file(self, step):
        self._put_away(step, "report_due")

    def _reopen(self, step):
        self._milestone_undone(step)

    def _put_away(self, step, kind):
        what = f"{step.what}/{step.value}"
        assert self.open[what].kind == kind
        self.done[what] = self.open.pop(what)

    def _deactivate(self, step):
        person = step.what
        self.gone.add(person)
        posts = [
            each
            for each in self.departments.values()
            if person in each.leaders | each.liaisons | each.officers
        ]
        offices = [
            each for each in self.offices.values() if person in each.members | {each.leader, each.deputy}
        ]
        if posts or offices:
            home = self.departments.get(self.homes.get(person))
            editors = {editor for each in [*posts, *filter(None, [home])] for editor in each.editors}
            yield "deactivated", self._here(self.coordination | editors), person

    def _activate(self, step):
        self.gone.discard(step.what)

    def _move_closing(self, step):
        self.rounds[step.what].closes = step.value

    def _decide_day(self, step):
        """The city decides that people work on a day, or do not."""
        day, works = step.value
        self.calendar.city[day] = works
