"""How a review begins: what of an item each signatory is asked, and what carries over.

How it goes on and ends is in reviewflow.deciding.
"""

from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Task, TaskState

from reviewflow import notices
from reviewflow.canonical import signed_contents
from reviewflow.due_dates import count_from_today, no_deadline
from reviewflow.log_actions import log_refusal
from reviewflow.models.closing import close, nothing_to_correct
from reviewflow.models.decisions import Decision
from reviewflow.models.offices import ReviewOffice
from reviewflow.models.rounds import ReviewRound
from reviewflow.models.submissions import OfficeReview, Submission
from reviewflow.sign_offs import standing_sign_offs
from reviewflow.signatories import OFFICES, Signatory

Status = OfficeReview.Status


class NotReviewable(TypeError):
    """A page that is no service item was put before the joint review."""


def open_step(task, workflow_state, user) -> TaskState:
    """Opens a task of the review for the item's submission, which it makes where there is none.

    Signatories whose sign-off counts for what was submitted are not asked; where that is all of them, the
    step is passed over. A joint review first sees to it that the department's legal check still counts: a
    returned item comes back to the offices directly, and its flow may have been changed meanwhile.
    """
    from reviewflow.models.tasks import DepartmentLegalTask

    submission = current_submission(workflow_state, user)
    item = submission.item
    contents = signed_contents(item)
    standing = standing_sign_offs(item, contents)
    legal = legal_task(workflow_state)
    if isinstance(task, DepartmentLegalTask):
        asked = (Signatory.DEPARTMENT_LEGAL,)
    elif standing[Signatory.DEPARTMENT_LEGAL] is not None:
        asked = OFFICES
        if not submission.reviews.filter(signatory=Signatory.DEPARTMENT_LEGAL).exists():
            ask(
                submission,
                contents[Signatory.DEPARTMENT_LEGAL],
                standing[Signatory.DEPARTMENT_LEGAL],
                None,
                task,
            )
    elif legal is not None:
        return legal.start(workflow_state, user=user)
    else:
        return send_back_unchecked(task, workflow_state, submission, user)
    task_state = task.start_waiting(workflow_state, user)
    offices = ReviewOffice.objects.responsible_for(item.department)
    waits = False
    for signatory in asked:
        review = ask(submission, contents[signatory], standing[signatory], offices.get(signatory), task)
        if review.status == Status.WAITING:
            waits = True
            notices.asked(review)
    if not waits:
        end(task_state, TaskState.STATUS_SKIPPED, _("Nothing has changed since the last sign-off."))
    return task_state


def send_back_unchecked(task, workflow_state, submission, user) -> TaskState:
    """The workflow has no check by the department any more: nobody's signature could let the item out, so it
    goes back before the offices have read it in vain."""
    reason = _("The workflow has no active check by the department's legal officer.")
    close(submission, Submission.Outcome.REFUSED, reason)
    log_refusal(submission.page, submission.revision, reason, user)
    notices.returned(submission)
    return end(task.start_waiting(workflow_state, user), TaskState.STATUS_REJECTED, reason)


def end(task_state, status, comment) -> TaskState:
    task_state.status, task_state.comment, task_state.finished_at = status, comment, timezone.now()
    task_state.save()
    return task_state


def current_submission(workflow_state, user) -> Submission:
    """The open submission of this review; made, with the newest revision, where the item has just been
    handed in."""
    from servicepages.models import ServiceItemPage

    submission = Submission.objects.open().filter(workflow_state=workflow_state).first()
    if submission is not None:
        return submission
    page = workflow_state.content_object
    if page.specific_class is not ServiceItemPage:
        raise NotReviewable(_("Only service items go through the joint review."))
    item = page.get_latest_revision_as_object()
    nothing_to_correct(item.pk)
    return Submission.objects.create(
        page_id=item.pk,
        title=item.title,
        workflow_state=workflow_state,
        revision=item.latest_revision,
        round=ReviewRound.objects.open_for(item.department),
        submitted_by=user or workflow_state.requested_by,
    )


def legal_task(workflow_state):
    """The workflow's check by the department, where it has one that is active."""
    from reviewflow.models.tasks import DepartmentLegalTask

    tasks = Task.objects.filter(workflow_tasks__workflow=workflow_state.workflow_id, active=True).specific()
    return next((task for task in tasks if isinstance(task, DepartmentLegalTask)), None)


def ask(submission, content, standing, office, task) -> OfficeReview:
    """One row for a signatory: waiting, or carried over with a line in the page's history."""
    last = Decision.objects.last_sign_off(submission.page_id, content.signatory)
    review, _created = OfficeReview.objects.update_or_create(
        submission=submission,
        signatory=content.signatory,
        defaults={
            "office": office,
            "digest": content.digest,
            "status": Status.CARRIED_OVER if standing else Status.WAITING,
            "decision": standing,
            "first_time": last is None,
            "changed_fields": len(content.changed_fields(last.content if last else None)),
        },
    )
    review.submission = submission
    if standing:
        no_deadline(review)
    else:
        count_from_today(review, task.working_days)
    review.save()
    if standing:
        log(
            instance=submission.page,
            action="reviewflow.carry_over",
            user=submission.submitted_by,
            revision=submission.revision,
            data={
                "signatory": content.signatory.value,
                "person": str(standing.person),
                "signed_at": timezone.localtime(standing.decided_at).isoformat(timespec="minutes"),
                "digest": standing.short_digest,
            },
        )
    return review


def is_asked_of(user, file) -> bool:
    """Whether an item of the department whose file it is is before `user`: a deputy or a county's office
    opens what it is to sign, without working with the collection."""
    return (
        OfficeReview.objects.asked()
        .of_person(user)
        .filter(submission__outcome="", submission__page__department__collection=file.collection_id)
        .exists()
    )


def acts_on(user, page) -> bool:
    """Whether an office or a department that `user` acts for is asked in the page's open submission,
    whether or not it has decided already."""
    return (
        OfficeReview.objects.asked()
        .of_person(user)
        .filter(submission__page=page.pk, submission__outcome="")
        .exists()
    )


def review_of(user, workflow_state) -> OfficeReview | None:
    """What `user` is asked in a review: what still waits first."""
    mine = (
        OfficeReview.objects.asked()
        .of_person(user)
        .filter(submission__workflow_state=workflow_state, submission__outcome="")
    )
    return mine.waiting().first() or mine.first()
