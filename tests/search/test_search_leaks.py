"""What the search must not tell: nothing internal of any item, and nothing at all of one that is not public."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from search.models import EverydayName, EverydayNameItem
from servicepages.models import DepartmentPage, ServiceItemPage
from tests.factories import DepartmentFactory, add_item, complete_item, publish
from tests.servicepages.public_pages.planted import Planted
from tests.shared import shared

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client):
    """What /search/ and /search/suggest answer to a query, as two texts, of which the first has no box: a
    query is shown again there."""

    def get(query, **parameters):
        cache.clear()
        page = client.get(reverse("search:search"), {"q": query, **parameters})
        suggestions = client.get(reverse("search:suggest"), {"q": query})
        assert (page.status_code, suggestions.status_code) == (200, 200)
        return page.content.decode(), suggestions.content.decode("unicode_escape")

    return get


def go(client, item):
    return client.get(reverse("search:choose", args=[item.pk]), {"q": "x", "rank": 1}).status_code


# Internal values: the item is planted from the table of fields, so that a field which is new there is tested


@pytest.fixture
def planted():
    return Planted()


def test_no_internal_value_is_shown_with_a_hit(planted, read):
    internal = planted.of_fields(public=False)
    assert len(internal) > 30
    for query in (planted.item.title, planted.item.department.name, "2"):
        for answer in (*read(query), *read(query, online="yes", sort="newest")):
            assert [path for path, text in internal if text in answer] == []


def test_no_internal_value_finds_or_suggests_the_item(planted, read):
    title = planted.item.title
    assert all(title in answer for answer in read(title)), "it is found, and suggested"
    for path, text in planted.of_fields(public=False):
        page, suggestions = read(text)
        assert title not in page, path
        assert title not in suggestions, path
        assert text not in suggestions, path


def test_no_internal_value_is_in_the_address_of_a_hit(planted, client):
    response = client.get(reverse("search:choose", args=[planted.item.pk]))
    said = response.url + str(response.headers)
    assert [path for path, text in planted.of_fields(public=False) if text in said] == []


# Items that are not public

NAME = "金丝雀养殖许可"
EVERYDAY = "养金丝雀证"


@shared
def item():
    item = complete_item(DepartmentFactory(), title=NAME, who_may_apply="饲养珍禽的人")
    name = EverydayName(phrase=EVERYDAY)
    name.items = [EverydayNameItem(page=item)]
    name.save()
    return item


def never_published(item):
    pass


def unpublished(item):
    publish(item).unpublish()


def restricted(item):
    page = publish(item)
    PageViewRestriction.objects.create(page=page.page_ptr, restriction_type=PageViewRestriction.LOGIN)


def in_a_restricted_section(item):
    page = publish(item)
    section = DepartmentPage.objects.get(department=page.department)
    PageViewRestriction.objects.create(page=section.page_ptr, restriction_type=PageViewRestriction.LOGIN)


def expired(item):
    """Its time is over, and the clock that takes it down has not run yet."""
    item.expire_at = timezone.now() + timedelta(hours=1)
    page = publish(item)
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    page.refresh_from_db()
    page.guide.expires_at = page.expire_at
    page.guide.save()


STATES = [never_published, unpublished, restricted, in_a_restricted_section, expired]
QUERIES = ["金丝雀", NAME, EVERYDAY, "jinsique", "jsq", "金丝鹊养殖", "饲养珍禽", "我想养金丝雀要办什么证"]


def test_a_published_item_is_found_and_suggested(item, read, client):
    """Or the tests below would show nothing."""
    page = publish(item)
    for query in QUERIES:
        assert NAME in words(read(query)[0]), query
    for query in ("金丝", "jinsiq"):
        assert NAME in read(query)[1]
    assert EVERYDAY in read("养金")[1]
    assert go(client, page) == 302


def words(html):
    return html.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize("state", STATES, ids=[state.__name__ for state in STATES])
def test_what_is_not_public_is_not_there(item, read, client, state):
    state(item)
    for query in (*QUERIES, "金丝", "养金", "jinsiq"):
        page, suggestions = read(query)
        assert 'class="hit"' not in page, query
        if query not in (NAME, EVERYDAY):
            assert NAME not in words(page), query
            assert EVERYDAY not in words(page), query
        assert NAME not in suggestions, query
        assert EVERYDAY not in suggestions, query
    assert go(client, item) == 404


PART = "幼鸟登记卡"


def found_by_what_it_is_part_of(read):
    """Which queries for the item find its sub-item."""
    return [query for query in QUERIES[:3] if PART in read(query)[0]]


def test_a_sub_item_is_found_by_what_it_is_part_of(item, read):
    """Or the tests below would show nothing."""
    publish(item)
    publish(add_item(item, title=PART))
    assert found_by_what_it_is_part_of(read) == QUERIES[:3]


@pytest.mark.parametrize(
    "state", [never_published, unpublished, expired], ids=["never_published", "unpublished", "expired"]
)
def test_a_sub_item_does_not_tell_of_what_is_not_public(item, read, state):
    state(item)
    part = publish(add_item(item, title=PART))
    assert PART in read(PART)[0]
    assert found_by_what_it_is_part_of(read) == []
    assert NAME not in part.guide.text.subject


def test_it_no_longer_tells_of_what_was_taken_down(item, read):
    page = publish(item)
    part = publish(add_item(item, title=PART))
    ServiceItemPage.objects.get(pk=page.pk).unpublish()
    assert found_by_what_it_is_part_of(read) == []
    assert NAME not in part.guide.text.subject


def test_a_newer_draft_is_not_there(item, read):
    page = publish(item)
    page.title = "鹦鹉养殖许可"
    page.save_revision()
    for query in ("鹦鹉", "yingwu", NAME):
        for answer in read(query):
            assert "鹦鹉养殖" not in answer
