"""What becomes of an item when its workflow has no task left."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import workflow_rejected

from reviewflow import notices
from reviewflow.gate import NotCleared, check
from reviewflow.log_actions import log_refusal
from reviewflow.models.closing import close
from reviewflow.models.submissions import Submission
from servicepages.models import ServiceItemPage

Outcome = Submission.Outcome


def finish_review(workflow_state, user):
    """Publishes, holds back until the filing, or sends back what is not signed by all."""
    submission = Submission.objects.open().filter(workflow_state=workflow_state).first()
    if submission is None:
        _return_unreviewed(workflow_state, user)
        return
    try:
        check(submission.item)
    except NotCleared as refusal:
        send_back(workflow_state, submission, user, refusal.message)
        return
    if submission.round is not None and submission.round.holds_back:
        close(submission, Outcome.WAITING_FOR_FILING)
        notices.finished(submission)
        return
    publish(submission, user)


def publish(submission, user):
    """The revision that was handed in goes live, or is scheduled where it says when. NotCleared where the
    gate refuses it."""
    submission.revision.publish(user=user, skip_permission_checks=True)
    page = ServiceItemPage.objects.get(pk=submission.page_id)
    went_live = page.live and page.live_revision_id == submission.revision_id
    close(submission, Outcome.PUBLISHED if went_live else Outcome.SCHEDULED)
    notices.finished(submission)


def send_back(workflow_state, submission, user, reason):
    """A finished workflow whose item is not signed by all: back to the department, with the reason."""
    close(submission, Outcome.REFUSED, reason)
    notices.returned(submission)
    task_state = workflow_state.current_task_state
    TaskState.objects.filter(pk=task_state.pk).update(
        status=TaskState.STATUS_REJECTED, finished_at=timezone.now(), comment=reason
    )
    workflow_state.status = WorkflowState.STATUS_NEEDS_CHANGES
    workflow_state.save()
    log_refusal(submission.page, submission.revision, reason, user)
    workflow_rejected.send(sender=WorkflowState, instance=workflow_state, user=user)


def _return_unreviewed(workflow_state, user):
    """A workflow without a task of the review: there is nothing to go back to, so it ends."""
    page = workflow_state.content_object.specific
    workflow_state.status = WorkflowState.STATUS_CANCELLED
    workflow_state.save()
    reason = _("The workflow has no joint review, so nothing was published.")
    if workflow_state.requested_by is not None:
        notices.tell(
            [workflow_state.requested_by],
            _("Returned: %(title)s") % {"title": page.title},
            [reason],
            reverse("item_or_record", args=[page.pk]),
            kind=notices.Notice.Kind.RETURNED,
            about=f"workflow:{workflow_state.pk}:unreviewed",
        )
    log_refusal(page, page.get_latest_revision(), reason, user)
