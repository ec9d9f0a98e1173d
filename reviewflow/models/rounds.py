"""Review rounds: when whose items are reviewed, and the documents by which the results are put to use."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel


class ReviewRoundQuerySet(models.QuerySet):
    def open(self, on=None):
        """Rounds that take submissions on a day (today)."""
        on = on or timezone.localdate()
        return self.filter(Q(opens_on__lte=on), Q(closes_on__gte=on))

    def open_for(self, department, on=None):
        """The round a submission of `department` belongs to; None for current upkeep."""
        return self.open(on).filter(departments=department).order_by("-opens_on", "-pk").first()

    def waiting_for_filing(self):
        return self.filter(waits_for_filing=True, filed_on=None)


class ReviewRound(ClusterableModel):
    """The plan sets two rounds, and that results are approved and put on file (報批、報備) before they are
    put to use."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    departments = ParentalManyToManyField(
        "servicepages.Department", verbose_name=_("departments"), related_name="review_rounds"
    )
    waits_for_filing = models.BooleanField(
        _("publish after filing"),
        default=False,
        help_text=_(
            "What the round approves waits until its filing is recorded below, and is then published together."
        ),
    )
    approval_document = models.CharField(_("approval document"), max_length=200, blank=True)
    approval_number = models.CharField(_("approval number"), max_length=100, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    filing_document = models.CharField(_("filing document"), max_length=200, blank=True)
    filing_number = models.CharField(_("filing number"), max_length=100, blank=True)
    filed_on = models.DateField(_("filed on"), null=True, blank=True)

    objects = models.Manager.from_queryset(ReviewRoundQuerySet)()

    class Meta:
        verbose_name = _("review round")
        verbose_name_plural = _("review rounds")
        ordering = ["-opens_on", "-pk"]

    def __str__(self):
        return self.name

    @property
    def holds_back(self) -> bool:
        """Whether what it approves still waits for the filing."""
        return self.waits_for_filing and self.filed_on is None

    def clean(self):
        super().clean()
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            raise ValidationError({"closes_on": _("The round closes before it opens.")})
        if self.filed_on and not (self.filing_document and self.filing_number):
            raise ValidationError({"filed_on": _("Name the filing document and its number with the date.")})

    def overlapping(self, departments):
        """Other rounds open at some time of this one for one of `departments`: at most one round is open
        for a department."""
        return (
            ReviewRound.objects.exclude(pk=self.pk)
            .filter(opens_on__lte=self.closes_on, closes_on__gte=self.opens_on, departments__in=departments)
            .distinct()
        )
