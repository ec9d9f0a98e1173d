"""The catalogues that the search is measured with: figures are worth what these hold."""

import pytest

from bench.search_catalogue import (
    COMMON_QUERIES,
    COMMON_SHARE,
    LONGEST,
    PLACES,
    RARE_HITS,
    RARE_QUERIES,
    SAID_BESIDE,
    SHORTEST,
    common_queries,
    guides,
    rare_queries,
)
from bench.search_loading import load
from search.following import follow
from search.models import GuideText
from search.queries import How, find_guides
from search.text import cut, terms

SIZES = (1_000, 3_000)


def texts(size):
    return ["\n".join([guide.item.text, *guide.rare_words]) for guide in guides(size)]


@pytest.mark.parametrize("size", SIZES)
def test_rare_words_stand_in_as_many_guides_at_every_size(size):
    tokens = [frozenset(cut(text)) for text in texts(size)]
    assert len(set(rare_queries())) == RARE_QUERIES
    for query in rare_queries()[::10]:
        wanted = set(terms(query))
        assert sum(wanted <= each for each in tokens) == RARE_HITS, query


@pytest.mark.parametrize("size", SIZES)
def test_common_queries_stand_in_a_fifth_of_the_guides(size):
    each = texts(size)
    assert len(set(common_queries())) == COMMON_QUERIES
    for query in common_queries():
        words = query.split()
        assert sum(all(word in text for word in words) for text in each) >= COMMON_SHARE * size, query


def test_every_item_has_a_name_of_its_own_in_ten_places():
    titles = {}
    for guide in guides(3_000):
        titles.setdefault(guide.item.title, []).append(guide.place)
    assert all(places == list(range(PLACES)) for places in titles.values())
    assert len(titles) == 300


def test_texts_are_as_long_as_those_of_guides():
    lengths = [SAID_BESIDE + len(guide.item.text) for guide in guides(3_000)]
    assert min(lengths) >= SHORTEST
    assert max(lengths) <= LONGEST + SAID_BESIDE


@pytest.mark.django_db
def test_the_search_finds_what_was_loaded_as_if_it_had_read_all_of_it():
    keys = load(200)
    query = rare_queries()[1]
    found = find_guides(query, facets=False)
    assert found.how == How.ALL
    assert sum(1 + len(hit.others) for hit in found.hits) == RARE_HITS
    assert {hit.key for hit in found.hits} <= set(keys)

    loaded = words_of(keys)
    follow(keys)
    assert words_of(keys) == loaded


def words_of(keys):
    """What the search knows of each guide, without numbers that say nothing about their line."""
    return {
        text.pk: (
            text.guide.department_id,
            text.guide.region_id,
            text.guide.implementation_code,
            text.guide.online,
            text.guide.visits_required,
            text.subject,
            [line for line in text.body.splitlines() if not line.isdigit()],
        )
        for text in GuideText.objects.filter(pk__in=keys).select_related("guide")
    }
