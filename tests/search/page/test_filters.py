"""Narrowing: facets with their counts, and chips that take them away."""

import re
from urllib.parse import parse_qs

from tests.factories import DepartmentFactory
from tests.search.page.reading import Page


def test_facets_count_what_was_found(ask, three, city, county):
    facets = ask("收养").facets
    assert facets["online"] == {"yes": 2, "no": 1}
    assert facets["visits"] == {"0": 1, "2": 1, "3": 1}
    assert facets["region"] == {str(city.pk): 2, str(county.pk): 1}
    assert facets["topic"] == {str(three["a"].topics.get().pk): 2}
    assert facets["audience"] == {"citizen": 2}
    assert facets["type"] == {"confirmation": 1, "licence": 1}
    assert set(facets["department"].values()) == {1}


def test_values_of_a_facet_are_alternatives_and_facets_are_conditions(ask, three):
    assert sorted(ask("收养", visits=["0", "2"]).hits) == ["收养登记乙", "收养登记甲"]
    assert ask("收养", visits=["0", "2"], type="licence").hits == ["收养登记乙"]
    assert ask("收养", visits=["0", "2"], type="licence").facets["visits"] == {"0": 0, "2": 1}


def test_what_all_hits_have_in_common_is_no_facet(ask, three):
    assert "online" not in ask("收养登记甲").facets


def test_a_chip_takes_its_filter_away_and_leaves_the_others(ask, follow, three):
    page = ask("收养", visits=["0", "2"], online="yes", sort="name")
    chips = list(page.chips.values())
    assert len(chips) == 4
    *each, all_of_them = chips
    said = [parse_qs(address[1:]) for address in each]
    left = [(address["visits"], "online" in address) for address in said]
    assert sorted(left) == [(["0"], True), (["0", "2"], False), (["2"], True)]
    assert all(address["q"] == ["收养"] and address["sort"] == ["name"] for address in said)
    assert len(follow(all_of_them).hits) == 3
    assert not follow(all_of_them).chips


def test_filters_that_leave_nothing_say_so_and_can_be_taken_away(ask, follow, three):
    page = ask("收养", visits="0", online="no")
    assert page.hits == []
    assert page.headings[1] != ask("量子计算机").headings[1], "it does not say that no guide was found"
    assert len(page.chips) == 3
    one = next(iter(page.chips.values()))
    assert follow(one).hits


def test_values_nobody_knows_find_nothing_and_can_be_taken_away(ask, follow, three):
    for name in ("audience", "topic", "region", "department", "type", "online", "visits", "spot"):
        for value in ("999999", "'; DROP TABLE", "\x00", "٣", "九" * 500):
            page = ask("收养", **{name: value})
            assert page.hits == [], (name, value)
            assert len(page.chips) == 1
            assert len(follow(next(iter(page.chips.values()))).hits) == 3


def test_the_form_keeps_the_query_and_the_order(ask, three):
    form = re.search(r'<form class="filters".*?</form>', ask("收养", sort="newest"), re.DOTALL)[0]
    assert '<input type="hidden" name="q" value="收养">' in form
    assert '<input type="hidden" name="sort" value="newest">' in form


def test_long_facets_are_folded(ask, guide, city, monkeypatch):
    monkeypatch.setattr("search.narrowing.SHOWN_AT_ONCE", 2)
    for number in range(5):
        guide(f"收养登记{number}", department=DepartmentFactory(region=city, name=f"{number}局"))
    page = ask("收养登记")
    assert len(page.facets["department"]) == 5
    folded = Page(re.search(r'<details class="facet__more">.*?</details>', page, re.DOTALL)[0])
    assert len(folded.facets["department"]) == 3
    [last] = list(folded.facets["department"])[-1:]
    assert '<details class="facet__more" open>' in ask("收养登记", department=last)
