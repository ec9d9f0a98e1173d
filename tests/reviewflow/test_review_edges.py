"""What happens to a review when something else happens meanwhile."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, WorkflowState, WorkflowTask

from reviewflow import joint_review
from reviewflow.deciding import CannotDecide, NewRemark, request_changes, sign
from reviewflow.models import DepartmentLegalTask, OfficeReview, Remark, ReviewOffice, ReviewRound, Submission
from reviewflow.offices import COORDINATION, ensure_joint_review
from reviewflow.signatories import OFFICES, Signatory, signatories_of
from reviewflow.submission import submit, withdraw
from servicepages import fields
from servicepages.models import Attachment, HomePage, ServiceItemPage
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    UserFactory,
    complete_item,
    reviewer,
    section_of,
)
from tests.reviewflow.test_joint_review import (
    answers,
    asked,
    fresh,
    published,
    review_by,
    revise,
    signs,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db

LEGAL, EDITORIAL, LAW, GENERAL = Signatory


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


@shared
def people(item):
    return {signatory: reviewer(signatory, item.department) for signatory in Signatory}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_another_departments_check_does_not_count(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL)
    withdraw(item, editor)
    new = DepartmentFactory()
    fresh(item).move(section_of(new), pos="last-child")
    fresh(item).get_latest_revision_as_object().save_revision()
    submit(fresh(item), UserFactory(groups=[new.editors]))
    assert asked(item) == {LEGAL}
    assert review_by(item, LEGAL).submission.page.department == new


def scheduled(item, people, editor):
    """Approved, and waiting for its time."""
    draft = fresh(item).get_latest_revision_as_object()
    draft.go_live_at = timezone.now() + timedelta(days=3)
    draft.save_revision()
    return published(fresh(item), people, editor)


@pytest.mark.parametrize("who", ["editor", "coordination"])
def test_what_is_scheduled_can_be_stopped(item, people, editor, who):
    item = scheduled(item, people, editor)
    assert not item.live
    assert item.scheduled_revision
    if who == "editor":
        client_of(editor).post(reverse("withdraw_from_review", args=[item.pk]))
        assert Submission.objects.get().outcome == Submission.Outcome.WITHDRAWN
    else:
        coordination = UserFactory(groups=[Group.objects.get(name=COORDINATION)])
        address = reverse(
            "wagtailadmin_pages:revisions_unschedule", args=[item.pk, item.scheduled_revision.pk]
        )
        client_of(coordination).post(address)
    assert fresh(item).scheduled_revision is None


def test_what_waits_for_the_filing_can_be_stopped_and_is_not_overwritten(item, people, editor):
    today = timezone.localdate()
    review_round = ReviewRound(name="备案后公布", opens_on=today, closes_on=today, waits_for_filing=True)
    review_round.departments = [item.department]
    review_round.save()
    item = published(item, people, editor)
    submission = Submission.objects.get()
    assert submission.outcome == Submission.Outcome.WAITING_FOR_FILING
    draft = item.get_latest_revision_as_object()
    draft.title = "备案前悄悄改了"
    with pytest.raises(Exception, match=r"公布|overwritten"):
        draft.save_revision(overwrite_revision=submission.revision)
    withdraw(item, editor)
    submission.refresh_from_db()
    assert submission.outcome == Submission.Outcome.WITHDRAWN


@pytest.mark.parametrize("signatory", list(Signatory))
def test_every_signed_field_can_be_remarked_on_and_answered(item, people, editor, signatory):
    """In the editor, beside the field or above the tabs; and the mail about it can be written."""
    submit(item, editor)
    if signatory is not LEGAL:
        signs(item, people, LEGAL)
    remarks = [NewRemark(name, f"请核对{name}") for name in signatory.field_names]
    review = review_by(item, signatory)
    request_changes(review, people[signatory], seen=review.digest, remarks=remarks, at_once=True)
    html = client_of(editor).get(reverse("wagtailadmin_pages:edit", args=[item.pk])).content.decode()
    for remark in Remark.objects.all():
        assert reverse("answer_remark", args=[remark.pk]) in html, remark.field
    answers(item, editor)
    submit(fresh(item), editor)
    assert signatory in asked(item)


def test_every_content_field_has_a_signatory():
    for field in fields.content_fields():
        assert signatories_of(field.path) or field.signer is fields.Signer.BOOKKEEPING


def test_an_interrupted_resubmission_leaves_nothing_behind(item, people, editor, monkeypatch):
    class Killed(Exception):
        pass

    def killed(*args):
        raise Killed

    state = submit(item, editor)
    review = review_by(item, LEGAL)
    request_changes(review, people[LEGAL], seen=review.digest, remarks=[], remark="请补充")
    monkeypatch.setattr(joint_review, "open_step", killed)
    with pytest.raises(Killed):
        submit(fresh(item), editor)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert not Submission.objects.open().exists()


def test_a_half_started_review_can_be_withdrawn(item, editor):
    state = submit(item, editor)
    WorkflowState.objects.filter(pk=state.pk).update(current_task_state=None)
    withdraw(fresh(item), editor)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_CANCELLED
    assert not Submission.objects.open().exists()


def test_what_carries_over_is_judged_by_what_was_handed_in(item, people, editor):
    item = published(item, people, editor)
    old = item.conditions.get_prep_value()
    submit(revise(item, conditions=[("condition", {"text": "新的条件"})], approval_steps=steps(item)), editor)
    assert asked(item) == {LEGAL}
    revise(item, conditions=item.conditions.stream_block.to_python(old))  # by code, past the lock
    signs(item, people, LEGAL)
    assert LAW in asked(item)


def steps(item):
    return [("step", {**block.value, "name": f"{block.value['name']}环节"}) for block in item.approval_steps]


def test_without_the_departments_task_it_goes_back_at_once(item, people, editor):
    state = submit(item, editor)
    DepartmentLegalTask.objects.get().deactivate()
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    submission = Submission.objects.get()
    assert submission.outcome == Submission.Outcome.REFUSED
    assert submission.reason
    assert not OfficeReview.objects.waiting().exists()


def test_a_later_step_of_somebody_elses_is_not_decided_by_an_office(item, people, editor):
    mayor = GroupApprovalTask.objects.create(name="市长审批")
    mayor.groups.add(Group.objects.create(name="Mayor"))
    WorkflowTask.objects.create(workflow=item.get_workflow(), task=mayor, sort_order=9)
    state = submit(item, editor)
    signs(item, people, *Signatory)
    assert not fresh(item).live
    review = review_by(item, LAW)
    with pytest.raises(CannotDecide):
        sign(review, people[LAW], seen=review.digest)
    state.refresh_from_db()
    person = UserFactory(groups=[Group.objects.get(name="Mayor")])
    mayor.on_action(state.current_task_state.specific, person, "reject", comment="暂缓")
    assert Submission.objects.get().outcome == Submission.Outcome.RETURNED
    fee = {"item": "工本费", "amount": 20, "unit": "证", "standard": "", "basis": "某文件"}
    submit(revise(item, fees=[("fee", fee)]), editor)
    assert Submission.objects.open().get().revision == fresh(item).latest_revision


def test_a_returned_item_of_the_former_workflow_begins_anew(item, editor):
    workflow = item.get_workflow()
    WorkflowTask.objects.filter(workflow=workflow).delete()
    task = GroupApprovalTask.objects.create(name=OFFICES[0].value)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    state = workflow.start(item, editor)
    state.current_task_state.reject(user=editor)
    home = HomePage.objects.get()
    home.save_revision()
    home_state = workflow.start(home, editor)
    ensure_joint_review()
    for each in (state, home_state):
        each.refresh_from_db()
        assert each.status == WorkflowState.STATUS_CANCELLED
    submit(fresh(item), editor)
    assert asked(item) == {LEGAL}


@pytest.mark.parametrize("action", ["action-submit", "action-restart-workflow"])
def test_other_pages_are_not_offered_to_the_review(action):
    person = UserFactory(groups=[Group.objects.get(name=COORDINATION)])
    home = Page.objects.get(pk=HomePage.objects.get().pk)
    address = reverse("wagtailadmin_pages:edit", args=[home.pk])
    client = client_of(person)
    assert f'name="{action}"' not in client.get(address).content.decode()
    response = client.post(address, {"title": home.title, "slug": home.slug, action: "1"}, follow=True)
    assert response.status_code == 200
    assert not WorkflowState.objects.exists()


def test_the_new_submitter_withdraws_and_the_former_one_who_left_does_not(item, people, editor):
    submit(item, editor)
    review = review_by(item, LEGAL)
    request_changes(review, people[LEGAL], seen=review.digest, remarks=[], remark="请补充")
    second = UserFactory(groups=[item.department.editors])
    submit(fresh(item), second)
    editor.groups.clear()
    response = client_of(editor).post(reverse("withdraw_from_review", args=[item.pk]))
    assert response.status_code in (302, 403)
    assert fresh(item).workflow_in_progress
    withdraw(fresh(item), second)
    assert not fresh(item).workflow_in_progress


def test_a_deputy_opens_the_files_of_what_is_before_them_and_no_others(item, people, editor):
    deputy = UserFactory(groups=[Group.objects.create(name="Staff")])
    today = timezone.localdate()
    ReviewOffice.objects.filter(office=GENERAL).update(deputy=deputy, deputy_from=today, deputy_until=today)
    form = Attachment.objects.get(collection=item.department.collection)
    client = client_of(deputy)
    assert client.get(form.url).status_code == 404
    submit(item, editor)
    signs(item, people, LEGAL)
    assert client.get(form.url).status_code == 200
    withdraw(item, editor)
    assert client.get(form.url).status_code == 404


def test_a_countys_own_office_is_asked_and_can_work(people):
    city = RegionFactory()
    county = RegionFactory(code="230321", name="鸡东县", parent=city)
    item = complete_item(DepartmentFactory(region=county))
    item.save_revision()
    group = Group.objects.create(name="鸡东县法制办")
    office = ReviewOffice.objects.create(office=LAW, region=county, group=group)
    person = UserFactory(groups=[group])
    assert person.has_perm("wagtailadmin.access_admin")
    submit(item, UserFactory(groups=[item.department.editors]))
    review = review_by(item, LEGAL)
    sign(review, reviewer(LEGAL, item.department), seen=review.digest)
    review = review_by(item, LAW)
    assert review.office == office
    with pytest.raises(CannotDecide):
        sign(review, people[LAW], seen=review.digest)
    sign(review, person, seen=review.digest)
    assert ServiceItemPage.objects.get(pk=item.pk).workflow_in_progress


def test_a_schedule_outlasts_an_older_version_and_yields_to_a_later_one(item, people, editor):
    item = published(item, people, editor)
    older = item.live_revision
    draft = item.get_latest_revision_as_object()
    draft.who_may_apply, draft.go_live_at = "公民和法人", timezone.now() + timedelta(days=3)
    draft.save_revision()
    submit(fresh(item), editor)
    signs(item, people, GENERAL)
    waiting = Submission.objects.get(outcome=Submission.Outcome.SCHEDULED)
    older.publish()  # as a roll-back does
    waiting.refresh_from_db()
    assert waiting.outcome == Submission.Outcome.SCHEDULED
    later = fresh(item).get_latest_revision_as_object()
    later.go_live_at = None
    later.save_revision().publish()
    waiting.refresh_from_db()
    assert waiting.outcome == Submission.Outcome.WITHDRAWN
    assert waiting.reason


def test_a_guide_comes_down_while_its_next_version_is_in_review(item, people, editor):
    item = published(item, people, editor)
    submit(revise(item, who_may_apply="公民和法人"), editor)
    coordination = UserFactory(groups=[Group.objects.get(name=COORDINATION)])
    permissions = fresh(item).permissions_for_user(coordination)
    assert permissions.can_unpublish()
    assert not fresh(item).permissions_for_user(editor).can_unpublish()
