"""Asking for the page of hits, and guides for it to show."""

import re

import pytest
from django.urls import reverse

from search import log
from servicepages.vocabulary import ItemType
from tests.factories import DepartmentFactory, RegionFactory, TopicFactory
from tests.search.conftest import published
from tests.search.page.reading import Page
from tests.shared import shared


@pytest.fixture
def follow(client, city):
    """The page at an address relative to that of the search."""

    def get(address):
        response = client.get(reverse("search:search") + address)
        assert response.status_code == 200, address
        main = Page(re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0])
        main.response = response
        return main

    return get


@pytest.fixture
def ask(client, city):
    def get(query=None, **parameters):
        if query is not None:
            parameters["q"] = query
        response = client.get(reverse("search:search"), parameters)
        assert response.status_code == 200
        main = Page(re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0])
        main.response = response
        return main

    return get


@shared
def marriage(department):
    return published(
        department,
        "内地居民婚姻登记",
        who_may_apply="男女双方自愿，均无配偶。",
        conditions=[("condition", {"text": "双方到场。提交户口簿和身份证原件。"})],
    )


@shared
def county(city):
    return RegionFactory(name="密山市", code="230382", parent=city)


@shared
def in_two_places(department, county):
    """The same item in the city and in a county: (guide of the city, guide of the county)."""
    elsewhere = DepartmentFactory(region=county, name="民政局")
    return (
        published(department, "收养登记", basic_code="000711001000"),
        published(elsewhere, "收养登记", basic_code="000711001000"),
    )


@shared
def three(department, city, county):
    """Three adoptions that differ in what facets tell apart."""
    topic = TopicFactory(name="生育收养", code="adoption-here")
    police = DepartmentFactory(region=city, name="公安局")
    away = DepartmentFactory(region=county, name="民政局")
    return {
        "a": published(
            department,
            "收养登记甲",
            online=True,
            visits_required=0,
            topics=[topic],
            item_type=ItemType.CONFIRMATION,
        ),
        "b": published(police, "收养登记乙", online=True, visits_required=2, item_type=ItemType.LICENCE),
        "c": published(away, "收养登记丙", online=False, visits_required=5, topics=[topic]),
    }


@pytest.fixture
def counted(monkeypatch):
    """What the log was told: [("searched" or "chosen", …)]."""
    told = []
    monkeypatch.setattr(log, "searched", lambda *args: told.append(("searched", *args)))
    monkeypatch.setattr(log, "chosen", lambda *args: told.append(("chosen", *args)))
    return told


@shared
def five(department):
    return [published(department, f"收养登记第{number}号", online=True) for number in range(5)]


@pytest.fixture
def three_pages(five, monkeypatch):
    monkeypatch.setattr("search.views.GUIDES_A_PAGE", 2)
    return five
