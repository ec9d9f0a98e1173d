"""Ending a submission."""

from django.utils import timezone

from reviewflow.models.submissions import OfficeReview


def close(submission, outcome, reason="") -> None:
    """The submission is over; what still waited for somebody waits no longer."""
    submission.outcome, submission.reason, submission.closed_at = outcome, reason, timezone.now()
    submission.save(update_fields=["outcome", "reason", "closed_at"])
    submission.reviews.waiting().update(status=OfficeReview.Status.CLOSED)
