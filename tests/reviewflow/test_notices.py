"""Who gets mail at which step, and that nobody gets any of what did not happen."""

import socket
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import GroupApprovalTask, WorkflowTask

from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import Decision, Notice, ReviewOffice
from reviewflow.notices import asked, returned, silence, tell
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from reviewflow.taking_down import take_down
from servicepages.models import ContactPerson
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer
from tests.mailbox import delivered
from tests.reviewflow.test_joint_review import review_by
from tests.reviewflow.test_review_sheet import seen
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


def told(step, *args, **kwargs):
    """Runs a step and says who was told what by it: {address: subject}."""
    delivered().clear()
    step(*args, **kwargs)
    return {message.to[0]: message.subject for message in delivered()}


def decide(item, people, *signatories):
    for signatory in signatories:
        review = review_by(item, signatory)
        sign(review, people[signatory], seen=review.digest)


def leads_to(person, address):
    """Where a link of a mail brings somebody."""
    client = Client()
    client.force_login(person)
    return client.get(address).headers["Location"]


def test_each_step_tells_those_whose_turn_it_is(item, people, editor):
    legal, *offices = people.values()
    assert set(told(submit, item, editor)) == {legal.email}
    assert set(told(decide, item, people, Signatory.DEPARTMENT_LEGAL)) == {person.email for person in offices}
    assert told(decide, item, people, Signatory.EDITORIAL, Signatory.LEGAL_AFFAIRS) == {}
    told_last = told(decide, item, people, Signatory.GENERAL_OFFICE)
    assert set(told_last) == {editor.email, legal.email, *(person.email for person in offices)}
    assert item.title in told_last[editor.email]
    assert item.get_url() in mail.outbox[0].body


def test_a_return_is_told_the_liaison_too(item, people, editor):
    """Of the contact sheet, with a login, and in no group: the link leads to the record."""
    liaison = UserFactory()
    ContactPerson.objects.create(
        department=item.department, role=ContactRole.LIAISON, name="联络员", user=liaison
    )
    submit(item, editor)
    review = review_by(item, Signatory.DEPARTMENT_LEGAL)
    officer = people[Signatory.DEPARTMENT_LEGAL]
    addresses = told(
        request_changes, review, officer, seen=review.digest, remarks=[NewRemark("approval_steps", "缺环节")]
    )
    assert set(addresses) == {editor.email, officer.email, liaison.email}
    assert leads_to(liaison, reverse("item_or_record", args=[item.pk])) == reverse(
        "review_record", args=[item.pk]
    )


def test_a_return_whose_day_is_provisional_says_so(item, people, editor, monkeypatch):
    submit(item, editor)
    monkeypatch.setattr("reviewflow.deadlines._official", lambda day: None)
    review = review_by(item, Signatory.DEPARTMENT_LEGAL)
    request_changes(
        review,
        people[Signatory.DEPARTMENT_LEGAL],
        seen=review.digest,
        remarks=[NewRemark("approval_steps", "缺环节")],
    )
    assert "暂定" in editor.notices.get(kind=Notice.Kind.RETURNED).lines[-1]


def test_what_a_step_of_wagtails_own_sends_back_is_told(item, people, editor):
    """After the department's check, before the offices."""
    mayor = GroupApprovalTask.objects.create(name="市长审批")
    workflow = item.get_workflow()
    WorkflowTask.objects.filter(workflow=workflow, sort_order__gt=0).update(sort_order=9)
    WorkflowTask.objects.create(workflow=workflow, task=mayor, sort_order=1)
    submit(item, editor)
    decide(item, people, Signatory.DEPARTMENT_LEGAL)
    waiting = item.current_workflow_task_state
    assert waiting.task.specific == mayor
    addresses = told(waiting.reject, user=UserFactory(is_superuser=True))
    assert editor.email in addresses
    assert addresses[editor.email].endswith(f"退回：{item.title}")


def test_a_return_brings_every_remark_to_the_department(item, people, editor):
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
    address = reverse("item_or_record", args=[item.pk])
    assert address in mail.outbox[0].body
    assert leads_to(editor, address) == reverse("wagtailadmin_pages:edit", args=[item.pk])
    assert leads_to(people[Signatory.EDITORIAL], address) == reverse("review_record", args=[item.pk])


def test_seconded_people_are_not_told_of_their_own_departments_items(item, people, editor):
    seconded = reviewer(Signatory.EDITORIAL, home_department=item.department)
    submit(item, editor)
    addresses = told(decide, item, people, Signatory.DEPARTMENT_LEGAL)
    assert seconded.email not in addresses
    assert people[Signatory.EDITORIAL].email in addresses


def test_the_deputy_of_the_day_is_told(item, people, editor):
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


def test_what_was_rolled_back_is_told_to_nobody(item, editor):
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


# Written once


def notices_of(person):
    return list(Notice.objects.filter(person=person).values_list("kind", flat=True))


def test_what_is_told_again_is_owed_once(item, people, editor):
    submit(item, editor)
    review = review_by(item, Signatory.DEPARTMENT_LEGAL)
    legal = people[Signatory.DEPARTMENT_LEGAL]
    assert notices_of(legal) == [Notice.Kind.ASKED]
    asked(review)
    asked(review)
    assert notices_of(legal) == [Notice.Kind.ASKED]
    returned(review.submission)
    with transaction.atomic():
        returned(review.submission)
    assert notices_of(legal) == [Notice.Kind.ASKED]
    assert notices_of(editor) == [Notice.Kind.RETURNED]


def test_the_same_is_told_again_for_another_day(editor):
    today = timezone.localdate()
    for day in (today, today, today + timedelta(days=1)):
        tell([editor], "到期", [], kind=Notice.Kind.ASKED, about="review:1:due", day=day)
    assert Notice.objects.filter(person=editor).count() == 2


def test_an_office_whose_sign_off_is_revoked_is_asked_a_second_time_on_the_same_day(item, people, editor):
    submit(item, editor)
    decide(item, people, Signatory.DEPARTMENT_LEGAL, Signatory.LEGAL_AFFAIRS)
    review = review_by(item, Signatory.LEGAL_AFFAIRS)
    signed = Decision.objects.get(page=item.pk, signatory=Signatory.LEGAL_AFFAIRS)
    copied = ("page_id", "signatory", "person_id", "digest", "content", "content_version")
    Decision.objects.create(kind=Decision.Kind.REVOKED, **{name: getattr(signed, name) for name in copied})
    asked(review)
    assert notices_of(people[Signatory.LEGAL_AFFAIRS]) == [Notice.Kind.ASKED] * 2


def test_an_item_taken_down_twice_in_a_day_is_told_twice(item, editor):
    coordinator = UserFactory(groups=[Group.objects.get(name="Coordination")])
    for _time in range(2):
        take_down(publish(item), coordinator, "有误")
    assert notices_of(editor) == [Notice.Kind.TAKEN_DOWN] * 2


def test_notices_are_in_the_sites_language_whoever_acts(item, editor, people):
    with translation.override("en"):
        submit(item, editor)
    notice = Notice.objects.get(person=people[Signatory.DEPARTMENT_LEGAL])
    assert notice.subject.startswith("请审核")


def test_a_review_that_never_happened_is_told_to_nobody(item, editor):
    with silence():
        submit(item, editor)
    assert not Notice.objects.exists()


# The mail server is none of the request's business


@pytest.fixture
def deaf_server(settings):
    """Takes no connection and refuses none: who asks it for anything waits for the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 1
        yield server


@pytest.fixture
def signed_in_the_browser(item, people, editor, django_capture_on_commit_callbacks):
    """The legal officer signs on the review sheet, which asks three offices; the response."""

    def act():
        submit(item, editor)
        review = review_by(item, Signatory.DEPARTMENT_LEGAL)
        client = Client()
        client.force_login(people[Signatory.DEPARTMENT_LEGAL])
        address = reverse("review_sheet", args=[review.pk])
        form = {"action": "sign", **seen(client.get(address))}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, form)

    return act


def offices_told(people):
    return [notices_of(person) for signatory, person in people.items() if signatory.is_office]


def test_a_deaf_mail_server_is_not_even_asked_by_the_request(deaf_server, signed_in_the_browser, people):
    response = signed_in_the_browser()
    assert response.status_code == 302
    assert offices_told(people) == [[Notice.Kind.ASKED]] * 3
    with pytest.raises(BlockingIOError):  # nobody has knocked
        deaf_server.accept()
    delivered()  # the worker has, once, and leaves it alone for a while
    deaf_server.accept()
    with pytest.raises(BlockingIOError):
        deaf_server.accept()
    delivered()
    with pytest.raises(BlockingIOError):
        deaf_server.accept()


def test_a_broken_broker_fails_no_request_and_loses_nothing(signed_in_the_browser, people, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("reviewflow.mailing.async_task", refuse)
    assert signed_in_the_browser().status_code == 302
    assert offices_told(people) == [[Notice.Kind.ASKED]] * 3
    addresses = {message.to[0] for message in delivered()}  # what the schedule calls each minute
    assert addresses >= {person.email for person in people.values()}
