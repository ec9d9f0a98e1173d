"""The register of laws: what the bases of service items point to.

An item copies the words that it cites, and those are what is signed and published. The register adds whether the
law still stands: an entry that is marked as amended or repealed is `law_changed`, and the items are checked.
"""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicepages.citations import law_changed
from servicepages.vocabulary import LawStatus


class Law(models.Model):
    name = models.CharField(_("name"), max_length=200, help_text=_("In full, for example 婚姻登记条例."))
    document_number = models.CharField(
        _("document number"),
        max_length=100,
        blank=True,
        help_text=_("For example 国务院令第387号; empty for a law that is cited without one."),
    )
    version_date = models.DateField(
        _("date of the version"),
        null=True,
        blank=True,
        help_text=_("When the version that the status speaks of takes effect, or the repeal does."),
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=LawStatus.choices,
        default=LawStatus.IN_FORCE,
        help_text=_(
            "“Amended” and “repealed” ask the departments to check every published guide that cites it. When a law "
            "that is marked as amended is amended again, enter the date of the new version."
        ),
    )
    link = models.URLField(_("link"), blank=True, max_length=500)
    note = models.TextField(
        _("note"), blank=True, help_text=_("For staff: what changed, and which articles to look at.")
    )
    changed_at = models.DateTimeField(_("marked at"), null=True, editable=False)

    class Meta:
        verbose_name = _("law")
        verbose_name_plural = _("laws")
        ordering = ["name", "document_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "document_number"],
                name="law_entered_once",
                violation_error_message=_("The register has this law already."),
            )
        ]

    def __str__(self):
        return f"{self.name}（{self.document_number}）" if self.document_number else self.name

    def save(self, *args, update_fields=None, **kwargs):
        """Whoever listens to `law_changed` writes in the same transaction, or not at all."""
        with transaction.atomic():
            stored = Law.objects.select_for_update().filter(pk=self.pk)
            before = stored.values_list("status", "version_date").first()
            newly = self.has_changed and before != (self.status, self.version_date)
            if newly:
                self.changed_at = timezone.now()
                update_fields = None if update_fields is None else {*update_fields, "changed_at"}
            super().save(*args, update_fields=update_fields, **kwargs)
            if newly:
                law_changed.send(sender=Law, instance=self)

    @property
    def has_changed(self) -> bool:
        """Whether it is not in force as it was when the register took it up."""
        return self.status != LawStatus.IN_FORCE
