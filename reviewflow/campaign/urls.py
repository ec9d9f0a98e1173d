from django.urls import path

from reviewflow.campaign import board
from reviewflow.campaign.milestones import milestone_view
from reviewflow.campaign.overview import campaign_view
from reviewflow.campaign.reports import report_view


def admin_urls():
    """`register_admin_urls`"""
    return [
        path("campaign/", campaign_view, name="campaign"),
        path(
            "campaign/milestones/<int:pk>/departments/<int:department_id>/",
            milestone_view,
            name="campaign_milestone",
        ),
        path(
            "campaign/reports/<int:department_id>/<int:year>/<int:month>/",
            report_view,
            name="campaign_report",
        ),
        *board.admin_urls(),
    ]
