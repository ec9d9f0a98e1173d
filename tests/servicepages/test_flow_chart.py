"""The flow chart is drawn from names and days, whatever they are."""

import itertools
import xml.etree.ElementTree as ET
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from servicepages.flow_chart import WIDEST_LINE, FlowChart, wrap

SVG = "{http://www.w3.org/2000/svg}"


def texts(chart):
    root = ET.fromstring(chart.svg.strip())  # noqa: S314 - our own output
    return [element.text for element in root.iter(f"{SVG}text")]


def test_steps_stand_in_their_order_with_their_days():
    shown = texts(FlowChart([("受理", Decimal("1")), ("审查", Decimal("0.5")), ("送达", None)]))
    names = [text for text in shown if text in ("受理", "审查", "送达")]
    assert names == ["受理", "审查", "送达"]
    assert any("0.5" in text for text in shown)
    assert len(shown) == 5


def test_a_step_that_looks_like_markup_is_only_text():
    assert "<script>" not in FlowChart([("<script>alert(1)</script>", None)]).svg


def test_boxes_never_overlap_and_the_picture_holds_them():
    chart = FlowChart([("很长的环节名称" * 6, Decimal(3))] * 5)
    boxes = chart.boxes
    assert all(above.bottom < below.top for above, below in itertools.pairwise(boxes))
    root = ET.fromstring(chart.svg.strip())  # noqa: S314 - our own output
    assert int(root.get("height")) >= boxes[-1].bottom


def test_an_empty_flow_draws_nothing():
    assert not FlowChart([])


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"))))
def test_wrapping_loses_nothing(text):
    lines = wrap(text)
    assert "".join(lines) == text
    assert all(len(line) <= WIDEST_LINE for line in lines)
