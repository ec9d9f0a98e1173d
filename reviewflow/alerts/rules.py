"""Which deadlines are told of on a day, to whom, and in which words (one function for each line of the table in
docs/alerts.md).

A rule asks the database for those whose day it is, and for nothing that is due later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewflow.alerts.day import Day
from reviewflow.alerts.recipients import Recipients
from reviewflow.models import OfficeReview, Submission
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.messages import Notice
from servicepages.models import User

Kind, Urgency = Notice.Kind, Notice.Urgency
CHUNK = 500


@dataclass(frozen=True)
class Alert:
    """What each of `people` is told; `about` names the deadline, the same on every day."""

    kind: Kind
    about: str
    people: frozenset[User]
    subject: str
    url: str
    urgency: Urgency
    immediate: bool = False


class Rules:
    def __init__(self, day: Day, settings: AlertSettings):
        self.day, self.settings, self.recipients = day, settings, Recipients(day.date)

    def alerts(self) -> Iterator[Alert]:
        yield from self.reviews()
        yield from self.corrections()

    def _told_today(self, field: str, before: int) -> Q:
        """Due in `before` working days, today, or already; overdue things are told of on working days."""
        told = Q(**{f"{field}__in": [*self.day.due_in(before), self.day.date]})
        return told | Q(**{f"{field}__lt": self.day.date}) if self.day.is_worked else told

    def reviews(self):
        """The department's legal check and each office's decision."""
        waiting = (
            OfficeReview.objects.waiting()
            .filter(self._told_today("due_on", self.settings.review_before))
            .filter(submission__outcome="")
            .select_related("submission__page__department")
            .order_by("pk")
        )
        for review in waiting.iterator(CHUNK):
            department = review.submission.page.department_id
            if not review.signs.is_office:
                people = self.recipients.legal_officers(department)
                leader = self.recipients.leader_of_department(department)
            elif review.office_id is None:
                people = leader = (
                    set()
                )  # nobody acts for the office: coordination hears of it when it is overdue
            else:
                people = self.recipients.of_office(review.office_id, department)
                leader = self.recipients.leader_of_office(review.office_id)
            yield from self._deadline(
                Kind.REVIEW_DUE,
                f"review:{review.pk}",
                due=review.due_on,
                provisional=review.due_is_provisional,
                people=people,
                leader=leader,
                what=_("decision of %(office)s on “%(title)s”")
                % {"office": review.get_signatory_display(), "title": review.submission.title},
                url=reverse("review_sheet", args=[review.pk]),
            )

    def corrections(self):
        """Items that came back from review."""
        returned = (
            Submission.objects.filter(self._told_today("correct_by", self.settings.correction_before))
            .select_related("page__department")
            .order_by("pk")
        )
        for submission in returned.iterator(CHUNK):
            department = submission.page.department_id
            yield from self._deadline(
                Kind.CORRECTION_DUE,
                f"submission:{submission.pk}",
                due=submission.correct_by,
                provisional=submission.correct_by_is_provisional,
                people=self.recipients.person(submission.submitted_by_id)
                | self.recipients.liaison(department),
                leader=self.recipients.leader_of_department(department),
                what=_("correction of “%(title)s”, which came back from review")
                % {"title": submission.title},
                url=reverse("wagtailadmin_pages:edit", args=[submission.page_id]),
            )

    def _deadline(self, kind, about, *, due, provisional, people, leader, what, url):
        """One alert for those whose deadline it is, and with the days one for whoever is above them."""
        late = self.day.overdue_for(due) if due < self.day.date else 0
        if due > self.day.date:
            urgency = Urgency.SOON
        else:
            urgency = Urgency.OVERDUE if due < self.day.date else Urgency.TODAY
        subject = self._words(urgency, what, due, provisional, late)
        yield Alert(kind, about, frozenset(people), subject, url, urgency, immediate=late == 1)
        if late == self.settings.leader_after:
            yield Alert(Kind.ESCALATED, about, frozenset(leader - people), subject, url, urgency)
        if late == self.settings.coordination_after:
            team = self.recipients.coordination - people - leader
            yield Alert(Kind.ESCALATED, f"{about}:coordination", frozenset(team), subject, url, urgency)

    def _words(self, urgency, what, due, provisional, late) -> str:
        day = formats.date_format(due, "SHORT_DATE_FORMAT")
        if provisional:
            day = _("%(date)s (provisional)") % {"date": day}
        if urgency == Urgency.OVERDUE:
            return ngettext(
                "Overdue for %(late)d working day (since %(day)s): %(what)s",
                "Overdue for %(late)d working days (since %(day)s): %(what)s",
                late,
            ) % {"late": late, "day": day, "what": what}
        if urgency == Urgency.TODAY:
            return _("Due today (%(day)s): %(what)s") % {"day": day, "what": what}
        return _("Due on %(day)s: %(what)s") % {"day": day, "what": what}
