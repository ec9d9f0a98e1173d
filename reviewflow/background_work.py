"""The screen of the background work: whether it is done, what ran when, and what became of the mails.

For the city's coordination team. When something is wrong, their dashboard says so, too.
"""

from datetime import timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Min, Q
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView
from django_q.models import Schedule
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reviewflow.coordination import coordinates_everything
from reviewflow.health import Health, moment
from reviewflow.message_report import Standing
from reviewflow.models import Mail, Notice, ScheduleRun

FAILED_MAILS_SHOWN = 50
BAD, GOOD = "overdue", "in_time"  # as the lights of the review desk are called


class Line(NamedTuple):
    """A schedule as the table shows it. `state` is BAD, GOOD or "": the colour and the icon of the outcome."""

    schedule: Schedule
    run: ScheduleRun | None
    name: str
    how_often: str
    took: str
    outcome: str
    state: str


def lines(runs, now) -> list[Line]:
    by_name = {run.name: run for run in runs}
    schedules = Schedule.objects.order_by("schedule_type", "name")
    return [_line(schedule, by_name.get(schedule.name), now) for schedule in schedules]


def _line(schedule, run, now):
    outcome, state = _outcome(run, now)
    took = "" if run is None or run.seconds is None else in_words(run.seconds)
    name = _(schedule.name) if schedule.name else schedule.func
    return Line(schedule, run, name, how_often(schedule), took, outcome, state)


def _outcome(run, now) -> tuple[str, str]:
    if run is None or run.started_at is None:
        return pgettext("of a run", "has not run yet"), ""
    if run.is_broken_off(now):
        return pgettext("of a run", "broken off"), BAD
    if not run.has_ended:
        return pgettext("of a run", "running"), ""
    return (
        (pgettext("of a run", "failed"), BAD)
        if run.failed_at == run.finished_at
        else (pgettext("of a run", "done"), GOOD)
    )


def how_often(schedule: Schedule) -> str:
    match schedule.schedule_type:
        case Schedule.MINUTES:
            minutes = schedule.minutes or 1
            return _("every %(minutes)d minutes") % {"minutes": minutes} if minutes > 1 else _("every minute")
        case Schedule.HOURLY:
            return _("every hour")
        case Schedule.DAILY:
            return _("every day")
    return schedule.get_schedule_type_display()


def in_words(seconds: float) -> str:
    """One decimal below a minute."""
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


class Count(NamedTuple):
    """How many messages stand where, and where they are listed."""

    label: str
    number: int
    address: str
    note: str = ""


def message_counts(now) -> list[Count]:
    """In four queries, each over rows that an index has; their number does not grow."""
    mailable = Q(person__is_active=True) & ~Q(person__email="")
    waiting = Notice.objects.waiting().aggregate(
        owed=models.Count("pk", filter=mailable), nowhere=models.Count("pk", filter=~mailable)
    )
    owed = Mail.objects.owed().aggregate(number=models.Count("pk"), oldest=Min("created_at"))
    since = _("The oldest is of %(moment)s.") % {"moment": moment(owed["oldest"])} if owed["oldest"] else ""
    sent = Mail.objects.filter(sent_at__gte=now - timedelta(days=1)).count()
    failed = Mail.objects.failed().count()
    report = reverse("message_report")
    return [
        Count(label, number, f"{report}?standing={standing.value}", note)
        for label, number, standing, note in (
            (_("Notices that wait for a mail"), waiting["owed"], Standing.IN_NO_MAIL, ""),
            (
                _("Notices to people without an address, or deactivated"),
                waiting["nowhere"],
                Standing.NO_ADDRESS,
                "",
            ),
            (_("Mails that are not sent yet"), owed["number"], Standing.TO_SEND, since),
            (_("Mails sent in the last 24 hours"), sent, Standing.SENT, ""),
            (_("Mails that failed"), failed, Standing.FAILED, ""),
        )
    ]


class BackgroundWork(WagtailAdminTemplateMixin, TemplateView):
    template_name = "reviewflow/admin/background_work.html"
    page_title = gettext_lazy("Background work")
    header_icon = "cogs"

    def dispatch(self, request, *args, **kwargs):
        if not coordinates_everything(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        health = Health.read()
        failed = Mail.objects.failed().without_notices().defer("mime").select_related("person")
        return super().get_context_data(
            health=health,
            lines=lines(health.runs, health.now),
            counts=message_counts(health.now),
            failed_mails=failed.order_by("-pk")[:FAILED_MAILS_SHOWN],
            **kwargs,
        )


class BackgroundWorkMenuItem(MenuItem):
    def is_shown(self, request):
        return coordinates_everything(request.user)


def admin_urls():
    return [path("reports/background-work/", BackgroundWork.as_view(), name="background_work")]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return BackgroundWorkMenuItem(
        _("Background work"),
        reverse("background_work"),
        name="background-work",
        icon_name="cogs",
        order=440,
    )


class HealthPanel(Component):
    """What is wrong, above everything else on the dashboard."""

    name = "background_work"
    template_name = "reviewflow/admin/health_panel.html"
    order = 10

    class Media:
        css = {"all": ["reviewflow/desk_review.css"]}

    def __init__(self, troubles):
        self.troubles = troubles

    def get_context_data(self, parent_context):
        return {"troubles": self.troubles}


def put_on_dashboard(request, panels):
    """`construct_homepage_panels`: when something is wrong, and only then."""
    if coordinates_everything(request.user) and (troubles := Health.read().troubles):
        panels.append(HealthPanel(troubles))
