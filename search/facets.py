"""Narrowing what a query found: by audience and topic, department, place, type, and what people compare.

Values of one facet are alternatives, facets are conditions. A value's count is what a click on it would show:
the hits that the other facets leave, the same item in several places counted once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import add, itemgetter

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from search.registers import registers
from search.rows import DEPARTMENT, FOLD, ON_THE_SPOT, ONLINE, REGION, TOPICS, TYPE, VISITS
from servicepages.vocabulary import Audience, ItemType

YES, NO = "yes", "no"
# Nobody compares five visits with six.
MANY_VISITS = 3
# Values read of one facet of an address; no visitor ticks more, and a robot may ask for any number.
MAX_VALUES = 30
# More than a facet has values.
ROOM = 1 << 20


def _yes_or_no(value, audiences):
    return None if value is None else (YES if value else NO)


def _visits(value, audiences):
    return None if value is None else str(min(value, MANY_VISITS))


def _only_yes(value, audiences):
    return YES if value else None


def _as_text(value, audiences):
    return str(value) if value else None


def _topics(value, audiences):
    return value.split()


def _audiences(value, audiences):
    return {audiences[key] for key in value.split() if key in audiences}


@dataclass(frozen=True)
class Kind:
    """One facet: its name in the address, its label, the column it reads, and how a value (or, where it
    `holds_many`, several) comes from that."""

    name: str
    label: str
    column: int
    read: Callable
    holds_many: bool = False


KINDS = (
    Kind("audience", _("For whom"), TOPICS, _audiences, holds_many=True),
    Kind("topic", pgettext_lazy("register", "Topic"), TOPICS, _topics, holds_many=True),
    Kind("region", _("Place"), REGION, _as_text),
    Kind("department", _("Department"), DEPARTMENT, _as_text),
    Kind("type", _("Item type"), TYPE, _as_text),
    Kind("online", _("Handled online"), ONLINE, _yes_or_no),
    Kind("visits", _("Visits needed"), VISITS, _visits),
    Kind("spot", _("Done on the spot"), ON_THE_SPOT, _only_yes),
)


@dataclass(frozen=True)
class Filters:
    """The chosen values of each facet: {name of the facet: values as in the address}."""

    chosen: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of_address(cls, get: QueryDict) -> "Filters":
        """What an address asks for. Values that mean nothing are kept, and find nothing."""
        chosen = {}
        for kind in KINDS:
            values = frozenset(value[:40] for value in get.getlist(kind.name)[:MAX_VALUES] if value)
            if values:
                chosen[kind.name] = values
        return cls(chosen)

    def __bool__(self):
        return bool(self.chosen)


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    options: list[Option]


def _mask(kind, rows, chosen):
    """Whether each row has one of the chosen values of a facet."""
    audiences = registers().audience_of
    column = list(map(itemgetter(kind.column), rows))
    passes = {}
    for raw in set(column):
        value = kind.read(raw, audiences)
        passes[raw] = not chosen.isdisjoint(value) if kind.holds_many else value in chosen
    return [passes[raw] for raw in column]


def narrowed(rows, filters: Filters, *, count=True) -> tuple[list[tuple], list[Facet]]:
    """The rows that pass every facet, and every facet with its counts (none where `count` is false).
    Their names are at hand (search.registers)."""
    if not rows or not (count or filters):
        return rows, []
    masks = {
        kind.name: _mask(kind, rows, filters.chosen[kind.name])
        for kind in KINDS
        if kind.name in filters.chosen
    }
    left = _passing(rows, masks)
    return left, _labelled(_counts(rows, masks, left), filters) if count else []


def _passing(rows, masks):
    if not masks:
        return rows
    return [row for row, *kept in zip(rows, *masks.values(), strict=True) if all(kept)]


def _counts(rows, masks, left):
    """{facet: Counter of its values} among the rows that the other facets leave."""
    counts = _count(left, [kind for kind in KINDS if kind.name not in masks])
    for kind in KINDS:
        if kind.name in masks:
            others = {name: mask for name, mask in masks.items() if name != kind.name}
            counts |= _count(_passing(rows, others), [kind])
    return counts


def _count(rows, kinds):
    """Counts with numbers in the place of pairs of an item and its value: 50,000 pairs would be as many objects.

    An item's number is a multiple of ROOM, to which the number of a value is added.
    """
    audiences = registers().audience_of
    folds = list(map(itemgetter(FOLD), rows))
    number_of = {fold: at * ROOM for at, fold in enumerate(dict.fromkeys(folds))}
    items = list(map(number_of.__getitem__, folds))
    counts = {}
    for kind in kinds:
        column = list(map(itemgetter(kind.column), rows))
        read = {raw: kind.read(raw, audiences) for raw in dict.fromkeys(column)}
        if kind.holds_many:
            values = list(dict.fromkeys(value for many in read.values() for value in many))
            at = {value: number for number, value in enumerate(values)}
            several = [[at[value] for value in many] for many in read.values()]
            of_raw = {raw: number for number, raw in enumerate(read)}
            pairs = set(map(add, items, map(of_raw.__getitem__, column)))
            pairs = {pair - pair % ROOM + value for pair in pairs for value in several[pair % ROOM]}
        else:
            values = list(dict.fromkeys(read.values()))
            at = {value: number for number, value in enumerate(values)}
            of_raw = {raw: at[value] for raw, value in read.items()}
            pairs = set(map(add, items, map(of_raw.__getitem__, column)))
        told = Counter(map(ROOM.__rmod__, pairs))
        counts[kind.name] = Counter({values[at]: told[at] for at in told if values[at] is not None})
    return counts


def _labelled(counts, filters):
    labels = {
        **registers().labels,
        "audience": dict(Audience.choices),
        "type": dict(ItemType.choices),
        "online": {YES: _("yes"), NO: _("no")},
        "visits": {
            "0": pgettext_lazy("visits", "none"),
            "1": _("one visit"),
            "2": _("two visits"),
            "3": _("three visits or more"),
        },
        "spot": {YES: _("yes")},
    }
    facets = []
    for kind in KINDS:
        chosen = filters.chosen.get(kind.name, frozenset())
        options = [
            Option(value, label, counts[kind.name][value], value in chosen)
            for value, label in labels[kind.name].items()
            if counts[kind.name][value] or value in chosen
        ]
        if kind.name in ("department", "topic"):
            options.sort(key=lambda option: -option.count)
        facets.append(Facet(kind.name, kind.label, options))
    return facets
