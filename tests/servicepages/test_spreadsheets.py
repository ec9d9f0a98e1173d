"""What people typed is handed out as text."""

import pytest
from django.urls import get_resolver
from wagtail.admin.views.reports import ReportView

from servicepages.spreadsheets import SafeSpreadsheetMixin, harmless


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


def test_every_report_of_ours_is_safe():
    assert get_resolver().url_patterns, "every module with a report is loaded"
    ours = [view for view in subclasses(ReportView) if not view.__module__.startswith("wagtail.")]
    assert len(ours) >= 6
    assert [view for view in ours if not issubclass(view, SafeSpreadsheetMixin)] == []
