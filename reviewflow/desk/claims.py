"""“X is looking at this since 14:05”: a soft claim, so that two people of an office do not read the same
item. It holds nobody back, and it ends by itself."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from reviewflow.models import OfficeReview

LASTS = timedelta(minutes=15)  # without being renewed by an open sheet


def look(review: OfficeReview, person) -> None:
    """Notes that `person` has the sheet open, unless a colleague has.

    By UPDATE and not by `save`, so that it never writes over a decision that is made at the same instant.
    """
    now = timezone.now()
    fresh = Q(looked_at_last__gte=now - LASTS)
    row = OfficeReview.objects.waiting().filter(pk=review.pk)
    if row.filter(fresh, looked_at_by=person).update(looked_at_last=now):
        return
    row.filter(~fresh | Q(looked_at_by=None) | Q(looked_at_last=None)).update(
        looked_at_by=person, looked_at_since=now, looked_at_last=now
    )


def let_go(review: OfficeReview, person) -> None:
    """`person` has gone on to another item."""
    OfficeReview.objects.filter(pk=review.pk, looked_at_by=person).update(
        looked_at_by=None, looked_at_since=None, looked_at_last=None
    )


def free_for(person, reviews):
    """Those of `reviews`, a queryset, that no colleague is looking at."""
    held = Q(looked_at_last__gte=timezone.now() - LASTS, looked_at_by__isnull=False)
    return reviews.exclude(held & ~Q(looked_at_by=person))


def colleague(review: OfficeReview, person):
    """The colleague who is looking at it now; None where nobody is, or `person` is."""
    if review.looked_at_by_id in (None, person.pk) or review.looked_at_last is None:
        return None
    return review.looked_at_by if review.looked_at_last >= timezone.now() - LASTS else None
