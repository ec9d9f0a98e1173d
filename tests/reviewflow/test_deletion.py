"""Decisions are only ever added, and what they are about is kept."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client

from reviewflow.models import Decision
from reviewflow.models.decisions import DecisionIsFinal
from reviewflow.submission import submit, withdraw
from servicepages.models import DepartmentPage, ServiceItemPage, User
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    return publish(complete_item(DepartmentFactory(), title="残疾人证办理"))


@shared
def decision(item):
    return Decision.objects.filter(page=item.pk).first()


@shared
def administrator():
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def errors(response):
    return [str(each) for each in response.context["messages"] if each.level_tag == "error"]


# Append-only


def changed(decision):
    decision.kind = Decision.Kind.REVOKED
    return decision


@pytest.mark.parametrize(
    "change",
    [
        lambda decision: changed(decision).save(),
        lambda decision: changed(decision).save(update_fields=["kind"]),
        lambda decision: decision.delete(),
        lambda decision: Decision.objects.filter(pk=decision.pk).update(kind="revoked"),
        lambda decision: Decision.objects.filter(pk=decision.pk).delete(),
        lambda decision: Decision.objects.all().delete(),
        lambda decision: Decision.objects.bulk_update([changed(decision)], ["kind"]),
        lambda decision: Decision.objects.update_or_create(pk=decision.pk, defaults={"kind": "revoked"}),
        lambda decision: Decision.objects.bulk_create(
            [changed(decision)], update_conflicts=True, update_fields=["kind"], unique_fields=["id"]
        ),
        lambda decision: Decision._base_manager.filter(pk=decision.pk).update(kind="revoked"),
        lambda decision: decision.page.decisions.all().delete(),
        lambda decision: decision.page.decisions.update(kind="revoked"),
        lambda decision: decision.person.decisions.update(kind="revoked"),
    ],
)
def test_a_decision_is_never_changed_nor_deleted(decision, change):
    number = Decision.objects.count()
    with pytest.raises(DecisionIsFinal), transaction.atomic():
        change(decision)
    assert Decision.objects.count() == number
    assert Decision.objects.get(pk=decision.pk).kind == Decision.Kind.SIGNED


def test_a_copy_under_the_same_key_takes_no_decisions_place(decision):
    copy = Decision.objects.get(pk=decision.pk)
    copy._state.adding = True
    copy.kind = Decision.Kind.REVOKED
    with pytest.raises(Exception), transaction.atomic():  # noqa: B017, PT011 - which error is the database's matter
        copy.save()
    assert Decision.objects.get(pk=decision.pk).kind == Decision.Kind.SIGNED


# What they are about


def test_code_cannot_delete_a_page_or_a_person_with_decisions(item, decision):
    for row in (item, decision.person):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        User.objects.filter(pk=decision.person_id).delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        DepartmentPage.objects.get(department=item.department).delete()
    assert ServiceItemPage.objects.filter(pk=item.pk).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_says_that_a_reviewed_item_is_kept(item, administrator, method):
    response = getattr(administrator, method)(f"/admin/pages/{item.pk}/delete/", follow=True)
    assert response.status_code == 200
    [sentence] = errors(response)
    assert "残疾人证办理" in sentence
    assert ServiceItemPage.objects.filter(pk=item.pk).exists()


def test_a_section_and_a_region_with_reviewed_items_are_kept(item, administrator):
    section = item.get_parent()
    for page in (section, section.get_parent()):
        response = administrator.post(
            f"/admin/pages/{page.pk}/delete/", {"confirm_site_name": "x"}, follow=True
        )
        [sentence] = errors(response)
        assert "残疾人证办理" in sentence
    assert ServiceItemPage.objects.filter(pk=item.pk).exists()


def test_an_item_that_was_only_handed_in_is_kept_too(administrator):
    item = complete_item(DepartmentFactory())
    item.save_revision()
    editor = UserFactory(groups=[item.department.editors])
    submit(item, editor)
    withdraw(item, editor)
    response = administrator.post(f"/admin/pages/{item.pk}/delete/", follow=True)
    assert len(errors(response)) == 1


def test_a_draft_that_nobody_has_reviewed_is_deleted(administrator, settings):
    item = complete_item(DepartmentFactory(), title="草稿")
    item.save_revision()
    confirmation = {"confirm_site_name": settings.WAGTAIL_SITE_NAME}
    administrator.post(f"/admin/pages/{item.pk}/delete/", confirmation)
    assert not ServiceItemPage.objects.filter(pk=item.pk).exists()


def test_of_a_selection_nothing_is_deleted_where_a_part_is_kept(item, administrator):
    draft = complete_item(item.department)
    response = administrator.post(
        f"/admin/bulk/wagtailcore/page/delete/?id={draft.pk}&id={item.pk}", follow=True
    )
    assert len(errors(response)) == 1
    assert ServiceItemPage.objects.filter(pk__in=[item.pk, draft.pk]).count() == 2


def test_a_person_with_decisions_is_kept_and_the_way_out_is_named(item, decision, administrator):
    person = decision.person
    for method in ("get", "post"):
        response = getattr(administrator, method)(f"/admin/users/delete/{person.pk}/", follow=True)
        assert response.status_code == 200
        assert len(errors(response)) == 1
    assert User.objects.filter(pk=person.pk).exists()


def test_people_with_decisions_are_kept_in_bulk(item, decision, administrator):
    nobody = UserFactory()
    response = administrator.post(
        f"/admin/bulk/servicepages/user/delete/?id={decision.person_id}&id={nobody.pk}", follow=True
    )
    assert len(errors(response)) == 1
    assert User.objects.filter(pk__in=[decision.person_id, nobody.pk]).count() == 2


def test_a_person_without_decisions_is_deleted(administrator):
    nobody = UserFactory(groups=[Group.objects.get(name="Editorial")])
    administrator.post(f"/admin/users/delete/{nobody.pk}/")
    assert not User.objects.filter(pk=nobody.pk).exists()
    somebody = UserFactory()
    administrator.post(f"/admin/bulk/servicepages/user/delete/?id={somebody.pk}")
    assert not User.objects.filter(pk=somebody.pk).exists()
