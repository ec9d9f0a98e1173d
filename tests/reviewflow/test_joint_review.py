"""Three offices at the same time, each for its own fields: what each is asked, and how it ends."""

import pytest
from wagtail.models import PageLogEntry, WorkflowState

from reviewflow.deciding import (
    CannotDecide,
    ContentChanged,
    NewRemark,
    request_changes,
    sign,
    withdraw_decision,
)
from reviewflow.models import Decision, OfficeReview, Remark, ReviewRound, Submission
from reviewflow.remarks import answer
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import IncompleteItem, submit
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer
from tests.shared import shared

pytestmark = pytest.mark.django_db

LEGAL, EDITORIAL, LAW, GENERAL = Signatory


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def people(item):
    return {signatory: reviewer(signatory, item.department) for signatory in Signatory}


def review_by(item, signatory) -> OfficeReview:
    return OfficeReview.objects.get(submission__page=item.pk, submission__outcome="", signatory=signatory)


def signs(item, people, *signatories):
    for signatory in signatories:
        review = review_by(item, signatory)
        sign(review, people[signatory], seen=review.digest)


def asks(item, people, signatory, field="", text="请补充", **options):
    review = review_by(item, signatory)
    field = field or signatory.field_names[0]
    request_changes(
        review, people[signatory], seen=review.digest, remarks=[NewRemark(field, text)], **options
    )


def fresh(item) -> ServiceItemPage:
    return ServiceItemPage.objects.get(pk=item.pk)


def asked(item) -> set:
    """Who waits in the open submission."""
    waiting = OfficeReview.objects.waiting().filter(submission__page=item.pk, submission__outcome="")
    return set(map(Signatory, waiting.values_list("signatory", flat=True)))


def revise(item, **values):
    draft = fresh(item).get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save_revision()
    return fresh(item)


def published(item, people, editor):
    submit(item, editor)
    signs(item, people, *Signatory)
    return fresh(item)


def answers(item, editor):
    for remark in Remark.objects.unanswered().filter(page=item.pk):
        answer(remark, editor, kind=Remark.Answer.CORRECTED)


def test_first_the_department_then_the_three_at_once(item, people, editor):
    submit(item, editor)
    assert asked(item) == {LEGAL}
    signs(item, people, LEGAL)
    assert asked(item) == {EDITORIAL, LAW, GENERAL}


@pytest.mark.parametrize("order", [(EDITORIAL, LAW, GENERAL), (GENERAL, EDITORIAL, LAW)])
def test_when_all_have_signed_in_any_order_it_is_published(item, people, editor, order):
    submit(item, editor)
    signs(item, people, LEGAL, *order[:2])
    assert not fresh(item).live
    signs(item, people, order[2])
    assert fresh(item).live
    assert Submission.objects.get().outcome == Submission.Outcome.PUBLISHED


def test_it_goes_back_once_when_all_have_decided_with_everybodys_remarks(item, people, editor):
    state = submit(item, editor)
    signs(item, people, LEGAL)
    asks(item, people, LAW, "fees", "请写明标准")
    assert list(Remark.objects.unanswered().values_list("text", flat=True)) == ["请写明标准"]  # at once
    asks(item, people, GENERAL, "materials", "缺申请表")
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS
    signs(item, people, EDITORIAL)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert Submission.objects.get().outcome == Submission.Outcome.RETURNED
    assert Remark.objects.unanswered().count() == 2


def test_an_office_sends_it_back_at_once_and_what_others_noted_is_kept(item, people, editor):
    state = submit(item, editor)
    signs(item, people, LEGAL, EDITORIAL)
    asks(item, people, LAW, "fees")
    asks(item, people, GENERAL, "materials", at_once=True)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert {remark.signatory for remark in Remark.objects.unanswered()} == {LAW, GENERAL}


def test_the_department_sends_it_back_before_the_offices_see_it(item, people, editor):
    state = submit(item, editor)
    asks(item, people, LEGAL, "approval_steps")
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    answers(item, editor)
    submit(revise(item, acceptance_days=2, review_days=3), editor)
    assert asked(item) == {LEGAL}


def test_an_office_revises_its_decision_until_all_have_decided(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL)
    asks(item, people, LAW, "fees")
    signs(item, people, LAW)
    assert not Remark.objects.standing().exists()
    withdraw_decision(review_by(item, LAW), people[LAW])
    assert LAW in asked(item)
    signs(item, people, EDITORIAL, GENERAL, LAW)
    assert fresh(item).live
    kinds = Decision.objects.filter(signatory=LAW).values_list("kind", flat=True)
    assert list(kinds) == ["changes_requested", "signed", "withdrawn", "signed"]


def test_a_corrected_fee_is_asked_of_legal_affairs_alone(item, people, editor):
    item = published(item, people, editor)
    fee = {"item": "工本费", "amount": 20, "unit": "证", "standard": "", "basis": "发改价格〔2003〕2322号"}
    submit(revise(item, fees=[("fee", fee)]), editor)
    assert asked(item) == {LAW}
    carried = PageLogEntry.objects.filter(page=item.pk, action="reviewflow.carry_over")
    assert {entry.data["signatory"] for entry in carried} == {LEGAL, EDITORIAL, GENERAL}
    signs(item, people, LAW)
    assert fresh(item).fees[0].block_type == "fee"


def test_putting_the_old_fee_back_revives_its_sign_off(item, people, editor):
    item = published(item, people, editor)
    before = item.fees.get_prep_value()
    fee = {"item": "工本费", "amount": 20, "unit": "证", "standard": "", "basis": "发改价格〔2003〕2322号"}
    item = revise(item, fees=[("fee", fee)])
    stream = item.fees.stream_block
    submit(revise(item, fees=stream.to_python(before), filled_in_by="李华"), editor)
    assert asked(item) == set()  # nobody is asked, and the new bookkeeping is live
    assert fresh(item).filled_in_by == "李华"


def test_a_changed_flow_is_checked_by_the_department_before_the_offices_see_it_again(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL, EDITORIAL, LAW)
    asks(item, people, GENERAL, "approval_steps", "审查环节太长")
    answers(item, editor)
    steps = [
        (block.block_type, {**block.value, "name": f"{block.value['name']}环节"})
        for block in item.approval_steps
    ]
    submit(revise(item, approval_steps=steps), editor)
    assert asked(item) == {LEGAL}
    signs(item, people, LEGAL)
    assert asked(item) == {GENERAL}


def test_an_unchanged_flow_is_not_checked_again_and_the_history_says_so(item, people, editor):
    item = published(item, people, editor)
    submit(revise(item, who_may_apply="公民和法人"), editor)
    assert asked(item) == {GENERAL}
    entry = PageLogEntry.objects.filter(action="reviewflow.carry_over").order_by("pk").last()
    assert entry.data["person"]
    assert entry.message


def test_what_is_published_is_what_was_submitted(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL, EDITORIAL, LAW)
    revise(item, title="评审期间另存的名称")
    signs(item, people, GENERAL)
    item = fresh(item)
    assert item.live
    assert item.title != "评审期间另存的名称"
    assert item.has_unpublished_changes


def test_content_overwritten_under_the_review_is_not_signed(item, people, editor):
    """An autosave overwrites a revision in its place."""
    submit(item, editor)
    signs(item, people, LEGAL)
    review = review_by(item, EDITORIAL)
    seen = review.digest
    draft = fresh(item).get_latest_revision_as_object()
    draft.title = "悄悄改了的名称"
    draft.save_revision(overwrite_revision=fresh(item).latest_revision)
    with pytest.raises(ContentChanged) as error:
        sign(review, people[EDITORIAL], seen=seen)
    assert error.value.content.values["title"] == "悄悄改了的名称"
    assert not Decision.objects.filter(signatory=EDITORIAL).exists()


def test_an_item_is_not_handed_in_while_a_remark_is_unanswered(item, people, editor):
    state = submit(item, editor)
    signs(item, people, LEGAL, EDITORIAL, LAW)
    asks(item, people, GENERAL, "who_may_apply", "请写明范围")
    with pytest.raises(IncompleteItem) as error:
        submit(fresh(item), editor)
    assert [finding.field for finding in error.value.findings] == ["who_may_apply"]
    answer(Remark.objects.get(), editor, kind=Remark.Answer.KEPT, text="范围依法律规定")
    submit(revise(item, who_may_apply="公民和法人"), editor)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS


def test_a_returned_item_is_not_resubmitted_incomplete(item, people, editor):
    state = submit(item, editor)
    asks(item, people, LEGAL, "approval_steps")
    answers(item, editor)
    with pytest.raises(IncompleteItem):
        submit(revise(item, fees=[]), editor)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES


def test_an_unchanged_field_that_was_objected_to_must_be_signed_anew(item, people, editor):
    """Changes requested are a decision on that content: it does not count as signed by an older one."""
    submit(item, editor)
    signs(item, people, LEGAL, EDITORIAL, LAW)
    asks(item, people, GENERAL, "who_may_apply")
    answers(item, editor)
    submit(fresh(item), editor)
    assert asked(item) == {GENERAL}


@pytest.mark.parametrize("remarks", [[], [NewRemark("title", "不归本办")]])
def test_a_request_without_words_or_about_anothers_field_is_refused(item, people, editor, remarks):
    submit(item, editor)
    signs(item, people, LEGAL)
    review = review_by(item, LAW)
    with pytest.raises(CannotDecide):
        request_changes(review, people[LAW], seen=review.digest, remarks=remarks)
    assert not Remark.objects.exists()


def test_nobody_decides_twice_on_what_is_over(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL)
    review = review_by(item, LAW)
    signs(item, people, EDITORIAL, GENERAL, LAW)
    with pytest.raises(CannotDecide):
        request_changes(review, people[LAW], seen=review.digest, remarks=[], remark="晚了")
    assert fresh(item).live


def test_an_office_does_not_decide_before_the_departments_check(item, people, editor):
    submit(item, editor)
    assert not OfficeReview.objects.filter(signatory__in=OFFICES).exists()


def test_a_submission_belongs_to_the_open_round_of_its_department(item, people, editor):
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.localdate()
    review_round = ReviewRound(name="第一轮", opens_on=today, closes_on=today + timedelta(days=1))
    review_round.departments = [item.department]
    review_round.save()
    submit(item, editor)
    assert Submission.objects.get().round == review_round
    assert review_by(item, LEGAL).due_on <= review_round.closes_on  # never later than its closing
    other = complete_item(DepartmentFactory())
    other.save_revision()
    submit(other, UserFactory(groups=[other.department.editors]))
    assert Submission.objects.get(page=other.pk).round is None  # current upkeep


def test_every_remark_is_in_the_pages_history(item, people, editor):
    submit(item, editor)
    signs(item, people, LEGAL)
    asks(item, people, LAW, "fees", "请写明标准")
    entry = PageLogEntry.objects.get(page=item.pk, action="reviewflow.changes_requested")
    assert entry.user == people[LAW]
    assert "收费" in entry.comment
    assert "请写明标准" in entry.comment


def test_every_step_is_in_the_pages_history(item, people, editor):
    published(item, people, editor)
    history = PageLogEntry.objects.filter(page=item.pk)
    for signatory in Signatory:
        entry = history.get(action="reviewflow.signed", data__signatory=signatory)
        assert entry.user == people[signatory]
        assert str(signatory.label) in str(entry.message)
    assert history.filter(action="wagtail.publish", user__isnull=False).count() == 1
