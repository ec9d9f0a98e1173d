"""What somebody who has typed the beginning of a query may mean: names, everyday names, topics."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Length
from django.urls import reverse
from modelsearch.query import PlainText

from search.answers import at_most
from search.models import EverydayName, EverydayNameItem, Guide
from search.registers import current_token
from search.sound import asked_tokens, part_spoken_so
from search.text import key_of, terms
from servicepages.models import Topic

MOST = 8
# Of each kind at first, so that none crowds out the others; what room is left is filled up.
MOST_OF_A_KIND = 3
# What is read of a beginning, and how many guides are looked at for names.
LONGEST = 60
LOOKED_AT = 200
# One letter begins the sound of half of all names.
FEWEST_LETTERS = 2
# Ways to read letters as syllables, the likeliest first, that are looked up.
READINGS_TRIED = 6
# What changes without the token of servicepages.freshness, how often guides are chosen, is this old at most.
SECONDS = 60


class Kind(StrEnum):
    NAME = "name"
    EVERYDAY = "everyday"
    TOPIC = "topic"


@dataclass(frozen=True)
class Suggestion:
    text: str
    kind: Kind
    url: str


def suggestions(typed: str) -> list[dict]:
    """At most MOST, as dictionaries; none for what holds no letter. Takes any string. Kept for SECONDS while
    nothing is published, taken down or renamed, so that a name which everybody types is looked up once."""
    key = key_of(typed[: 4 * LONGEST])[:LONGEST]
    if not key:
        return []
    # Read before the guides are: what they hold afterwards is then kept under a token that is gone.
    kept_as = f"search.suggestions.{current_token()}.{sha256(key.encode()).hexdigest()}"
    found = cache.get(kept_as)
    if found is None:
        found = [asdict(each) for each in _found(key)]
        cache.set(kept_as, found, SECONDS)
    return found


def _found(key):
    ways = [_beginning_with, _of_everyday_names, _of_topics, _containing]
    if len(key) >= FEWEST_LETTERS and any(char.isascii() and char.isalpha() for char in key):
        ways.append(_spoken_so)
    found, texts, of_kind, later = [], set(), dict.fromkeys(Kind, 0), []
    for way in ways:
        if len(found) == MOST:
            break
        for each in way(key):
            if each.text in texts:
                continue
            texts.add(each.text)
            of_kind[each.kind] += 1
            (found if of_kind[each.kind] <= MOST_OF_A_KIND else later).append(each)
    return [*found, *later][:MOST]


def as_query(text, kind):
    return Suggestion(text, kind, f"{reverse('search:search')}?{urlencode({'q': text})}")


def _beginning_with(key):
    """Names of guides, those chosen most often first; one in ten places is one name."""
    named = (
        Guide.objects.in_force()
        .filter(_begins(key))
        .values("name_key")
        .annotate(times=Max("chosen"), length=Length("name_key"))
        .order_by("-times", "length", "name_key")
        .values_list("name_key", flat=True)[:MOST]
    )
    names = dict(Guide.objects.in_force().filter(name_key__in=list(named)).values_list("name_key", "name"))
    return [as_query(names[each], Kind.NAME) for each in named if each in names]


def _begins(key):
    """As a range on SQLite, which compares text by code points and uses no index for LIKE."""
    if connection.vendor == "sqlite":
        return Q(name_key__gte=key, name_key__lt=key + chr(0x10FFFF))
    return Q(name_key__startswith=key)


def _containing(key):
    asked = PlainText(" ".join(terms(key)), operator="and")
    results = at_most(Guide.objects.in_force().search(asked, fields=["name_tokens"]), LOOKED_AT)
    found = {}
    for guide in results:
        if key in guide.name_key:
            times, name = found.get(guide.name_key, (0, guide.name))
            found[guide.name_key] = max(times, guide.chosen), name
    in_order = sorted(found, key=lambda each: (-found[each][0], len(each), each))
    return [as_query(found[each][1], Kind.NAME) for each in in_order[:MOST]]


def _of_everyday_names(key):
    """Those that lead to a guide in force: through an item, in whatever place, or through a topic."""
    in_force = Guide.objects.in_force()
    same_item = Q(page=OuterRef("page")) | (Q(basic_code=OuterRef("page__basic_code")) & ~Q(basic_code=""))
    leads_to_item = EverydayNameItem.objects.filter(Exists(in_force.filter(same_item)), name=OuterRef("pk"))
    leads_to_topic = EverydayName.topics.through.objects.filter(
        Exists(in_force.filter(page__topics=OuterRef("topic"))), everydayname=OuterRef("pk")
    )
    phrases = (
        EverydayName.objects.filter(Exists(leads_to_item) | Exists(leads_to_topic), key__contains=key)
        .order_by(Length("key"), "key")
        .values_list("phrase", "key")[:LOOKED_AT]
    )
    in_order = sorted(phrases, key=lambda each: not each[1].startswith(key))
    return [as_query(phrase, Kind.EVERYDAY) for phrase, _key in in_order[:MOST]]


def _of_topics(key):
    """Those with a guide in force: a click on one shows its guides."""
    matching = [topic.pk for topic in Topic.objects.only("name") if key in key_of(topic.name)]
    if not matching:
        return []
    filled = Topic.objects.filter(
        Exists(Guide.objects.in_force().filter(page__topics=OuterRef("pk"))), pk__in=matching
    )
    return [Suggestion(str(topic), Kind.TOPIC, topic.get_absolute_url()) for topic in filled[:MOST]]


def _spoken_so(key) -> Iterator[Suggestion]:
    """Names and everyday names that sound like what was typed, the last syllable perhaps not yet whole."""
    found = {}
    for tokens, is_complete in asked_tokens(key)[:READINGS_TRIED]:
        guides = Guide.objects.in_force().select_related("text")
        look = guides.search if is_complete else guides.autocomplete
        asked = PlainText(" ".join(tokens), operator="and")
        for guide in at_most(look(asked, fields=["sound_tokens"]), LOOKED_AT):
            for name, kind in [
                (guide.name, Kind.NAME),
                *((each, Kind.EVERYDAY) for each in guide.text.everyday.splitlines()),
            ]:
                if (name, kind) in found or not (part := part_spoken_so(tokens, is_complete, [name])):
                    continue
                found[name, kind] = not key_of(name).startswith(part), -guide.chosen, len(name)
        if len(found) >= MOST:
            break
    return [as_query(*each) for each in sorted(found, key=found.get)[:MOST]]
