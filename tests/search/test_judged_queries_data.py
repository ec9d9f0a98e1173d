"""The judged queries and the sample's everyday names are sound as data, before anything is measured with them.

`judged_queries.csv`: `query`, `kind`, `wanted`. `wanted` holds the basic codes of the guides that whoever types
the query would be glad to find, best first, separated by `|`; the same guide in several places is one code.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from servicepages.sample import content
from servicepages.topics import CITIZEN_TOPICS, ENTERPRISE_TOPICS

JUDGED = Path(__file__).parent / "judged_queries.csv"
EVERYDAY_NAMES = Path(__file__).parents[2] / "search" / "sample_everyday_names.csv"

LEAST_OF_EACH_KIND = {
    "literal": 25,
    "script": 25,
    "everyday": 25,
    "pinyin": 25,
    "slip": 25,
    "question": 25,
    "code": 15,
    "nonsense": 15,
}
STATES_THAT_ARE_LIVE = {"published", "corrected", "revised", "revision_waiting"}
TOPICS = {f"topic:{code}" for code, _name in (*CITIZEN_TOPICS, *ENTERPRISE_TOPICS)}


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {**row, "wanted": [key for key in row["wanted"].split("|") if key]}
            for row in csv.DictReader(file)
        ]


def published_codes():
    """Basic codes of what the sample publishes somewhere, from its descriptions alone."""
    codes = set()
    for spec in content.items():
        history = content.histories().get((spec["place"], spec["name"]), {})
        if history.get("state", "published") in STATES_THAT_ARE_LIVE:
            parts = range(len(spec.get("parts", ())) + 1)  # 0 is the item itself
            codes |= {f"990000{spec['id']:03d}{part:03d}" for part in parts}
    return codes


@pytest.fixture(scope="module")
def judged():
    return read(JUDGED)


@pytest.fixture(scope="module")
def names():
    return read(EVERYDAY_NAMES)


def test_no_query_is_judged_twice(judged):
    assert [query for query, times in Counter(row["query"] for row in judged).items() if times > 1] == []


def test_every_kind_is_known_and_has_enough_queries(judged):
    counts = Counter(row["kind"] for row in judged)
    assert set(counts) == set(LEAST_OF_EACH_KIND)
    assert {kind: counts[kind] for kind, least in LEAST_OF_EACH_KIND.items() if counts[kind] < least} == {}
    assert sum(counts.values()) >= 260


def test_only_nonsense_wants_nothing(judged):
    assert [row["query"] for row in judged if (row["kind"] == "nonsense") == bool(row["wanted"])] == []


def test_what_is_wanted_is_published_by_the_sample_and_fits_on_a_first_page(judged):
    published = published_codes()
    assert [row["query"] for row in judged if not published.issuperset(row["wanted"])] == []
    assert [row["query"] for row in judged if len(set(row["wanted"])) != len(row["wanted"])] == []
    assert [row["query"] for row in judged if len(row["wanted"]) > 10] == []


def test_every_published_guide_is_wanted_by_three_queries(judged):
    times = Counter(key for row in judged for key in row["wanted"])
    assert [key for key in sorted(published_codes()) if times[key] < 3] == []


def test_everyday_names_of_the_sample_are_unique_and_lead_to_guides_or_topics(names):
    known = published_codes() | TOPICS
    assert len(names) >= 80
    assert [phrase for phrase, times in Counter(row["phrase"] for row in names).items() if times > 1] == []
    assert [row["phrase"] for row in names if not row["wanted"] or not known.issuperset(row["wanted"])] == []


def test_everyday_queries_measure_more_than_the_shipped_names(judged, names):
    shipped = {row["phrase"].lower() for row in names}
    everyday = [row["query"].lower() for row in judged if row["kind"] == "everyday"]
    assert sum(query not in shipped for query in everyday) / len(everyday) >= 0.4
