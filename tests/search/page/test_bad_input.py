"""Whatever stands in the address: a normal page, at a bounded cost."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search.page.reading import MOST_QUERIES, NASTY, asked_of_the_database, start_over


@pytest.mark.parametrize("query", NASTY, ids=range(len(NASTY)))
def test_no_query_is_an_error(ask, marriage, query):
    with CaptureQueriesContext(connection) as queries:
        page = ask(query)
    assert asked_of_the_database(queries) <= MOST_QUERIES
    assert not re.search(r"[\x00-\x08\x0e-\x1f]", page)
    assert len(page) < 100_000
    assert "<svg" not in page


ADDRESSES = [
    "?q=%ED%A0%80",
    "?q=%ED%A0%80%E5%A9%9A%E5%A7%BB",
    "?q=%FF%FE",
    "?q=%00",
    "?q[]=1",
    "?page=2",
    "?q=%E5%A9%9A&q=x&q=%00",
    "?q=%E5%A9%9A&page=-1",
    "?q=%E5%A9%9A&page=1000000000",
    "?q=%E5%A9%9A&page=%ED%A0%80",
    "?q=%E5%A9%9A&page=1&page=2&page=x",
    "?q=%E5%A9%9A&online=%ED%A0%80",
    "?q=%E5%A9%9A&department=" + "9" * 4000,
    "?q=%E5%A9%9A" + "".join(f"&topic={number}" for number in range(900)),
    "?q=%E5%A9%9A&place=%00",
    "?q=%E5%A9%9A&sort=%00&place=x&facet=1&department__id__in=1",
    "?;?;?",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_no_address_is_an_error(follow, marriage, address):
    with CaptureQueriesContext(connection) as queries:
        follow(address)
    assert asked_of_the_database(queries) <= MOST_QUERIES


anything = st.text(st.characters(), max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=anything, value=anything, page=st.one_of(anything, st.integers().map(str)), place=anything)
def test_any_text_gets_a_page(client, city, department, query, value, page, place):
    said = {"q": query, "department": value, "sort": value, "page": page, "place": place}
    said = {name: text.encode("utf-8", "surrogatepass") for name, text in said.items()}
    start_over()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("search:search"), said)
    assert response.status_code == 200
    assert asked_of_the_database(queries) <= MOST_QUERIES


def test_a_long_query_is_shortened_with_a_word_about_it(ask, marriage):
    page = ask("婚姻登记" * 2_500)
    assert page.hits == ["内地居民婚姻登记"]
    assert "200" in page
    assert "婚姻登记" * 51 not in page
