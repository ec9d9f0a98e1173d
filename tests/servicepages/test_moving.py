"""An item stays with its department while it is live or in review; else the change is asked about."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    return complete_item(DepartmentFactory(name="市民政局"))


@shared
def elsewhere():
    return DepartmentFactory(name="市司法局")


@shared
def superuser():
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def confirm_url(item, destination):
    return reverse("wagtailadmin_pages:move_confirm", args=[item.pk, destination.pk])


def test_moving_a_draft_asks_whether_the_body_changes(item, elsewhere, superuser):
    url = confirm_url(item, elsewhere.page)
    page = superuser.get(url).content.decode()
    assert str(item.department) in page
    assert str(elsewhere) in page

    superuser.post(url)
    item.refresh_from_db()
    assert item.department != elsewhere, "it moved before the question was answered"

    superuser.post(url, {"change-department": elsewhere.pk})
    item.refresh_from_db()
    assert item.get_parent().specific == elsewhere.page
    assert item.department == elsewhere


def test_a_draft_of_the_old_department_comes_back_with_the_new_one(item, elsewhere):
    item.save_revision()
    item.move(elsewhere.page, pos="last-child")
    item.refresh_from_db()
    assert item.department == elsewhere
    assert item.get_latest_revision_as_object().department == elsewhere


def test_a_live_item_stays(item, elsewhere, superuser):
    item = publish(item)
    assert not item.can_move_to(elsewhere.page)
    response = superuser.post(
        confirm_url(item, elsewhere.page), {"change-department": elsewhere.pk}, follow=True
    )
    assert item.title in " ".join(str(message) for message in response.context["messages"])
    item.refresh_from_db()
    assert item.department != elsewhere
    with pytest.raises(ValidationError):
        item.move(elsewhere.page, pos="last-child")


def test_an_item_in_review_stays(item, elsewhere):
    item.save_revision()
    item.get_workflow().start(item, UserFactory())
    assert not item.can_move_to(elsewhere.page)


def test_an_item_whose_sub_item_is_live_stays(item, elsewhere):
    publish(complete_item(item.department, parent=item, serial_number="2"))
    item.refresh_from_db()
    assert not item.can_move_to(elsewhere.page)


def test_a_section_never_leaves_its_region(item):
    county = RegionFactory(code="230321", name="鸡东县", parent=item.department.region)
    section, region_page = item.department.page, county.page
    assert not section.can_move_to(region_page)
    with pytest.raises(ValidationError):
        section.move(region_page, pos="last-child")


def test_an_item_with_sub_items_cannot_become_one(item):
    complete_item(item.department, parent=item, serial_number="2")
    item.refresh_from_db()
    other = complete_item(item.department, serial_number="3", title="另一事项")
    assert not item.can_move_to(other)


def test_items_are_not_moved_in_bulk(item, elsewhere, superuser):
    response = superuser.post(
        f"/admin/bulk/wagtailcore/page/move/?id={item.pk}", {"chooser": elsewhere.page.pk}, follow=True
    )
    assert "逐项移动" in " ".join(str(message) for message in response.context["messages"])
    assert response.redirect_chain[-1][0] == reverse("wagtailadmin_explore", args=[item.get_parent().pk])
    item.refresh_from_db()
    assert not item.is_child_of(elsewhere.page)
