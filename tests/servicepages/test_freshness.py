"""A kept rendering is never shown once something it holds has changed."""

import pytest
from django.test import Client

from servicepages.models import ServiceHall
from tests.factories import (
    DepartmentFactory,
    ServiceHallFactory,
    UserFactory,
    complete_item,
    publish,
    sign_off,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def guide():
    return publish(complete_item(DepartmentFactory(), title="取水许可"))


def page_of(guide, client=None):
    return (client or Client()).get(guide.get_url()).content.decode()


def test_the_second_reader_gets_the_same_page_with_fewer_queries(guide, django_assert_max_num_queries):
    first = page_of(guide)
    with django_assert_max_num_queries(9):
        assert page_of(guide) == first


def test_a_new_version_is_shown_at_once(guide):
    page_of(guide)
    guide.who_may_apply = "取水单位和个人"
    publish(guide)
    assert "取水单位和个人" in page_of(guide)


def test_a_change_saved_by_code_is_shown_at_once(guide):
    page_of(guide)
    guide.who_may_apply = "取水单位和个人"
    sign_off(guide)
    guide.save()
    assert "取水单位和个人" in page_of(guide)


def test_a_changed_register_is_shown_at_once(guide):
    hall = ServiceHall.objects.get(service_points__page=guide)
    page_of(guide)
    hall.opening_hours = "周六 9:00—12:00"
    hall.save()
    assert "周六 9:00—12:00" in page_of(guide)
    window = ServiceHallFactory().windows.first()
    guide.service_points.add(guide.service_points.model(hall=window.hall, window=window))
    guide = publish(guide)
    page_of(guide)
    window.name = "综合窗口九"
    window.save()
    assert "综合窗口九" in page_of(guide)


def test_a_renamed_department_is_shown_at_once(guide):
    page_of(guide)
    guide.department.name = "市新名局"
    guide.department.save()
    assert "市新名局" in page_of(guide)


def test_a_new_sub_item_is_listed_at_once(guide):
    sub_item = complete_item(guide.department, parent=guide, serial_number="2", title="取水许可变更")
    guide.refresh_from_db()
    assert "取水许可变更" not in page_of(guide)
    sub_item = publish(sub_item)
    assert "取水许可变更" in page_of(guide)
    sub_item.unpublish()
    assert "取水许可变更" not in page_of(guide)


def test_a_draft_does_not_disturb_what_is_kept(guide):
    before = page_of(guide)
    guide.who_may_apply = "草稿里的话"
    guide.save_revision()
    assert page_of(guide) == before


def test_a_preview_is_neither_kept_nor_taken_from_what_is_kept(guide):
    page_of(guide)
    guide.who_may_apply = "草稿里的话"
    guide.save_revision()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    assert "草稿里的话" in client.get(f"/admin/pages/{guide.pk}/view_draft/").content.decode()
    assert "草稿里的话" not in page_of(guide)


def test_what_was_read_before_a_change_is_never_kept_as_what_is_after(guide, monkeypatch):
    """A publication between reading the rows and rendering them: the slow reader may still show the old,
    the next one must not."""
    from servicepages.models import ServiceItemPage

    stock = ServiceItemPage.get_context

    def slow(page, request, *args, **kwargs):
        fresh = ServiceItemPage.objects.get(pk=page.pk)
        if fresh.who_may_apply != "之后的话":
            fresh.who_may_apply = "之后的话"
            publish(fresh)
        return stock(page, request, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(ServiceItemPage, "get_context", slow)
        page_of(guide)
    assert "之后的话" in page_of(guide)
