from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _


class CalendarException(models.Model):
    """A day on which people work, or do not, other than the official calendar that the software knows says."""

    date = models.DateField(_("date"), unique=True)
    works = models.BooleanField(
        _("working day"),
        default=False,
        help_text=_("Ticked: people work on this day, as on a week-end that makes up for a holiday (调休)."),
    )
    reason = models.CharField(
        _("reason"), max_length=200, help_text=_("The holiday, or the document that orders the exception.")
    )

    class Meta:
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        ordering = ["-date"]

    def __str__(self):
        kind = _("working day") if self.works else _("no working day")
        return f"{formats.date_format(self.date, 'SHORT_DATE_FORMAT')}: {kind}"
