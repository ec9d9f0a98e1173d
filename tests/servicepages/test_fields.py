"""The table of fields covers every field there is: nobody can add one and forget who may see it."""

import pytest
from modelcluster.models import get_all_child_relations
from wagtail.blocks import BaseStreamBlock, BaseStructBlock
from wagtail.fields import StreamField

from servicepages import fields
from servicepages.fields import Signer
from servicepages.models import ServiceItemPage, ServicePoint

# From the form: lines marked 內部使用不公開, the flow "不對外公開" but for steps and their days, and
# what the statement and the statistics table say for staff.
INTERNAL_ON_THE_FORM = {
    "approval_steps.section",
    "approval_steps.handler",
    "approval_steps.post",
    "approval_steps.mobile",
    "own_hall",
    "public_hall",
    "on_provincial_platform",
    "offline_reason",
    "offline_decision",
    "filled_in_by",
    "filled_in_phone",
    "filled_in_on",
}


def _subfields(block, found):
    """Keys of every struct below `block`, however deeply the streams are nested."""
    if isinstance(block, BaseStreamBlock):
        for child in block.child_blocks.values():
            _subfields(child, found)
    elif isinstance(block, BaseStructBlock):
        for name, child in block.child_blocks.items():
            found.add(name)
            _subfields(child, found)
    return found


def _paths_of_the_model():
    paths = set()
    for field in ServiceItemPage._meta.get_fields():
        if field.auto_created and not field.concrete:
            continue
        if not field.concrete and not field.many_to_many:
            continue
        paths.add(field.name)
        if isinstance(field, StreamField):
            paths |= {f"{field.name}.{sub}" for sub in _subfields(field.stream_block, set())}
    paths |= {"service_points", "wagtail_admin_comments"}
    paths |= {f"service_points.{field.name}" for field in ServicePoint._meta.get_fields() if field.concrete}
    return paths


def test_every_field_and_subfield_is_in_the_table():
    assert _paths_of_the_model() - set(fields.TABLE) == set()


def test_the_table_names_nothing_that_does_not_exist():
    assert set(fields.TABLE) - _paths_of_the_model() == set()


def test_child_relations_of_the_model_are_those_the_table_knows():
    relations = {relation.get_accessor_name() for relation in get_all_child_relations(ServiceItemPage)}
    assert relations == {"service_points", "wagtail_admin_comments"}


@pytest.mark.parametrize("path", sorted(INTERNAL_ON_THE_FORM))
def test_what_the_form_calls_internal_is_internal(path):
    assert not fields.is_public(path)


@pytest.mark.parametrize("path", ["approval_steps.name", "approval_steps.working_days", "consultation_phone"])
def test_what_the_form_publishes_is_public(path):
    assert fields.is_public(path)


@pytest.mark.parametrize(
    ("office", "names"),
    [
        (Signer.EDITORIAL, {"title", "serial_number", "department", "item_type", "legal_bases"}),
        (Signer.LEGAL_AFFAIRS, {"fees", "conditions", "procedure"}),
        (Signer.GENERAL_OFFICE, {"acceptance_days", "approval_steps", "flow_chart", "materials", "online"}),
    ],
)
def test_each_office_signs_for_what_the_plan_gives_it(office, names):
    assert names <= set(fields.signed_by(office))


def test_a_subfield_of_an_internal_field_is_internal():
    for path, field in fields.TABLE.items():
        if "." in path and not fields.is_public(field.name):
            assert not field.is_public, path
