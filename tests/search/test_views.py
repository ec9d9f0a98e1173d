"""The page of hits, for whatever stands in the address."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from search.views import GUIDES_A_PAGE
from servicepages.models import DepartmentPage


@pytest.fixture
def ask(client, city):
    """The <main> of the answer, which is always a page; the answer itself as `.response`."""

    class Page(str):
        pass

    def get(query=None, **parameters):
        if query is not None:
            parameters["q"] = query
        response = client.get(reverse("search:search"), parameters)
        assert response.status_code == 200
        main = Page(re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0])
        main.response = response
        return main

    return get


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def hits(html):
    return [words_of(each) for each in re.findall(r'<h2 class="hit__title">(.*?)</h2>', html, re.DOTALL)]


@pytest.fixture
def marriage(guide):
    return guide(
        "内地居民婚姻登记",
        who_may_apply="男女双方自愿，均无配偶。",
        conditions=[("condition", {"text": "双方到场。提交户口簿和身份证原件。"})],
    )


def test_the_address():
    assert reverse("search:search") == "/search/"


def test_a_hit_says_what_it_is_and_whose(ask, marriage):
    page = ask("婚姻")
    assert hits(page) == ["内地居民婚姻登记"]
    assert "民政局" in page
    assert "鸡西市" in page
    assert f'href="{marriage.url}"' in page
    assert "内地居民<mark>婚姻</mark>登记" in page


def test_the_passage_that_was_found_is_shown_and_marked(ask, marriage):
    assert "提交<mark>户口簿</mark>和身份证原件。" in ask("戶口簿")


def test_markup_in_a_guide_is_text(ask, guide):
    guide("<b>婚姻</b>登记", who_may_apply='<script>alert("婚姻")</script>')
    page = ask("婚姻")
    assert "&lt;b&gt;<mark>婚姻</mark>&lt;/b&gt;登记" in page
    assert "<script>" not in page


def test_markup_in_a_query_is_text(ask, marriage):
    for query in ('"><script>alert(1)</script>', "<b>婚姻</b>"):
        page = ask(query)
        assert "<script>" not in page
        assert "<b>" not in page


def test_nothing_found_says_so_and_where_to_go_on(ask, marriage, department):
    page = ask("量子計算機")
    assert hits(page) == []
    assert "量子计算机" in page, "what was understood"
    assert DepartmentPage.objects.get(department=department).url in page
    assert "0467-1234567" in page
    assert "/topics/" in page


def test_an_empty_query_is_a_form_and_links(ask, marriage):
    for page in (ask(), ask(""), ask("   "), ask("\u200b")):
        assert '<input class="search-form__input"' in page
        assert hits(page) == []
        assert "/topics/" in page


def test_no_query_is_an_error(ask, marriage):
    for query in (
        '"',
        "\x00",
        "婚\x00姻",
        "  ",
        "a  b",
        "AND OR NOT ( ) * : ^ -",
        "😀",
        "婚" * 10_000,
        "'; --",
        "%",
    ):
        page = ask(query)
        assert "\x00" not in page
        assert len(page) < 100_000


def test_no_address_is_an_error(client, city):
    for address in ("?q=%ED%A0%80", "?q=%FF%FE", "?q=%00", "?q[]=1", "?page=2", "?q=%E5%A9%9A&q=x"):
        assert client.get(reverse("search:search") + address).status_code == 200, address


def test_a_long_query_is_shortened_with_a_word_about_it(ask, marriage):
    page = ask("婚姻登记" * 2_500)
    assert hits(page) == ["内地居民婚姻登记"]
    assert "200" in page
    assert "婚姻登记" * 51 not in page


@pytest.fixture
def three_pages(guide, monkeypatch):
    monkeypatch.setattr("search.views.GUIDES_A_PAGE", 2)
    return [guide(f"收养登记第{number}号") for number in range(5)]


def test_pages(ask, three_pages):
    first, second, third = (ask("收养登记", page=number) for number in (1, 2, 3))
    assert [len(hits(page)) for page in (first, second, third)] == [2, 2, 1]
    assert len({*hits(first), *hits(second), *hits(third)}) == 5
    assert "5" in words_of(first.partition("<ol")[0])
    assert 'aria-current="page">1<' in first
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in third
    links = re.findall(r'href="(\?[^"]*)"', first)
    assert len(links) == 3
    for link in links:
        assert link.startswith("?q=%E6%94%B6%E5%85%BB%E7%99%BB%E8%AE%B0&amp;page=")


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


def test_the_second_page_is_numbered_on(ask, three_pages):
    assert '<ol class="hits" start="3">' in ask("收养登记", page=2)


def test_any_words_are_said_to_be_only_some(ask, marriage):
    assert "search-loose" not in ask("婚姻 登记")
    assert "search-loose" in ask("婚姻 许可证")


def test_only_reading(client, city):
    assert client.post(reverse("search:search")).status_code == 405
    assert client.head(reverse("search:search"), {"q": "婚姻"}).status_code == 200


def test_the_number_of_queries_does_not_depend_on_the_hits(ask, guide, attachment):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = ask("收养登记")
        return len(hits(page)), len(queries)

    def adopt(number):
        return guide(
            f"收养登记{number}",
            materials=[("material", {"name": f"收养登记申请书{number}", "blank_form": attachment})],
        )

    adopt(0)
    ask("收养登记")  # what Django and Wagtail remember from here on
    one, few = cost()
    for number in range(1, GUIDES_A_PAGE + 5):
        adopt(number)
    twenty, many = cost()
    assert (one, twenty) == (1, GUIDES_A_PAGE)
    assert few == many
    assert many <= 15
