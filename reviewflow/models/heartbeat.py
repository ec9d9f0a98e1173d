"""When the background worker did what it does by the clock, and what came of it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_TASK = timedelta(seconds=settings.Q_CLUSTER["timeout"])


class ScheduleRun(models.Model):
    """The last run of a schedule (django-q2's row of the same `name`), and the last one that failed.

    A run that has begun and not ended is `started_at` after `finished_at`. `error` is that of `failed_at`, and
    stays until the next failure.
    """

    name = models.CharField(_("schedule"), max_length=100, unique=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    seconds = models.FloatField(_("duration in seconds"), null=True)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("run of a schedule")
        verbose_name_plural = _("runs of schedules")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def has_ended(self) -> bool:
        return self.started_at is None or (
            self.finished_at is not None and self.finished_at >= self.started_at
        )

    def is_broken_off(self, now) -> bool:
        """Begun longer ago than a task may take: django-q2 says nothing of one that it has killed."""
        return not self.has_ended and now - self.started_at > LONGEST_TASK
