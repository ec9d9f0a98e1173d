"""Which deadlines are open, and whose they are (docs/alerts.md).

Said here once: the daily scan asks for those whose day it is, the calendar feed for those of one person. The
texts are in the language that is active.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Model, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from reviewflow.alerts.recipients import Recipients
from reviewflow.campaign.outstanding import Owed, milestones_open_on, owed_by, reports_open_on
from reviewflow.campaign.overview import milestone_address, report_address, report_title
from reviewflow.campaign.people import departments_of
from reviewflow.models import GuideCheck, OfficeReview, Submission
from reviewflow.models.messages import Notice
from reviewflow.signatories import Signatory
from servicepages.models import User
from servicepages.row_chunks import in_chunks

Kind = Notice.Kind
READ_AT_ONCE = 6_000


@dataclass(frozen=True)
class OpenDeadline:
    """Something that `people` have not done yet; the end of `due_on` is its deadline.

    `about` names it, the same on every day; `leader` is in charge of those who are to do it; `row` is what it was
    read from.
    """

    kind: Kind
    about: str
    due_on: date
    is_provisional: bool
    people: set[User]
    leader: set[User]
    what: str
    url: str
    row: Model | Owed


class OpenDeadlines:
    """What is open on `day`, row by row, in a constant number of queries and one more for each READ_AT_ONCE rows.
    `which` narrows the rows."""

    def __init__(self, day: date, recipients: Recipients):
        self.day, self.recipients = day, recipients

    def reviews(self, which: Q) -> Iterator[OpenDeadline]:
        """The department's legal check and each office's decision."""
        waiting = (
            OfficeReview.objects.waiting()
            .filter(which, submission__outcome="")
            .annotate(department_key=F("submission__page__department"), title=F("submission__title"))
        )
        for review in in_chunks(waiting, READ_AT_ONCE):
            if not review.signs.is_office:
                people = self.recipients.legal_officers(review.department_key)
                leader = self.recipients.leader_of_department(review.department_key)
            elif review.office_id is None:
                # Nobody acts for the office: coordination hears of it when it is overdue.
                people = leader = set()
            else:
                people = self.recipients.of_office(review.office_id, review.department_key)
                leader = self.recipients.leader_of_office(review.office_id)
            yield OpenDeadline(
                Kind.REVIEW_DUE,
                f"review:{review.pk}",
                due_on=review.due_on,
                is_provisional=review.due_is_provisional,
                people=people,
                leader=leader,
                what=_("decision of %(office)s on “%(title)s”")
                % {"office": review.get_signatory_display(), "title": review.title},
                url=reverse("review_sheet", args=[review.pk]),
                row=review,
            )

    def corrections(self, which: Q) -> Iterator[OpenDeadline]:
        """Items that came back from review."""
        returned = (
            Submission.objects.exclude(correct_by=None)
            .filter(which)
            .annotate(department_key=F("page__department"))
        )
        for submission in in_chunks(returned, READ_AT_ONCE):
            yield OpenDeadline(
                Kind.CORRECTION_DUE,
                f"submission:{submission.pk}",
                due_on=submission.correct_by,
                is_provisional=submission.correct_by_is_provisional,
                people=self.recipients.person(submission.submitted_by_id)
                | self.recipients.liaison(submission.department_key),
                leader=self.recipients.leader_of_department(submission.department_key),
                what=_("correction of “%(title)s”, which came back from review")
                % {"title": submission.title},
                url=reverse("item_or_record", args=[submission.page_id]),
                row=submission,
            )

    def checks(self, which: Q) -> Iterator[OpenDeadline]:
        """Published guides that are to be checked again."""
        checks = (
            GuideCheck.objects.open()
            .filter(which)
            .select_related("law")
            .annotate(department_key=F("page__department"), title=F("page__title"))
        )
        for check in in_chunks(checks, READ_AT_ONCE):
            yield OpenDeadline(
                Kind.CHECK_DUE,
                f"check:{check.pk}",
                due_on=check.due_on,
                is_provisional=check.due_is_provisional,
                people=self.recipients.editors(check.department_key),
                leader=self.recipients.leader_of_department(check.department_key),
                what=_("check of the guide “%(title)s”: %(reason)s")
                % {"title": check.title, "reason": check.law or check.get_reason_display()},
                url=reverse("check_guide", args=[check.page_id]),
                row=check,
            )

    def milestones(self) -> Iterator[OpenDeadline]:
        """What departments have not done of what the campaign asks of them, whenever it is due."""
        for owed in milestones_open_on(self.day):
            yield self._owed(owed, set(owed.people))

    def reports(self) -> Iterator[OpenDeadline]:
        """Reports of months that have begun, which departments have not filed."""
        for owed in reports_open_on(self.day):
            yield self._owed(owed, set(owed.people))

    def _owed(self, owed, people):
        if owed.milestone is not None:
            kind = Kind.MILESTONE_DUE
            about = f"milestone:{owed.milestone.pk}:{owed.department.pk}"
            what = _("milestone “%(title)s” of %(department)s") % {
                "title": owed.milestone.title,
                "department": owed.department,
            }
            url = milestone_address(owed.milestone.pk, owed.department.pk)
        else:
            kind = Kind.REPORT_DUE
            about = f"report:{owed.month:%Y-%m}:{owed.department.pk}"
            what = _("%(report)s of %(department)s") % {
                "report": report_title(owed.month),
                "department": owed.department,
            }
            url = report_address(owed.department.pk, owed.month)
        return OpenDeadline(
            kind,
            about,
            due_on=owed.due_on,
            is_provisional=owed.due_is_provisional,
            people=people,
            leader=self.recipients.leader_of_department(owed.department.pk),
            what=what,
            url=url,
            row=owed,
        )

    def of_person(self, person: User, until: date) -> Iterator[OpenDeadline]:
        """Those due by `until` of which `person` is told when their day comes.

        In which rows that may be is asked of the recipients, so that nothing is decided here.
        """
        for deadline in self._near(person, until):
            if person in deadline.people:
                yield deadline

    def _near(self, person, until):
        checked = self.recipients.departments_of(person, self.recipients.legal_officers)
        officer = Q(signatory=Signatory.DEPARTMENT_LEGAL, submission__page__department__in=checked)
        member = Q(office__in=self.recipients.offices_of(person))
        yield from self.reviews((officer | member) & Q(due_on__lte=until))

        liaison = Q(page__department__in=self.recipients.departments_of(person, self.recipients.liaison))
        yield from self.corrections((liaison | Q(submitted_by=person)) & Q(correct_by__lte=until))

        editor = Q(page__department__in=self.recipients.departments_of(person, self.recipients.editors))
        yield from self.checks(editor & Q(due_on__lte=until))

        if self.recipients.person(person.pk):
            for owed in owed_by(departments_of(person), self.day):
                if owed.due_on <= until:
                    yield self._owed(owed, {person})


def deadlines_of(person: User, day: date, until: date) -> Iterator[OpenDeadline]:
    """What is open on `day`, is due by `until`, and is `person`'s, in a constant number of queries; nothing for
    who is deactivated. `people` and `leader` name nobody else."""
    recipients = Recipients(day, among=User.objects.filter(pk=person.pk))
    return OpenDeadlines(day, recipients).of_person(person, until)
