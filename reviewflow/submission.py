"""Submitting an item for review: by one callable, and only when its checklist is empty.

The editor's form asks the same question first and keeps what was typed; this is what holds for code,
imports and every other road into a workflow.
"""

from django.core.exceptions import ValidationError
from wagtail.models import WorkflowState

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
    if not entering or instance.content_type.model_class() is not ServiceItemPage:
        return
    check_complete(ServiceItemPage.objects.get(pk=instance.object_id).get_latest_revision_as_object())
