"""Decisions, which are only ever added, and the clearances that the database asks for."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reviewflow.signatories import Signatory


class DecisionIsFinal(ValidationError):
    """Somebody tried to change or delete a decision."""

    def __init__(self):
        super().__init__(_("A decision is never changed or deleted; a later one takes its place."))


class DecisionQuerySet(models.QuerySet):
    """Adds and reads. Everything that changes or removes rows is refused."""

    def update(self, **kwargs):
        raise DecisionIsFinal

    def delete(self):
        raise DecisionIsFinal

    def bulk_update(self, objs, fields, batch_size=None):
        raise DecisionIsFinal

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise DecisionIsFinal
        return super().bulk_create(objs, *args, **kwargs)

    def update_or_create(self, defaults=None, create_defaults=None, **kwargs):
        raise DecisionIsFinal

    def signed(self):
        return self.filter(kind=Decision.Kind.SIGNED)

    def last_sign_off(self, page_id, signatory):
        """The newest sign-off of any content of the page that was not taken back; None where there is
        none. One that was revoked still says what was signed."""
        taken_back = set()
        rows = self.filter(page=page_id, signatory=signatory).order_by("-pk")
        for pk, kind, digest in rows.values_list("pk", "kind", "digest"):
            if kind == Decision.Kind.WITHDRAWN:
                taken_back.add(digest)
            elif kind == Decision.Kind.SIGNED and digest not in taken_back:
                return self.select_related("person").get(pk=pk)
        return None


class Decision(models.Model):
    """What a signatory said of the content of its fields, and who said it.

    Append-only. A sign-off counts while it is the latest decision of that signatory on that digest of that
    page, so it stays good exactly as long as the signatory's fields stay the same, and comes back when
    they do.
    """

    class Kind(models.TextChoices):
        SIGNED = "signed", _("signed")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        WITHDRAWN = "withdrawn", pgettext_lazy("decision", "withdrawn")
        REVOKED = "revoked", _("revoked")

    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    signatory = models.CharField(_("signatory"), max_length=20, choices=Signatory.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    office = models.ForeignKey(
        "reviewflow.ReviewOffice",
        verbose_name=_("review office"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text=_("Empty for a department's legal officer and for a revocation."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    digest = models.CharField(_("digest"), max_length=64)
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    content_version = models.PositiveSmallIntegerField(_("version of the canonical form"))
    revision = models.ForeignKey(
        "wagtailcore.Revision",
        verbose_name=_("revision"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    submission = models.ForeignKey(
        "reviewflow.Submission",
        verbose_name=_("submission"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    round = models.ForeignKey(
        "reviewflow.ReviewRound",
        verbose_name=_("review round"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    remark = models.TextField(_("remark"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(DecisionQuerySet)()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        base_manager_name = "objects"
        ordering = ["pk"]
        indexes = [models.Index(fields=["page", "signatory", "digest", "id"], name="decision_that_counts")]

    def __str__(self):
        return f"{self.get_signatory_display()}: {self.get_kind_display()} {self.short_digest}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise DecisionIsFinal
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise DecisionIsFinal

    @property
    def short_digest(self) -> str:
        return self.digest[:12]

    @property
    def counts_as_signed(self) -> bool:
        return self.kind == self.Kind.SIGNED


class Clearance(models.Model):
    """The gate's leave for one revision of a page to go live, used once.

    It is written in the transaction that publishes, before the page; a trigger of the database refuses to
    make a service item live without one that is unused (reviewflow.triggers).
    """

    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.CASCADE,
        related_name="clearances",
    )
    revision = models.ForeignKey(
        "wagtailcore.Revision",
        verbose_name=_("revision"),
        on_delete=models.CASCADE,
        related_name="clearances",
    )
    digests = models.JSONField(_("digests"), help_text=_("The digest of each signatory's content."))
    given_at = models.DateTimeField(_("given at"), auto_now_add=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        indexes = [models.Index(fields=["page", "revision"], name="clearance_of_revision")]

    def __str__(self):
        return f"{self.page_id}/{self.revision_id}"
