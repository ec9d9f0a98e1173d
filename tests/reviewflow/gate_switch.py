"""The gate switched off, to show that a road is open without it, and the question whether it has held."""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from django.db import connection
from django.db.models.signals import pre_delete, pre_save
from wagtail import hooks
from wagtail.admin.forms.pages import CopyForm
from wagtail.models import Page, PagePermissionTester, Revision, WorkflowState
from wagtail.signals import pre_page_move

from reviewflow import gate, signal_handlers, triggers
from servicepages import copying
from servicepages.models import ServiceItemPage, Topic
from servicepages.permissions import NoPublicationBelow, ServiceItemPermissionTester

RECEIVERS = (
    (pre_save, ServiceItemPage),
    (pre_save, Page),
    (pre_save, Revision),
    (pre_delete, Topic),
    (pre_page_move, None),
)


@contextmanager
def gate_off():
    """Wagtail as it comes: no receivers, no triggers, its own permission tester, its own end of a workflow.

    Inside a transaction: the triggers come back with its rollback.
    """
    connection.check_constraints()  # PostgreSQL drops no trigger while checks of foreign keys are pending
    triggers.drop(connection)
    for signal, sender in RECEIVERS:
        signal.disconnect(sender=sender, dispatch_uid="gate")
    with ExitStack() as stack:
        stack.callback(signal_handlers._connect_gate)
        stack.enter_context(permission_given())
        stack.enter_context(patch.object(ServiceItemPage, "copy_form_class", CopyForm))
        stack.enter_context(patch.dict(hooks._hooks, before_copy_page=_without(copying.refuse_alias)))
        stack.enter_context(patch.object(WorkflowState, "on_finish", _publish_the_latest))
        yield


@contextmanager
def permission_given():
    """Only the permission testers say yes: what is behind them has to hold."""
    with ExitStack() as stack:
        for tester, name in (
            (ServiceItemPermissionTester, "can_publish"),
            (NoPublicationBelow, "can_publish_subpage"),
        ):
            stack.enter_context(patch.object(tester, name, getattr(PagePermissionTester, name)))
        yield


def _publish_the_latest(workflow_state, user=None):
    """Wagtail's own end of a workflow, for somebody who may publish."""
    workflow_state.content_object.get_latest_revision().publish(user=user, skip_permission_checks=True)


def _without(hook):
    hooks.get_hooks("before_copy_page")  # has them gathered
    return [each for each in hooks._hooks.get("before_copy_page", []) if each[0] is not hook]


def unsigned_live() -> list:
    """The live items that lack a sign-off, read from their rows."""
    return [item for item in ServiceItemPage.objects.filter(live=True) if gate.missing_signatures(item)]
