"""What the filing of a round releases, and the form in which coordination keeps rounds.

Source: plan, part three (二) 5: results are approved and put on file (報批、報備) before they are put to use.
"""

import logging
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.forms.models import WagtailAdminModelForm

from reviewflow import finishing
from reviewflow.gate import listed
from reviewflow.log_actions import log_refusal_once
from reviewflow.models import ReviewRound, Submission
from reviewflow.models.closing import close
from reviewflow.rolling_back import schedules_kept
from servicepages.models import Department, User

Outcome = Submission.Outcome
logger = logging.getLogger(__name__)

# Publishing takes some tenths of a second an item. A round with more items than this is published by the
# background worker, so that no request is cut off halfway.
PUBLISHED_AT_ONCE = 25


@dataclass
class Released:
    """What became of the submissions that waited for a filing; `refused` also says why."""

    published: list[Submission] = field(default_factory=list)
    superseded: list[Submission] = field(default_factory=list)
    refused: list[tuple[Submission, str]] = field(default_factory=list)


def waiting_for_filing(round: ReviewRound):
    return Submission.objects.filter(round=round, outcome=Outcome.WAITING_FOR_FILING).order_by("pk")


def publish_filed(round: ReviewRound, user=None) -> Released:
    """Publishes what the round approved and held back, each item in a transaction of its own.

    ValueError while the round still waits for its filing. What the gate refuses stays waiting, with a line in
    its history; a version that a later one has overtaken is closed and not published over it. Safe to repeat:
    what is published waits no longer.
    """
    if round.holds_back:
        raise ValueError("the filing is not recorded")
    released = Released()
    for pk in list(waiting_for_filing(round).values_list("pk", flat=True)):
        _release(pk, user, released)
    return released


def publish_filed_later(round_id: int, user_id: int | None = None) -> dict:
    """The same, for the background worker; returns how many were published, overtaken and refused."""
    user = User.objects.filter(pk=user_id).first()
    released = publish_filed(ReviewRound.objects.get(pk=round_id), user)
    return {name: len(getattr(released, name)) for name in ("published", "superseded", "refused")}


def _release(pk, user, released):
    submission = None
    try:
        with transaction.atomic():
            submission = (
                Submission.objects.select_for_update(of=("self",))
                .select_related("revision", "page")
                .filter(pk=pk, outcome=Outcome.WAITING_FOR_FILING)
                .first()
            )
            if submission is None:  # somebody else was quicker
                return
            if is_superseded(submission):
                close(submission, Outcome.WITHDRAWN, _("A later version takes its place."))
                released.superseded.append(submission)
                return
            with schedules_kept(submission.page):
                finishing.publish(submission, user)
    except ValidationError as refusal:
        reason = " ".join(refusal.messages)
    except Exception:
        logger.exception("publishing submission %s after the filing failed", pk)
        reason = _("An error prevented its publication.")
    else:
        released.published.append(submission)
        return
    log_refusal_once(submission.page, submission.revision, reason, user)
    released.refused.append((submission, reason))


def is_superseded(submission) -> bool:
    """Whether a later submission of the same item went live, or waits for a filing that is recorded."""
    later = Submission.objects.filter(page=submission.page_id, pk__gt=submission.pk)
    if later.filter(outcome=Outcome.PUBLISHED).exists():
        return True
    waiting = later.filter(outcome=Outcome.WAITING_FOR_FILING).select_related("round")
    return any(each.round is not None and not each.round.holds_back for each in waiting)


# The form


class ReviewRoundForm(WagtailAdminModelForm):
    """At most one round is open for a department, so a round that overlaps another one is refused."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "departments" in self.fields:
            self.fields["departments"].choices = departments_by_region()

    def clean(self):
        cleaned = super().clean()
        opens_on, closes_on = cleaned.get("opens_on"), cleaned.get("closes_on")
        departments = cleaned.get("departments")
        if opens_on and closes_on and opens_on <= closes_on and departments:
            proposed = ReviewRound(pk=self.instance.pk, opens_on=opens_on, closes_on=closes_on)
            for other in proposed.overlapping(departments):
                both = Department.objects.filter(pk__in=[each.pk for each in departments]).filter(
                    review_rounds=other
                )
                self.add_error("departments", overlap(other, both))
        return cleaned


def overlap(other, departments) -> forms.ValidationError:
    return forms.ValidationError(
        _("“%(round)s” is open from %(opens_on)s to %(closes_on)s, at the same time, for: %(departments)s.")
        % {
            "round": other.name,
            "opens_on": other.opens_on,
            "closes_on": other.closes_on,
            "departments": listed([department.name for department in departments]),
        }
    )


def departments_by_region() -> list:
    """[(region, [(key, department), …]), …], for a list of boxes that people can find their way in."""
    regions = {}
    for department in Department.objects.select_related("region").order_by(
        "region__sort_order", "region__pk", "sort_order", "name"
    ):
        regions.setdefault(department.region.name, []).append((department.pk, department.name))
    return list(regions.items())


def sentences(released: Released) -> tuple[str, list[str]]:
    """What to tell whoever recorded the filing: what was published, and a sentence for each refusal."""
    count = len(released.published)
    published = ngettext(
        "%(count)d item that waited for the filing is published.",
        "%(count)d items that waited for the filing are published.",
        count,
    ) % {"count": count}
    return published, [
        _("%(title)s still waits: %(reason)s") % {"title": submission.title, "reason": reason}
        for submission, reason in released.refused
    ]
