"""A submission, and in it what waits for each signatory.

The truth about who signed what is in the decisions. These rows say where a submission stands, so that a
queue of ten thousand items is one query, and they are the rows that two offices acting at once lock.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reviewflow.models.offices import ReviewOffice
from reviewflow.signatories import Signatory


class SubmissionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")


class Submission(models.Model):
    """One time that an item was handed in, with the revision that was handed in."""

    class Outcome(models.TextChoices):
        PUBLISHED = "published", _("published")
        SCHEDULED = "scheduled", _("scheduled")
        WAITING_FOR_FILING = "waiting_for_filing", _("approved, waits for the filing")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", pgettext_lazy("submission", "withdrawn")
        REFUSED = "refused", _("returned: not signed by all")

    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.CASCADE,
        related_name="submissions",
    )
    title = models.CharField(_("item name"), max_length=255)
    workflow_state = models.ForeignKey(
        "wagtailcore.WorkflowState",
        verbose_name=_("workflow state"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="submissions",
    )
    revision = models.ForeignKey(
        "wagtailcore.Revision",
        verbose_name=_("revision"),
        on_delete=models.PROTECT,
        related_name="submissions",
    )
    round = models.ForeignKey(
        "reviewflow.ReviewRound",
        verbose_name=_("review round"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="submissions",
        help_text=_("Empty for current upkeep."),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("submitted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="submissions",
    )
    submitted_at = models.DateTimeField(_("submitted at"), auto_now_add=True)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True, choices=Outcome.choices)
    reason = models.TextField(_("reason"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    correct_by = models.DateField(
        _("correct by"),
        null=True,
        blank=True,
        help_text=_("Of what came back, until it is handed in again or taken out of the review."),
    )
    correct_by_is_provisional = models.BooleanField(_("provisional"), default=False)
    correction_days = models.PositiveSmallIntegerField(
        _("time to correct"),
        null=True,
        blank=True,
        help_text=_("Working days, as the settings had them when it came back."),
    )

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(SubmissionQuerySet)()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(outcome=""), name="one_open_submission_of_an_item"
            )
        ]
        indexes = [
            models.Index(
                fields=["correct_by"], condition=Q(correct_by__isnull=False), name="corrections_by_day"
            )
        ]

    def __str__(self):
        return f"{self.title} ({self.submitted_at:%Y-%m-%d})"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @cached_property
    def item(self):
        """The item as it was handed in."""
        return self.revision.as_object()


class OfficeReviewQuerySet(models.QuerySet):
    def waiting(self):
        """Asked, and not decided yet."""
        return self.filter(status=OfficeReview.Status.WAITING)

    def of_person(self, person, on=None):
        """What the offices and departments that `person` acts for are asked, leaving out the department
        the person comes from, which they may not sign for."""
        offices = ReviewOffice.objects.acting(person, on)
        mine = Q(office__in=offices)
        if person.home_department_id:
            mine &= ~Q(submission__page__department=person.home_department_id)
        checked = Q(
            signatory=Signatory.DEPARTMENT_LEGAL,
            submission__page__department__legal_officers__in=person.groups.all(),
        )
        return self.filter(mine | checked)

    def asked(self):
        """Those that have to decide in this submission, or have; not those whose sign-off carried over."""
        return self.exclude(status=OfficeReview.Status.CARRIED_OVER)


class OfficeReview(models.Model):
    """What one signatory is asked in a submission, and where that stands."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SIGNED = "signed", _("signed")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        CARRIED_OVER = "carried_over", _("carried over")
        CLOSED = "closed", _("closed")

    submission = models.ForeignKey(
        Submission, verbose_name=_("submission"), on_delete=models.CASCADE, related_name="reviews"
    )
    signatory = models.CharField(_("signatory"), max_length=20, choices=Signatory.choices)
    office = models.ForeignKey(
        "reviewflow.ReviewOffice",
        verbose_name=_("review office"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.WAITING)
    digest = models.CharField(_("digest"), max_length=64)
    first_time = models.BooleanField(_("first time"), default=True)
    changed_fields = models.PositiveSmallIntegerField(
        _("changed fields"), default=0, help_text=_("Since this office's last sign-off of the item.")
    )
    working_days = models.PositiveSmallIntegerField(_("working days to decide"), null=True, blank=True)
    counted_from = models.DateField(_("counted from"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_is_provisional = models.BooleanField(
        _("provisional"), default=False, help_text=_("The official calendar of that year is not known yet.")
    )
    decision = models.ForeignKey(
        "reviewflow.Decision",
        verbose_name=_("decision"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    looked_at_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("looked at by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    looked_at_since = models.DateTimeField(_("looked at since"), null=True, blank=True)
    looked_at_last = models.DateTimeField(_("looked at last"), null=True, blank=True)

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(OfficeReviewQuerySet)()

    class Meta:
        verbose_name = _("office review")
        verbose_name_plural = _("office reviews")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "signatory"], name="signatory_asked_once_in_submission"
            )
        ]
        indexes = [
            models.Index(fields=["office", "status", "due_on"], name="queue_of_office"),
            models.Index(fields=["due_on"], condition=Q(status="waiting"), name="reviews_by_day"),
        ]

    def __str__(self):
        return f"{self.submission}: {self.get_signatory_display()}"

    @property
    def signs(self) -> Signatory:
        return Signatory(self.signatory)

    @property
    def has_decided(self) -> bool:
        return self.status in (
            self.Status.SIGNED,
            self.Status.CHANGES_REQUESTED,
            self.Status.CARRIED_OVER,
        )
