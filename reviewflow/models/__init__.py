from reviewflow.models.alerts import AlertSettings, Scan
from reviewflow.models.calendar import CalendarException
from reviewflow.models.decisions import Clearance, Decision
from reviewflow.models.messages import Mail, Notice
from reviewflow.models.offices import ReviewOffice
from reviewflow.models.remarks import Remark
from reviewflow.models.rounds import ReviewRound
from reviewflow.models.submissions import OfficeReview, Submission
from reviewflow.models.tasks import DepartmentLegalTask, JointReviewTask

__all__ = [
    "AlertSettings",
    "CalendarException",
    "Clearance",
    "Decision",
    "DepartmentLegalTask",
    "JointReviewTask",
    "Mail",
    "Notice",
    "OfficeReview",
    "Remark",
    "ReviewOffice",
    "ReviewRound",
    "Scan",
    "Submission",
]
