"""The campaign's milestones and monthly reports: what has a date, and which department has done what."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel


class Stage(models.TextChoices):
    """The stages of the plan, part three."""

    PREPARATION = "preparation", _("Preparation")
    CONCENTRATED_WORK = "concentrated_work", _("Concentrated work")
    ACCEPTANCE = "acceptance", _("Summary and acceptance")


class Milestone(ClusterableModel):
    """A day by which the departments concerned have done something."""

    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    title = models.CharField(_("title"), max_length=100)
    task = models.TextField(_("what is to be done"), blank=True)
    due_on = models.DateField(_("due on"))
    departments = ParentalManyToManyField(
        "servicepages.Department", verbose_name=_("departments concerned"), related_name="milestones"
    )

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]

    def __str__(self):
        return self.title


def departments_concerned():
    """A row for each milestone and each department that it concerns, with `milestone` and `department`."""
    return Milestone.departments.through.objects.all()


def not_done(on=None):
    """Those of `departments_concerned` that are not done; with `on`, that were not by the end of that day."""
    done = MilestoneDone.objects.filter(
        milestone=OuterRef("milestone_id"), department=OuterRef("department_id")
    )
    if on is not None:
        done = done.filter(done_at__date__lte=on)
    return departments_concerned().exclude(Exists(done))


class MilestoneDone(models.Model):
    """That a department has done a milestone, and what shows it."""

    milestone = models.ForeignKey(
        Milestone, verbose_name=_("milestone"), on_delete=models.PROTECT, related_name="done"
    )
    department = models.ForeignKey(
        "servicepages.Department",
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        related_name="milestones_done",
    )
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        on_delete=models.PROTECT,
        related_name="milestones_done",
    )
    done_at = models.DateTimeField(_("done at"), default=timezone.now)
    evidence_file = models.ForeignKey(
        "servicepages.Attachment",
        verbose_name=_("file as evidence"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    evidence_link = models.URLField(_("link as evidence"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("milestone done")
        verbose_name_plural = _("milestones done")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone", "department"], name="milestone_done_once_by_department"
            )
        ]

    def __str__(self):
        return f"{self.milestone}: {self.department}"


class ReportingPeriod(ClusterableModel):
    """The months for which departments owe a report. Source: plan, part four (三)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    first_month = models.DateField(_("first month"), help_text=_("Any day of the month."))
    last_month = models.DateField(_("last month"), help_text=_("Any day of the month."))
    departments = ParentalManyToManyField(
        "servicepages.Department", verbose_name=_("departments"), related_name="reporting_periods"
    )

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["-first_month", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_month__gte=F("first_month")),
                name="reporting_period_ends_after_it_begins",
                violation_error_message=_("The last month comes before the first."),
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self._keep_months()

    def save(self, *args, **kwargs):
        self._keep_months()
        super().save(*args, **kwargs)

    def _keep_months(self):
        """A month is held as its first day."""
        for name in ("first_month", "last_month"):
            if day := getattr(self, name):
                setattr(self, name, day.replace(day=1))


class ReportIsFiled(ValidationError):
    """Somebody tried to change or delete a report that is filed."""

    def __init__(self):
        super().__init__(_("This report is filed, so it is not changed any more."))


class ProgressReportQuerySet(models.QuerySet):
    """What is filed stays as it is; `reopen` is the only way back."""

    def filed(self):
        return self.exclude(filed_at=None)

    def update(self, **kwargs):
        if self.filed().exists():
            raise ReportIsFiled
        return super().update(**kwargs)

    def bulk_update(self, objs, fields, batch_size=None):
        if self.filed().filter(pk__in=[each.pk for each in objs]).exists():
            raise ReportIsFiled
        return super().bulk_update(objs, fields, batch_size)

    def delete(self):
        if self.filed().exists():
            raise ReportIsFiled
        return super().delete()

    def reopen(self):
        return super().update(figures=None, filed_by=None, filed_at=None)


class ProgressReport(models.Model):
    """A department's report of a month: a draft until it is filed, frozen with its figures from then on."""

    department = models.ForeignKey(
        "servicepages.Department",
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        related_name="progress_reports",
    )
    month = models.DateField(_("month"))
    what_was_done = models.TextField(_("what was done"), blank=True)
    what_hinders = models.TextField(_("what hinders"), blank=True)
    figures = models.JSONField(_("figures"), null=True, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("filed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="progress_reports",
    )
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)

    objects = models.Manager.from_queryset(ProgressReportQuerySet)()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["department", "month"], name="one_report_of_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_of_a_report_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True, figures__isnull=True, filed_by__isnull=True)
                | Q(filed_at__isnull=False, figures__isnull=False, filed_by__isnull=False),
                name="filed_report_has_its_figures",
            ),
        ]

    def __str__(self):
        return f"{self.department}: {date_format(self.month, 'YEAR_MONTH_FORMAT')}"

    def save(self, *args, **kwargs):
        self._keep_filed()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._keep_filed()
        return super().delete(*args, **kwargs)

    def _keep_filed(self):
        if self.pk and ProgressReport.objects.filed().filter(pk=self.pk).exists():
            raise ReportIsFiled

    @property
    def is_filed(self) -> bool:
        return self.filed_at is not None
