"""The two tasks of the workflow, as Wagtail's own workflow editor offers them.

What they do is in reviewflow.joint_review: a task is only where Wagtail asks.
"""

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState

from reviewflow.review_lock import ReviewLock


class SignatoryTask(Task):
    """A step at which signatories decide on the review sheet. Nobody may edit the item meanwhile."""

    lock_class = ReviewLock

    class Meta:
        abstract = True

    def start(self, workflow_state, user=None):
        from reviewflow import joint_review

        return joint_review.open_step(self, workflow_state, user)

    def start_waiting(self, workflow_state, user):
        """The stock start: a task state in progress, and the signal."""
        return super().start(workflow_state, user=user)

    def locked_for_user(self, obj, user):
        return True

    def user_can_access_editor(self, obj, user):
        from reviewflow.joint_review import acts_on

        return acts_on(user, obj)

    def get_actions(self, obj, user):
        """One: to open the review sheet. Nothing is decided from a menu or on a page that was not read."""
        from reviewflow.joint_review import acts_on

        return [("review", _("Open the review sheet"), False)] if acts_on(user, obj) else []

    def get_form_for_action(self, action):
        return None

    def on_action(self, task_state, user, action_name, **kwargs):
        """Returns where to go. Decisions are made through reviewflow.joint_review, never here: whoever
        posts "approve" to Wagtail's view has not seen what they approve."""
        from reviewflow.joint_review import review_of

        if action_name != "review":
            raise PermissionDenied
        review = review_of(user, task_state.workflow_state)
        if review is None:
            raise PermissionDenied
        from django.urls import reverse

        return reverse("review_sheet", args=[review.pk])

    def get_task_states_user_can_moderate(self, user, **kwargs):
        from reviewflow.models.submissions import OfficeReview

        waiting = OfficeReview.objects.waiting().of_person(user).values("submission__workflow_state")
        return TaskState.objects.filter(
            task=self, status=TaskState.STATUS_IN_PROGRESS, workflow_state__in=waiting
        )


class DepartmentLegalTask(SignatoryTask):
    """The legal officer of the item's own department checks the internal approval flow."""

    working_days = models.PositiveSmallIntegerField(
        _("working days to decide"), default=3, help_text=_("Counted from the day after the submission.")
    )

    admin_form_fields = [*Task.admin_form_fields, "working_days"]

    class Meta:
        verbose_name = _("department legal check")
        verbose_name_plural = _("department legal checks")

    @classmethod
    def get_description(cls):
        return _(
            "The legal officer of the item's department checks its internal approval flow. Passed over where "
            "that flow is what was last checked."
        )


class JointReviewTask(SignatoryTask):
    """The three offices, at the same time, each for its own fields."""

    working_days = models.PositiveSmallIntegerField(
        _("working days to decide"), default=5, help_text=_("Counted from the day after the submission.")
    )

    admin_form_fields = [*Task.admin_form_fields, "working_days"]

    class Meta:
        verbose_name = _("joint review")
        verbose_name_plural = _("joint reviews")

    @classmethod
    def get_description(cls):
        return _(
            "The three offices review the item at the same time, each for its own fields. Only those whose "
            "fields have changed since they signed are asked."
        )
