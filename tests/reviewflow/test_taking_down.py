"""Coordination takes a wrong guide down, or goes back to an earlier version that all have signed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow.deciding import sign
from reviewflow.gate import NotCleared
from reviewflow.labels import label_of
from reviewflow.models import Decision, Submission
from reviewflow.rolling_back import CannotRollBack, earlier_versions, roll_back
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import submit
from reviewflow.taking_down import take_down
from servicepages.models import ServiceItemPage, ServicePoint
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    ServiceHallFactory,
    UserFactory,
    complete_item,
    publish,
    reviewer,
    sign_off,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    return publish(complete_item(DepartmentFactory(), title="残疾人证办理"))


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def republished(item, **changes):
    """A later version, signed by all and live."""
    item = fresh(item).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(item, name, value)
    return publish(item)


def submitted(item, **changes):
    draft = fresh(item).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision()
    return submit(draft, UserFactory(groups=[item.department.editors]))


def decide(item, *signatories):
    submission = Submission.objects.open().get(page=item.pk)
    for signatory in signatories:
        review = submission.reviews.get(signatory=signatory)
        sign(review, reviewer(signatory, item.department), seen=review.digest)


# Taking down


def test_what_is_taken_down_is_gone_and_the_history_says_why(item, coordinator):
    take_down(item, coordinator, "收费依据已废止")
    assert not fresh(item).live
    entry = PageLogEntry.objects.get(page=item.pk, action="reviewflow.take_down")
    assert entry.user == coordinator
    assert entry.comment == "收费依据已废止"
    assert not Decision.objects.filter(kind=Decision.Kind.REVOKED).exists()


def test_content_whose_sign_off_is_revoked_does_not_come_back_unasked(item, coordinator):
    revision = item.live_revision
    take_down(item, coordinator, "收费依据已废止", [Signatory.LEGAL_AFFAIRS])
    with pytest.raises(NotCleared) as refusal:
        revision.publish()
    assert refusal.value.missing == [Signatory.LEGAL_AFFAIRS]
    assert not fresh(item).live


def test_without_a_revocation_the_same_content_may_come_back(item, coordinator):
    revision = item.live_revision
    take_down(item, coordinator, "系统维护")
    revision.publish()
    assert fresh(item).live


def test_a_revocation_is_of_the_live_content_and_not_of_the_draft(item, coordinator):
    draft = fresh(item)
    draft.who_may_apply = "企业"
    draft.save_revision()
    take_down(item, coordinator, "对象有误", [Signatory.GENERAL_OFFICE])
    revoked = Decision.objects.get(kind=Decision.Kind.REVOKED)
    assert revoked.content["fields"]["who_may_apply"] == "公民"


def test_no_reason_no_taking_down(item, coordinator):
    with pytest.raises(ValidationError):
        take_down(item, coordinator, "  ")
    assert fresh(item).live


@pytest.mark.parametrize("group", ["Editorial", "Legal Affairs", "General Office"])
def test_an_office_takes_nothing_down(item, group):
    person = UserFactory(groups=[Group.objects.get(name=group)])
    with pytest.raises(PermissionDenied):
        take_down(item, person, "不同意")
    assert client_of(person).get(f"/admin/service-items/{item.pk}/take-down/").status_code == 302
    assert fresh(item).live


def test_a_countys_team_acts_in_its_county_only(item):
    county = RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    local = publish(complete_item(DepartmentFactory(region=county)))
    team = UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])
    with pytest.raises(PermissionDenied):
        take_down(item, team, "有误")
    take_down(local, team, "有误")
    assert not fresh(local).live


def test_an_item_whose_newer_version_is_in_review_is_taken_down_and_the_review_goes_on(item, coordinator):
    submitted(item, consultation_phone="0467-2000000")
    response = client_of(coordinator).post(
        f"/admin/service-items/{item.pk}/take-down/",
        {"reason": "名称有误", "signatories": [Signatory.EDITORIAL.value]},
    )
    assert response.status_code == 302
    assert not fresh(item).live
    # the Editorial office's sign-off had carried over; now it is asked as well
    decide(item, Signatory.EDITORIAL, Signatory.GENERAL_OFFICE)
    assert fresh(item).live
    assert fresh(item).consultation_phone == "0467-2000000"


def test_a_schedule_goes_with_what_is_taken_down(item, coordinator):
    later = fresh(item).get_latest_revision_as_object()
    later.go_live_at = timezone.now() + timedelta(days=3)
    later.save_revision()
    submit(later, UserFactory(groups=[item.department.editors]))
    submission = Submission.objects.get(page=item.pk)
    assert submission.outcome == Submission.Outcome.SCHEDULED
    take_down(item, coordinator, "有误")
    submission.refresh_from_db()
    assert submission.outcome == Submission.Outcome.WITHDRAWN
    assert submission.reason == "有误"


def test_sub_items_are_taken_down_with_it_where_that_is_asked(coordinator):
    department = DepartmentFactory()
    parent = complete_item(department, title="户口登记")
    part = publish(complete_item(department, parent=parent, title="出生登记"))
    parent = publish(fresh(parent))
    other = client_of(coordinator)
    page = other.get(f"/admin/service-items/{parent.pk}/take-down/").content.decode()
    assert 'name="with_sub_items"' in page
    other.post(
        f"/admin/service-items/{parent.pk}/take-down/", {"reason": "依据已废止", "with_sub_items": "on"}
    )
    assert not fresh(parent).live
    assert not fresh(part).live


def test_the_form_asks_again_without_a_reason(item, coordinator):
    response = client_of(coordinator).post(
        f"/admin/service-items/{item.pk}/take-down/", {"signatories": [Signatory.EDITORIAL.value]}
    )
    assert response.status_code == 200
    assert response.context["form"].errors["reason"]
    assert response.context["form"]["signatories"].value() == [Signatory.EDITORIAL.value]
    assert fresh(item).live


def test_wagtails_own_unpublishing_leads_to_the_form(item, coordinator):
    client = client_of(coordinator)
    response = client.post(f"/admin/pages/{item.pk}/unpublish/")
    assert response.url == f"/admin/service-items/{item.pk}/take-down/"
    assert fresh(item).live
    assert response.url in client.get(f"/admin/pages/{item.pk}/edit/").content.decode()


def test_items_are_not_unpublished_in_bulk_nor_with_their_section(item, coordinator):
    client = client_of(coordinator)
    response = client.post(
        f"/admin/bulk/wagtailcore/page/unpublish/?id={item.pk}", {"include_descendants": ""}, follow=True
    )
    assert any(message.level_tag == "error" for message in response.context["messages"])
    section = item.get_parent()
    client.post(f"/admin/pages/{section.pk}/unpublish/", {"include_descendants": "on"})
    client.post(f"/admin/bulk/wagtailcore/page/unpublish/?id={section.pk}", {"include_descendants": "on"})
    assert fresh(item).live
    section.refresh_from_db()
    assert section.live


# Rolling back


def test_an_earlier_version_comes_back_in_one_step(item, coordinator):
    first = item.live_revision
    wrong = republished(item, consultation_phone="0467-9999999")
    client = client_of(coordinator)
    page = client.get(f"/admin/service-items/{item.pk}/roll-back/").content.decode()
    assert f'name="revision" value="{first.pk}"' in page
    response = client.post(f"/admin/service-items/{item.pk}/roll-back/", {"revision": first.pk})
    assert response.status_code == 302
    now = fresh(item)
    assert now.live_revision == first
    assert now.consultation_phone == "0467-2345678"
    assert now.latest_revision == wrong.latest_revision
    assert PageLogEntry.objects.get(page=item.pk, action="reviewflow.roll_back").user == coordinator


def test_the_list_names_the_fields_that_differ(item):
    now = republished(item, consultation_phone="0467-9999999", title="残疾人证核发")
    [version] = earlier_versions(now)
    assert version.revision == item.live_revision
    assert version.title == "残疾人证办理"
    assert version.changed_fields == ("title", "consultation_phone")
    assert version.hindrance == ""


def test_the_list_names_halls_and_windows_too(item, coordinator):
    hall = ServiceHallFactory(region=item.department.region, name="二道江分厅")
    republished(item, service_points=[ServicePoint(hall=hall)])
    response = client_of(coordinator).get(f"/admin/service-items/{item.pk}/roll-back/")
    [version] = response.context["versions"]
    assert version.differs_in == label_of("service_points")
    assert label_of("service_points") in response.content.decode()


def test_a_version_whose_sign_off_was_revoked_does_not_come_back(item, coordinator):
    first = item.live_revision
    take_down(item, coordinator, "条件有误", [Signatory.LEGAL_AFFAIRS])
    now = republished(item, conditions=[("condition", {"text": "年满十六周岁"})])
    [version] = earlier_versions(now)
    assert str(Signatory.LEGAL_AFFAIRS.label) in version.hindrance
    response = client_of(coordinator).post(
        f"/admin/service-items/{item.pk}/roll-back/", {"revision": first.pk}, follow=True
    )
    assert any(message.level_tag == "error" for message in response.context["messages"])
    with pytest.raises(NotCleared):
        roll_back(now, first, coordinator)
    assert fresh(item).live_revision == now.live_revision


def test_an_expired_version_does_not_come_back(item, coordinator):
    brief = fresh(item).get_latest_revision_as_object()
    brief.expire_at = timezone.now() + timedelta(seconds=5)
    brief = publish(brief)
    expired = brief.live_revision
    expired.content["expire_at"] = (timezone.now() - timedelta(days=1)).isoformat()
    expired.save()
    now = republished(item, expire_at=None, consultation_phone="0467-2000001")
    with pytest.raises(CannotRollBack):
        roll_back(now, expired, coordinator)


def test_only_what_was_public_comes_back(item, coordinator):
    draft = fresh(item)
    draft.consultation_phone = "0467-1111111"
    revision = draft.save_revision()
    sign_off(revision.as_object())
    with pytest.raises(CannotRollBack):
        roll_back(item, revision, coordinator)
    with pytest.raises(CannotRollBack):
        roll_back(item, item.live_revision, coordinator)


def test_only_coordination_rolls_back(item):
    first = item.live_revision
    republished(item, consultation_phone="0467-9999999")
    editor = UserFactory(groups=[item.department.editors])
    with pytest.raises(PermissionDenied):
        roll_back(item, first, editor)
    response = client_of(editor).post(f"/admin/service-items/{item.pk}/roll-back/", {"revision": first.pk})
    assert response.status_code in (302, 403)
    assert fresh(item).live_revision != first


def test_another_items_revision_is_not_found(item, coordinator):
    other = publish(complete_item(item.department))
    client = client_of(coordinator)
    for value in (str(other.live_revision_id), "x", ""):
        response = client.post(f"/admin/service-items/{item.pk}/roll-back/", {"revision": value})
        assert response.status_code == 404


def test_a_review_under_way_goes_on_beside_a_roll_back(item, coordinator):
    first = item.live_revision
    republished(item, consultation_phone="0467-9999999")
    submitted(item, consultation_phone="0467-2000000")
    roll_back(item, first, coordinator)
    assert fresh(item).workflow_in_progress
    decide(item, Signatory.GENERAL_OFFICE)
    assert fresh(item).consultation_phone == "0467-2000000"


def test_a_schedule_stays_beside_a_roll_back(item, coordinator):
    first = item.live_revision
    republished(item, consultation_phone="0467-9999999")
    later = fresh(item).get_latest_revision_as_object()
    later.go_live_at = timezone.now() + timedelta(days=3)
    scheduled = later.save_revision()
    sign_off(scheduled.as_object())
    scheduled.publish()
    roll_back(item, first, coordinator)
    scheduled.refresh_from_db()
    assert scheduled.approved_go_live_at == later.go_live_at
    assert fresh(item).live_revision == first


def test_everybody_signed_counts_again_after_the_office_signs_anew(item, coordinator):
    revision = item.live_revision
    take_down(item, coordinator, "有误", OFFICES)
    sign_off(revision.as_object(), *OFFICES)
    revision.publish()
    assert fresh(item).live
