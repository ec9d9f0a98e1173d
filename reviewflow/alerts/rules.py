"""Which of the open deadlines are told of on a day, to whom, and in which words (one function for each line of the
table in docs/alerts.md).

A rule asks for those whose day it is, and for nothing that is due later; what is open, and whose it is, says
reviewflow.alerts.open_deadlines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewflow.alerts.day import Day
from reviewflow.alerts.open_deadlines import OpenDeadline, OpenDeadlines
from reviewflow.alerts.recipients import Recipients
from reviewflow.guide_checks import months_later
from reviewflow.models import GuideCheck
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.messages import Notice
from servicepages.models import User

Kind, Urgency = Notice.Kind, Notice.Urgency
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
        self.open = OpenDeadlines(day.date, self.recipients)

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
        for deadline in self.open.reviews(self._told_today("due_on", self.settings.review_before)):
            yield from self._alerts(deadline)

    def corrections(self):
        for deadline in self.open.corrections(
            self._told_today("correct_by", self.settings.correction_before)
        ):
            yield from self._alerts(deadline)

    def milestones(self):
        """Weekly when it is overdue."""
        reminded = self.day.due_in_any(self.settings.milestone_reminders)
        for deadline in self.open.milestones():
            since = (self.day.date - deadline.due_on).days
            weekly = since >= 0 and since % DAYS_OF_A_WEEK == 0
            yield from self._alerts(deadline, tell=deadline.due_on in reminded or weekly)

    def reports(self):
        reminded = {*self.day.due_in(self.settings.report_before), self.day.date}
        for deadline in self.open.reports():
            overdue = deadline.due_on < self.day.date and self.day.is_worked
            yield from self._alerts(deadline, tell=deadline.due_on in reminded or overdue)

    def checks(self):
        """Monthly when it is overdue. A check that a changed law asks for is told of on the morning after."""
        today = self.day.date
        reminded = [today + timedelta(days=days) for days in self.settings.check_reminders]
        opened = GuideCheck.Reason.LAW, today - timedelta(days=1)
        is_new = Q(reason=opened[0], opened_at__date=opened[1])
        for deadline in self.open.checks(Q(due_on__in=reminded) | Q(due_on__lt=today) | is_new):
            new = (deadline.row.reason, timezone.localdate(deadline.row.opened_at)) == opened
            due = deadline.due_on
            yield from self._alerts(deadline, tell=new or due in reminded or _is_months_after(due, today))

    def _alerts(self, deadline: OpenDeadline, tell=True):
        """One alert for those whose deadline it is, and with the days one for whoever is above them."""
        due, about, url = deadline.due_on, deadline.about, deadline.url
        late = self.day.overdue_for(due) if due < self.day.date else 0
        if due > self.day.date:
            urgency = Urgency.SOON
        else:
            urgency = Urgency.OVERDUE if due < self.day.date else Urgency.TODAY
        subject = self._words(urgency, deadline.what, due, deadline.is_provisional, late)
        if tell:
            people = frozenset(deadline.people)
            # What is due is told of on holidays, too; the first day overdue is a working day.
            immediate = late == 1 and self.day.is_worked
            yield Alert(deadline.kind, about, people, subject, url, urgency, immediate)
        if not (late and self.day.is_worked):
            return
        told = deadline.people if tell else set()
        if late == self.settings.leader_after:
            yield Alert(Kind.ESCALATED, about, frozenset(deadline.leader - told), subject, url, urgency)
            told = told | deadline.leader
        if late == self.settings.coordination_after:
            team = self.recipients.coordination - told
            yield Alert(Kind.ESCALATED, f"{about}:coordination", frozenset(team), subject, url, urgency)

    def _words(self, urgency, what, due, provisional, late) -> str:
        day = formats.date_format(due, "SHORT_DATE_FORMAT")
        if provisional:
            day = _("%(date)s (provisional)") % {"date": day}
        if urgency == Urgency.OVERDUE and not late:  # on the holidays after it was due
            return _("Overdue since %(day)s: %(what)s") % {"day": day, "what": what}
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
