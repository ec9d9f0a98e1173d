"""The page of hits, for whatever stands in the address."""

import html as html_module
import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from search import log
from search.following import follow as update
from search.models import ChosenGuide, EverydayName, EverydayNameItem, Guide, SearchedText
from servicepages.models import DepartmentPage, Region, ServiceItemPage
from servicepages.vocabulary import ItemType, TimeUnit
from tests.factories import DepartmentFactory, RegionFactory, TopicFactory
from tests.search.conftest import published
from tests.shared import shared


class Page(str):
    """The <main> of an answer, which is always a page."""

    response = None

    @property
    def hits(self):
        return [words_of(each) for each in re.findall(r'<h2 class="hit__title">(.*?)</h2>', self, re.DOTALL)]

    @property
    def headings(self):
        return [words_of(each) for each in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", self, re.DOTALL)]

    @property
    def links(self):
        """{words of a link: its address}, of all links of the page."""
        found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', self, re.DOTALL)
        return {words_of(text): html_module.unescape(address) for address, text in found}

    @property
    def facts(self):
        return re.findall(
            r"<li[^>]*>([^<]*)</li>", "".join(re.findall(r'<ul class="hit__facts">.*?</ul>', self))
        )

    @property
    def facets(self):
        """{facet: {value: count}}"""
        found = re.findall(
            r'<input type="checkbox" name="(\w+)" value="([^"]*)"[^>]*> <span>[^<]*</span> '
            r'<span class="facet__count">(\d+)</span>',
            self,
        )
        counts = {}
        for name, value, count in found:
            counts.setdefault(name, {})[value] = int(count)
        return counts

    @property
    def chips(self):
        """{words of a chip: the address without it}"""
        lists = "".join(re.findall(r'<ul class="chips chips--filters".*?</ul>', self, re.DOTALL))
        return Page(lists).links


# Of a query that finds nothing while nothing is kept: each way to read it asks up to five times, suggestions do so
# again, and the page shows topics and departments.
MOST_QUERIES = 75


def start_over():
    """For examples that share a test: nothing is kept, and the log of queries, which ends at 9,000, is empty."""
    cache.clear()
    reset_queries()


def asked_of_the_database(queries):
    """Statements that read or write, without those that only set or bracket something."""
    return sum(
        query["sql"].split(maxsplit=1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
        for query in queries
    )


def words_of(html):
    return " ".join(html_module.unescape(re.sub(r"<[^>]+>", "", html)).split())


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


def test_the_address():
    assert reverse("search:search") == "/search/"


def test_a_hit_says_what_it_is_and_whose(ask, marriage):
    page = ask("婚姻")
    assert page.hits == ["内地居民婚姻登记"]
    assert "民政局" in page
    assert "鸡西市" in page
    assert "内地居民<mark>婚姻</mark>登记" in page


def test_a_hit_leads_to_its_guide(ask, marriage, client):
    address = ask("婚姻").links["内地居民婚姻登记"]
    assert client.get(address, follow=True).request["PATH_INFO"] == marriage.url


def test_the_passage_that_was_found_is_shown_and_marked(ask, marriage):
    assert "提交<mark>户口簿</mark>和身份证原件。" in ask("戶口簿")


def test_a_hit_says_what_people_compare(ask, guide):
    guide(
        "收养登记",
        promised_limit=30,
        promised_limit_unit=TimeUnit.CALENDAR_DAYS,
        fees=[("no_fee", {"note": ""})],
        visits_required=1,
        online=True,
    )
    assert ask("收养").facts == ["30个自然日", "不收费", "最多跑一次", "可网办"]


def test_a_hit_on_the_spot_with_a_fee(ask, guide):
    guide(
        "身份证补领",
        promised_limit_unit=TimeUnit.ON_THE_SPOT,
        fees=[("fee", {"item": "工本费", "amount": 40, "unit": "证", "standard": "", "basis": "发改价格"})],
        visits_required=2,
        online=False,
    )
    spot, _fee, visits = ask("身份证").facts
    assert spot == "当场办结"
    assert "2" in visits
    assert "不收费" not in ask("身份证")
    assert "可网办" not in ask("身份证")


def test_what_a_guide_does_not_say_a_hit_does_not_say(ask, guide):
    guide("收养登记")
    assert ask("收养").facts == []


def test_a_sub_item_says_what_it_is_part_of(ask, guide, draft, department):
    parent = guide("驾驶证核发")
    guide("补领", department=parent)
    assert ask("补领").hits == ["驾驶证核发 › 补领"]


def test_a_hit_that_is_found_by_an_everyday_name_says_so(ask, marriage):
    name = EverydayName(phrase="领证")
    name.items = [EverydayNameItem(page=marriage)]
    name.save()
    update([marriage.pk])
    page = ask("领证")
    assert page.hits == ["内地居民婚姻登记"]
    assert "<mark>领证</mark>" in page
    assert "<mark>领证</mark>" not in ask("婚姻登记")
    assert "hit__called" not in ask("婚姻登记")


def test_markup_in_a_guide_is_text(ask, guide):
    guide("<b>婚姻</b>登记", who_may_apply='<script>alert("婚姻")</script>')
    page = ask("婚姻")
    assert "&lt;b&gt;<mark>婚姻</mark>&lt;/b&gt;登记" in page
    assert "<script>" not in page


def test_markup_in_a_query_is_text(ask, marriage):
    for query in ('"><script>alert(1)</script>', "<b>婚姻</b>", "{% now 'Y' %}婚姻"):
        page = ask(query)
        assert "<script>" not in page
        assert "<b>" not in page


# The same item in several places


def test_the_same_item_in_several_places_is_one_hit_with_its_places(ask, in_two_places, client):
    page = ask("收养登记")
    assert page.hits == ["收养登记"]
    assert "1" in words_of(page.partition('<div class="search-columns">')[0])
    shown = re.search(r'<span class="hit__region">(.*?)</span>', page)[1]
    other = {"鸡西市": "密山市", "密山市": "鸡西市"}[shown]
    response = client.get(page.links[other], follow=True)
    of_city, of_county = in_two_places
    assert response.request["PATH_INFO"] == {"鸡西市": of_city, "密山市": of_county}[other].url


def test_some_places_and_a_word_about_the_others(ask, guide, city, monkeypatch):
    monkeypatch.setattr("search.listing.PLACES_SHOWN", 2)
    for number in range(4):
        place = RegionFactory(name=f"第{number}县", code=f"2304{number:02}", parent=city)
        guide("收养登记", basic_code="000711001000", department=DepartmentFactory(region=place))
    page = ask("收养登记")
    assert page.hits == ["收养登记"]
    places = re.search(r'<p class="hit__places">(.*?)</p>', page, re.DOTALL)[1]
    assert places.count("<a ") == 2
    assert "1" in words_of(re.sub(r"<a .*?</a>", "", places))


def test_two_departments_of_one_place_are_told_apart(ask, guide, city, department):
    other = DepartmentFactory(region=city, name="公安局")
    guide("收养登记", basic_code="000711001000", department=department)
    guide("收养登记", basic_code="000711001000", department=other)
    places = words_of(re.search(r'<p class="hit__places">(.*?)</p>', ask("收养登记"), re.DOTALL)[1])
    assert places.endswith(("鸡西市 公安局", "鸡西市 民政局"))


# The visitor's place


def shown_place(page):
    return re.search(r'<span class="hit__region">(.*?)</span>', page)[1]


def test_the_chosen_place_comes_first_and_is_remembered(ask, in_two_places, client):
    for code, name in (("230382", "密山市"), ("230300", "鸡西市")):
        page = ask("收养", place=code)
        assert shown_place(page) == name
        cookie = page.response.cookies["place"]
        assert cookie.value == code
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] >= 300 * 24 * 60 * 60
        assert shown_place(ask("收养")) == name
        assert f'value="{code}" selected' in ask("收养")


def test_the_place_can_be_forgotten(ask, in_two_places, client):
    ask("收养", place="230382")
    page = ask("收养", place="")
    assert " selected" not in page
    assert "place" not in client.cookies or not client.cookies["place"].value
    assert " selected" not in ask("收养")


@pytest.mark.parametrize("wrong", ["999999", "密山市", "' OR 1=1 --", "\u0662\u0663", "2" * 5000])
def test_a_place_that_is_not_there_is_none(ask, in_two_places, client, wrong):
    page = ask("收养", place=wrong)
    assert "place" not in page.response.cookies
    assert " selected" not in page


@pytest.mark.parametrize("wrong", ["999999", "2" * 3000, '"', "%00", "\\xff"])
def test_a_cookie_that_names_no_place_is_none(ask, in_two_places, client, wrong):
    client.cookies["place"] = wrong
    assert " selected" not in ask("收养")


def test_pages_are_not_kept_for_people_of_another_place(ask, marriage):
    assert "Cookie" in ask("婚姻").response["Vary"]


# Narrowing


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


# Order


def test_orders(ask, follow, guide):
    for name in ("收养登记3", "收养登记1", "收养登记2"):
        guide(name)
    for days, name in enumerate(("收养登记1", "收养登记3", "收养登记2")):
        Guide.objects.filter(name=name).update(published_at=timezone.now() - timedelta(days=days))
    assert ask("收养", sort="newest").hits == ["收养登记1", "收养登记3", "收养登记2"]
    assert ask("收养", sort="name").hits == ["收养登记1", "收养登记2", "收养登记3"]
    orders = Page(re.search(r'<nav class="orders".*?</nav>', ask("收养", sort="name"), re.DOTALL)[0])
    assert re.findall(r'aria-current="true">([^<]*)', orders) == [list(orders.links)[1]]
    assert follow(list(orders.links.values())[2]).hits[0] == "收养登记1"


def test_an_order_that_is_not_there_is_the_usual_one(ask, marriage):
    assert ask("婚姻", sort="price; DROP").hits == ask("婚姻").hits


# Nothing found


def test_nothing_found_says_so_and_where_to_go_on(ask, marriage, department):
    page = ask("量子計算機")
    assert page.hits == []
    assert "量子计算机" in page, "what was understood"
    assert DepartmentPage.objects.get(department=department).url in page
    assert "0467-1234567" in page
    assert "/topics/" in page


def test_nothing_found_offers_names_for_which_a_little_speaks(ask, guide):
    guide("住房公积金提取", who_may_apply="职工退休后可以提取")
    guide("食品经营许可")
    page = ask("退休金领取手续")
    assert page.hits == []
    assert "住房公积金提取" in page
    assert "食品经营许可" not in page
    assert "经营许可" not in ask("太空旅行许可证"), "what services do says nothing by itself"


def test_what_was_looked_for_is_shown_as_it_is_printed(ask):
    assert "<strong>量子（什么）</strong>" in ask("量子（什麼）")


def test_an_empty_query_is_a_form_and_links(ask, marriage):
    for page in (ask(), ask(""), ask("   "), ask("\u200b")):
        assert '<input class="search-form__input"' in page
        assert page.hits == []
        assert "/topics/" in page


# What was done with the query


def test_it_is_said_what_a_question_was_taken_for(ask, marriage):
    page = ask("请问婚姻登记要怎么办理")
    assert page.hits == ["内地居民婚姻登记"]
    assert "<strong>婚姻登记</strong>" in page


def test_other_ways_to_find_are_said(ask, marriage):
    said = {
        ask(query).partition("search-understood")[2][:60] for query in ("婚因登记", "hunyin", "婚姻 登记")
    }
    assert "" in said, "what was found as typed needs no word"
    assert len(said) >= 2


# Promoted results


@pytest.fixture
def promote():
    def make(query, **fields):
        return SearchPromotion.objects.create(query=Query.get(query), **fields)

    return make


def test_promoted_pages_stand_above_the_hits(ask, marriage, guide, promote):
    other = guide("离婚登记")
    promote("婚姻", page=other.page_ptr, description="先看这个。")
    page = ask("婚姻")
    assert page.links["离婚登记"] == other.url
    assert page.index("离婚登记") < page.index('class="hits"')
    assert "先看这个。" in page
    assert page.hits == ["内地居民婚姻登记"]


def test_promoted_results_of_a_query_that_finds_nothing(ask, promote, marriage):
    promote("量子计算机", external_link_url="https://example.org/q", external_link_text="量子所")
    assert ask("量子計算機").links["量子所"] == "https://example.org/q"


def test_only_published_pages_are_promoted(ask, marriage, draft, guide, promote):
    gone = guide("注销的事项")
    gone.unpublish()
    promote("婚姻", page=draft("草稿事项").page_ptr)
    promote("婚姻", page=gone.page_ptr)
    page = ask("婚姻")
    assert "草稿事项" not in page
    assert "注销的事项" not in page
    assert "promotion" not in page


def test_a_search_leaves_no_trace_in_wagtails_own_log(ask, marriage):
    ask("婚姻")
    assert not Query.objects.exists()


# What is counted


@pytest.fixture
def counted(monkeypatch):
    """What the log was told: [("searched" or "chosen", …)]."""
    told = []
    monkeypatch.setattr(log, "searched", lambda *args: told.append(("searched", *args)))
    monkeypatch.setattr(log, "chosen", lambda *args: told.append(("chosen", *args)))
    return told


def test_a_search_is_counted_once(ask, client, marriage, counted):
    ask("婚姻")
    ask("量子计算机")
    ask("婚姻", page=1)
    ask("婚姻", online="yes")
    ask("婚姻", sort="name")
    ask("")
    client.head(reverse("search:search"), {"q": "婚姻"})
    assert counted == [("searched", "婚姻", 1, "all"), ("searched", "量子计算机", 0, "nothing")]


def test_a_choice_is_counted_with_its_rank(ask, client, guide, counted):
    for number in range(3):
        guide(f"收养登记{number}")
    counted.clear()
    page = ask("收养登记")
    name = page.hits[1]
    response = client.get(page.links[name])
    chosen = ServiceItemPage.objects.get(title=name)
    assert (response.status_code, response.url) == (302, chosen.url)
    assert "no-store" in response["Cache-Control"]
    assert counted[1:] == [("chosen", "收养登记", chosen.pk, 2)]


def test_the_log_is_written(ask, client, marriage):
    client.get(ask("婚姻").links["内地居民婚姻登记"])
    assert SearchedText.objects.get().text == "婚姻"
    assert ChosenGuide.objects.get().ranks == 1


def test_no_number_of_somebody_is_kept_because_the_query_was_shortened(ask, follow, client, marriage):
    """Neither as it was typed, nor from the form or a link of the page, nor with a choice."""
    typed = "婚姻，" * 65 + "13800000000"
    page = ask(typed)
    assert page.hits
    shown = re.search(r'name="q" value="([^"]*)"', page)[1]
    ask(shown)
    client.get(page.links[page.hits[0]])
    kept = [*SearchedText.objects.values_list("text", flat=True)]
    kept += ChosenGuide.objects.values_list("text", flat=True)
    assert len(kept) == 3
    assert "138" not in "".join([*kept, *page.links.values()])


@pytest.mark.parametrize(
    "said", ["", "?q=婚姻", "?q=婚姻&rank=", "?q=婚姻&rank=-1", "?rank=1", "?q=婚姻&rank=" + "9" * 400]
)
def test_a_choice_without_query_or_rank_leads_on_uncounted(client, marriage, counted, said):
    address = reverse("search:choose", args=[marriage.pk])
    assert client.get(address + said).url == marriage.url
    assert counted == []


def test_looking_ahead_counts_nothing(client, marriage, counted):
    address = reverse("search:choose", args=[marriage.pk]) + "?q=婚姻&rank=1"
    assert client.head(address).status_code == 302
    assert client.post(address).status_code == 405
    assert counted == []


@pytest.mark.parametrize("key", [0, 999_999, 10**30])
def test_a_choice_of_nothing(client, city, counted, key):
    assert client.get(f"/search/go/{key}/?q=婚姻&rank=1").status_code == 404
    assert counted == []


# Bad input


NASTY = [
    '"',
    '""',
    "'",
    "\x00",
    "婚\x00姻",
    "  ",
    "a  b",
    "婚姻 AND",
    "AND OR NOT ( ) * : ^ -",
    "NEAR(婚姻 登记, 2)",
    "name: 婚姻",
    "{name}: 婚姻",
    "婚姻*",
    "婚姻 & ! | <-> :*",
    "'婚姻':A",
    "😀",
    "👨‍👩‍👧‍👦 婚姻",
    "婚" * 10_000,
    "婚 " * 5_000,
    "a b c d e f g h " * 600,
    "z" * 10_000,
    "1" * 10_000,
    "'; DROP TABLE search_guide; --",
    "1 OR 1=1",
    "%",
    "_",
    "婚%姻",
    "\\",
    "\x01\x02\x1b[31m婚姻",
    "\u202e婚姻\u202c",
    "\ufeff婚姻",
    "\ufdfa" * 300,
    "é" * 100,
    "\U0001f1e8\U0001f1f3",
    "${jndi:ldap://x}",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "<svg/onload=alert(1)>",
    "\r\nSet-Cookie: x=1",
]


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


# Pages


@shared
def five(department):
    return [published(department, f"收养登记第{number}号", online=True) for number in range(5)]


@pytest.fixture
def three_pages(five, monkeypatch):
    monkeypatch.setattr("search.views.GUIDES_A_PAGE", 2)
    return five


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
