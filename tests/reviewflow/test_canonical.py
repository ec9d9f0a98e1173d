"""What an office signs: the same content has the same digest, and every field it signs for is in it."""

import json
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import models, transaction
from hypothesis import given
from hypothesis import strategies as st
from wagtail.blocks import StructValue
from wagtail.fields import StreamField

from reviewflow.canonical import VERSION, digest, normalised, signed_content, signed_contents
from reviewflow.models import Decision
from reviewflow.signatories import OFFICES, Signatory
from servicepages.fields import TABLE, Signer
from servicepages.models import Attachment, Picture, ServiceItemPage, ServicePoint, Topic
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    ServiceHallFactory,
    approval_step,
    complete_item,
    docx_bytes,
    material,
    publish,
    sign_off,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db

SIGNED = sorted(path for path, field in TABLE.items() if field.signer is not Signer.BOOKKEEPING)
BOOKKEEPING = sorted(
    path for path, field in TABLE.items() if field.signer is Signer.BOOKKEEPING and "." not in path
)


@shared
def item():
    """An item with something in every field and sub-field."""
    department = DepartmentFactory()
    attachment = AttachmentFactory(department=department)
    hall = ServiceHallFactory(region=department.region)
    item = complete_item(
        department,
        implementation_code="11230300000000000A100011100100",
        legal_bases=[
            ("legal_basis", dict.fromkeys(("law", "document_number", "article", "quotation"), "甲"))
        ],
        fees=[
            ("fee", {"item": "工本费", "amount": Decimal("20"), "unit": "证", "standard": "", "basis": "甲"}),
            ("no_fee", {"note": "甲"}),
        ],
        time_limit_note="甲",
        periodic_inspection="甲",
        approval_steps=[("step", approval_step("受理", "1", section="甲", handler="王芳", mobile="1"))],
        flow_chart=PictureFactory(),
        materials=[
            (
                "material",
                material("许可申请表", blank_form=attachment, filled_in_sample=attachment, notes="甲"),
            ),
            ("none_needed", {"note": "甲"}),
        ],
        result=[("result", {"name": "许可证", "kind": "certificate", "sample": attachment})],
        other_topics=[("topic", {"audience": "organisation", "text": "甲"})],
        questions=[("question", {"question": "甲", "answer": "甲"})],
        offline_reason="甲",
        offline_decision=[
            (
                "decision",
                {"decided_by": "甲", "document": "甲", "decided_on": date(2018, 8, 1), "scan": attachment},
            )
        ],
        service_points=[hall.windows.first()],
    )
    item.save_revision()
    return ServiceItemPage.objects.get(pk=item.pk)


def digests(item) -> dict:
    return {signatory: content.digest for signatory, content in signed_contents(item).items()}


# Every field that is signed is in the digest of who signs for it, and in no other


def another(value, field=None):
    """A value of the same kind that says something else."""
    if isinstance(field, models.BooleanField) or isinstance(value, bool):
        return not value
    if field is not None and getattr(field, "choices", None):
        return next(choice for choice, _label in field.choices if choice and choice != value)
    match value:
        case int() | Decimal():
            return value + 1
        case date():
            return date(2020, 2, 2)
        case Attachment():
            return AttachmentFactory(title="另一份文件")
        case list():
            return [*value, "text"]
    if isinstance(field, models.IntegerField):
        return 7
    return f"{value or ''}改"


def change(item, path):
    name, _dot, key = path.partition(".")
    field = ServiceItemPage._meta.get_field(name)
    if name == "service_points":
        change_service_point(item, key)
    elif name == "topics":
        item.topics = [Topic.objects.last()]
    elif name == "department":
        item.department = DepartmentFactory()
    elif name == "flow_chart":
        item.flow_chart = PictureFactory(title="另一张图")
    elif not isinstance(field, StreamField):
        setattr(item, name, another(getattr(item, name), field))
    elif key:
        struct = next(child.value for child in getattr(item, name) if key in child.value)
        assert isinstance(struct, StructValue)
        struct[key] = another(struct[key])
    else:
        getattr(item, name).pop()


def change_service_point(item, key):
    point = item.service_points.get()
    if not key:
        item.service_points = []
        return
    other = ServiceHallFactory(region=item.department.region)
    value = {"hall": other, "window": other.windows.first(), "note": "改"}[key]
    setattr(point, key, value)
    item.service_points = [point]


def test_a_change_shows_in_the_digests_of_those_who_sign_for_it_and_of_nobody_else(item):
    """Every signed path of the table. One item for all, put back after each: a hundred items take a minute."""
    for path in SIGNED:
        start = transaction.savepoint()
        proposed = ServiceItemPage.objects.get(pk=item.pk)
        before = digests(proposed)
        change(proposed, path)
        after = digests(proposed)
        transaction.savepoint_rollback(start)
        changed = {signatory for signatory in Signatory if before[signatory] != after[signatory]}
        assert changed == {signatory for signatory in Signatory if path in signatory.paths}, path
        assert any(signatory.is_office for signatory in changed), path


@pytest.mark.parametrize("path", BOOKKEEPING)
def test_what_nobody_signs_is_in_no_digest(path):
    assert not any(path in signatory.paths for signatory in Signatory)


def test_a_subfield_is_signed_by_the_office_of_its_field():
    """The digest of an office is made field by field, so no other office's could hold it."""
    for path, field in TABLE.items():
        if field.signer is not Signer.BOOKKEEPING:
            assert TABLE[field.name].signer is field.signer, path


def test_every_signed_path_has_one_office():
    signed = [path for office in OFFICES for path in office.paths]
    assert sorted(signed) == SIGNED


def test_the_departments_legal_officer_checks_whose_the_approval_flow_is_and_nothing_else():
    assert set(Signatory.DEPARTMENT_LEGAL.field_names) == {"department", "approval_steps"}
    assert {TABLE[path].name for path in Signatory.DEPARTMENT_LEGAL.paths} == {"department", "approval_steps"}


# The same content has the same digest


def test_a_revision_and_the_live_row_say_the_same(item):
    live = publish(item)
    assert digests(live) == digests(live.live_revision.as_object()) == digests(item)


def test_ids_of_blocks_and_the_order_of_keys_are_not_signed(item):
    before, revision = digests(item), item.save_revision()
    for name in ("fees", "materials"):
        lines = [
            {"value": dict(reversed(line["value"].items())), "type": line["type"], "id": str(uuid.uuid4())}
            for line in getattr(item, name).raw_data
        ]
        setattr(item, name, ServiceItemPage._meta.get_field(name).stream_block.to_python(lines))
    assert digests(item) == before == digests(revision.as_object())


@pytest.mark.parametrize(
    "written", [" 年满 ", "年满\u200b", "\ufeff年满\r\n", "\n\n年满", "年\u00ad满", "年满\u3000\t"]
)
def test_white_space_that_nobody_sees_is_not_signed(item, written):
    item.who_may_apply = "年满"
    before = digests(item)
    item.who_may_apply = written
    assert digests(item) == before


@pytest.mark.parametrize("written", ["年 满", "年\n满", "年满。", "年\n\n满"])
def test_what_a_reader_sees_is_signed(item, written):
    item.who_may_apply = "年满"
    before = digests(item)
    item.who_may_apply = written
    assert digests(item) != before


def test_amounts_are_signed_and_not_how_they_are_written(item):
    before = digests(item)
    for written in ("20.00", "2E+1", "20.0"):
        item.fees[0].value["amount"] = Decimal(written)
        assert digests(item) == before
    item.fees[0].value["amount"] = Decimal("20.01")
    assert digests(item) != before


def test_a_nought_is_a_statement_and_an_empty_field_is_none(item):
    item.visits_required = None
    nothing = digests(item)
    item.visits_required = 0
    assert digests(item) != nothing
    item.online = None
    nothing = digests(item)
    item.online = False
    assert digests(item) != nothing


def test_a_field_added_later_voids_nothing(item):
    """A revision from before a field or a sub-field was there says the same as one that leaves it empty."""
    item.complaint_phone = ""
    item.materials[0].value["notes"] = ""
    revision = item.save_revision()
    before = digests(revision.as_object())
    del revision.content["complaint_phone"]
    materials = item.materials.stream_block.get_prep_value(item.materials)
    del materials[0]["value"]["notes"]
    revision.content["materials"] = json.dumps(materials)
    assert digests(revision.as_object()) == before


def test_the_order_of_lines_is_signed_and_the_order_of_topics_is_not(item):
    topics = list(Topic.objects.all()[:2])
    item.topics = topics
    before = digests(item)
    item.topics = topics[::-1]
    assert digests(item) == before
    item.fees = list(reversed([(child.block_type, child.value) for child in item.fees]))
    assert digests(item)[Signatory.LEGAL_AFFAIRS] != before[Signatory.LEGAL_AFFAIRS]


def test_the_order_of_service_points_is_signed(item):
    halls = [ServiceHallFactory(region=item.department.region) for _ in range(2)]
    item.service_points = [ServicePoint(hall=hall, sort_order=order) for order, hall in enumerate(halls)]
    before = digests(item)
    item.service_points = [
        ServicePoint(hall=hall, sort_order=order) for order, hall in enumerate(halls[::-1])
    ]
    assert digests(item) != before


# Files: what they are called and what is in them


def test_the_title_of_an_attachment_is_signed(item):
    before = digests(item)
    Attachment.objects.filter(pk=item.materials[0].value["blank_form"].pk).update(title="改过的名称")
    changed = digests(ServiceItemPage.objects.get(pk=item.pk))
    assert {each for each in Signatory if before[each] != changed[each]} == {Signatory.GENERAL_OFFICE}


@pytest.mark.parametrize("field", ["title", "description"])
def test_the_title_and_the_alternative_text_of_a_picture_are_signed(item, field):
    before = digests(item)
    Picture.objects.filter(pk=item.flow_chart_id).update(**{field: "改过的"})
    assert digests(ServiceItemPage.objects.get(pk=item.pk)) != before


def test_the_content_of_a_file_is_signed_and_not_the_row_it_is_kept_in(item):
    blank = item.materials[0].value["blank_form"]
    blank.file.open("rb")
    content = blank.file.read()
    same, other = (AttachmentFactory(department=item.department, title=blank.title) for _number in range(2))
    for attachment, bytes_ in ((same, content), (other, docx_bytes("改过的申请表"))):
        with attachment.file.storage.open(attachment.file.name, "wb") as file:
            file.write(bytes_)
        attachment._set_document_file_metadata()
        attachment.save()
    before = digests(item)
    item.materials[0].value["blank_form"] = same
    assert digests(item) == before
    item.materials[0].value["blank_form"] = other
    assert digests(item) != before


def test_a_value_of_an_unknown_kind_is_never_signed_by_its_repr(item):
    item.own_hall = object()
    with pytest.raises(TypeError, match="own_hall"):
        signed_content(item, Signatory.GENERAL_OFFICE)


# What is stored


def test_what_is_stored_can_be_read_and_checked_years_later(item):
    sign_off(item)
    for decision in Decision.objects.filter(page=item.pk):
        assert digest(decision.content) == decision.digest
        assert decision.content["version"] == decision.content_version == VERSION
    stored = Decision.objects.get(page=item.pk, signatory=Signatory.LEGAL_AFFAIRS).content["fields"]
    assert stored["fees"][0] == {
        "type": "fee",
        "value": {"item": "工本费", "amount": "20", "unit": "证", "basis": "甲"},
    }


def test_sign_offs_of_another_version_of_the_form_do_not_count(item):
    content = signed_content(item, Signatory.EDITORIAL)
    assert digest(content.form | {"version": VERSION + 1}) != content.digest


def test_two_offices_never_share_a_digest(item):
    assert len(set(digests(item).values())) == len(Signatory)


# The text


@given(st.text(st.characters(codec="utf-8")))
def test_normalising_twice_is_normalising_once(text):
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(st.sampled_from("甲乙 \t\u3000\n\r\u200b\ufeff\u2028a")))
def test_normalising_takes_away_nothing_that_is_seen(text):
    def seen(text):
        return [letter for letter in text if not letter.isspace() and letter not in "\u200b\ufeff"]

    assert seen(normalised(text)) == seen(text)
