"""A guide that was withdrawn answers 410 and says whom to ask; a draft never existed."""

import pytest

from tests.factories import DepartmentFactory, complete_item, publish

pytestmark = pytest.mark.django_db


def test_a_withdrawn_guide_says_what_it_was_and_whom_to_ask(client):
    item = publish(complete_item(DepartmentFactory(name="市民政局", phone="0467-5550123"), title="旧事项"))
    item.unpublish()
    response = client.get(item.get_url())
    assert response.status_code == 410
    for said in ("旧事项", "市民政局", "0467-5550123"):
        assert said in response.content.decode()


def test_the_draft_that_is_written_meanwhile_stays_unseen(client):
    """The row of an unpublished page holds its draft: Wagtail's editor saves it there."""
    item = publish(complete_item(DepartmentFactory(), title="旧名称"))
    item.unpublish()
    item.title = item.draft_title = "正在起草的新名称"
    item.save()
    item.save_revision()
    html = client.get(item.get_url()).content.decode()
    assert "旧名称" in html
    assert "正在起草的新名称" not in html


def test_a_draft_that_was_never_public_is_not_found(client):
    item = complete_item(DepartmentFactory())
    item.save_revision()
    assert client.get(item.get_url()).status_code == 404


def test_addresses_below_a_withdrawn_guide_are_not_found(client):
    item = publish(complete_item(DepartmentFactory()))
    item.unpublish()
    assert client.get(item.get_url() + "no-such-page/").status_code == 404
