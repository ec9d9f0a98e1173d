"""The board: departments by milestone and month, each seen by the team that coordinates it."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewflow.campaign.board import DONE, DUE, OVERDUE, WORDS, board_columns, years
from reviewflow.campaign.milestones import mark_done
from reviewflow.campaign.months import next_month
from reviewflow.campaign.reports import write
from reviewflow.models import Milestone, MilestoneDone
from reviewflow.sample_campaign import load_campaign
from servicepages.sample.ledger import Ledger
from tests.factories import DepartmentFactory, RegionFactory, UserFactory
from tests.reviewflow.campaign_plan import client_of, milestone, milestone_page, period, report_page
from tests.shared import shared

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reports/campaign/"
TODAY = timezone.localdate()
YEAR = TODAY.year
THIS_MONTH = TODAY.replace(day=1)


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def county(department):
    return DepartmentFactory(
        region=RegionFactory(name="鸡东县", code="230321", parent=department.region), name="鸡东县民政局"
    )


@shared
def editor(department):
    return UserFactory(groups=[department.editors], last_name="王", first_name="芳")


@shared
def coordination():
    return client_of(UserFactory(groups=[Group.objects.get(name="Coordination")]))


def cells(response) -> dict:
    """{department: {column's title: state or None}} as the board was given to the template."""
    titles = [column.title for column in response.context["board_columns"]]
    return {
        row["department"].name: {
            title: cell.state if cell else None for title, cell in zip(titles, row["cells"], strict=True)
        }
        for row in response.context["object_list"]
    }


def within_this_year(days):
    """That many days from today, or the year's first or last day."""
    return max(date(YEAR, 1, 1), min(date(YEAR, 12, 31), TODAY + timedelta(days=days)))


def test_each_cell_says_where_it_stands(coordination, department, county, editor):
    done = milestone(department, county, due_on=within_this_year(-30), title="先")
    ahead = milestone(department, due_on=date(YEAR, 12, 31), title="后")
    mark_done(done, department, editor, note="已完成")
    response = coordination.get(ADDRESS)
    late = OVERDUE if done.due_on < TODAY else DUE
    assert cells(response) == {
        "市民政局": {"先": DONE, "后": DUE},
        "鸡东县民政局": {"先": late, "后": None},
    }
    html = response.content.decode()
    assert str(WORDS[DONE]) in html
    assert "#icon-circle-check" in html
    assert "campaign-cell--done" in html
    assert "王芳" in html  # who, on hover
    assert f'href="{milestone_page(ahead, department)}"' in html


def test_what_is_due_today_is_not_overdue(coordination, department):
    milestone(department, due_on=TODAY, title="今天")
    assert cells(coordination.get(ADDRESS))["市民政局"]["今天"] == DUE


def test_months_are_columns_and_a_draft_is_not_done(coordination, department, county, editor):
    period(department, county, first=THIS_MONTH, last=THIS_MONTH)
    write(department, THIS_MONTH, editor, "写了一半", "")
    [column] = board_columns(YEAR)
    assert column.cell(department.pk, column.due_on).state == DUE
    assert column.cell(department.pk, column.due_on + timedelta(days=1)).state == OVERDUE
    write(department, THIS_MONTH, editor, "写完了", "", file=True)
    response = coordination.get(ADDRESS)
    assert cells(response)["市民政局"][column.title] == DONE
    assert f'href="{report_page(county, THIS_MONTH)}"' in response.content.decode()


def test_a_month_that_has_not_begun_leads_nowhere(coordination, department):
    following = next_month(THIS_MONTH)
    period(department, first=THIS_MONTH, last=following)
    html = coordination.get(ADDRESS, {"year": following.year}).content.decode()
    assert report_page(department, following) not in html
    assert str(WORDS[DUE]) in html


def test_filters_by_region_stage_and_year(coordination, department, county):
    milestone(department, county, due_on=date(YEAR, 6, 30), title="先", stage="preparation")
    milestone(department, county, due_on=date(YEAR, 11, 30), title="后", stage="acceptance")
    milestone(department, due_on=date(YEAR - 1, 11, 30), title="去年")
    period(department, first=date(YEAR, 5, 1), last=date(YEAR, 6, 1))

    def titles(**query):
        return [column.title for column in coordination.get(ADDRESS, query).context["board_columns"]]

    assert titles()[:2] == ["先", "后"]
    assert len(titles()) == 4
    assert titles(stage="acceptance") == ["后"]
    assert len(titles(stage="reports")) == 2
    assert titles(year=YEAR - 1) == ["去年"]
    response = coordination.get(ADDRESS, {"region": county.region_id})
    assert list(cells(response)) == ["鸡东县民政局"]
    assert years() == [YEAR, YEAR - 1]


def test_a_campaign_that_is_over_is_shown(coordination, department):
    milestone(department, due_on=date(2018, 6, 30), title="那年")
    assert cells(coordination.get(ADDRESS)) == {"市民政局": {"那年": OVERDUE}}


def test_a_county_team_sees_its_region_only(department, county):
    milestone(department, county)
    person = UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])
    response = client_of(person).get(ADDRESS)
    assert list(cells(response)) == ["鸡东县民政局"]
    assert "市民政局" not in response.content.decode()
    exported = client_of(person).get(ADDRESS, {"export": "csv"})
    assert "市民政局" not in b"".join(exported.streaming_content).decode("utf-8-sig").replace(
        "鸡东县民政局", ""
    )


def test_it_is_not_for_editors(editor, department):
    milestone(department)
    assert client_of(editor).get(ADDRESS).status_code == 302
    assert client_of(editor).get(ADDRESS, {"export": "csv"}).status_code == 302


def test_an_empty_board_is_a_sentence(coordination):
    response = coordination.get(ADDRESS)
    assert response.status_code == 200
    assert cells(response) == {}


def test_queries_do_not_grow_with_the_departments(coordination, department, editor):
    def fill(departments, title):
        made = milestone(*departments, title=title)
        period(*departments, name=title)
        for each in departments:
            person = UserFactory(groups=[each.editors])
            mark_done(made, each, person, note="已完成")
            write(each, THIS_MONTH, person, "已完成", "", file=True)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            coordination.get(ADDRESS)
        return len(captured)

    fill([department], "先")
    coordination.get(ADDRESS)
    before = queries()
    fill([DepartmentFactory() for _number in range(4)], "后")
    assert queries() == before


# The export


@shared
def filled(department, county, editor):
    done = milestone(department, county, due_on=date(YEAR, 6, 30), title="=1+1")
    mark_done(done, department, editor, note="已完成")
    period(department, first=THIS_MONTH, last=THIS_MONTH)
    return done


def test_the_csv_says_what_the_board_shows(coordination, filled):
    response = coordination.get(ADDRESS, {"export": "csv"})
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    head, city, county = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[2].startswith("'=1+1")
    assert len(head) == 4
    assert city[:2] == ["鸡西市", "市民政局"]
    assert str(WORDS[DONE]) in city[2]
    assert "王芳" in city[2]
    assert str(TODAY.year) in city[2]
    assert city[3]
    assert county[2] in {str(WORDS[OVERDUE]), str(WORDS[DUE])}
    assert county[3] == ""


def test_the_workbook_holds_no_formula(coordination, filled):
    response = coordination.get(ADDRESS, {"export": "xlsx", "stage": "concentrated_work"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.iter_rows())
    assert [len(rows), len(rows[0])] == [3, 3]
    assert {cell.data_type for row in rows for cell in row} == {"s"}


def test_a_departments_name_is_no_formula(coordination, filled, department):
    department.name = "=HYPERLINK(1)"
    department.save()
    content = b"".join(coordination.get(ADDRESS, {"export": "csv"}).streaming_content).decode()
    assert "'=HYPERLINK(1)" in content


# The sample


def test_the_stage_plan_comes_with_the_sample_in_this_year(coordination, department, county):
    administrator = UserFactory(is_superuser=True)
    load_campaign(Ledger(), administrator)
    days = [(each.due_on.month, each.due_on.day) for each in Milestone.objects.all()]
    ends = {6: 30, 7: 31, 9: 30, 10: 31, 11: 30, 12: 31}
    assert days == [(month, ends[month]) for month in (6, 6, 6, 6, 7, 7, 7, 9, 10, 10, 10, 11, 12)]
    assert {each.due_on.year for each in Milestone.objects.all()} == {YEAR}
    columns = coordination.get(ADDRESS).context["board_columns"]
    assert len(columns) == 13 + 8
    assert not MilestoneDone.objects.filter(done_at__gt=timezone.now()).exists()
    # what somebody deleted stays deleted
    gone = Milestone.objects.get(title="制定工作方案")
    gone.delete()
    load_campaign(Ledger(), administrator)
    assert Milestone.objects.count() == 12
