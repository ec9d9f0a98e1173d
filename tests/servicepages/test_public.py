"""The public side of an item: nothing internal can be read through it, on purpose or by mistake."""

import pytest
from django.utils import translation

from servicepages import fields
from servicepages.models.service_item import SHEET
from servicepages.public import NotPublic, PublicGuide, plain_text
from tests.factories import DepartmentFactory, approval_step, complete_item, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return complete_item(
        DepartmentFactory(),
        approval_steps=[
            ("step", approval_step("审查", "2", handler="甲某", section="某科", mobile="13800000001"))
        ],
        own_hall="内部厅",
    )


@pytest.mark.parametrize("name", [f.path for f in fields.content_fields() if not f.is_public])
def test_an_internal_field_cannot_be_read(item, name):
    with pytest.raises(NotPublic):
        getattr(PublicGuide(item), name)


def test_a_field_nobody_listed_cannot_be_read(item):
    item.unlisted = "秘密"
    with pytest.raises(AttributeError):
        _ = PublicGuide(item).unlisted


def test_blocks_arrive_without_their_internal_values(item):
    step = PublicGuide(item).approval_steps[0].value
    assert step["name"] == "审查"
    assert [key for key in step if step[key]] == ["name", "working_days"]
    assert item.approval_steps[0].value["handler"] == "甲某", "the item itself must stay as it is"


def test_the_text_for_the_index_is_in_the_language_of_the_site(item):
    with translation.override("en"):
        in_english = plain_text(item)
    with translation.override("zh-hans"):
        assert plain_text(item) == in_english


def test_the_text_for_the_index_holds_no_internal_value(item):
    text = plain_text(item)
    assert item.conditions[0].value["text"] in text
    for secret in ("甲某", "某科", "13800000001", "内部厅"):
        assert secret not in text


def test_a_draft_below_a_published_guide_changes_nothing_for_the_public(item, client):
    guide = publish(item)
    form = guide.materials[1].value["blank_form"]
    sub_item = complete_item(guide.department, parent=guide, serial_number="2", title="变更登记")
    html = client.get(guide.get_url()).content.decode()
    assert guide.conditions[0].value["text"] in html
    assert client.get(form.url).status_code == 200

    publish(sub_item)
    html = client.get(guide.get_url()).content.decode()
    assert "变更登记" in html
    assert guide.conditions[0].value["text"] not in html
    assert client.get(form.url).status_code == 404


def test_an_item_without_a_sheet_lists_its_sub_items_from_the_start(item):
    complete_item(item.department, parent=item, serial_number="2")
    item.refresh_from_db()
    assert not item.files_no_sheet
    for name in SHEET:
        setattr(item, name, [])
    assert item.files_no_sheet
