"""How the sample's items came to be where they are: written, submitted, signed or sent back, published.

Everything here goes the way that people go: revisions and submissions by the department's editor, who is
held by the checklist, approvals by a person whose turn it is, publication by the end of the workflow.
Nothing sets `live`.
"""

from datetime import timedelta

from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction

from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.four_eyes import hindrance
from reviewflow.models import OfficeReview, Remark, ReviewOffice
from reviewflow.offices import COORDINATION
from reviewflow.remarks import answer
from reviewflow.signatories import Signatory
from reviewflow.submission import IncompleteItem, submit
from servicepages.models import ServiceItemPage, User
from servicepages.sample.clock import Clock, at

# Hours of an office's day between one step and the next, used in turn.
_PAUSES = (3.0, 9.5, 5.5, 13.0, 7.0, 2.5, 11.0)
_FIRST_ITEM = timedelta(days=84)  # before the loading
_LAST_ITEM = timedelta(days=14)


class IncompleteSample(Exception):
    """An item that should be submitted has lines on its checklist: a mistake in the sample's data."""


def starting_times(count: int) -> list:
    """When each of `count` items was begun: over the weeks before now, at different hours, departments
    mixed."""
    now = timezone.now()
    first, last = now - _FIRST_ITEM, now - _LAST_ITEM
    times = [
        first + (last - first) * number / max(count, 1) + timedelta(minutes=number * 37 % 240)
        for number in range(count)
    ]
    return times[::3] + times[1::3] + times[2::3]


class Reviewers:
    """People of the offices, the departments' legal officers and the coordination team."""

    def __init__(self):
        self.people = {
            office: list(office.group.user_set.filter(is_active=True).order_by("pk"))
            for office in ReviewOffice.objects.select_related("group")
        }
        self.coordination = (
            User.objects.filter(groups__name=COORDINATION, is_active=True).order_by("pk").first()
        )
        self._turn = 0

    def for_review(self, review):
        """Somebody who may decide: not of the item's department, and with no other hat in it."""
        submission = review.submission
        people = (
            self.people[review.office]
            if review.office
            else list(submission.page.department.legal_officers.user_set.order_by("pk"))
        )
        self._turn += 1
        first = self._turn % len(people)
        for person in people[first:] + people[:first]:
            if hindrance(person, submission, review) is None:
                return person
        raise LookupError(f"nobody may decide for {review.signatory}: {submission.title}")


class Review:
    """One item on its way, and the clock of those who handle it."""

    def __init__(self, item, editor, reviewers: Reviewers, clock: Clock, step: int = 0):
        self.item, self.editor, self.reviewers, self.clock = item, editor, reviewers, clock
        self._step = step

    def _later(self):
        self._step += 1
        self.clock.forward(_PAUSES[self._step % len(_PAUSES)])
        return at(self.clock.moment)

    def refresh(self):
        self.item = ServiceItemPage.objects.get(pk=self.item.pk).get_latest_revision_as_object()
        return self.item

    def save_draft(self):
        """As the editor's form does it: the row of a page that is not live follows its draft."""
        with self._later():
            if not self.item.live:
                self.item.save()
            self.item.save_revision(user=self.editor, log_action=True)

    def submit(self):
        with self._later():
            try:
                submit(self.item, self.editor)
            except IncompleteItem as error:
                raise IncompleteSample(f"{self.item.title}: {'；'.join(error.messages)}") from error

    def _open_reviews(self):
        """What waits for somebody; asked anew each time, for one decision may open the next step."""
        return (
            OfficeReview.objects.waiting()
            .filter(submission__page=self.item.pk, submission__outcome="")
            .select_related("submission__page__department", "office")
        )

    def _sign(self, review):
        with self._later():
            sign(review, self.reviewers.for_review(review), seen=review.digest)

    def check_in_department(self):
        """The department's legal officer checks the approval flow."""
        for review in self._open_reviews().filter(signatory=Signatory.DEPARTMENT_LEGAL):
            self._sign(review)

    def approve(self, times: int):
        """That many offices sign."""
        self.check_in_department()
        for review in self._open_reviews()[:times]:
            self._sign(review)

    def approve_all(self):
        while review := self._open_reviews().first():
            self._sign(review)
        self.refresh()

    def send_back(self, office: str, field: str, comment: str):
        """The office of that name asks for a change of a field, and the others sign."""
        self.check_in_department()
        for review in self._open_reviews():
            if review.signatory != office:
                self._sign(review)
                continue
            with self._later():
                person = self.reviewers.for_review(review)
                request_changes(review, person, seen=review.digest, remarks=[NewRemark(field, comment)])
        self.refresh()

    def answer_remarks(self):
        for remark in Remark.objects.unanswered().filter(page=self.item.pk):
            with self._later():
                answer(remark, self.editor, kind=Remark.Answer.CORRECTED)

    def withdraw(self):
        with self._later():
            UnpublishPageAction(self.item, user=self.reviewers.coordination).execute()
        self.refresh()
