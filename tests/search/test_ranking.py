"""What comes before what, and why. Each pair is one rule of search.ranking and search.answers."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search import answers
from search.models import EverydayName, EverydayNameItem, Guide
from search.queries import Sort, find_guides
from search.rows import PK, RANK
from search.text import terms
from servicepages.models import Topic
from tests.factories import DepartmentFactory, RegionFactory
from tests.search.conftest import published
from tests.shared import shared

SAID = "养老机构"


def order(query=SAID, **options):
    name_of = dict(Guide.objects.values_list("pk", "name"))
    return [name_of[hit.key] for hit in find_guides(query, **options).hits]


def called(phrase, *items, topics=()):
    name = EverydayName(phrase=phrase)
    name.items = [EverydayNameItem(page=item) for item in items]
    name.topics = list(topics)
    name.save()
    return name


@shared
def ways(department):
    """Guides that have the words, from the least telling place to the most."""
    topic = Topic.objects.create(code="old-age", audience="citizen", name="养老机构")
    published(department, "甲", who_may_apply="养老机构")
    published(department, "乙", materials=[("material", {"name": "养老机构的证明"})])
    published(department, "丙", topics=[topic])
    everyday = published(department, "丁")
    called(SAID, everyday)
    published(department, "养老服务机构登记", who_may_apply="法人")
    published(department, "关于养老机构的登记")
    published(department, "养老机构登记")
    published(department, "养老机构")
    return ["养老机构", "养老机构登记", "关于养老机构的登记", "丁", "丙", "乙", "甲"]


def test_the_more_telling_place_comes_first(ways):
    found = order()
    assert [name for name in found if name in ways] == ways


def test_every_word_in_the_name_counts_where_they_are_apart(guide):
    guide("登记办法", who_may_apply="养老机构")
    guide("机构养老登记")
    assert order("养老 登记")[0] == "机构养老登记"


def test_no_number_of_mentions_is_worth_a_name(guide):
    guide("护士执业注册", who_may_apply="养老机构 " * 200)
    guide("社会福利和老年人服务中的养老机构设立许可以及变更延续注销等各类情形办理事项")
    assert order()[0].startswith("社会福利")
    assert order("養老機構")[0].startswith("社会福利")


def test_the_shorter_name_comes_first(guide):
    guide("撤销中国公民收养登记以及解除收养关系登记")
    guide("中国公民收养登记")
    assert order("收养登记")[0] == "中国公民收养登记"


def test_what_is_chosen_more_often_comes_first_among_equals(guide):
    first, second = guide("婚姻登记一", basic_code=""), guide("婚姻登记二", basic_code="")
    for preferred in (first, second):
        Guide.objects.update(chosen=0)
        Guide.objects.filter(pk=preferred.pk).update(chosen=40)
        assert order("婚姻登记")[0] == preferred.title


def test_the_visitors_place_comes_first_among_equals_and_then_its_city(guide, city):
    county = RegionFactory(name="鸡东县", code="230321", parent=city)
    other = RegionFactory(name="虎林市", code="230381", parent=city)
    guide("收养登记甲", department=DepartmentFactory(region=other, name="民政局"))
    guide("收养登记乙", department=DepartmentFactory(region=county, name="民政局"))
    guide("收养登记丙")
    assert order("收养登记", place=county) == ["收养登记乙", "收养登记丙", "收养登记甲"]
    assert order("收养登记", place=other) == ["收养登记甲", "收养登记丙", "收养登记乙"]
    assert order("收养登记乙", place=other)[0] == "收养登记乙"  # a better answer stays the better one


def test_the_same_item_in_several_places_is_one_hit(guide, city):
    counties = [RegionFactory(name=f"县{n}", code=f"23039{n}", parent=city) for n in range(3)]
    pages = [
        guide("收养登记", department=DepartmentFactory(region=each, name="民政局"), basic_code="990000123000")
        for each in counties
    ]
    guide("收养登记", basic_code="990000456000")
    hits = find_guides("收养登记").hits
    assert len(hits) == 2
    assert sorted(len(hit.others) for hit in hits) == [0, 2]
    of_the_city = guide("收养登记", basic_code="990000123000")
    assert of_the_city.pk in [hit.key for hit in find_guides("收养登记").hits]
    for county, page in zip(counties, pages, strict=True):
        shown = find_guides("收养登记", place=county).hits
        assert page.pk in [hit.key for hit in shown]


def test_other_orders(guide):
    guide("丙收养登记")
    guide("乙收养登记和更多")
    assert order("收养登记", sort=Sort.NEWEST) == ["乙收养登记和更多", "丙收养登记"]
    assert order("收养登记", sort=Sort.NAME) == ["丙收养登记", "乙收养登记和更多"]


@pytest.mark.parametrize("few", [0, 1_000])
def test_sorted_by_name_is_by_pinyin(guide, monkeypatch, few):
    """By code point 乙 goes before 丙; PostgreSQL's order depends on how the database was made."""
    monkeypatch.setattr("search.queries.FEW", few)
    in_order = ["A类收养登记", "重庆收养登记", "西城收养登记", "先锋收养登记", "县城收养登记", "重量收养登记"]
    for name in reversed(in_order):
        guide(name)
    assert order("收养登记", sort=Sort.NAME) == in_order


def test_guides_of_before_get_their_place_in_the_order(ways):
    kept = dict(Guide.objects.values_list("pk", "name_order"))
    assert all(kept.values())
    Guide.objects.update(name_order="")
    import_module("search.migrations.0003_guide_name_order").fill(apps, None)
    assert dict(Guide.objects.values_list("pk", "name_order")) == kept


def test_what_has_expired_does_not_count_among_what_is_found(guide):
    """As many expired guides as others have the words in their names."""
    for number in range(2):
        guide(f"养老机构{number}")
    Guide.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    called(SAID, everyday := guide("丁"))
    text = guide("甲", who_may_apply=SAID)
    ranks = {row[PK]: row[RANK] for row in answers.having_all(terms(SAID), SAID)}
    assert ranks == {everyday.pk: 1, text.pk: answers.IN_TEXT}


def test_the_name_as_a_question_comes_before_a_text_that_says_all_of_it(guide):
    """Every word of the sentence stands in a text; what it is about stands in a name."""
    guide("护士执业注册", who_may_apply="问答：怎么办收养登记？到窗口办。")
    guide("收养登记")
    assert order("怎么办收养登记")[0] == "收养登记"


def test_everyday_names_whole_before_their_beginning_before_their_inside(guide):
    inside, begun, whole = (guide(name) for name in ("甲", "乙乙", "丙丙丙"))
    called("补办结婚证", inside)
    called("结婚证丢了", begun)
    called("结婚证", whole)
    Guide.objects.filter(pk=inside.pk).update(chosen=40)
    assert order("结婚证") == ["丙丙丙", "乙乙", "甲"]
    assert order("怎么办结婚证") == order("jiehunzheng") == ["丙丙丙", "乙乙", "甲"]


def test_what_an_everyday_name_means_comes_in_the_order_that_editors_gave_it(guide, department, city):
    first, second = (
        guide("补领婚姻登记证书", basic_code="990000001000"),
        guide("登记", basic_code="990000002000"),
    )
    name = called("结婚证", first, second)
    assert order("结婚证") == ["补领婚姻登记证书", "登记"]
    name.items = [EverydayNameItem(page=item, sort_order=at) for at, item in enumerate([second, first])]
    name.save()
    assert order("结婚证") == ["登记", "补领婚姻登记证书"]


def test_the_order_of_everyday_names_costs_no_more_for_more_hits(guide):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            count = find_guides("结婚证").count
        return count, len(queries)

    called("结婚证", guide("甲"))
    cost()  # what Django remembers from here on
    one, few = cost()
    called("补结婚证", *(guide(f"乙{number}") for number in range(6)))
    cost()
    more, many = cost()
    assert (one, more) == (1, 7)
    assert few == many


def test_what_an_everyday_name_said_in_a_sentence_means_stands_as_listed(guide):
    """The text of the second speaks of the street, too, which tells it from other guides, not from the first."""
    second = guide("消防安全检查", who_may_apply="街边的饭馆、宾馆")
    first = guide("个体户设立")
    called("饭馆", first, second)
    assert order("街边饭馆转让") == ["个体户设立", "消防安全检查"]
