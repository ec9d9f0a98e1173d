"""Which guides a query finds, and what never happens whatever is typed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backend

from search import answers
from search.facets import Filters
from search.models import Guide, GuideText
from search.queries import How, find_guides
from search.rows import PK
from servicepages.models import Department, DepartmentPage, ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, publish
from tests.search.conftest import published
from tests.shared import shared


def titles(query, **options):
    return names_of(find_guides(query, **options))


def names_of(finding):
    name_of = dict(Guide.objects.values_list("pk", "name"))
    return [name_of[hit.key] for hit in finding.hits]


@shared
def marriage(department):
    return published(
        department,
        "内地居民婚姻登记",
        who_may_apply="男女双方自愿，均无配偶。",
        conditions=[("condition", {"text": "提交双方户口簿和身份证原件"})],
    )


@shared
def licence(city):
    return published(
        DepartmentFactory(region=city, name="市场监督管理局"),
        "食品经营许可证核发",
        who_may_apply="从事食品销售和餐饮服务的经营者",
        materials=[("material", {"name": "营业执照复印件，使用A4纸"})],
    )


@shared
def city_guides(marriage, licence):
    return [marriage, licence]


WAYS_TO_FIND_THE_MARRIAGE = {
    "内地居民婚姻登记": "the whole name",
    "婚姻登记": "the end of the name",
    "居民婚姻": "the middle of the name",
    "民婚": "no word at all, but it stands there",
    "户口簿": "the middle of the text",
    "婚姻登記": "traditional, the name",
    "戶口簿": "traditional, the text",
    "婚": "one character",
    "簿": "one character of the text",
    "婚姻 户口": "one word of the name and one of the text",
    "户口　婚姻": "the other way round, with a full-width space",
    "民政局": "the department",
}


def test_a_guide_is_found(city_guides):
    for query, why in WAYS_TO_FIND_THE_MARRIAGE.items():
        finding = find_guides(query)
        assert names_of(finding) == ["内地居民婚姻登记"], why
        assert finding.how == How.ALL, why


def test_a_text_in_traditional_characters_is_found_by_simplified_ones(guide):
    guide("衞生許可證核發", who_may_apply="著作權人")
    assert titles("卫生许可证") == titles("衛生許可證") == titles("衞生許可證") == ["衞生許可證核發"]
    assert titles("著作权") == ["衞生許可證核發"]


def test_latin_among_chinese(city_guides):
    for query in ("A4", "a4纸", "Ａ４紙", "使用a4"):
        assert titles(query) == ["食品经营许可证核发"], query


def test_every_word_is_wanted_first_and_any_word_where_none_has_all(city_guides):
    assert find_guides("婚姻 登记").how == How.ALL
    loose = find_guides("婚姻 食品")
    assert loose.how == How.ANY
    assert set(names_of(loose)) == {"内地居民婚姻登记", "食品经营许可证核发"}


def test_what_stands_nowhere_finds_nothing(city_guides):
    finding = find_guides("量子计算机")
    assert finding.how == How.NOTHING
    assert (list(finding.hits), finding.count) == ([], 0)


def test_only_of_one_place(guide, city_guides, city):
    county = RegionFactory(name="鸡东县", code="230321", parent=city)
    office = DepartmentFactory(region=county, name="民政局")
    guide("收养登记", department=office)
    assert titles("登记", filters=Filters({"region": frozenset([str(county.pk)])})) == ["收养登记"]
    assert titles("登记", filters=Filters({"region": frozenset([str(city.pk)])})) == ["内地居民婚姻登记"]
    assert len(titles("登记")) == 2


def test_a_draft_is_not_found(draft):
    draft("婚姻登记")
    assert titles("婚姻登记") == []


def test_the_draft_of_a_published_guide_is_not_found(marriage):
    marriage.title = "收养登记"
    marriage.who_may_apply = "收养人"
    marriage.save_revision()
    assert titles("收养") == []
    assert titles("婚姻") == ["内地居民婚姻登记"]


def test_the_index_follows_publication(marriage):
    marriage.title = "收养登记"
    marriage = publish(marriage)
    assert titles("收养") == ["收养登记"]
    assert titles("婚姻") == []
    marriage.unpublish()
    assert titles("收养") == []


def test_a_private_guide_is_not_found(marriage):
    PageViewRestriction.objects.create(page=marriage, restriction_type=PageViewRestriction.LOGIN)
    assert titles("婚姻") == []


def test_update_index_finds_what_was_written_past_the_signals(marriage):
    ServiceItemPage.objects.filter(pk=marriage.pk).update(title="收养登记", who_may_apply="收养人")
    call_command("update_index", verbosity=0)
    assert titles("收养人") == ["收养登记"]
    assert titles("婚姻") == []
    call_command("update_index", verbosity=0)
    assert titles("收养人") == ["收养登记"]


CANARIES = {
    "handler": "金丝雀甲",
    "section": "金丝雀乙",
    "post": "金丝雀丙",
    "mobile": "13900001234",
    "own_hall": "金丝雀丁",
    "public_hall": "金丝雀戊",
    "offline_reason": "金丝雀己",
    "decided_by": "金丝雀庚",
    "document": "金丝雀辛",
    "filled_in_by": "金丝雀壬",
    "filled_in_phone": "04677654321",
}


@pytest.fixture
def guide_with_secrets(guide):
    step = {key: CANARIES[key] for key in ("handler", "section", "post", "mobile")}
    decision = {key: CANARIES[key] for key in ("decided_by", "document")}
    return guide(
        "婚姻登记",
        approval_steps=[("step", {"name": "审查环节", "working_days": 3, **step})],
        offline_decision=[("decision", decision)],
        **{
            key: CANARIES[key]
            for key in ("own_hall", "public_hall", "offline_reason", "filled_in_by", "filled_in_phone")
        },
    )


def test_no_internal_value_is_found(guide_with_secrets):
    assert titles("审查环节") == ["婚姻登记"]
    assert {field: titles(value) for field, value in CANARIES.items()} == {field: [] for field in CANARIES}


def test_no_internal_value_is_in_the_index(guide_with_secrets):
    """Not even where no query of ours would look."""
    entries = guide_with_secrets.index_entries.all()
    stored = " ".join(str(value) for entry in entries.values() for value in entry.values())
    table = "search_guide_fts" if connection.vendor == "sqlite" else "search_guide_vectors"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        in_the_index_of_guides = str(cursor.fetchall())
    words = str(list(Guide.objects.values())) + str(list(GuideText.objects.values()))
    assert "审查" in stored
    assert "审查" in words
    assert "审查" in in_the_index_of_guides
    stored += words + in_the_index_of_guides
    for value in CANARIES.values():
        token = value if value.isascii() else value[-2:]
        assert token not in stored


# Every way of reading a query that finds nothing, each with its statements.
MOST_STATEMENTS = 80

HOSTILE = [
    "",
    " ",
    '"',
    '""',
    "'",
    '"婚姻',
    "婚姻  登记",
    "\x00",
    "婚\x00姻",
    "AND",
    "婚姻 AND OR NOT 登记",
    "NOT",
    "NEAR(婚姻 登记, 2)",
    "(",
    ")",
    "(婚姻",
    "*",
    "婚*",
    "title:婚姻",
    "{title body}: 婚姻",
    ":",
    "^婚",
    "-",
    "-婚",
    "婚 & 姻 | ! 登记",
    "<->",
    "婚:*A",
    "\\",
    "'; DROP TABLE wagtailcore_page; --",
    "%s %d %",
    "😀",
    "婚姻😀登记",
    "\ud800",
    "婚" * 10_000,
    "婚姻登记" * 2_500,
    "a " * 5_000,
    "﷽" * 10_000,
    "".join(chr(0x4E00 + n) for n in range(10_000)),
    "\u202e\u200b\ufeff",
]


def test_nothing_typed_is_an_error(marriage):
    for query in HOSTILE:
        with CaptureQueriesContext(connection) as queries:
            finding = find_guides(query)
        assert finding.count <= 1, query[:50]
        assert len(queries) <= MOST_STATEMENTS, query[:50]
        for search in (Page.objects.search, Page.objects.autocomplete):
            results = search(query)
            assert results.count() == len(list(results)), query[:50]


@pytest.mark.parametrize("typed", ["xian shi lian xian fang", "我想给孩子在鸡西办退休金补发，在哪里怎么办理"])
def test_whatever_has_every_reading_costs_a_bounded_number_of_look_ups(marriage, typed):
    """Pinyin that can be read in several ways, and a question with chatter, a person and a place."""
    find_guides(typed)
    with CaptureQueriesContext(connection) as queries:
        assert find_guides(typed).count == 0
    assert sum(each["sql"].startswith("SELECT") for each in queries) <= 30


def test_punctuation_around_words_does_not_hide_them(marriage):
    for query in ('婚姻  "登记"', "婚\x00姻登记", "(婚姻:登记)^-*", "婚姻登记😀", "婚姻登记" * 2_500):
        assert titles(query) == ["内地居民婚姻登记"], query[:50]


def test_an_expired_guide_is_not_found(marriage):
    Guide.objects.filter(pk=marriage.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert titles("婚姻") == []


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(alphabet=st.characters()))
@example("\ud800")
def test_no_text_whatever_is_an_error(marriage, query):
    assert find_guides(query).count in (0, 1)


def test_the_number_of_queries_does_not_grow_with_the_hits(guide):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            finding = find_guides("登记")
        return finding.count, len(queries)

    guide("婚姻登记")
    cost()  # content types are remembered by Django from here on
    one, few = cost()
    for number in range(8):
        guide(f"收养登记{number}")
    cost()  # the names of places are remembered until something is published
    more, many = cost()
    assert (one, more) == (1, 9)
    assert few == many


MANY = ["收养登记", "手养登记", "收养登记", "收样登记", "收养登记"]


@pytest.fixture
def many(guide, monkeypatch):
    """More guides than are scored, and than names are compared with."""
    for module in ("search.backends.database.guides", get_search_backend().guide_compiler_class.__module__):
        monkeypatch.setattr(f"{module}.MOST_RANKED", 1)
    monkeypatch.setattr("search.answers.MOST_COMPARED", 3)
    return [guide(name) for name in MANY]


def test_only_so_many_names_are_compared_with_a_sound(many, monkeypatch):
    """Each name once; what it means is then looked for as if it had been typed, among all."""
    asked = []
    found_in = answers.part_spoken_so
    monkeypatch.setattr(answers, "part_spoken_so", lambda *said: asked.append(said[-1]) or found_in(*said))
    written, rows = answers.sounding_like("shouyangdengji")
    assert len(rows) == 3
    assert written == "收养登记"
    assert sorted(asked) == [["收养登记"], ["收样登记"]]
    finding = find_guides("shouyangdengji")
    assert finding.how == How.SOUND
    assert names_of(finding).count("收养登记") == 3


def test_names_are_asked_until_enough_agree(many, monkeypatch):
    asked = []
    monkeypatch.setattr(answers, "ENOUGH_AGREE", 1)
    monkeypatch.setattr(answers, "part_spoken_so", lambda *said: asked.append(said) or "收养")
    assert answers.sounding_like("shouyang")[0] == "收养"
    assert len(asked) == 1


def test_only_so_many_names_are_compared_with_a_slip_and_with_some_words(many):
    assert len(answers.named_nearly(["收养登纪"])) <= 3
    assert 0 < len(answers.having_some(["收养", "登记"])) <= 3


def test_rare_words_are_looked_for_before_common_ones(many, guide):
    """Of the common ones there are more than are compared, and all of those are newer."""
    rare = Guide.objects.order_by("pk").first()
    Guide.objects.filter(pk=rare.pk).update(name="鹦鹉登记", name_key="鹦鹉登记")
    rare.name = "鹦鹉登记"
    get_search_backend().add_bulk(Guide, [Guide.objects.select_related("text").get(pk=rare.pk)])
    assert rare.pk in {row[PK] for row in answers.having_some(["登记", "鹦鹉", "收养"])}


def test_staff_find_a_page_by_the_middle_of_its_name(marriage, draft):
    """What the explorer and the choosers of the admin ask."""
    draft("收养登记")
    assert {page.title for page in Page.objects.autocomplete("登記")} == {"内地居民婚姻登记", "收养登记"}
    assert [page.title for page in Page.objects.autocomplete("居民婚")] == ["内地居民婚姻登记"]
    assert [page.title for page in Page.objects.autocomplete("婚")] == ["内地居民婚姻登记"]


def test_staff_find_a_page_by_the_beginning_of_a_latin_word(draft):
    draft("Marriage registration")
    assert [page.title for page in Page.objects.autocomplete("regis")] == ["Marriage registration"]
    assert [page.title for page in Page.objects.autocomplete("MARR")] == ["Marriage registration"]
    assert list(Page.objects.autocomplete("arriage")) == []


def test_registers_are_found_too(department):
    assert list(get_search_backend().autocomplete("民政", Department)) == [department]
    assert [page.title for page in get_search_backend().search("政局", DepartmentPage)] == ["民政局"]
