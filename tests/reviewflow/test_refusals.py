"""Whoever runs into the gate in the admin reads a sentence, even where a permission tester let them pass."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory
from django.utils import translation

from reviewflow.gate import NotCleared
from reviewflow.refusals import RefusalsInSentences
from reviewflow.signatories import Signatory
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, section_of, sign_off
from tests.reviewflow import roads_of_wagtail as roads
from tests.reviewflow.gate_switch import permission_given, unsigned_live
from tests.reviewflow.item_form import filled_form
from tests.shared import shared

pytestmark = pytest.mark.django_db

AS_A_SCRIPT = {"accept": "application/json"}


@shared
def office():
    return roads.make_office()


def sentences(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize(
    "road", [roads.edit_view, roads.create_view, roads.bulk_publish], ids=lambda road: road.__name__
)
def test_a_view_says_which_offices_have_not_signed(road, office):
    with permission_given():
        response = road(office)
    assert response.status_code == 302
    with translation.override("zh-hans"):
        for signatory in Signatory:
            assert str(signatory.label) in sentences(response)
    assert not unsigned_live()


def test_only_those_are_named_that_have_not_signed(office):
    sign_off(office.draft, Signatory.EDITORIAL, Signatory.DEPARTMENT_LEGAL)
    with permission_given():
        response = roads.edit_view(office)
    said = sentences(response)
    with translation.override("zh-hans"):
        assert str(Signatory.LEGAL_AFFAIRS.label) in said
        assert str(Signatory.EDITORIAL.label) not in said


def test_what_was_typed_is_kept_as_a_draft(office):
    form = filled_form(office.draft, office.superuser) | {"who_may_apply": "外国公民", "action-publish": "1"}
    with permission_given():
        office.client.post(f"/admin/pages/{office.draft.pk}/edit/", form)
    item = ServiceItemPage.objects.get(pk=office.draft.pk)
    assert item.get_latest_revision_as_object().who_may_apply == "外国公民"
    assert not item.live


def test_a_script_is_told_as_wagtail_tells_it(office):
    form = filled_form(office.draft, office.superuser) | {"action-publish": "1"}
    with permission_given():
        response = office.client.post(f"/admin/pages/{office.draft.pk}/edit/", form, headers=AS_A_SCRIPT)
    assert response.status_code == 400
    assert response.json()["success"] is False
    assert response.json()["error_code"] == "not_cleared"
    assert response.json()["error_message"]


def test_the_admin_api_is_told_too(office):
    with permission_given():
        response = roads.api(office)
    assert response.status_code == 400
    assert not unsigned_live()


def test_a_move_to_another_department_by_the_api_is_refused_with_the_reason(office):
    other = section_of(DepartmentFactory())
    response = office.client.post(
        f"/admin/api/main/pages/{office.guide.pk}/action/move/",
        {"destination_page_id": other.pk, "position": "last-child"},
        headers=AS_A_SCRIPT,
    )
    assert 400 <= response.status_code < 500
    office.guide.refresh_from_db()
    assert not unsigned_live()


def test_one_returns_to_where_one_came_from_and_nowhere_else(office):
    form = filled_form(office.draft, office.superuser) | {"action-publish": "1"}
    address = f"/admin/pages/{office.draft.pk}/edit/"
    with permission_given():
        for referer, target in (
            (f"http://testserver{address}", f"http://testserver{address}"),
            ("https://elsewhere.example.org/", "/admin/"),
            ("", "/admin/"),
        ):
            response = office.client.post(address, form, headers={"referer": referer})
            assert response["Location"] == target


def test_outside_the_admin_nothing_is_covered_up(office):
    request = RequestFactory().get("/")
    assert RefusalsInSentences(None).process_exception(request, NotCleared(office.draft, [])) is None
    inside = RequestFactory().get("/admin/")
    assert RefusalsInSentences(None).process_exception(inside, ValueError()) is None


# Copies and aliases


def test_neither_an_alias_nor_a_live_copy_is_offered(office):
    html = office.client.get(f"/admin/pages/{office.guide.pk}/copy/").content.decode()
    assert 'name="new_slug"' in html
    assert 'name="alias"' not in html
    assert 'name="publish_copies"' not in html


@pytest.mark.parametrize("road", [roads.copy_view_as_alias, roads.copy_view_published])
def test_asking_for_one_all_the_same_gives_a_sentence(road, office):
    response = road(office)
    assert response.status_code == 302
    assert sentences(response)
    assert ServiceItemPage.objects.count() == 2


def test_nor_with_the_section_that_they_stand_in(office):
    section = office.guide.get_parent()
    response = office.client.post(
        f"/admin/pages/{section.pk}/copy/",
        {
            "new_title": "副本",
            "new_slug": "copy",
            "new_parent_page": section.get_parent().pk,
            "copy_subpages": "on",
            "alias": "on",
        },
    )
    assert sentences(response)
    assert ServiceItemPage.objects.count() == 2


def test_an_editor_is_refused_by_the_permission(office):
    client = Client()
    client.force_login(office.editor)
    form = filled_form(office.draft, office.editor) | {"action-publish": "1"}
    assert client.post(f"/admin/pages/{office.draft.pk}/edit/", form).status_code < 500
    assert not unsigned_live()
