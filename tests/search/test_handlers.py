"""Who handles what: staff find it in the items they may change, and the public by no road."""

import csv
import io

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from search.handlers import begin, find
from search.models import Guide, GuideText, HandlerText
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, add_item, approval_step, publish
from tests.reviewflow.item_form import filled_form
from tests.search.conftest import published
from tests.shared import shared

pytestmark = pytest.mark.django_db

REPORT = "/admin/reports/handlers/"


def steps(*handlers, **values):
    return [("step", approval_step("审查", "1", handler=name, **values)) for name in handlers]


def client_of(*groups, **fields):
    client = Client()
    client.force_login(UserFactory(groups=groups, **fields))
    return client


def rows(client, query, **asked):
    response = client.get(REPORT, {"q": query, **asked})
    assert response.status_code == 200
    return list(response.context["object_list"])


def found(client, query):
    return [(row.title, row.handler) for row in rows(client, query)]


@shared
def wedding(department):
    values = {"section": "婚姻登记科", "post": "科长", "mobile": "138-0000-1234"}
    return published(
        department, "婚姻登记", approval_steps=steps("赵国庆", "钱卫东", **values), filled_in_by="孙丽华"
    )


@shared
def colleague(department):
    return client_of(department.editors)


# What is found


@pytest.mark.parametrize(
    ("query", "handlers"),
    [
        ("赵国庆", ["赵国庆"]),
        ("趙國慶", ["赵国庆"]),
        ("国庆", ["赵国庆"]),
        ("钱 卫东", ["钱卫东"]),
        ("婚姻登记科", ["赵国庆", "钱卫东"]),
        ("科长 钱卫东", ["钱卫东"]),
        ("13800001234", ["赵国庆", "钱卫东"]),
        ("１３８ 0000 1234", ["赵国庆", "钱卫东"]),
        ("138-0000-1234", ["赵国庆", "钱卫东"]),
        ("孙丽华", ["孙丽华"]),
        ("赵国庆 钱卫东", []),  # of two lines
        ("赵国庆 局长", []),
        ("审查", []),  # the step is public, and found as everything public is
        ("赵", []),
        ("", []),
        ("%_", []),
        ("\x00", []),
    ],
)
def test_what_is_found(wedding, colleague, query, handlers):
    assert [name for _title, name in found(colleague, query)] == handlers


def test_a_line_shows_all_that_it_says(wedding, colleague, department):
    [row] = rows(colleague, "钱卫东")
    shown = (row.title, row.department, row.step, row.section, row.handler, row.post, row.mobile)
    assert shown == (
        "婚姻登记",
        str(department),
        "审查",
        "婚姻登记科",
        "钱卫东",
        "科长",
        "138-0000-1234",
    )
    html = colleague.get(REPORT, {"q": "钱卫东"}).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[wedding.pk]) in html
    assert all(text in html for text in shown)


def test_nothing_is_listed_before_somebody_asks(wedding, colleague):
    for query in ("", "赵", " ", "?"):
        response = colleague.get(REPORT, {"q": query})
        assert response.context["items_count"] == 0
        assert "2" in response.context["no_results_message"]
    assert "赵国庆" not in colleague.get(REPORT).content.decode()


def test_characters_that_nobody_sees_do_no_harm(department, colleague):
    add_item(department, title="收养登记", approval_steps=steps("周\u200b建\x07华"))
    assert found(colleague, "周建华") == [("收养登记", "周建华")]
    book = b"".join(colleague.get(REPORT, {"q": "周建华", "export": "xlsx"}).streaming_content)
    assert openpyxl.load_workbook(io.BytesIO(book)).active["E2"].value == "周建华"


# Who finds it


def test_everybody_finds_it_in_the_items_they_may_change(wedding, department):
    county = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    other = DepartmentFactory(region=county, name="县民政局")
    add_item(other, title="县里的婚姻登记", approval_steps=steps("赵国庆"))
    groups = {name: Group.objects.get(name=name) for name in ("Coordination", f"{county.name} Coordination")}
    city, in_county = ("婚姻登记", "赵国庆"), ("县里的婚姻登记", "赵国庆")
    for client, finds in (
        (client_of(department.editors), [city]),
        (client_of(department.legal_officers), [city]),
        (client_of(other.editors), [in_county]),
        (client_of(groups[f"{county.name} Coordination"]), [in_county]),
        (client_of(groups["Coordination"]), [city, in_county]),
        (client_of(is_superuser=True), [city, in_county]),
        (client_of(department.editors, other.editors), [city, in_county]),
    ):
        assert sorted(found(client, "赵国庆")) == sorted(finds)
        assert client.get(REPORT, {"q": "赵国庆"}).context["items_count"] == len(finds)
        assert REPORT in client.get("/admin/").content.decode()


def test_another_departments_editor_finds_nothing(wedding):
    stranger = client_of(DepartmentFactory(name="公安局").editors)
    for query in ("赵国庆", "婚姻登记科", "13800001234", "孙丽华"):
        for address in (REPORT, f"{REPORT}results/"):
            response = stranger.get(address, {"q": query})
            assert response.context["items_count"] == 0
            assert "婚姻登记<" not in response.content.decode()
        stream = b"".join(stranger.get(REPORT, {"q": query, "export": "csv"}).streaming_content)
        assert len(stream.splitlines()) == 1


@pytest.mark.parametrize("office", ["Editorial", "Legal Affairs", "General Office"])
def test_who_may_change_no_item_has_no_such_report(wedding, office):
    client = client_of(Group.objects.get(name=office))
    for name in ("handler_report", "handler_report_results"):
        for export in ({}, {"export": "csv"}, {"export": "xlsx"}):
            response = client.get(reverse(name), {"q": "赵国庆", **export})
            assert response.status_code in (302, 403)
            assert "赵国庆" not in response.content.decode()
    assert REPORT not in client.get("/admin/").content.decode()


def test_the_public_is_sent_to_the_login(wedding, client):
    for name in ("handler_report", "handler_report_results"):
        response = client.get(reverse(name), {"q": "赵国庆", "export": "csv"})
        assert response.url.startswith("/admin/login/")


# It follows the items


@shared
def unpublished(department):
    return add_item(
        department, title="收养登记", approval_steps=steps("赵国庆", "钱卫东"), filled_in_by="孙丽华"
    )


def test_a_change_is_found_at_once(unpublished, colleague):
    item = ServiceItemPage.objects.get(pk=unpublished.pk)
    item.approval_steps = steps("吴小梅")
    item.save()
    assert found(colleague, "吴小梅") == [("收养登记", "吴小梅")]
    assert found(colleague, "赵国庆") == found(colleague, "钱卫东") == []
    item.filled_in_by = "郑爱民"
    item.save(update_fields=["filled_in_by"])
    assert found(colleague, "郑爱民") == [("收养登记", "郑爱民")]
    assert found(colleague, "孙丽华") == []


def test_a_draft_that_an_editor_saves_is_found(unpublished, department):
    """Through the form, as everybody writes."""
    editor = UserFactory(groups=[department.editors])
    client = Client()
    client.force_login(editor)
    sent = filled_form(unpublished, editor) | {"approval_steps-1-value-handler": "郑爱民"}
    client.post(reverse("wagtailadmin_pages:edit", args=[unpublished.pk]), sent)
    assert found(client, "郑爱民") == [("收养登记", "郑爱民")]
    assert found(client, "钱卫东") == []


def test_a_newer_draft_is_found_when_it_is_published(wedding, colleague):
    item = ServiceItemPage.objects.get(pk=wedding.pk)
    item.approval_steps = steps("吴小梅")
    item.save_revision()
    assert found(colleague, "吴小梅") == []
    publish(item)
    assert found(colleague, "吴小梅") == [("婚姻登记", "吴小梅")]


def test_it_goes_with_the_item(unpublished):
    part = add_item(unpublished, title="补领结婚证", approval_steps=steps("王建军"))
    keys = [unpublished.pk, part.pk]
    assert HandlerText.objects.filter(item__in=keys).count() == 5
    ServiceItemPage.objects.get(pk=unpublished.pk).delete()
    assert not HandlerText.objects.filter(item__in=keys).exists()


def test_items_from_before_get_theirs_after_a_migration(wedding, department, colleague, monkeypatch):
    monkeypatch.setattr("search.handlers.CHUNK", 2)
    for number in range(5):
        add_item(department, title=f"旧事项{number}", approval_steps=steps("冯老师"))
    # Found by a word that no item says: what is there is not written again.
    HandlerText.objects.filter(item=wedding, position=1).update(text="有人")
    HandlerText.objects.exclude(item=wedding).delete()
    begin()
    assert len(found(colleague, "冯老师")) == 5
    assert len(rows(colleague, "有人")) == 1
    with CaptureQueriesContext(connection) as queries:
        begin()
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "DELETE"))]


def test_update_index_writes_it_anew(wedding, colleague):
    ServiceItemPage.objects.filter(pk=wedding.pk).update(filled_in_by="郑爱民")
    call_command("update_index", verbosity=0)
    assert found(colleague, "郑爱民") == [("婚姻登记", "郑爱民")]
    assert found(colleague, "孙丽华") == []


def test_a_line_that_is_no_longer_there_is_shown_empty(wedding, colleague):
    ServiceItemPage.objects.filter(pk=wedding.pk).update(approval_steps=[])
    assert found(colleague, "钱卫东") == [("婚姻登记", "")]


# What it costs


def test_fifty_a_page_and_a_constant_number_of_queries(wedding, department, colleague):
    def queries(**asked):
        with CaptureQueriesContext(connection) as captured:
            response = colleague.get(REPORT, {"q": "科长", **asked})
            list(response.streaming_content) if response.streaming else None
        return len(captured)

    queries()
    before, before_export = queries(), queries(export="xlsx")
    for number in range(29):
        add_item(department, title=f"事项{number}", approval_steps=steps("甲", "乙", post="科长"))
    assert [len(rows(colleague, "科长", p=page)) for page in (1, 2)] == [50, 10]
    assert len({row.pk for page in (1, 2) for row in rows(colleague, "科长", p=page)}) == 60
    assert queries() == before
    assert queries(export="xlsx") == before_export


def test_saving_an_item_that_says_the_same_writes_nothing(unpublished):
    item = ServiceItemPage.objects.get(pk=unpublished.pk)
    kept = list(HandlerText.objects.order_by("pk").values_list("pk", flat=True))
    item.who_may_apply = "双方"
    item.save()
    assert list(HandlerText.objects.order_by("pk").values_list("pk", flat=True)) == kept


# As a file


def test_a_formula_stays_a_text_in_a_spreadsheet(department, colleague):
    formulas = ["=1+1办证", "+1办证", "-1办证", "@sum办证", "＝1办证"]
    add_item(department, title="收养登记", approval_steps=steps(*formulas))
    asked = {"q": "办证"}
    stream = b"".join(colleague.get(REPORT, {**asked, "export": "csv"}).streaming_content)
    assert stream.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(stream.decode("utf-8-sig"))))
    assert [line[4] for line in lines[1:]] == [f"'{text}" for text in formulas]
    book = b"".join(colleague.get(REPORT, {**asked, "export": "xlsx"}).streaming_content)
    cells = [row[4] for row in openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in formulas]


# What the public gets of it

CANARIES = {"section": "zsectionz", "handler": "zhandlerz", "post": "zpostz", "mobile": "19912345678"}
FILLER = "zfillerz"


@shared
def with_canaries(department):
    return published(
        department,
        "金丝雀养殖许可",
        approval_steps=[("step", approval_step("审查", "1", **CANARIES))],
        filled_in_by=FILLER,
    )


def canaries():
    return [*CANARIES.values(), FILLER]


def tables_that_hold(text):
    """Every table of the database, the indexes' own among them."""
    holding = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor, include_views=False):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            if any(text in as_text(value) for row in cursor.fetchall() for value in row):
                holding.add(table)
    return holding


def as_text(value):
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def test_no_table_that_the_public_searches_holds_it(with_canaries):
    assert Guide.objects.filter(pk=with_canaries.pk).exists()
    public_tables = {Guide._meta.db_table, GuideText._meta.db_table}
    assert public_tables < tables_that_hold("金丝雀") | tables_that_hold(str(with_canaries.pk))
    for canary in canaries():
        holding = tables_that_hold(canary)
        assert HandlerText._meta.db_table in holding, canary
        searched = {table for table in holding if "search" in table or "index" in table}
        assert searched == {HandlerText._meta.db_table}, canary


def test_the_public_search_neither_finds_nor_shows_nor_suggests_it(with_canaries, client):
    for query in (*canaries(), "金丝雀"):
        cache.clear()
        page = client.get(reverse("search:search"), {"q": query})
        suggestions = client.get(reverse("search:suggest"), {"q": query})
        assert ("金丝雀养殖" in page.content.decode().replace("<mark>", "").replace("</mark>", "")) == (
            query == "金丝雀"
        )
        for canary in canaries():
            if canary != query:
                assert canary not in page.content.decode()
            assert canary not in suggestions.content.decode("unicode_escape")


def test_the_publics_requests_never_read_the_table(with_canaries, client):
    with CaptureQueriesContext(connection) as queries:
        for address in (
            f"{reverse('search:search')}?q=zhandlerz",
            f"{reverse('search:search')}?q=金丝雀&sort=name",
            f"{reverse('search:suggest')}?q=金丝",
            with_canaries.url,
        ):
            cache.clear()
            assert client.get(address).status_code == 200
    assert queries
    assert not [query for query in queries if HandlerText._meta.db_table in query["sql"]]


def test_a_person_without_any_right_finds_nothing(with_canaries):
    assert not find(UserFactory(), "zhandlerz").exists()
    assert not find(UserFactory(is_superuser=True, is_active=False), "zhandlerz").exists()
    assert find(UserFactory(is_superuser=True), "zhandlerz").count() == 1
