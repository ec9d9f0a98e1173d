"""What people typed is handed out as text, and every report can be read on a narrow screen."""

import pytest
from django.urls import get_resolver
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from servicepages.reports import Report, harmless
from servicepages.stacked_table import StackedTable


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+办证", "@sum(1)", "＝1", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["婚姻登记", "0467-2345678", "", -1, None])
def test_everything_else_stays_as_it_is(value):
    assert harmless(value) == value


def subclasses(of):
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_report_of_ours_is_one():
    assert get_resolver().url_patterns, "every module with a report is loaded"
    ours = [view for view in subclasses(ReportView) if not view.__module__.startswith("wagtail.")]
    assert len(ours) >= 7
    assert [view for view in ours if not issubclass(view, Report)] == []


def test_each_cell_says_what_it_is_where_its_heading_is_out_of_sight():
    columns = [TitleColumn("title"), Column("due", label='期限"<'), Column("note", label="备注")]
    table = StackedTable(columns, [{"title": "婚姻登记", "due": "<b>明天", "note": ""}])
    html = table.render_html({})
    assert 'data-label="期限&quot;&lt;"' in html
    assert "&lt;b&gt;明天" in html
    assert html.count("data-label") == 1, "a title speaks for itself, and an empty cell is left out"
    assert html.count("data-empty") == 1
