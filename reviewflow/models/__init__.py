from reviewflow.models.alerts import AlertSettings, Scan
from reviewflow.models.calendar import CalendarException
from reviewflow.models.campaign import Milestone, MilestoneDone, ProgressReport, ReportingPeriod
from reviewflow.models.checks import CheckInterval, GuideCheck
from reviewflow.models.decisions import Clearance, Decision
from reviewflow.models.heartbeat import ScheduleRun
from reviewflow.models.messages import Mail, Notice
from reviewflow.models.offices import ReviewOffice
from reviewflow.models.preferences import CalendarLink, MailPreferences
from reviewflow.models.remarks import Remark
from reviewflow.models.rounds import ReviewRound
from reviewflow.models.submissions import OfficeReview, Submission
from reviewflow.models.tasks import DepartmentLegalTask, JointReviewTask

__all__ = [
    "AlertSettings",
    "CalendarException",
    "CalendarLink",
    "CheckInterval",
    "Clearance",
    "Decision",
    "DepartmentLegalTask",
    "GuideCheck",
    "JointReviewTask",
    "Mail",
    "MailPreferences",
    "Milestone",
    "MilestoneDone",
    "Notice",
    "OfficeReview",
    "ProgressReport",
    "Remark",
    "ReportingPeriod",
    "ReviewOffice",
    "ReviewRound",
    "Scan",
    "ScheduleRun",
    "Submission",
]
