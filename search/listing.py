"""What a page of hits shows: each hit with what people compare, and what editors put above the hits."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Page
from wagtail.search.utils import normalise_query_string

from search.models import Guide, GuideText
from search.passages import as_html, marked, passage
from search.queries import Finding, Found
from search.registers import registers
from search.text import normalise, terms
from search.understanding import readings_of
from servicepages.models.service_item import ITEM_DEPTH
from servicepages.time_limits import time_limit
from servicepages.vocabulary import TimeUnit

PLACES_SHOWN = 12
PLACES_A_STEP = 24
MOST_PROMOTIONS = 10

# What a hit is made of; the fields are those of the query.
_Text = namedtuple(
    "_Text",
    [
        "pk",
        "guide__name",
        "guide__department_id",
        "guide__region_id",
        "guide__online",
        "guide__visits_required",
        "guide__is_on_the_spot",
        "guide__page__path",
        "guide__page__depth",
        "promised_limit",
        "promised_limit_unit",
        "is_free",
        "everyday",
        "subject",
        "body",
    ],
)


@dataclass(frozen=True)
class Hit:
    """`parent` is the item that it is part of, `called` the everyday name that it was found by, and `about` what
    stands beside its names (a topic, or what people call that) where nothing else says why it was found; all often
    none. `facts` are items of a list, what people compare; `places` are links to the same item elsewhere."""

    address: str
    title: SafeString
    parent: str
    called: SafeString
    about: SafeString
    passage: SafeString
    facts: SafeString
    department: str
    region: str
    places: SafeString
    more_places: int


def hits(found: Sequence[Found], words: list[str], query: str, first_rank: int) -> list[Hit]:
    """The hits of one page: at most three queries, however many they are. A guide that went since it was
    found is left out."""
    rows = {row.pk: row for row in _texts([each.key for each in found])}
    parents = _parents(rows.values())
    elsewhere = _elsewhere([key for each in found for key in each.others[:PLACES_SHOWN]])
    known, language = registers(), get_language()
    # Made once: taking 20 hits with their places through the table of addresses takes longer than the search.
    prefix = reverse("search:choose", args=[0]).removesuffix("0/")
    shown = []
    for rank, each in enumerate(found, first_rank):
        row = rows.get(each.key)
        if row is None:
            continue
        name = row.guide__name
        called, said = _called(row.everyday, name, words), passage(row.body, words)
        about = "" if called or said else _called(row.subject, name, words)
        asked = "/?" + urlencode({"q": query, "rank": rank})
        there = [(row.guide__region_id, 0), *(elsewhere[key] for key in each.others if key in elsewhere)]
        shown.append(
            Hit(
                address=f"{prefix}{each.key}{asked}",
                title=as_html(marked(name, words)),
                parent=parents.get(_path_above(row.guide__page__path), ""),
                called=as_html(marked(called, words)),
                about=as_html(marked(about, words)),
                passage=as_html(said),
                facts=_facts(
                    language,
                    row.promised_limit,
                    row.promised_limit_unit,
                    row.guide__is_on_the_spot,
                    row.is_free,
                    row.guide__visits_required,
                    row.guide__online,
                ),
                department=known.departments.get(row.guide__department_id, ""),
                region=known.regions.get(row.guide__region_id, ""),
                places=_links(there, known, prefix, asked),
                more_places=max(0, len(each.others) - PLACES_SHOWN),
            )
        )
    return shown


def _texts(keys):
    return map(_Text._make, _rows(_statement_for_texts(len(keys)), keys)) if keys else ()


def _rows(statement, keys):
    """As the database returns them: booleans may be 0 and 1."""
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        return cursor.fetchall()


# The ORM takes longer to write one of these than the database to answer it, and they differ in the number of
# keys only.


@lru_cache(maxsize=100)
def _statement_for_texts(count):
    return _statement(GuideText.objects.filter(pk__in=range(count)).values_list(*_Text._fields))


@lru_cache(maxsize=20)
def _statement_for_places(count):
    return _statement(
        Guide.objects.filter(pk__in=range(count)).values_list("region_id", "department_id", "pk")
    )


def _statement(queryset):
    return queryset.query.sql_with_params()[0]


def _called(lines, name, words):
    """The line (an everyday name, a topic) that holds more of the words than the name does: it says why this was
    found."""

    def held(text):
        return sum([len(word) for word in words if word in text])

    best = max(lines.splitlines(), key=held, default="")
    return best if held(best) > held(name) else ""


def _path_above(path):
    return path[: -Page.steplen]


def _parents(rows):
    """{path: name} of the items that sub-items among the rows are part of, themselves in force."""
    paths = {_path_above(row.guide__page__path) for row in rows if row.guide__page__depth > ITEM_DEPTH}
    if not paths:
        return {}
    return dict(Guide.objects.in_force().filter(page__path__in=paths).values_list("page__path", "name"))


def _elsewhere(keys):
    """{key: (region, department, key)} of these guides, which were in force a moment ago."""
    if not keys:
        return {}
    # In steps, so that few statements are kept; a key that is asked for twice is found once.
    asked = keys + keys[-1:] * (-len(keys) % PLACES_A_STEP)
    return {row[-1]: row for row in _rows(_statement_for_places(len(asked)), asked)}


def _links(there, known, prefix, asked):
    """Links to the same item in other places, in the order of the register: called by the place, and by the
    department where that is not enough. `there`: (region, …) of the hit itself, then of the others.

    Written here because a template takes longer for them than for the rest of the page.
    """
    here, *others = there
    if not others:
        return SafeString()
    regions = [here[0], *(region for region, _department, _key in others)]
    order = list(known.regions)
    others.sort(key=lambda place: order.index(place[0]) if place[0] in known.regions else -1)
    asked = escape(asked)
    links = []
    for region, department, key in others:
        name = known.regions.get(region, "")
        if regions.count(region) > 1:
            name += f" {known.departments.get(department, '')}"
        links.append(f'<a href="{prefix}{key}{asked}" rel="nofollow">{escape(name)}</a>')
    return SafeString(" ".join(links))


@lru_cache(maxsize=2_000)
def _facts(language, number, unit, on_the_spot, is_free, visits, online):
    facts = []
    promised = time_limit(number, unit)
    if promised:
        facts.append(str(promised))
    if on_the_spot and (not promised or promised.unit != TimeUnit.ON_THE_SPOT):
        facts.append(_("Done on the spot"))
    if is_free is not None:
        facts.append(_("Free") if is_free else _("Fee charged"))
    if visits is not None:
        facts.append(visits_in_words(visits))
    items = [f"<li>{escape(fact)}</li>" for fact in facts]
    if online:
        items.append(f'<li class="tag tag--online">{escape(_("Online"))}</li>')
    return SafeString("".join(items))


def visits_in_words(number: int) -> str:
    if number == 0:
        return _("No visit needed")
    if number == 1:
        return _("One visit at most")
    return ngettext("%(number)s visit", "%(number)s visits", number) % {"number": number}


def looked_for(finding: Finding) -> str:
    """What was looked for, as words between spaces: without the chatter where that was left out."""
    ways = readings_of(finding.understood, [place.name for place in registers().places])
    for left in reversed(ways):
        if terms(" ".join(left)) == finding.words:
            return " ".join(left)
    return finding.understood


@dataclass(frozen=True)
class Promotion:
    title: str
    address: str
    description: str


def promotions(query: str, request) -> list[Promotion]:
    """What editors put above the hits of this query (Wagtail's search promotions): published pages only, and
    links to elsewhere. Found by the query as typed, and in simplified characters."""
    asked = {normalise_query_string(query), normalise_query_string(normalise(query))}
    if asked.isdisjoint(registers().promoted):
        return []
    chosen = list(
        SearchPromotion.objects.filter(query__query_string__in=asked).select_related("page")[:MOST_PROMOTIONS]
    )
    pages = [each.page_id for each in chosen if each.page_id]
    published = set(_published().filter(pk__in=pages).values_list("pk", flat=True))
    shown = []
    for each in chosen:
        if each.page_id and each.page_id not in published:
            continue
        address = each.page.get_url(request) if each.page_id else each.external_link_url
        if address:
            shown.append(Promotion(each.title or address, address, each.description))
    return shown


def _published():
    return Page.objects.live().public().filter(Q(expire_at=None) | Q(expire_at__gt=timezone.now())).order_by()
