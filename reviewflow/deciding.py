"""Deciding on an item in review: each change of state is one callable here, whoever calls it.

All of them take the same locks in the same order (the workflow's state, then the rest), so two offices that
decide at the same instant come one after the other: both decisions are kept, and the second one finishes.
"""

from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from reviewflow import notices
from reviewflow.canonical import SignedContent, signed_content
from reviewflow.four_eyes import hindrance
from reviewflow.labels import label_of
from reviewflow.models.closing import close
from reviewflow.models.decisions import Decision
from reviewflow.models.remarks import Remark
from reviewflow.models.submissions import OfficeReview, Submission
from reviewflow.signatories import signatories_of

Kind, Status, Outcome = Decision.Kind, OfficeReview.Status, Submission.Outcome


class CannotDecide(ValidationError):
    """A decision that is refused, with the sentence that says why. Nothing has changed."""


class ContentChanged(CannotDecide):
    """What was decided on is not what is in review. `content` is what is."""

    def __init__(self, content: SignedContent):
        super().__init__(_("The item has changed since you opened it. Please read what has changed."))
        self.content = content


@dataclass(frozen=True)
class NewRemark:
    """What is to be changed: a model field, the id of a line in it or "", and the words."""

    field: str
    text: str
    block: str = ""


@transaction.atomic
def sign(review: OfficeReview, person, *, seen: str, remark: str = "") -> Decision:
    """Signs for the signatory of `review`. `seen` is the digest of the content that was read.

    CannotDecide where the person may not, the review is over, or the content is another (ContentChanged).
    """
    with _deciding(review, person, seen) as (review, content):
        decision = _record(review, content, person, Kind.SIGNED, remark)
        _take_back_remarks(review)
        _move(review, Status.SIGNED, decision)
    return decision


@transaction.atomic
def request_changes(
    review: OfficeReview, person, *, seen: str, remarks: list[NewRemark], remark: str = "", at_once=False
) -> Decision:
    """Asks for changes with remarks on fields of the signatory; the editor sees them from now on.

    `at_once` sends the item back without waiting for the others; what they noted is kept. CannotDecide also
    where nothing is said, or a remark is about a field that this signatory does not sign for.
    """
    if not remarks and not remark.strip():
        raise CannotDecide(_("Say what is to be changed."))
    for each in remarks:
        if review.signs not in signatories_of(each.field):
            raise CannotDecide(_("A remark is about a field of another office."))
    with _deciding(review, person, seen) as (review, content):
        decision = _record(review, content, person, Kind.CHANGES_REQUESTED, remark, remarks)
        _take_back_remarks(review)
        for each in remarks:
            Remark.objects.create(
                page_id=review.submission.page_id,
                submission=review.submission,
                signatory=review.signatory,
                author=person,
                field=each.field,
                block=each.block,
                text=each.text.strip(),
            )
        _move(review, Status.CHANGES_REQUESTED, decision, at_once=at_once)
    return decision


@transaction.atomic
def withdraw_decision(review: OfficeReview, person) -> Decision:
    """Takes back what the signatory decided in this submission, as long as not all have decided."""
    with _deciding(review, person, None) as (review, content):
        if review.status not in (Status.SIGNED, Status.CHANGES_REQUESTED):
            raise CannotDecide(_("There is no decision to take back."))
        decision = _record(review, content, person, Kind.WITHDRAWN, "")
        _take_back_remarks(review)
        _move(review, Status.WAITING, decision)
    return decision


@contextmanager
def _deciding(review, person, seen):
    """Locks the review, asks everything that may stand against a decision, and says what is decided on."""
    WorkflowState.objects.select_for_update(of=("self",)).filter(submissions=review.submission_id).first()
    review = (
        OfficeReview.objects.select_for_update(of=("self",))
        .select_related("submission__page__department", "submission__workflow_state", "submission__revision")
        .select_related("office")
        .get(pk=review.pk)
    )
    submission = review.submission
    state = submission.workflow_state
    if not submission.is_open or state is None or state.status != WorkflowState.STATUS_IN_PROGRESS:
        raise CannotDecide(_("The item is no longer in review."))
    if review.status in (Status.CARRIED_OVER, Status.CLOSED) or not _is_before(review, state):
        raise CannotDecide(_("This office is not asked."))
    if sentence := hindrance(person, submission, review):
        raise CannotDecide(sentence)
    content = signed_content(submission.item, review.signs)
    if seen is not None and seen != content.digest:
        raise ContentChanged(content)
    yield review, content


def _is_before(review, state) -> bool:
    """Whether the step that the review belongs to is the one that is open."""
    from reviewflow.models.tasks import DepartmentLegalTask, JointReviewTask

    step = JointReviewTask if review.signs.is_office else DepartmentLegalTask
    task_state = state.current_task_state
    return task_state is not None and isinstance(task_state.task.specific, step)


def _record(review, content, person, kind, remark, remarks=()) -> Decision:
    """Adds the decision, with a line in the page's history that says everything that was noted."""
    submission = review.submission
    noted = [remark.strip(), *(f"{label_of(each.field)}: {each.text.strip()}" for each in remarks)]
    decision = Decision.objects.create(
        page_id=submission.page_id,
        signatory=content.signatory,
        person=person,
        office=review.office,
        kind=kind,
        digest=content.digest,
        content=content.form,
        content_version=content.form["version"],
        revision=submission.revision,
        submission=submission,
        round=submission.round,
        remark=remark.strip(),
    )
    log(
        instance=submission.page,
        action=f"reviewflow.{kind}",
        user=person,
        revision=submission.revision,
        data={
            "signatory": content.signatory.value,
            "digest": decision.short_digest,
            "comment": "\n".join(filter(None, noted)),
        },
    )
    return decision


def _take_back_remarks(review):
    """A signatory's later decision takes the place of what it noted in this submission before."""
    Remark.objects.standing().filter(submission=review.submission, signatory=review.signatory).update(
        taken_back_at=timezone.now()
    )


def _move(review, status, decision, at_once=False):
    """Notes where the review stands now, and ends the step when all have decided."""
    review.status, review.decision, review.digest = status, decision, decision.digest
    review.looked_at_by = review.looked_at_since = review.looked_at_last = None
    review.save()
    step = [
        each for each in review.submission.reviews.all() if each.signs.is_office is review.signs.is_office
    ]
    if at_once or all(each.has_decided for each in step):
        _end_step(review, step, decision)


def _end_step(review, step, decision):
    """All signed: the workflow goes on, and after its last task publishes. Otherwise the item goes back
    once, with everybody's remarks."""
    task_state = review.submission.workflow_state.current_task_state.specific
    person = decision.person
    if all(each.status in (Status.SIGNED, Status.CARRIED_OVER) for each in step):
        task_state.approve(user=person, comment=decision.remark)
        return
    comment = "\n".join(
        f"{each.get_signatory_display()}: {each.decision.remark}"
        for each in step
        if each.status == Status.CHANGES_REQUESTED and each.decision.remark
    )
    close(review.submission, Outcome.RETURNED, comment)
    notices.returned(review.submission)
    task_state.reject(user=person, comment=comment)
