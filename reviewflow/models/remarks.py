"""What an office asks to be changed, field by field, and what the editor answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewflow.signatories import Signatory


class RemarkQuerySet(models.QuerySet):
    def standing(self):
        """Those the office has not taken back."""
        return self.filter(taken_back_at=None)

    def unanswered(self):
        return self.standing().filter(answer="")


class Remark(models.Model):
    """Seen by the editor as soon as it is made, so that work can begin (plan: 發現問題，立整立改)."""

    class Answer(models.TextChoices):
        CORRECTED = "corrected", _("corrected")
        KEPT = "kept", _("kept as it is, for a reason")

    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.CASCADE,
        related_name="remarks",
    )
    submission = models.ForeignKey(
        "reviewflow.Submission",
        verbose_name=_("submission"),
        on_delete=models.CASCADE,
        related_name="remarks",
    )
    signatory = models.CharField(_("signatory"), max_length=20, choices=Signatory.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="remarks"
    )
    field = models.CharField(_("field"), max_length=60)
    block = models.CharField(
        _("block"),
        max_length=36,
        blank=True,
        help_text=_("The id of the line it is about; empty for the field."),
    )
    text = models.TextField(_("remark"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=20, blank=True, choices=Answer.choices)
    answer_text = models.TextField(_("text of the answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(RemarkQuerySet)()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]
        indexes = [models.Index(fields=["page", "answer"], name="remarks_to_answer")]

    def __str__(self):
        return self.text[:60]
