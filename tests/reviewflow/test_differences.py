"""What the sheet marks as different, line by line and character by character."""

import re
from decimal import Decimal

import pytest

from reviewflow.canonical import signed_content
from reviewflow.desk.differences import LineChange, compare, mark
from reviewflow.desk.reading import Reader
from reviewflow.signatories import Signatory
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    complete_item,
    material,
)
from tests.shared import shared

LEGAL, GENERAL = Signatory.LEGAL_AFFAIRS, Signatory.GENERAL_OFFICE


def marked(tag, html):
    return re.findall(rf"<{tag} [^>]*>.*?</span>(.*?)<span", html)


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("不得早于二十二周岁", "不得早于二十周岁", ["二"], []),
        ("收费9元", "收费12元", ["9"], ["12"]),
        ("Form ABC", "Form ABD", ["ABC"], ["ABD"]),
        ("同样", "同样", [], []),
        (None, "新增", [], ["新增"]),
        ("删去", None, ["删去"], []),
    ],
)
def test_what_is_different_is_marked_and_nothing_else(before, after, gone, come):
    left, right = mark(before, after)
    assert marked("del", left) == gone
    assert marked("ins", right) == come


def test_text_is_shown_as_text():
    left, right = mark("<script>1</script>", "<script>2</script>")
    assert "<script>" not in left + right


def lines(before, after, signatory=LEGAL, name="conditions"):
    forms = [signed_content(item, signatory).form for item in (before, after)]
    fields = {each.name: each for each in compare(Reader(forms), signatory, *forms)}
    return fields[name].lines


@shared
def department():
    return DepartmentFactory()


def with_conditions(department, *texts):
    return complete_item(department, conditions=[("condition", {"text": text}) for text in texts])


def test_a_line_put_between_two_others_leaves_them_as_they_are(department):
    before = with_conditions(department, "年满十八周岁", "具有本市户籍")
    after = with_conditions(department, "年满十八周岁", "无犯罪记录", "具有本市户籍")
    states = [line.state for line in lines(before, after)]
    assert states == [LineChange.SAME, LineChange.ADDED, LineChange.SAME]


def test_a_line_that_was_reworded_is_held_against_what_it_was(department):
    before = with_conditions(department, "年满十八周岁的中国公民", "具有本市户籍")
    after = with_conditions(department, "完全不同之事由", "年满二十周岁的中国公民", "具有本市户籍")
    found = lines(before, after)
    assert [line.state for line in found] == [LineChange.ADDED, LineChange.CHANGED, LineChange.SAME]
    assert marked("del", found[1].entries[0].before.html) == ["八"]


def test_every_field_of_a_full_item_has_a_name_and_readable_values(department):
    item = complete_item(
        department,
        fees=[("fee", {"item": "工本费", "amount": Decimal("9"), "unit": "对", "standard": "", "basis": ""})],
        flow_chart=None,
    )
    for signatory in Signatory:
        form = signed_content(item, signatory).form
        for change in compare(Reader([form]), signatory, None, form):
            assert change.label != change.name
            assert not change.changed


def test_a_form_that_names_what_is_gone_is_still_read(department):
    form = {
        "version": 1,
        "signatory": GENERAL.value,
        "fields": {
            "topics": [999_999],
            "service_points": [{"hall": 999_999, "window": 999_999}],
            "a_field_of_former_days": "旧值",
            "materials": [{"type": "former_block", "value": {"former_key": "旧材料"}}],
        },
    }
    text = str(compare(Reader([form]), GENERAL, None, form))
    for said in ("999999", "旧值", "旧材料", "former_key"):
        assert said in text


def test_a_file_exchanged_under_the_same_title_is_another_file(department):
    before = AttachmentFactory(title="申请表", text="旧", department=department)
    after = AttachmentFactory(title="申请表", text="新", department=department)
    items = [
        complete_item(department, materials=[("material", material("申请表", blank_form=form))])
        for form in (before, after)
    ]
    (line,) = lines(*items, signatory=GENERAL, name="materials")
    changed = [entry for entry in line.entries if entry.changed]
    assert [(entry.before.url, entry.after.url) for entry in changed] == [(before.url, after.url)]
    assert marked("ins", changed[0].after.html)


def test_names_are_looked_up_in_a_constant_number_of_queries(department, django_assert_max_num_queries):
    forms = [signed_content(complete_item(department), signatory).form for signatory in Signatory] * 5
    with django_assert_max_num_queries(6):
        reader = Reader(forms)
        for form in forms:
            compare(reader, Signatory(form["signatory"]), None, form)
