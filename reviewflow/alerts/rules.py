"""Which deadlines are told of on a day, to whom, and in which words (one function for each line of the table in
docs/alerts.md).

A rule asks the database for those whose day it is, and for nothing that is due later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewflow.alerts.day import Day
from reviewflow.alerts.recipients import Recipients
from reviewflow.campaign.outstanding import milestones_open_on, months_owed, reports_missing
from reviewflow.campaign.overview import milestone_address, report_address, report_title
from reviewflow.guide_checks import months_later
from reviewflow.models import GuideCheck, OfficeReview, Submission
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.messages import Notice
from servicepages.models import User

Kind, Urgency = Notice.Kind, Notice.Urgency
CHUNK = 500
DAYS_OF_A_WEEK = 7


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
        yield from self.milestones()
        yield from self.reports()
        yield from self.checks()

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
                # Nobody acts for the office: coordination hears of it when it is overdue.
                people = leader = set()
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

    def milestones(self):
        """Departments that have not done what the campaign asks of them; weekly when it is overdue."""
        reminded = self.day.due_in_any(self.settings.milestone_reminders)
        for owed in milestones_open_on(self.day.date):
            milestone, department = owed.milestone, owed.department
            since = (self.day.date - owed.due_on).days
            yield from self._deadline(
                Kind.MILESTONE_DUE,
                f"milestone:{milestone.pk}:{department.pk}",
                due=owed.due_on,
                provisional=owed.due_is_provisional,
                people=set(owed.people),
                leader=self.recipients.leader_of_department(department.pk),
                what=_("milestone “%(title)s” of %(department)s")
                % {"title": milestone.title, "department": department},
                url=milestone_address(milestone.pk, department.pk),
                tell=owed.due_on in reminded or (since >= 0 and since % DAYS_OF_A_WEEK == 0),
            )

    def reports(self):
        """Departments that have not filed the report of a month that has begun."""
        reminded = self.day.due_in(self.settings.report_before)
        for month in months_owed(self.day.date):
            for owed in reports_missing(month):
                overdue = owed.due_on < self.day.date and self.day.is_worked
                yield from self._deadline(
                    Kind.REPORT_DUE,
                    f"report:{month:%Y-%m}:{owed.department.pk}",
                    due=owed.due_on,
                    provisional=owed.due_is_provisional,
                    people=set(owed.people),
                    leader=self.recipients.leader_of_department(owed.department.pk),
                    what=_("%(report)s of %(department)s")
                    % {"report": report_title(month), "department": owed.department},
                    url=report_address(owed.department.pk, month),
                    tell=owed.due_on in [*reminded, self.day.date] or overdue,
                )

    def checks(self):
        """Published guides that are to be checked again; monthly when it is overdue. A check that a changed law
        asks for is told of on the morning after."""
        today = self.day.date
        reminded = [today + timedelta(days=days) for days in self.settings.check_reminders]
        opened = GuideCheck.Reason.LAW, today - timedelta(days=1)
        is_new = Q(reason=opened[0], opened_at__date=opened[1])
        checks = (
            GuideCheck.objects.open()
            .filter(Q(due_on__in=reminded) | Q(due_on__lt=today) | is_new)
            .select_related("page__department", "law")
            .order_by("pk")
        )
        for check in checks.iterator(CHUNK):
            department = check.page.department
            new = (check.reason, timezone.localdate(check.opened_at)) == opened
            yield from self._deadline(
                Kind.CHECK_DUE,
                f"check:{check.pk}",
                due=check.due_on,
                provisional=check.due_is_provisional,
                people=self.recipients.editors(department.pk),
                leader=self.recipients.leader_of_department(department.pk),
                what=_("check of the guide “%(title)s”: %(reason)s")
                % {"title": check.page.title, "reason": check.law or check.get_reason_display()},
                url=reverse("check_guide", args=[check.page_id]),
                tell=new or check.due_on in reminded or _is_months_after(check.due_on, today),
            )

    def _deadline(self, kind, about, *, due, provisional, people, leader, what, url, tell=True):
        """One alert for those whose deadline it is, and with the days one for whoever is above them."""
        late = self.day.overdue_for(due) if due < self.day.date else 0
        if due > self.day.date:
            urgency = Urgency.SOON
        else:
            urgency = Urgency.OVERDUE if due < self.day.date else Urgency.TODAY
        subject = self._words(urgency, what, due, provisional, late)
        if tell:
            yield Alert(kind, about, frozenset(people), subject, url, urgency, immediate=late == 1)
        if not (late and self.day.is_worked):
            return
        told = people if tell else set()
        if late == self.settings.leader_after:
            yield Alert(Kind.ESCALATED, about, frozenset(leader - told), subject, url, urgency)
        if late == self.settings.coordination_after:
            team = self.recipients.coordination - told - leader
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


def _is_months_after(due, today) -> bool:
    """Whether `today` is the day of the month on which something that was due on `due` is told of again."""
    months = (today.year - due.year) * 12 + today.month - due.month
    return months > 0 and months_later(due, months) == today
