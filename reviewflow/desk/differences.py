"""What has changed between two canonical forms, marked within the text.

Wagtail's own comparison takes an unbroken run of Chinese characters for one word, so that a changed
character would mark the whole sentence; here each Chinese character stands for itself. The work is
difflib's.
"""

import difflib
import json
import re
from collections import Counter
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reviewflow.desk.reading import Leaf, Line, Reader
from reviewflow.labels import label_of
from reviewflow.signatories import Signatory

# Runs of Latin letters and digits are words; of everything else each character is.
_WORDS = re.compile(r"[0-9A-Za-z]+|\s+|.", re.DOTALL)
# Two lines less alike than this (0 to 1) are not one line that was changed.
_ALIKE = 0.4


@dataclass(frozen=True)
class Side:
    """One value on one side: the text with its marks, and where the value leads."""

    html: SafeString
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """One value within a line. A side is None where there is no value."""

    label: str
    before: Side | None
    after: Side | None
    changed: bool


@dataclass(frozen=True)
class LineChange:
    """A line of a field, before and after. `number` counts the proposed lines from 1, and those that are gone
    as they were counted before; `block` is the id of the proposed line, "" where it has none."""

    heading: str
    number: int
    state: str
    entries: list[Entry]
    is_listed: bool
    block: str = ""

    SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"

    @property
    def title(self) -> str:
        return f"{self.heading} {self.number}".strip()

    @property
    def is_short(self) -> bool:
        """Whether it says only one thing, and so takes one row."""
        return len(self.entries) == 1


@dataclass(frozen=True)
class FieldChange:
    name: str
    label: str
    lines: list[LineChange]
    changed: bool

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def is_plain(self) -> bool:
        """Whether it is one value, and no list of lines."""
        return all(not line.is_listed for line in self.lines)


def compare(
    reader: Reader, signatory: Signatory, before: dict | None, after: dict, blocks: dict | None = None
) -> list[FieldChange]:
    """The fields of `signatory`, in the order of the table. `before` is a canonical form or None, and
    `blocks` the ids of the proposed lines: {field: [id, …]}.

    Without a `before` nothing is marked: all of it is new.
    """
    old, new = (before or {}).get("fields", {}), after["fields"]
    names = [*signatory.field_names, *sorted({*old, *new} - set(signatory.field_names))]
    return [
        _compare_field(
            reader, name, old.get(name), new.get(name), before is not None, (blocks or {}).get(name)
        )
        for name in names
    ]


def _compare_field(reader, name, old, new, is_compared, blocks) -> FieldChange:
    after = reader.read(name, new)
    before = reader.read(name, old) if is_compared else after
    ids = blocks if blocks and len(blocks) == len(after) else [""] * len(after)
    lines = []
    for a, b in _pairs(before, after):
        old_line, new_line = before[a] if a is not None else None, after[b] if b is not None else None
        number, block = (a + 1, "") if b is None else (b + 1, ids[b])
        lines.append(_line(old_line, new_line, number, block))
    return FieldChange(name, label_of(name), lines, is_compared and old != new)


def _line(before: Line | None, after: Line | None, number, block) -> LineChange:
    if before is None:
        state = LineChange.ADDED
    elif after is None:
        state = LineChange.REMOVED
    else:
        state = LineChange.SAME if before == after else LineChange.CHANGED
    old, new = before.values if before else {}, after.values if after else {}
    labels = [*new, *(label for label in old if label not in new)]
    entries = [_entry(label, old.get(label), new.get(label)) for label in labels]
    any_line = after or before
    return LineChange(any_line.heading, number, state, entries, bool(any_line.kind), block)


def _entry(label, before: Leaf | None, after: Leaf | None) -> Entry:
    old, new = mark(before.text if before else None, after.text if after else None)
    return Entry(
        label,
        Side(old, before.url) if before else None,
        Side(new, after.url) if after else None,
        before != after,
    )


def mark(before: str | None, after: str | None) -> tuple[SafeString, SafeString]:
    """Both texts as HTML, what is gone marked in the first and what is new in the second."""
    if before is None or after is None:
        return _deleted(before or ""), _inserted(after or "")
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left, right = [], []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        left.append(escape(gone) if kind == "equal" else _deleted(gone))
        right.append(escape(come) if kind == "equal" else _inserted(come))
    return mark_safe("".join(left)), mark_safe("".join(right))  # noqa: S308 - each piece is escaped


def _deleted(text):
    return _marked("del", _("deleted:"), text)


def _inserted(text):
    return _marked("ins", _("inserted:"), text)


def _marked(tag, said, text):
    """Screen readers pass over <ins> and <del> in silence, so the mark is said as well."""
    if not text:
        return SafeString("")
    return format_html(
        '<{tag} class="review-{tag}"><span class="w-sr-only">[{said} </span>{text}'
        '<span class="w-sr-only">]</span></{tag}>',
        tag=SafeString(tag),
        said=said,
        text=text,
    )


# Which line was which


def _pairs(before: list[Line], after: list[Line]) -> list[tuple[int | None, int | None]]:
    """Lines that belong together, in order; None where a line has no counterpart.

    Equal lines first; what lies between them is paired by likeness, never across the order.
    """
    old, new = [_key(line) for line in before], [_key(line) for line in after]
    pairs = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += [(i1 + step, j1 + step) for step in range(i2 - i1)]
        elif i2 - i1 == 1 == j2 - j1 and before[i1].kind == after[j1].kind and not before[i1].kind:
            pairs.append((i1, j1))  # the one value of a plain field
        else:
            pairs += _by_likeness(before, after, range(i1, i2), range(j1, j2))
    return pairs


def _key(line: Line) -> str:
    values = {label: leaf.text for label, leaf in line.values.items()}
    return json.dumps([line.kind, values], ensure_ascii=False, sort_keys=True)


def _by_likeness(before, after, left, right):
    """The pairing in order with the greatest sum of likenesses (as for a longest common subsequence)."""
    bags = {("a", i): Counter(before[i].text) for i in left} | {
        ("b", j): Counter(after[j].text) for j in right
    }

    def likeness(i, j):
        if before[i].kind != after[j].kind:
            return 0.0
        one, other = bags["a", i], bags["b", j]
        size = one.total() + other.total()
        alike = 2 * (one & other).total() / size if size else 1.0
        return alike if alike >= _ALIKE else 0.0

    best = {}
    for i in reversed(left):
        for j in reversed(right):
            skip = max(best.get((i + 1, j), 0.0), best.get((i, j + 1), 0.0))
            best[i, j] = max(skip, likeness(i, j) + best.get((i + 1, j + 1), 0.0))
    pairs, i, j = [], left.start, right.start
    while i < left.stop and j < right.stop:
        alike = likeness(i, j)
        if alike and best[i, j] == alike + best.get((i + 1, j + 1), 0.0):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best.get((i + 1, j), 0.0) >= best.get((i, j + 1), 0.0):
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    pairs += [(rest, None) for rest in range(i, left.stop)]
    return pairs + [(None, rest) for rest in range(j, right.stop)]
