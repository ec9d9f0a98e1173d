"""How the sample's items came to be where they are: written, submitted, signed or sent back, published.

Everything here goes the way that people go: revisions and submissions by the department's editor, who is
held by the checklist, approvals by a person whose turn it is, publication by the end of the workflow.
Nothing sets `live`.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin.signal_handlers import register_signal_handlers
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from reviewflow.offices import COORDINATION
from reviewflow.submission import IncompleteItem, submit
from servicepages.fields import OFFICES
from servicepages.models import ServiceItemPage, User
from servicepages.sample.clock import Clock, at

# Hours of an office's day between one step and the next, used in turn.
_PAUSES = (3.0, 9.5, 5.5, 13.0, 7.0, 2.5, 11.0)
_FIRST_ITEM = timedelta(days=84)  # before the loading
_LAST_ITEM = timedelta(days=14)

_MAILERS = (
    (task_submitted, TaskState, "group_approval_task_submitted_email_notification"),
    (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification"),
    (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification"),
    (workflow_approved, WorkflowState, "workflow_state_approved_email_notification"),
)


class IncompleteSample(Exception):
    """An item that should be submitted has lines on its checklist: a mistake in the sample's data."""


@contextmanager
def no_mail():
    """Wagtail's mailers do not hear of reviews that never happened."""
    for signal, sender, uid in _MAILERS:
        signal.disconnect(sender=sender, dispatch_uid=uid)
    try:
        yield
    finally:
        register_signal_handlers()


def starting_times(count: int) -> list:
    """When each of `count` items was begun: over the weeks before now, at different hours, departments
    mixed."""
    now = timezone.now()
    first, last = now - _FIRST_ITEM, now - _LAST_ITEM
    times = [
        first + (last - first) * number / max(count, 1) + timedelta(minutes=number * 37 % 240)
        for number in range(count)
    ]
    return times[::3] + times[1::3] + times[2::3]


class Reviewers:
    """People of the offices and the coordination team. Nobody signs an item of their own department."""

    def __init__(self):
        self.people = list(
            User.objects.filter(groups__name__in=[office.value for office in OFFICES], is_active=True)
            .distinct()
            .order_by("pk")
        )
        self.coordination = (
            User.objects.filter(groups__name=COORDINATION, is_active=True).order_by("pk").first()
        )
        self._turn = 0

    def for_task(self, task, item):
        able = [
            person
            for person in self.people
            if person.home_department_id != item.department_id
            and any(action == "approve" for action, *_rest in task.get_actions(item, person))
        ]
        self._turn += 1
        return able[self._turn % len(able)]


class Review:
    """One item on its way, and the clock of those who handle it."""

    def __init__(self, item, editor, reviewers: Reviewers, clock: Clock, step: int = 0):
        self.item, self.editor, self.reviewers, self.clock = item, editor, reviewers, clock
        self._step = step

    def _later(self):
        self._step += 1
        self.clock.forward(_PAUSES[self._step % len(_PAUSES)])
        return at(self.clock.moment)

    def refresh(self):
        self.item = ServiceItemPage.objects.get(pk=self.item.pk).get_latest_revision_as_object()
        return self.item

    def save_draft(self):
        """As the editor's form does it: the row of a page that is not live follows its draft."""
        with self._later():
            if not self.item.live:
                self.item.save()
            self.item.save_revision(user=self.editor, log_action=True)

    def submit(self):
        with self._later():
            try:
                submit(self.item, self.editor)
            except IncompleteItem as error:
                raise IncompleteSample(f"{self.item.title}: {'；'.join(error.messages)}") from error

    def _open_tasks(self):
        """Tasks that wait for somebody; asked anew each time, for one approval may open the next."""
        return TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).for_instance(self.item)

    def _act(self, task_state, action, **kwargs):
        task = task_state.task.specific
        person = self.reviewers.for_task(task, self.item)
        with self._later():
            task.on_action(task_state, person, action, **kwargs)

    def approve(self, times: int):
        for _time in range(times):
            self._act(self._open_tasks().order_by("pk").first(), "approve")

    def approve_all(self):
        while task_state := self._open_tasks().order_by("pk").first():
            self._act(task_state, "approve")
        self.refresh()

    def send_back(self, office: str, comment: str):
        """The office of that name asks for changes; those whose turn comes before it have approved."""
        for task_state in iter(lambda: self._open_tasks().order_by("pk").first(), None):
            if task_state.task.name == office:
                self._act(task_state, "reject", comment=comment)
                return
            self._act(task_state, "approve")
        raise LookupError(f"no open task of {office}")

    def withdraw(self):
        with self._later():
            UnpublishPageAction(self.item, user=self.reviewers.coordination).execute()
        self.refresh()
