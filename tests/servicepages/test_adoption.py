"""A new item from another department's guide: its structure, nothing internal, files of its own."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from servicepages import fields
from servicepages.adoption import OWN_TO_A_DEPARTMENT, adopt
from servicepages.models import ServiceItemPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    UserFactory,
    approval_step,
    complete_item,
    material,
    publish,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def source():
    department = DepartmentFactory(name="市民政局")
    form = AttachmentFactory(department=department)
    return publish(
        complete_item(
            department,
            title="补领婚姻登记证",
            approval_steps=[("step", approval_step("审查", "3", handler="甲某", mobile="13800000001"))],
            materials=[("material", material("申请表", blank_form=form))],
            own_hall="内部厅",
            offline_reason="内部原因",
        )
    )


@shared
def section():
    return DepartmentFactory(name="县民政局").page


@shared
def editor(section):
    return UserFactory(groups=[section.department.editors])


def test_the_structure_comes_along(source, section, editor):
    item = adopt(source, section, editor)
    assert not item.live
    assert item.department == section.department
    assert item.title == source.title
    assert [step.value["name"] for step in item.approval_steps] == ["审查"]
    assert set(item.topics.all()) == set(source.topics.all())
    assert item.conditions[0].value["text"] == source.conditions[0].value["text"]


def test_nothing_internal_and_nothing_of_the_other_department_comes_along(source, section, editor):
    item = adopt(source, section, editor).get_latest_revision_as_object()
    for step in item.approval_steps:
        for key in fields.internal_subfields("approval_steps"):
            assert not step.value[key]
    for field in fields.content_fields():
        if not field.is_public or field.name in OWN_TO_A_DEPARTMENT - {"department"}:
            value = getattr(item, field.name)
            value = value.all() if hasattr(value, "all") else value
            assert not value, field.name


def test_attachments_are_copied_into_the_own_collection(source, section, editor):
    item = adopt(source, section, editor)
    copy, original = item.materials[0].value["blank_form"], source.materials[0].value["blank_form"]
    assert copy.pk != original.pk
    assert copy.collection == section.department.collection
    assert copy.file.read() == original.file.read()


def test_only_published_guides_and_only_into_the_own_section(source, section, editor):
    draft = complete_item(source.department, title="草稿")
    with pytest.raises(PermissionDenied):
        adopt(draft, section, editor)
    with pytest.raises(PermissionDenied):
        adopt(source, source.get_parent().specific, editor)


def test_in_the_admin(source, section, editor):
    complete_item(source.department, title="未发布的秘密")
    client = Client()
    client.force_login(editor)
    url = reverse("adopt_guide", args=[section.pk])
    html = client.get(url).content.decode()
    assert source.title in html
    assert "未发布的秘密" not in html
    assert url in client.get(reverse("wagtailadmin_explore", args=[section.pk])).content.decode()
    response = client.post(url, {"source": source.pk})
    item = ServiceItemPage.objects.get(department=section.department)
    assert response.url == reverse("wagtailadmin_pages:edit", args=[item.pk])
    assert client.get(response.url).status_code == 200
