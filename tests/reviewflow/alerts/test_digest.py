"""The mail of a day, one for each person."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviewflow.alerts import digest, scan
from reviewflow.alerts.digest import gather_digests
from reviewflow.deciding import sign
from reviewflow.models import OfficeReview
from reviewflow.models.messages import Mail, Notice
from tests.reviewflow.alerts.scanning import LEGAL, START, day, last_scan, submitted


def test_a_digest_a_day_sorted_by_urgency(before_legal_affairs, department, people):
    other = submitted(department, people, title="收养登记", serial_number="9")
    check = OfficeReview.objects.get(submission__page=other.pk)
    sign(check, people["officer"], seen=check.digest)
    OfficeReview.objects.filter(submission__page=other.pk).exclude(signatory=LEGAL).update(due_on=None)
    review = OfficeReview.objects.filter(submission__page=other.pk, signatory=LEGAL)
    review.update(due_on=day("2025-10-15"))
    last_scan(day("2025-10-12"))
    scan.run(day("2025-10-13"))
    digest = people["member"].mails.exclude(digest_on=None).get()
    assert digest.text.index(before_legal_affairs.title) < digest.text.index(other.title)
    assert other.title in digest.html
    gather_digests(day("2025-10-13"))
    assert people["member"].mails.exclude(digest_on=None).count() == 1


def test_the_next_days_digest_does_not_name_what_was_decided(before_legal_affairs, people):
    last_scan(day("2025-10-09"))
    scan.run(day("2025-10-10"))
    review = OfficeReview.objects.get(signatory=LEGAL)
    sign(review, people["member"], seen=review.digest)
    scan.run(day("2025-10-11"))
    assert not people["member"].mails.filter(digest_on=day("2025-10-11")).exists()


def owe(*people):
    for person in people:
        Notice.objects.create(
            kind=Notice.Kind.REVIEW_DUE, person=person, about=f"review:{person.pk}", day=START, subject="审",
            immediate=False,
        )  # fmt: skip


def test_queries_of_the_digests_do_not_grow_with_the_people(people):
    def queries(*whom):
        owe(*whom)
        with CaptureQueriesContext(connection) as asked:
            gather_digests(START)
        return len(asked)

    assert queries(people["member"]) == queries(people["leader"], people["officer"], people["editor"])
    assert Mail.objects.filter(digest_on=START).count() == 4


def test_of_two_workers_one_writes_a_persons_digest(people):
    """The other finds it written when it is about to; what it would have told waits for tomorrow."""
    Mail.objects.create(person=people["member"], digest_on=START)
    owe(people["member"], people["leader"])
    digest._digests_for([people["member"].pk, people["leader"].pk], START)
    assert people["leader"].notices.get().mail.digest_on == START
    assert people["member"].notices.get().mail is None


def test_a_digest_of_which_another_worker_has_taken_everything_is_not_sent(people):
    digest._digests_for([people["member"].pk], START)
    assert not Mail.objects.exists()
