"""Pages of hits, and what each costs."""

import re
from urllib.parse import parse_qs

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from servicepages.models import Region
from servicepages.vocabulary import ItemType
from tests.factories import DepartmentFactory, TopicFactory
from tests.search.page.reading import Page, words_of


def test_pages(ask, three_pages):
    first, second, third = (ask("收养登记", page=number) for number in (1, 2, 3))
    assert [len(page.hits) for page in (first, second, third)] == [2, 2, 1]
    assert len({*first.hits, *second.hits, *third.hits}) == 5
    assert "5" in words_of(first.partition("<ol")[0])
    assert 'aria-current="page">1<' in first
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in third


def test_pages_keep_what_the_address_says(ask, follow, three_pages):
    page = ask("收养登记", online="yes", sort="name", place="230300")
    links = Page(re.search(r'<nav class="pagination".*?</nav>', page, re.DOTALL)[0]).links
    said = parse_qs(links["2"][1:])
    assert said == {
        "q": ["收养登记"],
        "online": ["yes"],
        "sort": ["name"],
        "place": ["230300"],
        "page": ["2"],
    }
    assert follow(links["2"]).hits == sorted(each.title for each in three_pages)[2:4]


WRONG_PAGES = {
    "abc": 1,
    "-1": 3,
    "0": 3,
    "4": 3,
    "1000000000": 3,
    "9" * 5000: 1,
    "\x00": 1,
    "1.5": 1,
    "٢": 2,
}


def test_a_page_that_is_not_there(ask, three_pages):
    for number, shown in WRONG_PAGES.items():
        page = ask("收养登记", page=number)
        assert f'aria-current="page">{shown}<' in page, number[:20]
        assert 'class="search-note"' in page, number[:20]


def test_the_second_page_is_numbered_on(ask, three_pages, counted, client):
    page = ask("收养登记", page=2)
    assert '<ol class="hits" start="3">' in page
    client.get(page.links[page.hits[0]])
    assert counted[-1][-1] == 3


def test_only_reading(client, city):
    assert client.post(reverse("search:search")).status_code == 405
    assert client.head(reverse("search:search"), {"q": "婚姻"}).status_code == 200


# What a page costs


def test_the_number_of_queries_does_not_depend_on_the_hits(ask, guide, county, city, monkeypatch):
    monkeypatch.setattr("search.views.GUIDES_A_PAGE", 4)
    departments = [
        DepartmentFactory(region=region, name=f"{number}局")
        for region in (city, county)
        for number in range(3)
    ]

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = ask("收养登记")
        return len(page.hits), len(queries)

    def adopt(number):
        for department in departments[number % 3 :: 3]:
            guide(
                f"收养登记{number}",
                department=department,
                basic_code=f"0007110010{number:02}",
                online=bool(number % 2),
                visits_required=number % 4,
                item_type=list(ItemType)[number],
                topics=[TopicFactory(code=f"topic-{number}")],
            )

    adopt(0)
    ask("收养登记")  # what Django and Wagtail remember from here on
    one, few = cost()
    for number in range(1, 6):
        adopt(number)
    page = ask("收养登记")
    more, many = cost()
    assert (one, more) == (1, 4)
    assert len(page.facets) >= 6
    assert few == many
    assert many <= 25


def test_regions_are_read_once(ask, marriage):
    with CaptureQueriesContext(connection) as queries:
        ask("婚姻", place="230300")
    table = Region._meta.db_table
    assert sum(f'FROM "{table}"' in query["sql"] for query in queries) <= 2
