"""What a department owes and has done: a screen of its own, its line in the menu, and the panel on the dashboard."""

from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from reviewflow.campaign.outstanding import owed_by
from reviewflow.campaign.people import departments_of
from reviewflow.desk.queue import OVERDUE, Lights
from reviewflow.models import MilestoneDone, ProgressReport

ON_THE_DASHBOARD = 6


class Line(NamedTuple):
    """Something owed, as the lists show it; `due` is what the template of a due day asks for."""

    title: str
    department: str
    address: str
    due: object
    state: str
    is_report: bool


def milestone_address(milestone_id, department_id) -> str:
    return reverse("campaign_milestone", args=[milestone_id, department_id])


def report_address(department_id, month: date) -> str:
    return reverse("campaign_report", args=[department_id, month.year, month.month])


def report_title(month: date) -> str:
    return _("Monthly report: %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")}


def lines(departments) -> list[Line]:
    """What these departments owe, first what is due first."""
    lights = Lights()
    return [_line(owed, lights) for owed in owed_by(departments, lights.today)]


def _line(owed, lights):
    if owed.milestone is not None:
        title = owed.milestone.title
        address = milestone_address(owed.milestone.pk, owed.department.pk)
    else:
        title, address = report_title(owed.month), report_address(owed.department.pk, owed.month)
    return Line(title, str(owed.department), address, owed, lights.of(owed), owed.month is not None)


def campaign_view(request):
    """Milestones and reports of the departments that this person speaks for."""
    departments = departments_of(request.user)
    if not departments.exists():
        raise PermissionDenied
    done = MilestoneDone.objects.filter(department__in=departments.values("pk"))
    filed = ProgressReport.objects.filed().filter(department__in=departments.values("pk"))
    open_lines = lines(departments)
    context = {
        "several": departments.count() > 1,
        "milestones": [line for line in open_lines if not line.is_report],
        "reports": [line for line in open_lines if line.is_report],
        "done": done.select_related("milestone", "department__region", "done_by").order_by("-done_at", "-pk"),
        "filed": filed.select_related("department__region", "filed_by").order_by("-month", "pk"),
    }
    return TemplateResponse(request, "reviewflow/campaign/overview.html", context)


class CampaignMenuItem(MenuItem):
    def is_shown(self, request):
        return departments_of(request.user).exists()


def menu_item():
    """`register_admin_menu_item`"""
    return CampaignMenuItem(
        _("Milestones and reports"),
        reverse("campaign"),
        name="campaign",
        icon_name="calendar-check",
        order=95,
    )


class CampaignPanel(Component):
    """What a department owes, on the dashboard of its people."""

    name = "campaign"
    template_name = "reviewflow/campaign/panel.html"
    order = 110

    class Media:
        css = {"all": ["reviewflow/desk_review.css"]}

    def __init__(self, departments):
        self.departments = departments

    def get_context_data(self, parent_context):
        rows = lines(self.departments)
        return {
            "rows": rows[:ON_THE_DASHBOARD],
            "count": len(rows),
            "overdue": sum(line.state == OVERDUE for line in rows),
            "several": len({line.department for line in rows}) > 1,
        }


def put_on_dashboard(request, panels):
    """`construct_homepage_panels`"""
    departments = departments_of(request.user)
    if departments.exists():
        panels.append(CampaignPanel(departments))
