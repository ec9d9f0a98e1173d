"""The report of searches: what it counts, who sees it, and the click that makes an everyday name of a search."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from search.log import chosen, searched
from search.models import ChosenGuide, EverydayName, SearchedText
from search.models.searches import AS_TYPED
from search.queries import How, find_guides
from search.search_report import ANSWERED
from tests.factories import RegionFactory, UserFactory, add_item, publish
from tests.shared import shared

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return reverse("search_report")


def client_of(*groups):
    client = Client()
    client.force_login(UserFactory(groups=groups))
    return client


@shared
def coordination():
    return client_of(Group.objects.get(name="Coordination"))


@shared
def wedding(department):
    return publish(add_item(department, title="内地居民婚姻登记", basic_code="990000001000"))


@shared
def adoption(department):
    return publish(add_item(department, title="收养登记", basic_code="990000004000"))


def put(text, times=1, *, days_ago=0, found=1, how=How.ALL):
    day = timezone.localdate() - timedelta(days=days_ago)
    return SearchedText.objects.create(text=text, day=day, times=times, found=found, how=how)


def rows(client, address, **asked):
    response = client.get(address, asked)
    assert response.status_code == 200
    return list(response.context["object_list"])


def texts(client, address, **asked):
    return [row.text for row in rows(client, address, **asked)]


# Who sees it


def test_the_report_is_the_coordination_teams(report, coordination, department):
    county = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    put("张三的案子")
    assert "张三的案子" in coordination.get(report).content.decode()
    assert report in coordination.get("/admin/").content.decode()
    groups = [department.editors, department.legal_officers]
    groups += Group.objects.filter(name__in=["Editorial", f"{county.name} Coordination"])
    assert len(groups) == 4
    for group in groups:
        client = client_of(group)
        for name in ("search_report", "search_report_results", "promote_guide"):
            for export in ({}, {"export": "csv"}, {"export": "xlsx"}):
                response = client.get(reverse(name), export)
                assert response.status_code in (302, 403), (group, name)
                assert "张三" not in response.content.decode()
        assert report not in client.get("/admin/").content.decode()


def test_the_public_gets_none_of_it(report):
    put("张三的案子")
    for name in ("search_report", "search_report_results", "promote_guide"):
        response = Client().get(reverse(name), {"export": "csv"})
        assert response.url.startswith("/admin/login/")


# What it counts


def test_a_text_is_one_line_with_the_sum_of_its_days_and_what_it_finds_now(report, coordination, adoption):
    put("领养", 3, days_ago=20, found=0, how=How.NOTHING)
    put("领养", 4, found=1, how=How.ALL)
    put("领养", 50, days_ago=40, found=0, how=How.NOTHING)
    chosen("领养", adoption.pk, 1)
    chosen("领养", adoption.pk, 4)
    [row] = rows(coordination, report)
    assert (row.total, row.found, row.how, row.chosen_times, row.mean_rank) == (7, 1, "all", 2, 2.5)
    assert row.chosen_most == "收养登记"
    [row] = rows(coordination, report, period="365")
    assert row.total == 57
    [row] = rows(coordination, report, period="7")
    assert row.total == 4


@pytest.mark.parametrize(("period", "days"), [("7", 7), ("", 30), ("nonsense", 30), ("365", 365)])
def test_the_period_ends_with_today_and_begins_so_many_days_before(report, coordination, period, days):
    put("第一天", days_ago=days - 1)
    put("前一天", days_ago=days)
    put("今天")
    assert set(texts(coordination, report, period=period)) == {"第一天", "今天"}


@shared
def of_each_kind(wedding):
    put("宠物证", 9, found=0, how=How.NOTHING)
    put("婚因登记", 5, how=How.SOUND)
    put("婚姻登记", 7)
    put("990000001000", 1, how=How.CODE)
    for text in ("婚姻登记", "990000001000", "婚因登记"):
        chosen(text, wedding.pk, 1)
    put("结婚", 3)


@pytest.mark.parametrize(
    ("kinds", "listed"),
    [
        ([], {"宠物证", "婚因登记", "婚姻登记", "990000001000", "结婚"}),
        (["nothing"], {"宠物证"}),
        (["rewritten"], {"婚因登记"}),
        (["never-chosen"], {"结婚"}),
        (["nothing", "rewritten"], {"宠物证", "婚因登记"}),
    ],
)
def test_the_kinds(report, coordination, of_each_kind, kinds, listed):
    assert set(texts(coordination, report, kind=kinds)) == listed


def test_it_says_in_short_how_the_search_does(report, coordination, of_each_kind):
    put("旧事", 1000, days_ago=400, found=0)
    in_short = coordination.get(report).context["in_short"]
    assert in_short == {"searches": 25, "nothing": 9, "rewritten": 5, "chosen": 3, "mean_rank": 1.0}


def test_most_searched_first_and_every_column_sorts(report, coordination, of_each_kind):
    assert texts(coordination, report)[:2] == ["宠物证", "婚姻登记"]
    for column in ("text", "total", "found", "how", "chosen_times", "mean_rank", "day"):
        assert len(texts(coordination, report, ordering=column)) == 5
        assert len(texts(coordination, report, ordering=f"-{column}")) == 5
    assert texts(coordination, report, ordering="total")[0] == "990000001000"
    assert texts(coordination, report, ordering="password")[0] == "宠物证"


def test_a_text_is_looked_for_however_it_is_written(report, coordination, of_each_kind):
    assert texts(coordination, report, q="寵物") == ["宠物证"]


def test_every_text_stands_on_one_page(report, coordination):
    SearchedText.objects.bulk_create(
        SearchedText(text=f"办证{number}", day=timezone.localdate(), times=1) for number in range(120)
    )
    pages = [texts(coordination, report, p=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({text for page in pages for text in page}) == 120


def test_the_engines_words_for_how_are_all_known():
    assert set(ANSWERED) == set(How)
    assert set(AS_TYPED) == {How.CODE, How.ALL}


def test_what_the_public_does_arrives_in_the_report(report, coordination, wedding):
    finding = find_guides("婚姻登记")
    searched("婚姻登记", finding.count, finding.how)
    [row] = rows(coordination, report)
    assert (row.text, row.total, row.found, row.how) == ("婚姻登记", 1, 1, "all")


# One click


def test_one_click_makes_an_everyday_name_of_a_search_that_found_nothing(report, coordination, wedding):
    put("扯证", found=0, how=How.NOTHING)
    [row] = rows(coordination, report)
    html = coordination.get(report).content.decode()
    assert f'href="{row.new_name}"' in html
    form = coordination.get(row.new_name).context["form"]
    assert form["phrase"].value() == "扯证"
    coordination.post(
        "/admin/search/everydayname/create/",
        {
            "phrase": "扯证",
            "items-TOTAL_FORMS": 1,
            "items-INITIAL_FORMS": 0,
            "items-0-page": wedding.pk,
            "items-0-ORDER": 1,
        },
    )
    assert find_guides("扯证").count == 1
    [row] = rows(coordination, report)
    assert row.everyday_name == EverydayName.objects.get()
    assert row.new_name == ""


def test_what_people_chose_after_it_is_filled_in_and_can_be_saved_as_it_is(
    report, coordination, wedding, adoption
):
    put("抱养孩子", 3, how=How.ANY)
    chosen("抱养孩子", wedding.pk, 1)
    chosen("抱养孩子", adoption.pk, 2)
    chosen("抱养孩子", adoption.pk, 2)
    [row] = rows(coordination, report)
    form = coordination.get(row.new_name).context["form"]
    formset = form.formsets["items"]
    sent = {"phrase": form["phrase"].value(), "items-MIN_NUM_FORMS": 0, "items-MAX_NUM_FORMS": 1000}
    sent |= {"items-TOTAL_FORMS": formset.total_form_count()}
    sent |= {"items-INITIAL_FORMS": formset.initial_form_count()}
    sent |= {"items-0-id": "", "items-0-ORDER": 1, "items-0-page": formset.forms[0]["page"].value()}
    assert coordination.post("/admin/search/everydayname/create/", sent).status_code == 302
    assert [each.page_id for each in EverydayName.objects.get().items.all()] == [adoption.pk]
    assert find_guides("抱养孩子").how == How.ALL


def test_a_guide_that_is_no_longer_there_is_not_suggested(report, coordination, adoption):
    put("抱养孩子")
    chosen("抱养孩子", adoption.pk, 1)
    adoption.unpublish()
    [row] = rows(coordination, report)
    assert row.chosen_most == ""
    assert "item=" not in row.new_name


def test_a_masked_number_is_nobodys_name_for_a_service(report, coordination):
    searched("我的电话13800000000", 0, How.NOTHING)
    [row] = rows(coordination, report)
    assert row.new_name == ""


def test_a_guide_is_promoted_for_a_search(report, coordination, wedding):
    put("扯证", found=0, how=How.NOTHING)
    [row] = rows(coordination, report)
    html = coordination.get(row.new_promotion).content.decode()
    assert 'value="扯证"' in html
    assert f'action="{reverse("wagtailsearchpromotions:add")}"' in html
    response = coordination.post(
        reverse("wagtailsearchpromotions:add"),
        {
            "query_string": "扯证",
            "editors_picks-TOTAL_FORMS": 1,
            "editors_picks-INITIAL_FORMS": 0,
            "editors_picks-MIN_NUM_FORMS": 0,
            "editors_picks-MAX_NUM_FORMS": 1000,
            "editors_picks-0-page": wedding.pk,
            "editors_picks-0-ORDER": 1,
        },
    )
    assert response.status_code == 302
    assert SearchPromotion.objects.get().page_id == wedding.pk
    [row] = rows(coordination, report)
    assert row.promotion == Query.objects.get().pk


# As a file


FORMULAS = ["=1+1", "+1", "-1+办证", "@sum(1)"]


def test_a_formula_that_somebody_searched_stays_a_text_in_a_spreadsheet(report, coordination):
    for text in FORMULAS:
        put(text)
    stream = b"".join(coordination.get(report, {"export": "csv"}).streaming_content)
    assert stream.startswith(b"\xef\xbb\xbf")  # or Excel reads the Chinese as something else
    lines = list(csv.reader(io.StringIO(stream.decode("utf-8-sig"))))
    assert {line[0] for line in lines[1:]} == {f"'{text}" for text in FORMULAS}
    book = b"".join(coordination.get(report, {"export": "xlsx"}).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.value for cell in cells} == set(FORMULAS)
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_file_has_what_was_filtered_and_all_of_it(report, coordination, of_each_kind, wedding):
    SearchedText.objects.bulk_create(
        SearchedText(text=f"办证{number}", day=timezone.localdate(), times=1, found=0) for number in range(60)
    )
    stream = b"".join(
        coordination.get(report, {"export": "csv", "kind": ["nothing", "rewritten"]}).streaming_content
    )
    lines = list(csv.reader(io.StringIO(stream.decode("utf-8-sig"))))
    assert len(lines) == 1 + 62
    [rewritten] = [line for line in lines if line[0] == "婚因登记"]
    assert rewritten[1:3] == ["5", "1"]
    assert rewritten[4:7] == ["1", "1.0", "内地居民婚姻登记"]


# What it costs


def test_queries_of_the_report_do_not_grow_with_it(report, coordination, wedding, adoption):
    def queries(**asked):
        with CaptureQueriesContext(connection) as captured:
            coordination.get(report, asked)
        return len(captured)

    put("婚姻登记")
    chosen("婚姻登记", wedding.pk, 1)
    queries()
    before, before_export = queries(), queries(export="xlsx")
    for number in range(30):
        put(f"办证{number}", found=number % 2)
        chosen(f"办证{number}", (wedding, adoption)[number % 2].pk, 1 + number)
        EverydayName.objects.create(phrase=f"办证{number}")
    assert ChosenGuide.objects.count() == 31
    assert queries() == before
    assert queries(export="xlsx") == before_export
