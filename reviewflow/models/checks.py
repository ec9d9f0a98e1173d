"""Published guides are checked again: once in so many months, and whenever a law that they cite changes.

Source: the brief, 實時更新、動態管理. A check stands beside the page and never touches it: no revision, nothing that
anybody signed, nothing that the public sees.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from servicepages.vocabulary import ItemType, LawStatus

DEFAULT_MONTHS = 12


class CheckInterval(models.Model):
    """How often guides of one item type are checked; the others every DEFAULT_MONTHS."""

    item_type = models.CharField(_("item type"), max_length=20, choices=ItemType.choices, unique=True)
    months = models.PositiveSmallIntegerField(
        _("months"),
        default=DEFAULT_MONTHS,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_(
            "From the publication or the last check to the next. Checks that are open keep their day."
        ),
    )

    class Meta:
        verbose_name = _("interval of checks")
        verbose_name_plural = _("intervals of checks")
        ordering = ["item_type"]

    def __str__(self):
        return self.get_item_type_display()


class GuideCheckQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def done(self):
        return self.exclude(outcome="")


class GuideCheck(models.Model):
    class Reason(models.TextChoices):
        PERIODIC = "periodic", _("periodic check")
        LAW = "law", _("a cited law changed")

    class Outcome(models.TextChoices):
        UNCHANGED = "unchanged", _("nothing changed")
        REVISED = "revised", pgettext_lazy("guide", "revised")
        TAKEN_DOWN = "taken_down", pgettext_lazy("guide", "taken down")

    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.CASCADE,
        related_name="guide_checks",
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    law = models.ForeignKey(
        "servicepages.Law",
        verbose_name=_("law"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="guide_checks",
    )
    law_status = models.CharField(
        _("status of the law"), max_length=20, blank=True, choices=LawStatus.choices
    )
    law_changed_at = models.DateTimeField(_("marked at"), null=True, blank=True)
    revision = models.ForeignKey(
        "wagtailcore.Revision",
        verbose_name=_("published version"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    due_on = models.DateField(_("due on"))
    due_is_provisional = models.BooleanField(
        _("provisional"), default=False, help_text=_("The official calendar of that year is not known yet.")
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    outcome = models.CharField(
        pgettext_lazy("of a check", "outcome"), max_length=20, blank=True, choices=Outcome.choices
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="guide_checks",
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    note = models.TextField(pgettext_lazy("of a check", "note"), blank=True)

    # These rows are no use of a page or a law in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(GuideCheckQuerySet)()

    class Meta:
        verbose_name = _("check of a guide")
        verbose_name_plural = _("checks of guides")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"],
                condition=Q(reason="periodic", outcome=""),
                name="one_open_periodic_check_of_a_guide",
            ),
            # A guide that comes back with the same text is asked again, so what was taken down does not count.
            models.UniqueConstraint(
                fields=["page", "law", "law_changed_at"],
                condition=Q(reason="law") & ~Q(outcome="taken_down"),
                name="one_check_of_guide_and_law_change",
            ),
            models.CheckConstraint(
                condition=Q(reason="law", law__isnull=False, law_changed_at__isnull=False)
                | Q(reason="periodic", law__isnull=True, law_changed_at__isnull=True),
                name="check_of_guide_names_its_law",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(outcome=""), name="open_checks_by_due"),
            models.Index(fields=["page", "outcome"], name="checks_of_guide"),
        ]

    def __str__(self):
        return f"{self.page}: {self.reason_in_words}"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def reason_in_words(self) -> str:
        """Why the guide is checked: the law and what became of it, or that it is time."""
        if self.law is None:
            return self.get_reason_display()
        return _("%(law)s: %(status)s") % {"law": self.law, "status": self.get_law_status_display()}
