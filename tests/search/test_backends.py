"""Our backends inside Wagtail's search API: chosen by the database, used by the admin as well."""

from base64 import b64encode

import pytest
from django.db import connection
from django.urls import reverse
from modelsearch.query import MATCH_ALL, MATCH_NONE, And, Boost, Fuzzy, Not, Or, Phrase, PlainText
from wagtail.models import Page
from wagtail.search import index
from wagtail.search.backends import get_search_backend
from wagtail.search.utils import parse_query_string

from search.backends.database.cutting import flat, in_tokens
from search.queries import find_guides
from search.text import MAX_TERMS
from servicepages.models import Department, ServiceHall, ServiceItemPage
from tests.search.conftest import published
from tests.shared import shared


def test_the_setting_gives_the_backend_of_the_database():
    expected = {
        "sqlite": "search.backends.database.sqlite",
        "postgresql": "search.backends.database.postgres",
    }
    assert type(get_search_backend()).__module__ == expected[connection.vendor]


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        (PlainText("婚姻登記"), PlainText("婚姻 姻登 登记")),
        (PlainText("婚姻登記", operator="or"), PlainText("婚姻 姻登 登记", operator="or")),
        (Phrase("Hello, 世界"), PlainText("hello 世界")),
        (Fuzzy("婚姻"), PlainText("婚姻", operator="or")),
        (Boost(PlainText("婚姻"), 2), PlainText("婚姻")),
        (PlainText('"*'), MATCH_NONE),
        (MATCH_ALL, MATCH_ALL),
        (Not(PlainText("婚姻")), Not(PlainText("婚姻"))),
        (Not(PlainText("*")), MATCH_NONE),
        (And([PlainText("婚姻"), PlainText("婚姻 登记")]), PlainText("婚姻 登记")),
        (And([PlainText("婚姻"), PlainText("😀")]), PlainText("婚姻")),
        (And([PlainText("婚姻"), MATCH_ALL]), PlainText("婚姻")),
        (And([PlainText("婚姻"), MATCH_NONE]), MATCH_NONE),
        (And([PlainText("*"), PlainText("-")]), MATCH_NONE),
        (Or([PlainText("婚姻"), MATCH_NONE]), PlainText("婚姻")),
        (Or([PlainText("婚姻"), MATCH_ALL]), MATCH_ALL),
        (
            And([PlainText("婚姻"), Not(PlainText("登记"))]),
            And([PlainText("婚姻"), Not(PlainText("登记"))]),
        ),
    ],
)
def test_a_query_becomes_tokens(query, tokens):
    assert repr(in_tokens(query)) == repr(tokens)


def test_many_phrases_together_are_bounded():
    query = And([Phrase("".join(chr(0x4E00 + 100 * part + n) for n in range(100))) for part in range(50)])
    assert len(in_tokens(query).query_string.split()) == MAX_TERMS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("婚姻", "婚姻"),
        (["婚", None, "姻"], "婚  姻"),
        ({"a": "婚", "b": ["姻"]}, "婚 姻"),
        (5, "5"),
    ],
)
def test_the_text_of_a_value(value, text):
    assert flat(value) == text


@shared
def marriage(department):
    return published(department, "婚姻登记", who_may_apply="持户口簿的公民")


@shared
def adoption(department):
    return published(department, "收养登记", who_may_apply="持户口簿的收养人")


def found(query, queryset=None, **options):
    return {page.title for page in (queryset or ServiceItemPage.objects).search(query, **options)}


def test_queries_of_parts(marriage, adoption):
    assert found(PlainText("户口簿") & PlainText("婚姻")) == {"婚姻登记"}
    assert found(PlainText("婚姻") | PlainText("收养")) == {"婚姻登记", "收养登记"}
    assert found(PlainText("户口簿") & ~PlainText("婚姻")) == {"收养登记"}
    assert found((PlainText("婚姻") | PlainText("收养")) & Phrase("户口簿")) == {"婚姻登记", "收养登记"}
    assert found(Phrase("婚姻登记")) == {"婚姻登记"}
    assert found(MATCH_ALL) == {"婚姻登记", "收养登记"}
    assert found(MATCH_NONE) == set()


def test_one_field_only(marriage, adoption):
    """Stock looks into the model's uncut columns on PostgreSQL, and fails on SQLite for a field that
    is no column of its index."""
    assert found("户口簿", fields=["title"]) == set()
    assert found("婚姻", fields=["title"]) == {"婚姻登记"}
    assert found("户口簿", fields=["public_text"]) == {"婚姻登记", "收养登记"}
    assert found("婚姻", fields=["public_text"]) == set()
    assert found("婚姻", fields=["title", "public_text"]) == {"婚姻登记"}
    titles = [page.title for page in Page.objects.autocomplete("婚", fields=["title"])]
    assert titles == ["婚姻登记"]


def test_scores_and_orders(marriage, adoption):
    scored = list(ServiceItemPage.objects.search("婚姻").annotate_score("score"))
    assert [page.title for page in scored] == ["婚姻登记"]
    assert scored[0].score != 0
    by_name = ServiceItemPage.objects.order_by("-title").search("登记", order_by_relevance=False)
    assert [page.title for page in by_name] == ["收养登记", "婚姻登记"]


def test_counts_by_field(marriage, adoption, department):
    facet = ServiceItemPage.objects.search("登记").facet("department_id")
    assert dict(facet) == {department.pk: 2}


def test_values_of_related_rows_are_cut_too(city, monkeypatch):
    monkeypatch.setattr(
        ServiceHall,
        "search_fields",
        [*ServiceHall.search_fields, index.RelatedFields("region", [index.SearchField("name")])],
    )
    hall = ServiceHall.objects.create(region=city, name="政务大厅", address="中心大街1号")
    assert list(get_search_backend().search("雞西", ServiceHall)) == [hall]
    assert list(get_search_backend().search("大街", ServiceHall)) == [hall]


def test_text_without_end_is_saved_and_found_by_its_beginning(guide):
    """PostgreSQL refuses a vector past 1 MB, in which names of materials stand beside the text; a draft can
    always be saved."""
    rare = "".join(chr(code) for code in range(0x20000, 0x2A6D6))
    chinese = "".join(chr(code) for code in range(0x4E00, 0x9FA5))
    guide("婚姻登记", who_may_apply="户口簿" + rare, materials=[("material", {"name": "护照" + chinese})])
    assert found("户口簿") == {"婚姻登记"}
    assert find_guides("户口簿").count == find_guides("护照").count == 1


def test_a_word_without_end_is_saved_and_found(guide):
    """PostgreSQL refuses a token past 2,046 bytes: somebody pastes a file as text."""
    pasted = b64encode(bytes(range(256)) * 8).decode().replace("/", "a").replace("+", "b")
    guide("婚姻登记", who_may_apply=f"户口簿 {pasted} 身份证")
    for query in ("户口簿", "身份证", pasted):
        assert find_guides(query).count == 1, query
        assert found(query) == {"婚姻登记"}, query


def test_english_is_neither_stemmed_nor_dropped(guide):
    """PostgreSQL's default configuration would do both, SQLite neither."""
    guide("The licences", who_may_apply="who it may concern")
    assert found("the") == found("it") == found("licences") == {"The licences"}
    assert found("licence") == set()


TYPED_BY_STAFF = (
    "登記",
    '"',
    '"婚姻',
    "'婚姻' 登记",
    "live:true 婚姻",
    "婚姻 -登记",
    "\x00",
    "😀",
    "婚" * 1000,
    "a:b",
    "%s",
)


def test_the_admin_searches_anything(admin_client, marriage):
    for query in TYPED_BY_STAFF:
        for name in ("wagtailadmin_pages:search", "wagtailadmin_choose_page_search"):
            response = admin_client.get(reverse(name), {"q": query})
            assert response.status_code == 200, query
            assert query != "登記" or marriage.title in response.content.decode()
        _filters, parsed = parse_query_string(query, operator="and", zero_terms=MATCH_ALL)
        for search in (Page.objects.autocomplete, Page.objects.search):
            assert search(parsed).count() == len(list(search(parsed))), query


def test_registers_are_found(department):
    assert list(get_search_backend().autocomplete("政局", Department)) == [department]
