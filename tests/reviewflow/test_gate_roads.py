"""Every road on which Wagtail makes a page live is first shown open with the gate switched off, then held with
it on. The roads below Wagtail are in test_gate_roads_below.py."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone, translation
from wagtail.models import Page, PageLogEntry, Revision, TaskState, WorkflowState

from reviewflow.gate import NoAlias, NotCleared
from reviewflow.models import Decision, Submission
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.factories import complete_item, publish, sign_off
from tests.reviewflow import roads_of_wagtail as roads
from tests.reviewflow.gate_switch import gate_off, unsigned_live
from tests.shared import shared

pytestmark = pytest.mark.django_db

ROADS = [pytest.param(road, id=road.__name__) for road in roads.ROADS]


@shared
def office():
    return roads.make_office()


@pytest.mark.parametrize("road", ROADS)
def test_the_road_is_open_without_the_gate(road, office):
    with gate_off():
        road(office)
        assert unsigned_live()


@pytest.mark.parametrize("road", ROADS)
def test_the_gate_holds_the_road(road, office):
    if roads.ROADS[road] is roads.NOTHING:
        response = road(office)
        assert response is None or response.status_code < 500
    else:
        with pytest.raises(roads.ROADS[road]), transaction.atomic():
            road(office)
    assert not unsigned_live()
    assert ServiceItemPage.objects.live().get() == office.guide


def due_tomorrow(item):
    item = ServiceItemPage.objects.get(pk=item.pk)
    item.go_live_at = timezone.now() + timedelta(days=1)
    return item.save_revision()


def test_nothing_unsigned_is_scheduled(office):
    revision = due_tomorrow(office.draft)
    with pytest.raises(NotCleared), transaction.atomic():
        revision.publish()
    revision.approved_go_live_at = timezone.now() + timedelta(days=1)
    with pytest.raises(NotCleared), transaction.atomic():
        revision.save()
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


def test_what_all_have_signed_is_scheduled_and_goes_live_when_it_is_due(office):
    revision = due_tomorrow(office.draft)
    sign_off(revision.as_object())
    revision.publish()
    assert Revision.objects.get(pk=revision.pk).approved_go_live_at
    roads.due_schedule(office)
    assert set(ServiceItemPage.objects.live()) == {office.guide, office.draft}
    assert not unsigned_live()


def test_a_sign_off_revoked_after_the_scheduling_holds_the_publication(office):
    revision = due_tomorrow(office.draft)
    signed = sign_off(revision.as_object())[Signatory.EDITORIAL]
    revision.publish()
    Decision.objects.create(
        page_id=signed.page_id,
        signatory=signed.signatory,
        person=signed.person,
        kind=Decision.Kind.REVOKED,
        digest=signed.digest,
        content=signed.content,
        content_version=signed.content_version,
    )
    roads.due_schedule(office)
    assert ServiceItemPage.objects.live().get() == office.guide


def scheduled_draft_with_alias(office):
    """The alias goes live at once when its original is scheduled."""
    revision = due_tomorrow(office.draft)
    sign_off(revision.as_object())
    revision.publish()


def an_alias_from_before_the_gate(office):
    with gate_off():
        return office.draft.create_alias(update_slug="alias")


def test_scheduling_a_draft_publishes_its_alias_without_the_gate(office):
    alias = an_alias_from_before_the_gate(office)
    with gate_off():
        scheduled_draft_with_alias(office)
        assert unsigned_live() == [alias]


def test_the_gate_holds_the_alias_of_a_scheduled_draft(office):
    alias = an_alias_from_before_the_gate(office)
    from django.db import connection

    from reviewflow import triggers

    triggers.make(connection)
    with pytest.raises(NoAlias), transaction.atomic():
        scheduled_draft_with_alias(office)
    alias.refresh_from_db()
    assert not alias.live


# What is refused goes back to its department


@pytest.mark.parametrize(
    "road",
    [roads.finished_workflow, roads.disabled_tasks, roads.task_removed_midway],
    ids=lambda road: road.__name__,
)
def test_a_refused_finish_returns_the_item_to_its_department_with_the_reason(road, office):
    with translation.override("zh-hans"):
        road(office)
    submission = Submission.objects.get(page=office.draft.pk)
    assert submission.outcome == Submission.Outcome.REFUSED
    assert str(Signatory.GENERAL_OFFICE.label) in submission.reason
    assert submission.workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert submission.workflow_state.current_task_state.status == TaskState.STATUS_REJECTED
    entry = PageLogEntry.objects.get(page=office.draft.pk, action="reviewflow.refuse")
    assert entry.data["comment"] == submission.reason
    item = ServiceItemPage.objects.get(pk=office.draft.pk)
    assert item.permissions_for_user(office.editor).can_edit()
    assert not item.get_lock()


def test_a_workflow_without_a_review_ends_and_says_why(office):
    roads.empty_workflow(office)
    state = WorkflowState.objects.get(object_id=str(office.draft.pk))
    assert state.status == WorkflowState.STATUS_CANCELLED
    assert PageLogEntry.objects.filter(page=office.draft.pk, action="reviewflow.refuse").exists()


def test_an_item_that_was_sent_back_is_handed_in_again(office):
    roads.finished_workflow(office)
    submit(ServiceItemPage.objects.get(pk=office.draft.pk), office.editor)
    assert Submission.objects.open().filter(page=office.draft.pk).exists()


# Copies


def test_a_copy_is_a_draft_without_sign_offs(office):
    copy = office.guide.copy(update_attrs={"slug": "copy"}, keep_live=False)
    copy = ServiceItemPage.objects.get(pk=copy.pk)
    assert not copy.live
    assert copy.live_revision is None
    assert not copy.decisions.exists()
    with pytest.raises(NotCleared), transaction.atomic():
        copy.get_latest_revision().publish()


def test_a_copy_is_made_in_the_admin(office):
    response = roads.copy_view(office)
    assert response.status_code == 302
    copy = ServiceItemPage.objects.get(slug="copy")
    assert not copy.live


def test_the_copied_revisions_of_a_guide_bring_nothing_live(office):
    copy = office.guide.copy(update_attrs={"slug": "copy"}, keep_live=False, copy_revisions=True)
    revisions = list(Revision.objects.for_instance(copy))
    assert len(revisions) > 1
    for revision in revisions:
        revision.content["slug"] = "copy"
        with pytest.raises(NotCleared), transaction.atomic():
            revision.publish()


def test_a_guide_is_not_copied_live_with_its_sub_items(office):
    publish(complete_item(office.guide.department, parent=office.guide, title="子事项"))
    guide = ServiceItemPage.objects.get(pk=office.guide.pk)
    with pytest.raises(NotCleared), transaction.atomic():
        guide.copy(update_attrs={"slug": "copy"}, keep_live=True, recursive=True)
    assert not Page.objects.filter(slug="copy").exists()
