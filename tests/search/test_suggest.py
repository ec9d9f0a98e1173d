"""What is suggested while one types."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.models import EverydayName, EverydayNameItem, Guide
from search.suggestions import MOST
from servicepages.models import Topic
from servicepages.vocabulary import Audience
from tests.factories import DepartmentFactory, RegionFactory, TopicFactory
from tests.search.page.reading import NASTY, asked_of_the_database, start_over

MOST_QUERIES = 15


@pytest.fixture
def suggest(client, db):
    """[{text, kind, url}] as the browser gets them."""

    def get(query):
        cache.clear()
        response = client.get(reverse("search:suggest"), {"q": query})
        assert response.status_code == 200
        return response.json()["suggestions"]

    return get


@pytest.fixture
def texts(suggest):
    return lambda query: [each["text"] for each in suggest(query)]


@pytest.fixture
def called():
    """Adds an everyday name: called("结婚证", item, …) or called("结婚证", topics=[…])."""

    def make(phrase, *items, topics=()):
        name = EverydayName(phrase=phrase)
        name.topics = list(topics)
        name.items = [EverydayNameItem(page=item) for item in items]
        name.save()
        return name

    return make


def test_the_address():
    assert reverse("search:suggest") == "/search/suggest"


def test_a_name_that_begins_so_goes_before_one_that_contains_it(texts, guide):
    guide("内地居民结婚登记")
    guide("结婚登记")
    assert texts("结婚") == ["结婚登记", "内地居民结婚登记"]


def test_a_suggestion_leads_to_its_hits(suggest, guide, client):
    guide("结婚登记")
    [only] = suggest("结婚")
    assert only["kind"] == "name"
    assert "<mark>结婚登记</mark>" in client.get(only["url"]).content.decode()


def test_of_names_those_that_are_chosen_go_first(texts, guide):
    for name in ("收养登记甲", "收养登记乙", "收养登记丙"):
        guide(name)
    Guide.objects.filter(name="收养登记乙").update(chosen=9)
    assert texts("收养")[0] == "收养登记乙"
    assert texts("登记")[0] == "收养登记乙"


def test_a_name_in_many_places_is_suggested_once(texts, guide, city):
    county = RegionFactory(name="密山市", code="230382", parent=city)
    guide("结婚登记", basic_code="000711001000")
    guide("结婚登记", basic_code="000711001000", department=DepartmentFactory(region=county))
    assert texts("结婚") == ["结婚登记"]
    assert texts("婚登") == ["结婚登记"]


@pytest.mark.parametrize("typed", ["結婚", "结 婚", " 结婚", "結婚登", "婚登"])
def test_as_people_write_it(texts, guide, typed):
    guide("结婚登记")
    assert texts(typed) == ["结婚登记"]


@pytest.mark.parametrize("typed", ["jiehun", "jiehu", "jiehund", "jiehundengj", "Jie Hun", "jhdj", "hundeng"])
def test_by_sound(texts, guide, typed):
    guide("结婚登记")
    guide("取水许可")
    assert texts(typed) == ["结婚登记"]


def test_names_with_letters(texts, guide):
    guide("WIFI接入登记")
    assert texts("wif") == ["WIFI接入登记"]


def test_everyday_names_lead_to_what_they_mean(suggest, guide, called, client):
    called("领证", guide("结婚登记"))
    [only] = suggest("领")
    assert (only["text"], only["kind"]) == ("领证", "everyday")
    assert "结婚登记" in client.get(only["url"]).content.decode()


def test_everyday_names_of_the_same_item_elsewhere(texts, guide, draft, called, city):
    """The item that the name was given to is no longer published, but the same one in another place is."""
    county = RegionFactory(name="密山市", code="230382", parent=city)
    guide("结婚登记", basic_code="000711001000", department=DepartmentFactory(region=county))
    called("领证", draft("结婚登记", basic_code="000711001000"))
    assert "领证" in texts("领证")


def test_everyday_names_of_a_topic(texts, guide, called):
    topic = TopicFactory(name="出入境")
    called("出国", topics=[topic])
    assert texts("出国") == []
    guide("护照签发", topics=[topic])
    assert texts("出国") == ["出国"]


def test_everyday_names_that_lead_nowhere_are_not_suggested(texts, draft, guide, called):
    called("领证", draft("结婚登记"))
    gone = guide("离婚登记")
    called("领离婚证", gone)
    assert texts("领") == ["领离婚证"]
    gone.unpublish()
    assert texts("领") == []


def test_topics_lead_to_their_page(suggest, guide):
    topic = Topic.objects.get(code="housing")
    assert suggest("住房") == []
    guide("公积金提取", topics=[topic])
    [only] = suggest("住房")
    assert only == {"text": str(topic), "kind": "topic", "url": topic.get_absolute_url()}


def test_topics_of_one_name_are_told_apart(texts, guide):
    guide("申报", topics=[Topic.objects.get(code="citizen-tax"), Topic.objects.get(code="enterprise-tax")])
    assert len(set(texts("纳税"))) == 2
    assert any(str(Audience.CITIZEN.label) in text for text in texts("纳税"))


def test_at_most_eight_and_of_every_kind(suggest, guide, called):
    items = [
        guide(f"收养登记{number}", topics=[Topic.objects.get(code="birth-adoption")]) for number in range(9)
    ]
    for number in range(9):
        called(f"收养孩子{number}", items[number])
    found = suggest("收养")
    assert len(found) == MOST
    assert {each["kind"] for each in found} == {"name", "everyday", "topic"}
    assert len({each["text"] for each in found}) == MOST


def test_nothing_typed_suggests_nothing(texts, guide):
    guide("结婚登记")
    for typed in ("", " ", "\u200b", "，。", "😀", "j"):
        assert texts(typed) == []


def test_what_everybody_types_is_looked_up_once(client, guide):
    guide("结婚登记")
    address = reverse("search:suggest")
    response = client.get(address, {"q": "结婚"})
    assert response["Cache-Control"] == "no-cache"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    with CaptureQueriesContext(connection) as queries:
        again = client.get(address, {"q": " 結婚 "})
    assert len(queries) == 1  # whether anything changed
    assert again.json() == response.json()


def test_what_changed_is_suggested_no_longer(client, guide, called):
    def suggested(typed):
        answer = client.get(reverse("search:suggest"), {"q": typed}).json()
        return [each["text"] for each in answer["suggestions"]]

    wedding, other = guide("结婚登记"), guide("收养登记")
    name = called("领证", other)
    assert (suggested("结婚"), suggested("领")) == (["结婚登记"], ["领证"])
    wedding.unpublish()
    assert suggested("结婚") == []
    name.phrase = "领养"
    name.save()
    assert suggested("领") == ["领养"]
    name.delete()
    assert suggested("领") == []
    called("领证", other)
    assert suggested("领") == ["领证"]


@pytest.mark.parametrize("typed", ["收养", "养登", "shouyang", "syd"])
def test_no_more_guides_are_looked_at_than_are_needed(texts, guide, monkeypatch, typed):
    monkeypatch.setattr("search.backends.database.guides.MOST_RANKED", 1)
    monkeypatch.setattr("search.suggestions.LOOKED_AT", 2)
    for number in "甲乙丙":
        guide(f"收养登记{number}")
    assert 2 <= len(texts(typed)) <= 3


def test_the_number_of_queries_does_not_depend_on_what_is_found(suggest, guide, called):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            suggest("结")
        return len(queries)

    called("结婚证", guide("结婚登记"))
    one = cost()
    for number in range(5):
        called(f"结婚证{number}", guide(f"结婚登记{number}"))
    assert cost() <= one


def test_only_reading(client, db):
    assert client.post(reverse("search:suggest")).status_code == 405


@pytest.mark.parametrize("query", NASTY, ids=range(len(NASTY)))
def test_no_query_is_an_error(suggest, guide, query):
    guide("结婚登记")
    with CaptureQueriesContext(connection) as queries:
        assert len(suggest(query)) <= MOST
    assert asked_of_the_database(queries) <= MOST_QUERIES


@pytest.mark.parametrize("address", ["", "?q=%ED%A0%80", "?q=%FF", "?q=%00", "?q=a&q=b", "?x=1", "?q[]=1"])
def test_no_address_is_an_error(client, db, address):
    assert client.get(reverse("search:suggest") + address).json() == {"suggestions": []}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(), max_size=300))
def test_any_text_gets_an_answer(client, city, department, query):
    start_over()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("search:suggest"), {"q": query.encode("utf-8", "surrogatepass")})
    assert response.status_code == 200
    assert len(response.json()["suggestions"]) <= MOST
    assert asked_of_the_database(queries) <= MOST_QUERIES
