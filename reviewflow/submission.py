"""Submitting an item for review: by one callable, and only when its checklist is empty.

The editor's form asks the same question first and keeps what was typed; this is what holds for code,
imports and every other road into a workflow.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from reviewflow import notices
from reviewflow.models.closing import close, nothing_to_correct
from reviewflow.models.submissions import Submission
from reviewflow.models.tasks import SignatoryTask
from servicepages.completeness import checklist, stopping
from servicepages.models import ServiceItemPage


class IncompleteItem(ValidationError):
    """The item has lines on its checklist; `findings` are those that stop it."""

    def __init__(self, findings):
        self.findings = findings
        super().__init__([finding.message for finding in findings])


def check_complete(item) -> None:
    """Raises IncompleteItem where `item`, as it is in memory, may not be submitted."""
    findings = stopping(checklist(item))
    if findings:
        raise IncompleteItem(findings)


@transaction.atomic
def submit(item, user) -> WorkflowState:
    """Submits the newest draft of `item`, or resubmits it where it was sent back.

    IncompleteItem where something is missing; nothing has changed then.
    """
    state = item.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user)
        return state
    return item.get_workflow().start(item, user)


def hold_incomplete(sender, instance, raw=False, **kwargs):
    """`pre_save` of a workflow's state: nothing incomplete enters a review, nor comes back into one.

    A state that goes on from task to task is not asked again: the page may be locked by then.
    """
    if raw or instance.status != WorkflowState.STATUS_IN_PROGRESS:
        return
    entering = (
        instance._state.adding
        or WorkflowState.objects.filter(pk=instance.pk, status=WorkflowState.STATUS_NEEDS_CHANGES).exists()
    )
    if not entering:
        return
    if instance.content_type.model_class() is ServiceItemPage:
        item = ServiceItemPage.objects.get(pk=instance.object_id)
        check_complete(item.get_latest_revision_as_object())
    elif asks_signatories(instance.workflow):
        raise ValidationError(_("Only service items go through the joint review."))


def asks_signatories(workflow) -> bool:
    """Whether a workflow has a step of the joint review; others are Wagtail's alone."""
    return any(isinstance(task, SignatoryTask) for task in workflow.tasks.specific())


APPROVED_NOT_PUBLIC = (Submission.Outcome.SCHEDULED, Submission.Outcome.WAITING_FOR_FILING)


def may_withdraw(user, item) -> bool:
    """Who may take an item out of the review: who submitted it, an editor of its department, or the
    department's legal officer; nobody else, superusers included."""
    newest = item.submissions.order_by("-pk").first()
    if newest is not None and newest.submitted_by_id == user.pk:
        return True
    department = item.department
    return (
        user.is_active
        and user.groups.filter(pk__in=[department.editors_id, department.legal_officers_id]).exists()
    )


@transaction.atomic
def withdraw(item, user) -> None:
    """Takes the item out of the review, or holds back what is approved and not public yet. PermissionDenied
    where `user` may not, or there is nothing of the kind."""
    if not may_withdraw(user, item):
        raise PermissionDenied
    state = WorkflowState.objects.active().for_instance(item).select_for_update(of=("self",)).first()
    if state is None:
        recall(item, user)
    elif state.current_task_state_id is None:
        # what an interrupted start has left behind, which Wagtail cannot cancel
        state.status = WorkflowState.STATUS_CANCELLED
        state.save()
        close_cancelled(WorkflowState, state)
    else:
        state.cancel(user=user)


def approved_not_public(item):
    """Submissions that all have signed and that wait for their time or for the round's filing."""
    return Submission.objects.filter(page=item.pk, outcome__in=APPROVED_NOT_PUBLIC)


@transaction.atomic
def recall(item, user) -> None:
    """What is approved does not go public after all; its sign-offs stay good. PermissionDenied where nothing
    is approved. Whether `user` may is asked by the caller."""
    waiting = list(approved_not_public(item).select_for_update())
    if not waiting:
        raise PermissionDenied
    for submission in waiting:
        submission.revision.approved_go_live_at = None
        submission.revision.save(update_fields=["approved_go_live_at"])
        close(submission, Submission.Outcome.WITHDRAWN)
    log(instance=item, action="reviewflow.recall", user=user, revision=waiting[-1].revision)


def close_cancelled(sender, instance, **kwargs):
    """`workflow_cancelled`: whoever cancelled it, nothing of it waits for anybody any more."""
    for open_submission in Submission.objects.open().filter(workflow_state=instance):
        close(open_submission, Submission.Outcome.WITHDRAWN)
    nothing_to_correct(instance.object_id)


def close_rejected(sender, instance, **kwargs):
    """`workflow_rejected`: a step that is not ours can send an item back, too. Wagtail would resume at that
    step; the offices have to see the correction first, so the workflow begins anew."""
    returned = list(Submission.objects.open().filter(workflow_state=instance))
    for open_submission in returned:
        close(open_submission, Submission.Outcome.RETURNED)
    task = instance.current_task_state.task.specific
    if not isinstance(task, SignatoryTask) and asks_signatories(instance.workflow):
        instance.cancel(user=kwargs.get("user"))
        for submission in returned:
            # Cancelling took it away: it is to be corrected all the same.
            submission.save(update_fields=["correct_by"])
            notices.returned(submission)


def close_scheduled(sender, instance, revision, **kwargs):
    """`page_published`: a version that waited for its time is public now, and its department is told; or a
    later one has taken its place. An older one that is published again (a roll-back) takes nobody's."""
    if not isinstance(instance, ServiceItemPage) or not instance.live:
        return
    waiting = Submission.objects.filter(page=instance.pk, outcome=Submission.Outcome.SCHEDULED)
    for scheduled in waiting.filter(revision=instance.live_revision_id):
        close(scheduled, Submission.Outcome.PUBLISHED)
        notices.finished(scheduled)
    for scheduled in waiting.filter(revision__created_at__lt=revision.created_at):
        close(scheduled, Submission.Outcome.WITHDRAWN, _("A later version takes its place."))
