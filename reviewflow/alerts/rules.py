"""Which of the open deadlines are told of on a day, to whom, and in which words (one function for each line of the
table in docs/alerts.md).

A rule asks for those whose day it is, and for nothing that is due later; what is open, and whose it is, says
reviewflow.alerts.open_deadlines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewflow.alerts.day import Day
from reviewflow.alerts.open_deadlines import OpenDeadline, OpenDeadlines
from reviewflow.alerts.recipients import Recipients
from reviewflow.guide_checks import months_later
from reviewflow.models import GuideCheck
from reviewflow.models.alerts import AlertSettings, Escalation
from reviewflow.models.messages import Notice
from servicepages.models import User

Kind, Urgency = Notice.Kind, Notice.Urgency
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Alert:
    """What each of `people` is told; `about` names the deadline, the same on every day. `escalation` is what
    Escalation remembers, of an alert that is given once for each deadline; it may have been given to people who are
    told anyway."""

    kind: Kind
    about: str
    people: frozenset[User]
    subject: str
    url: str
    urgency: Urgency
    immediate: bool = False
    escalation: str = ""


class Rules:
    """`day` says which deadlines are told of; `now`, a later day for a scan that catches up, what is open by now,
    whose it is, and in which words it is told. Not `at_once`: everything waits for the digest."""

    def __init__(self, day: Day, settings: AlertSettings, now: Day | None = None, at_once: bool = True):
        self.day, self.now, self.settings, self.at_once = day, now or day, settings, at_once
        self.recipients = Recipients(self.now.date)
        self.open = OpenDeadlines(self.now.date, self.recipients)

    @cached_property
    def escalated(self) -> set[str]:
        return set(Escalation.objects.values_list("about", flat=True))

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
        """Weekly when it is overdue, from the first working day on."""
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
        """Monthly when it is overdue, from the first working day on. A check that a changed law asks for is told of on
        the morning after."""
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
        late = self.day.overdue_for(deadline.due_on)
        # What is due is told of on holidays, too; the first day overdue is a working day.
        is_first = late == 1 and self.day.is_worked
        urgency, subject = self._said_now(deadline)
        about, url = deadline.about, deadline.url
        told = set()
        if tell or is_first:
            told = deadline.people
            immediate = is_first and self.at_once
            yield Alert(deadline.kind, about, frozenset(told), subject, url, urgency, immediate)
        if not (late and self.day.is_worked):
            return
        for level, about_level, after, above in (
            ("leader", about, self.settings.leader_after, deadline.leader),
            (
                "coordination",
                f"{about}:coordination",
                self.settings.coordination_after,
                self.recipients.coordination,
            ),
        ):
            key = f"{about}:{deadline.due_on}:{level}"
            # Later than on its day, where the days are counted anew, or somebody becomes the leader now.
            if late >= after and above and key not in self.escalated:
                people = frozenset(above - told)
                yield Alert(Kind.ESCALATED, about_level, people, subject, url, urgency, escalation=key)
                told = told | above

    def _said_now(self, deadline) -> tuple[Urgency, str]:
        today, due = self.now.date, deadline.due_on
        urgency = Urgency.SOON if due > today else Urgency.TODAY if due == today else Urgency.OVERDUE
        late = self.now.overdue_for(due)
        return urgency, self._words(urgency, deadline.what, due, deadline.is_provisional, late)

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
