"""Who gets mail at which step, and that nobody gets any of what did not happen."""

import pytest
from django.core import mail
from django.db import transaction

from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import ReviewOffice
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer
from tests.reviewflow.test_joint_review import review_by
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


@shared
def people(item):
    return {signatory: reviewer(signatory, item.department) for signatory in Signatory}


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Runs a step as its own transaction and says who was told what: {address: subject}."""

    def run(step, *args, **kwargs):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            step(*args, **kwargs)
        return {message.to[0]: message.subject for message in mail.outbox}

    return run


def decide(item, people, *signatories):
    for signatory in signatories:
        review = review_by(item, signatory)
        sign(review, people[signatory], seen=review.digest)


def test_each_step_tells_those_whose_turn_it_is(item, people, editor, told):
    legal, *offices = people.values()
    assert set(told(submit, item, editor)) == {legal.email}
    assert set(told(decide, item, people, Signatory.DEPARTMENT_LEGAL)) == {person.email for person in offices}
    assert told(decide, item, people, Signatory.EDITORIAL, Signatory.LEGAL_AFFAIRS) == {}
    told_last = told(decide, item, people, Signatory.GENERAL_OFFICE)
    assert set(told_last) == {editor.email, legal.email, *(person.email for person in offices)}
    assert item.title in told_last[editor.email]
    assert item.get_url() in mail.outbox[0].body


def test_a_return_brings_every_remark_to_the_department(item, people, editor, told):
    submit(item, editor)
    colleague = UserFactory(groups=[item.department.editors])
    decide(item, people, Signatory.DEPARTMENT_LEGAL, Signatory.EDITORIAL)
    review = review_by(item, Signatory.LEGAL_AFFAIRS)
    request_changes(
        review, people[Signatory.LEGAL_AFFAIRS], seen=review.digest, remarks=[NewRemark("fees", "写明标准")]
    )
    review = review_by(item, Signatory.GENERAL_OFFICE)
    addresses = told(
        request_changes,
        review,
        people[Signatory.GENERAL_OFFICE],
        seen=review.digest,
        remarks=[NewRemark("materials", "缺表")],
    )
    decided = {person.email for person in people.values()}
    assert set(addresses) == {editor.email, colleague.email} | decided
    assert "写明标准" in mail.outbox[0].body
    assert "缺表" in mail.outbox[0].body
    assert f"/admin/pages/{item.pk}/edit/" in mail.outbox[0].body


def test_seconded_people_are_not_told_of_their_own_departments_items(item, people, editor, told):
    seconded = reviewer(Signatory.EDITORIAL, home_department=item.department)
    submit(item, editor)
    addresses = told(decide, item, people, Signatory.DEPARTMENT_LEGAL)
    assert seconded.email not in addresses
    assert people[Signatory.EDITORIAL].email in addresses


def test_the_deputy_of_the_day_is_told(item, people, editor, told):
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.localdate()
    deputy, later = UserFactory(), UserFactory()
    dates = {"deputy_from": today, "deputy_until": today}
    ReviewOffice.objects.filter(office=Signatory.EDITORIAL).update(deputy=deputy, **dates)
    dates = {"deputy_from": today + timedelta(days=1), "deputy_until": today + timedelta(days=1)}
    ReviewOffice.objects.filter(office=Signatory.GENERAL_OFFICE).update(deputy=later, **dates)
    submit(item, editor)
    addresses = told(decide, item, people, Signatory.DEPARTMENT_LEGAL)
    assert deputy.email in addresses
    assert later.email not in addresses


def test_what_was_rolled_back_is_told_to_nobody(item, editor, told):
    class Interrupted(Exception):
        pass

    def submit_and_fail():
        with transaction.atomic():
            submit(item, editor)
            raise Interrupted

    def interrupted():
        with pytest.raises(Interrupted):
            submit_and_fail()

    assert told(interrupted) == {}


def test_a_mail_that_cannot_be_sent_stops_nothing(item, people, editor, told, settings):
    settings.EMAIL_BACKEND = "tests.reviewflow.test_notices.Broken"
    told(submit, item, editor)
    assert item.workflow_in_progress


class Broken:
    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        raise OSError("no mail server")
