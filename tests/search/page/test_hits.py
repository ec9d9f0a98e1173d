"""What a hit says, and what is said of the query."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from search.following import follow as update
from search.models import EverydayName, EverydayNameItem, Guide
from servicepages.vocabulary import TimeUnit
from tests.factories import DepartmentFactory, RegionFactory, TopicFactory
from tests.search.conftest import published
from tests.search.page.reading import Page, words_of


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


def test_a_hit_that_only_its_topic_speaks_for_says_so(ask, department):
    topic = TopicFactory(name="出境入境", code="abroad")
    permit = published(department, "往来港澳通行证签发", topics=[topic])
    name = EverydayName(phrase="护照")
    name.topics = [topic]
    name.save()
    update([permit.pk])
    page = ask("护照")
    assert page.hits == ["往来港澳通行证签发"]
    assert "相关：<" in page or "相关：</span><mark>护照</mark>" in page
    assert "相关：" not in ask("通行证")


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
