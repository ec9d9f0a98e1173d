"""What the tests of the campaign are made of."""

from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from reviewflow.models import Milestone, ReportingPeriod


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def milestone(*departments, due_on=None, title="动员培训", stage="concentrated_work"):
    made = Milestone(title=title, stage=stage, due_on=due_on or timezone.localdate() + timedelta(days=5))
    made.departments = departments
    made.save()
    return made


def period(*departments, first=None, last=None, name="月报"):
    """Of this year unless said otherwise."""
    year = timezone.localdate().year
    made = ReportingPeriod(
        name=name, first_month=first or date(year, 1, 1), last_month=last or date(year, 12, 1)
    )
    made.departments = departments
    made.save()
    return made


def milestone_page(milestone, department):
    return f"/admin/campaign/milestones/{milestone.pk}/departments/{department.pk}/"


def report_page(department, month):
    return f"/admin/campaign/reports/{department.pk}/{month.year}/{month.month}/"
