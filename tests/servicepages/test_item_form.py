"""The form of an item: any draft is saved, nobody cites another's files, history can be read."""

import json

import pytest
from django.test import Client
from wagtail.fields import StreamField

from servicepages.models import ServiceHall, ServiceItemPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    ServiceHallFactory,
    UserFactory,
    complete_item,
    material,
    publish,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def editor(item):
    client = Client()
    client.force_login(UserFactory(groups=[item.department.editors]))
    return client


def form_of(item, **changes):
    """What the browser posts when only `changes` are filled in."""
    streams = [field.name for field in ServiceItemPage._meta.get_fields() if isinstance(field, StreamField)]
    points = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return {
        "title": item.title,
        **{f"{name}-count": "0" for name in streams},
        **{f"service_points-{key}": value for key, value in points.items()},
        **changes,
    }


def line(field, number, block_type, **values):
    prefix = f"{field}-{number}"
    return {
        f"{prefix}-deleted": "",
        f"{prefix}-order": number,
        f"{prefix}-type": block_type,
        f"{prefix}-id": "",
        **{f"{prefix}-value-{key}": value for key, value in values.items()},
    }


def autosave(client, item, form):
    response = client.post(f"/admin/pages/{item.pk}/edit/", form, headers={"accept": "application/json"})
    return response.status_code, json.loads(response.content)


@pytest.mark.parametrize(
    "case",
    ["a line without a hall", "a window of another hall", "two decisions", "a blank form that is a picture"],
)
def test_a_draft_that_contradicts_itself_is_saved_and_told(item, editor, case):
    hall, other = ServiceHallFactory(region=item.department.region), ServiceHallFactory()
    point = {"service_points-TOTAL_FORMS": 1, "service_points-0-id": "", "service_points-0-ORDER": 1}
    scan = AttachmentFactory(department=item.department)
    type(scan).objects.filter(pk=scan.pk).update(file="documents/scan.jpg")
    changes, rule = {
        "a line without a hall": ({**point, "service_points-0-hall": ""}, "says_where"),
        "a window of another hall": (
            {
                **point,
                "service_points-0-hall": hall.pk,
                "service_points-0-window": other.windows.first().pk,
            },
            "says_where",
        ),
        "two decisions": (
            {
                "online": "False",
                "offline_decision-count": 2,
                **line("offline_decision", 0, "decision", document="一"),
                **line("offline_decision", 1, "decision", document="二"),
            },
            "online_is_stated",
        ),
        "a blank form that is a picture": (
            {
                "materials-count": 1,
                **line("materials", 0, "material", name="申请表", blank_form=scan.pk),
            },
            "application_forms_have_blanks",
        ),
    }[case]
    status, answer = autosave(editor, item, form_of(item, **changes))
    assert (status, answer["success"]) == (200, True)
    from servicepages.completeness import checklist

    draft = ServiceItemPage.objects.get(pk=item.pk).get_latest_revision_as_object()
    assert rule in {finding.rule for finding in checklist(draft)}


def test_nobody_cites_a_file_of_another_department(item, editor):
    secret = AttachmentFactory(department=DepartmentFactory(), title="他人的秘密文件")
    form = form_of(
        item, **{"materials-count": 1, **line("materials", 0, "material", name="表", blank_form=secret.pk)}
    )
    status, answer = autosave(editor, item, form)
    assert status == 400 or not answer["success"]
    draft = ServiceItemPage.objects.get(pk=item.pk).get_latest_revision_as_object()
    assert all(block.value.get("blank_form") != secret for block in draft.materials)


def test_a_file_of_another_department_is_not_made_public_by_citing_it(item, client):
    secret = AttachmentFactory(department=DepartmentFactory())
    item.materials = [("material", material("表", blank_form=secret))]
    publish(item)
    assert client.get(secret.url).status_code == 404


def test_a_file_that_is_cited_already_may_stay(item, editor):
    kept = AttachmentFactory(department=DepartmentFactory())
    item.materials = [("material", material("表", blank_form=kept))]
    item.save_revision()
    form = form_of(
        item, **{"materials-count": 1, **line("materials", 0, "material", name="表", blank_form=kept.pk)}
    )
    status, answer = autosave(editor, item, form)
    assert (status, answer["success"]) == (200, True)


def test_old_revisions_are_read_after_a_hall_is_gone(item, editor):
    hall = ServiceHallFactory(region=item.department.region, name="旧大厅")
    points = list(item.service_points.all())
    item.service_points = [*points, item.service_points.model(hall=hall, window=hall.windows.first())]
    old = item.save_revision()
    item.service_points = points
    item.save_revision()
    ServiceHall.objects.get(pk=hall.pk).delete()
    assert editor.get(f"/admin/pages/{item.pk}/revisions/{old.pk}/view/").status_code == 200
    assert editor.get(f"/admin/pages/{item.pk}/revisions/{old.pk}/revert/").status_code == 200


def test_a_hall_that_an_item_shows_cannot_be_deleted(item):
    from django.db import transaction
    from django.db.models import ProtectedError

    hall = item.service_points.first().hall
    with pytest.raises(ProtectedError), transaction.atomic():
        hall.delete()


def test_a_window_that_an_item_shows_cannot_be_removed_in_the_admin(item):
    hall = item.service_points.first().hall
    window = hall.windows.first()
    item.service_points.first()
    item.service_points = [item.service_points.model(hall=hall, window=window)]
    item.save()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    response = client.post(
        f"/admin/servicepages/servicehall/edit/{hall.pk}/",
        {
            "name": hall.name,
            "region": hall.region_id,
            "address": hall.address,
            "opening_hours": hall.opening_hours,
            "slug": hall.slug,
            "sort_order": 0,
            "windows-TOTAL_FORMS": 1,
            "windows-INITIAL_FORMS": 1,
            "windows-MIN_NUM_FORMS": 0,
            "windows-MAX_NUM_FORMS": 1000,
            "windows-0-id": window.pk,
            "windows-0-name": window.name,
            "windows-0-DELETE": "on",
            "windows-0-ORDER": 1,
        },
    )
    assert response.status_code == 200
    assert item.title in response.content.decode()
    assert hall.windows.filter(pk=window.pk).exists()
