"""The public search: which guides answer a query, best first, and how many there are of each sort."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from search import answers
from search.facets import Facet, Filters, narrowed
from search.models import Guide
from search.registers import registers
from search.rows import CHOSEN, FOLD, PK, RANK, REGION, SCORE
from search.sound import said_in_pinyin
from search.text import MAX_QUERY_CHARACTERS, as_printed, normalise, terms
from search.understanding import (
    as_code,
    meaning_spoken,
    place_named,
    readings_of,
    with_numbers_apart,
)


class How(StrEnum):
    """How a query was answered; the first that finds something does."""

    CODE = "code"  # the beginning of a code or number of an item
    ALL = "all"  # every word as typed
    MEANING = "meaning"  # every word that carries meaning
    SOUND = "sound"  # spoken so: pinyin, initials, other characters
    NEAR = "near"  # a name but for a character or two
    ANY = "any"  # enough of the words
    NOTHING = "nothing"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NAME = "name"
    NEWEST = "newest"


# Of more hits the order is read of all guides: a statement takes no list of 50,000 keys.
FEW = 1_000
# So much better is what two ways find; more than any rank of one of them.
BOTH = 100
# So many guides are looked at for names that may be meant.
LOOKED_AT = 200


class Found(NamedTuple):
    """One hit: a guide, and the other places that have the same one, in the order of the ranking."""

    key: int
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a query found.

    `words`: terms of search.text, to be marked in names and passages. `understood`: what was looked for,
    in simplified characters. `count`: hits, the same item in several places counted once. `hits`: all of them, best
    first.
    """

    how: How
    words: list[str]
    understood: str
    hits: Sequence[Found] = ()
    facets: list[Facet] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.hits)


def find_guides(
    query: str, *, filters: Filters | None = None, place=None, sort=Sort.RELEVANCE, facets=True
) -> Finding:
    """Guides in force that answer `query`, best first.

    `place` (a Region, or search.registers.Place) is where the visitor is: of guides that answer equally well
    those of it come first, then those of the city it belongs to; and it is the place shown of an item that
    several have. A place that the query names is where it is asked for. Takes any string and
    never raises for what it contains; one that says nothing finds nothing. Of a very long one only
    the beginning counts (search.text). Costs a bounded number of database queries whatever is found.
    """
    typed = normalise(query[:MAX_QUERY_CHARACTERS])[:MAX_QUERY_CHARACTERS]
    filters = filters or Filters()
    understood = as_printed(" ".join(typed.split()))
    places = registers().places
    place_of = {each.name: each for each in places}
    place = place_of.get(place_named(typed, place_of), place)
    for how, words, rows in _answers(typed, place_of):
        if rows:
            rows, counted = narrowed(rows, filters, count=facets)
            hits = _in_order(_folded(rows, _nearness(place), places), sort)
            return Finding(how, words, understood, hits, counted)
    return Finding(How.NOTHING, terms(typed), understood)


def names_like(query: str, limit: int) -> list[str]:
    """Names of guides that may be meant by a query which finds nothing: those for which a little speaks."""
    typed = normalise(query[:MAX_QUERY_CHARACTERS])[:MAX_QUERY_CHARACTERS]
    ways = readings_of(typed, [place.name for place in registers().places])
    rows = answers.having_a_little(ways.anywhere, LOOKED_AT)
    key_of_fold = {}
    for row in rows:
        key_of_fold.setdefault(row[FOLD], row[PK])
    keys = list(key_of_fold.values())[:limit]
    name_of = dict(Guide.objects.in_force().filter(pk__in=keys).values_list("pk", "name"))
    return [name_of[key] for key in keys if key in name_of]


def _answers(typed, places):
    """(how, words, rows) of each way to read the query, the strictest first; rows end with their rank. `places`:
    names of the register."""
    code = as_code(typed)
    if code:
        yield How.CODE, [code], answers.by_code(code)
    typed = with_numbers_apart(typed)
    words = terms(typed)
    if not words:
        return
    ways = readings_of(typed, places)
    scattered = How.MEANING, words, []
    together = _all_or_meaning(typed, words, ways)
    if together[0] == How.MEANING and _least(together[2]) > answers.ABOUT:
        # Its words stand in the text, far from each other perhaps: a name that has most of them says more.
        scattered, together = together, scattered
    elif _least(together[2]) > answers.ABOUT and together[2]:
        together = *together[:2], _with_what_is_called_so(typed, together[2], ways)
    yield together
    yield from _by_sound(typed, words, ways)
    yield How.NEAR, words, answers.named_nearly(ways.anywhere)
    yield How.ANY, terms(" ".join(ways.anywhere)), answers.having_some(ways.anywhere)
    yield How.NEAR, words, answers.abbreviated(ways.anywhere)
    yield scattered


def _all_or_meaning(typed, words, ways):
    """Every word as typed; where that finds nothing that is about it, without the chatter if that does."""
    best = How.ALL, words, answers.having_all(words, typed)
    least = _least(best[2])
    if least <= answers.ABOUT:
        return best
    for left in dict.fromkeys(map(" ".join, ways)):
        said = terms(left)
        if not said or said == words:
            continue
        rows = answers.having_all(said, left)
        if _least(rows) < least:
            best, least = (How.MEANING, said, rows), _least(rows)
    return best


def _with_what_is_called_so(typed, rows, ways):
    """Of what has every word only in its text, here and there: behind what is called by enough of them, but where it
    is both."""
    if answers.stand_together(typed, rows):
        return rows
    called = answers.named_nearly(ways.anywhere) or answers.having_some(ways.anywhere)
    has_all, keys = {row[PK] for row in rows}, {row[PK] for row in called}
    called = [(*row[:RANK], row[RANK] - BOTH * (row[PK] in has_all)) for row in called]
    return called + [row for row in rows if row[PK] not in keys]


def _by_sound(typed, words, ways):
    for said in dict.fromkeys((" ".join(typed.split()), " ".join(ways.core))):
        yield _written(words, *answers.sounding_like(said))
    syllables = meaning_spoken(typed)
    if syllables != said_in_pinyin(typed):
        yield _written(words, *answers.spoken(syllables))
    yield How.SOUND, words, answers.sounding_nearly(syllables)


def _written(words, written, rows):
    """What sounds like what was typed; first, what has the characters that it means."""
    if not (written and rows):
        return How.SOUND, words, rows
    known = answers.having_all(terms(written), written)
    keys = {row[PK] for row in known}
    least = max((row[RANK] for row in known), default=0) + 1
    return How.SOUND, terms(written), known + [(*row[:RANK], least) for row in rows if row[PK] not in keys]


def _least(rows):
    return min((row[RANK] for row in rows), default=answers.IN_TEXT + 1)


def _nearness(place):
    """{key of a region: how far it is from the visitor}: the chosen place, then the city it is part of; what is not
    in it is farther."""
    if place is None:
        return {}
    return {place.parent_id: 1, place.pk: 0}


def _folded(rows, near, places):
    """The hits in order: of each item the row of the nearest place (of the city, where no place is chosen),
    with the rows of its other places.

    Sorted by one thing after the other, the last deciding first: for 50,000 rows that is several times
    faster than by all of them at once.
    """
    far = len(near)

    def distance(row):
        return near.get(row[REGION], far)

    rows = sorted(rows, key=itemgetter(PK))
    rows.sort(key=itemgetter(CHOSEN), reverse=True)
    rows.sort(key=itemgetter(SCORE), reverse=True)
    if near:
        rows.sort(key=distance)
    rows.sort(key=itemgetter(RANK))
    of_fold = {}
    for row in rows:
        of_fold.setdefault(row[FOLD], []).append(row)
    cities = {place.pk for place in places if place.parent_id is None}
    for same in of_fold.values():
        if len(same) > 1:
            same.sort(key=distance if near else lambda row: row[REGION] not in cities)
    key_of_row = itemgetter(PK)
    return [Found(key_of_row(same[0]), tuple(map(key_of_row, same[1:]))) for same in of_fold.values()]


def _in_order(hits, sort):
    if sort == Sort.RELEVANCE:
        return hits
    fields = ("name_order", "name_key") if sort == Sort.NAME else ("-published_at",)
    in_order = Guide.objects.in_force().order_by(*fields, "pk")
    if len(hits) <= FEW:
        in_order = in_order.filter(pk__in=[hit.key for hit in hits])
    hit_of = {hit.key: hit for hit in hits}
    return [hit_of[key] for key in in_order.values_list("pk", flat=True) if key in hit_of]
