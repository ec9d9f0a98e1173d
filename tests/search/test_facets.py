"""Narrowing: what is counted, and that a count is what a click shows."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from search.facets import KINDS, Filters
from search.queries import find_guides
from servicepages.models import Topic
from servicepages.vocabulary import CaseKind, ItemType
from tests.factories import DepartmentFactory, RegionFactory
from tests.search.conftest import published
from tests.shared import shared


@shared
def topics():
    return {
        audience: Topic.objects.create(code=f"t-{audience}", audience=audience, name=f"题{audience}")
        for audience in ("citizen", "enterprise")
    }


@shared
def guides(department, city, topics):
    county = RegionFactory(name="鸡东县", code="230321", parent=city)
    office = DepartmentFactory(region=county, name="民政局")
    published(
        department,
        "收养登记",
        online=True,
        visits_required=0,
        topics=[topics["citizen"]],
        item_type=ItemType.LICENCE,
    )
    published(
        department,
        "社团登记",
        online=False,
        visits_required=5,
        topics=list(topics.values()),
        item_type=ItemType.CONFIRMATION,
        case_kind=CaseKind.ON_THE_SPOT,
    )
    same = {"basic_code": "990000777000", "item_type": ItemType.LICENCE, "online": True, "visits_required": 1}
    published(department, "婚姻登记", **same, topics=[topics["citizen"]])
    published(office, "婚姻登记", **same, topics=[topics["citizen"]])
    return {"city": city, "county": county}


def counts(query="登记", address=""):
    finding = find_guides(query, filters=Filters.of_address(QueryDict(address)))
    return finding, {
        facet.name: {option.label: option.count for option in facet.options} for facet in finding.facets
    }


def test_counts_belong_to_the_query_and_count_an_item_once(guides):
    finding, counted = counts()
    assert finding.count == 3
    assert counted["region"] == {guides["city"].name: 3, "鸡东县": 1}
    assert sorted(counted["online"].values()) == [1, 2]
    assert sum(counted["type"].values()) == 3
    assert sorted(counted["visits"].values()) == [1, 1, 1]
    assert list(counted["spot"].values()) == [1]
    assert sorted(counted["audience"].values()) == [1, 3]
    assert sorted(counted["topic"].values()) == [1, 3]
    assert counts("婚姻")[1]["region"] == {guides["city"].name: 1, "鸡东县": 1}


def test_a_count_is_what_a_click_shows(guides):
    for facet in counts()[0].facets:
        for option in facet.options:
            narrowed, _counted = counts(address=f"{facet.name}={option.value}")
            assert narrowed.count == option.count, (facet.name, option.value)


def test_values_of_one_facet_are_alternatives_and_facets_are_conditions(guides):
    assert counts(address="visits=0&visits=1")[0].count == 2
    assert counts(address="visits=0&visits=1&online=no")[0].count == 0
    finding, counted = counts(address="visits=0")
    assert finding.count == 1
    assert sorted(counted["visits"].values()) == [1, 1, 1]  # what another choice would show
    assert list(counted["online"].values()) == [1]


def test_chosen_values_stay_to_be_taken_away(guides):
    finding, _counted = counts(address="visits=0&online=no")
    chosen = {
        (facet.name, option.value) for facet in finding.facets for option in facet.options if option.is_chosen
    }
    assert chosen == {("visits", "0"), ("online", "no")}


@pytest.mark.parametrize(
    "address",
    [
        "region=abc",
        "region=99999999999999999999",
        "region=-1",
        "topic=%00",
        "online=maybe",
        "visits=9",
        "unknown=1",
        "department=²",
        "&".join(f"region={n}" for n in range(500)),
        "topic=" + "9" * 5000,
    ],
)
def test_values_that_mean_nothing_find_nothing_or_everything(guides, address):
    assert counts(address=address)[0].count in (0, 3)


def test_counting_costs_the_same_whatever_is_found(guides, guide):
    def cost():
        counts()  # the names of places are remembered until something is published
        with CaptureQueriesContext(connection) as queries:
            finding, _counted = counts()
        return finding.count, len(queries)

    few, before = cost()
    for number in range(5):
        guide(f"登记{number}", department=DepartmentFactory(name=f"局{number}", region=guides["city"]))
    many, after = cost()
    assert (few, many) == (3, 8)
    assert after == before


def test_every_facet_has_a_label():
    assert all(str(kind.label) for kind in KINDS)
