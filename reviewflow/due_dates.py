"""Until when a signatory of a review is to decide, and how that follows the calendar and the round."""

from django.db import transaction
from django.utils import timezone

from reviewflow.deadlines import Deadline, working_calendar
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.submissions import OfficeReview, Submission

_CHUNK = 500
_COUNTED = ("due_on", "due_is_provisional")


def count_from_today(review: OfficeReview, working_days: int) -> None:
    """Sets when `review` is due, which is asked today; does not save it."""
    review.working_days, review.counted_from = working_days, timezone.localdate()
    _count(review, working_calendar())


def no_deadline(review: OfficeReview) -> None:
    review.working_days = review.counted_from = review.due_on = None
    review.due_is_provisional = False


def _count(review, calendar) -> bool:
    """Whether that changed anything. Never later than the round's closing, nor before it was asked."""
    before = review.due_on, review.due_is_provisional
    deadline = calendar.after(review.counted_from, review.working_days)
    closing = review.submission.round and review.submission.round.closes_on
    if closing and closing < deadline.day:
        deadline = Deadline(max(closing, review.counted_from), deadline.is_provisional)
    review.due_on, review.due_is_provisional = deadline
    return before != deadline


@transaction.atomic
def recount(round=None) -> int:
    """Counts anew when everything that waits is due, or what waits in `round`, and says how many dates changed.

    For when the calendar changes: an exception was entered, or a newer release of the software knows another year.
    """
    waiting = OfficeReview.objects.waiting().exclude(counted_from=None).select_related("submission__round")
    if round is not None:
        waiting = waiting.filter(submission__round=round)
    calendar = working_calendar()
    changed = [review for review in waiting.iterator(_CHUNK) if _count(review, calendar)]
    OfficeReview.objects.bulk_update(changed, _COUNTED, batch_size=_CHUNK)
    return len(changed) + (_recount_corrections(calendar) if round is None else 0)


def _recount_corrections(calendar) -> int:
    """What came back is counted from the day of its return, in the working days that it was given then."""
    days, changed = AlertSettings.load().correction_days, []
    for submission in Submission.objects.exclude(correct_by=None).iterator(_CHUNK):
        before = submission.correct_by, submission.correct_by_is_provisional
        given = submission.correction_days  # unknown of what came back before it was written down
        deadline = calendar.after(timezone.localdate(submission.closed_at), days if given is None else given)
        if before != deadline:
            submission.correct_by, submission.correct_by_is_provisional = deadline
            changed.append(submission)
    Submission.objects.bulk_update(changed, ("correct_by", "correct_by_is_provisional"), batch_size=_CHUNK)
    return len(changed)
