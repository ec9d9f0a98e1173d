"""When people are told of a deadline, and what the daily scan has done."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_comma_separated_integer_list
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

# A day that is further away comes in no deadline of ours, and would only be reckoned with.
MOST_DAYS = 366


def validate_days(text: str):
    """Numbers of days with commas between them, each at most MOST_DAYS."""
    validate_comma_separated_integer_list(text)
    if max(_numbers(text)) > MOST_DAYS:
        raise ValidationError(_("At most %(most)d days.") % {"most": MOST_DAYS}, code="max_value")


def _numbers(text) -> list[int]:
    return [int(each) for each in text.split(",") if each]


def _days(label, default, help_text, at_least=0):
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        help_text=help_text,
        validators=[MinValueValidator(at_least), MaxValueValidator(MOST_DAYS)],
    )


@register_setting(icon="date", order=600)
class AlertSettings(BaseGenericSetting):
    """Numbers are working days, but for checks of guides: those lie months ahead, and are calendar days."""

    review_before = _days(
        _("before a review is due"),
        2,
        _("So many working days before the day, those who have not decided are reminded."),
    )
    correction_days = _days(_("time to correct a returned item"), 3, _("Working days after the return."))
    correction_before = _days(_("before a correction is due"), 1, _("Working days."))
    milestone_before = models.CharField(
        _("before a milestone is due"),
        max_length=50,
        default="10,5,2",
        validators=[validate_days],
        help_text=_("Working days, with commas between them."),
    )
    report_before = _days(_("before a monthly report is due"), 3, _("Working days."))
    check_before = models.CharField(
        _("before a published guide is to be checked"),
        max_length=50,
        default="30,7",
        validators=[validate_days],
        help_text=_("Calendar days, with commas between them."),
    )
    leader_after = _days(
        _("to the leader in charge"), 2, _("When something is overdue for so many working days."), at_least=1
    )
    coordination_after = _days(
        _("to the coordination team"), 5, _("When something is overdue for so many working days."), at_least=1
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("review_before"),
                FieldRowPanel([FieldPanel("correction_days"), FieldPanel("correction_before")]),
                FieldRowPanel([FieldPanel("milestone_before"), FieldPanel("report_before")]),
                FieldPanel("check_before"),
            ],
            heading=_("Reminders"),
        ),
        FieldRowPanel(
            [FieldPanel("leader_after"), FieldPanel("coordination_after")], heading=_("Escalation")
        ),
    ]

    class Meta:
        verbose_name = _("deadlines and reminders")

    @property
    def milestone_reminders(self) -> list[int]:
        return _numbers(self.milestone_before)

    @property
    def check_reminders(self) -> list[int]:
        return _numbers(self.check_before)


class Escalation(models.Model):
    """That a deadline was told of above those who are to meet it: once at each level, however late it becomes.

    Not read off the notices, which are deleted after a while. `about` names the deadline, the time that it is asked,
    and the level.
    """

    about = models.CharField(_("about"), max_length=150, unique=True)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["day", "pk"]

    def __str__(self):
        return self.about


class Scan(models.Model):
    """A day that was looked through for what has to be told.

    `claimed_until` is the end of the lease of the worker that is at it; one that has run out belonged to a worker
    that is gone.
    """

    day = models.DateField(_("day"), unique=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    notices = models.PositiveIntegerField(_("number of notices"), default=0)

    class Meta:
        verbose_name = _("daily scan")
        verbose_name_plural = _("daily scans")
        ordering = ["-day"]

    def __str__(self):
        return f"{self.day}"
