"""Ending a submission."""

from django.utils import timezone

from reviewflow.deadlines import working_calendar
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.submissions import OfficeReview, Submission

BACK_AT_ITS_DEPARTMENT = (Submission.Outcome.RETURNED, Submission.Outcome.REFUSED)


def close(submission, outcome, reason="") -> None:
    """The submission is over; what still waited for somebody waits no longer. What goes back is to be corrected
    within the working days of the settings (plan, part three (二) 4: 发现问题，立整立改)."""
    submission.outcome, submission.reason, submission.closed_at = outcome, reason, timezone.now()
    if outcome in BACK_AT_ITS_DEPARTMENT:
        submission.correction_days = AlertSettings.load().correction_days
        submission.correct_by, submission.correct_by_is_provisional = working_calendar().after(
            timezone.localdate(), submission.correction_days
        )
    submission.save(
        update_fields=[
            "outcome",
            "reason",
            "closed_at",
            "correction_days",
            "correct_by",
            "correct_by_is_provisional",
        ]
    )
    submission.reviews.waiting().update(status=OfficeReview.Status.CLOSED)


def nothing_to_correct(page_id) -> None:
    """What came back was handed in again, or is taken out of the review."""
    Submission.objects.filter(page=page_id).exclude(correct_by=None).update(correct_by=None)
