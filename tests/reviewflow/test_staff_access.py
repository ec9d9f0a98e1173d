"""Whoever is told of a deadline by a post alone, in no group, gets in and can read what it is about; nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviewflow.alerts import scan
from reviewflow.deadlines import working_calendar
from reviewflow.models import CalendarLink, Decision, GuideCheck, OfficeReview, ReviewOffice
from reviewflow.models.messages import Notice
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ContactPerson, User
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer, sign_off
from tests.reviewflow.campaign_plan import milestone, period
from tests.shared import shared

LEGAL = Signatory.LEGAL_AFFAIRS


@shared
def department():
    return DepartmentFactory(name="民政局")


@shared
def leader(department):
    user = UserFactory(username="leader")
    ContactPerson.objects.create(department=department, role=ContactRole.LEADER, name="分管领导", user=user)
    return user


@shared
def head_of_legal_affairs():
    user = UserFactory(username="head")
    ReviewOffice.objects.filter(office=LEGAL).update(leader=user)
    return user


@shared
def item(department, leader, head_of_legal_affairs):
    """Before the offices, long overdue; with a published guide beside it whose check is overdue, too, a milestone
    and a month that nobody has reported on."""
    editor = UserFactory(groups=[department.editors])
    reviewer(LEGAL)
    publish(complete_item(department, title="离婚登记"))
    item = complete_item(department, title="结婚登记")
    sign_off(item.save_revision(user=editor).as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(item, editor)
    past = timezone.localdate() - timedelta(days=60)
    OfficeReview.objects.update(due_on=past)
    GuideCheck.objects.update(due_on=past)
    milestone(department, due_on=past)
    period(department, first=past, last=past)
    return item


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("username", ["leader", "head"])
def test_every_link_of_an_escalation_leads_to_a_page(item, username):
    """On a working day, all of what is overdue is told of above."""
    scan.run(scan_day())
    person = User.objects.get(username=username)
    notices = person.notices.all()
    assert notices.filter(kind=Notice.Kind.ESCALATED).exists()
    for notice in notices:
        response = client_of(person).get(notice.url, follow=True)
        assert response.status_code == 200, notice.subject
        assert response.request["PATH_INFO"] != "/admin/", notice.subject


def scan_day():
    day, calendar = timezone.localdate(), working_calendar()
    while not calendar.works(day):
        day += timedelta(days=1)
    return day


def test_the_record_stands_in_for_the_sheet(item, head_of_legal_affairs):
    review = OfficeReview.objects.get(signatory=LEGAL, submission__outcome="")
    response = client_of(head_of_legal_affairs).get(reverse("review_sheet", args=[review.pk]), follow=True)
    assert response.redirect_chain == [(reverse("review_record", args=[item.pk]), 302)]
    assert item.title in response.content.decode()


def test_they_choose_their_mails_and_have_a_calendar(leader):
    client = client_of(leader)
    assert client.get("/admin/").status_code == 200
    assert client.get(reverse("reminders"), follow=True).status_code == 200
    assert client.post(reverse("renew_calendar_link")).status_code == 302
    assert CalendarLink.objects.filter(person=leader).exists()


def test_nothing_else_is_open_to_them(item, leader, head_of_legal_affairs):
    other = complete_item(DepartmentFactory(name="公安局"), title="户口迁移")
    other.save_revision()
    for person in (leader, head_of_legal_affairs):
        client = client_of(person)
        assert not person.has_perm("servicepages.change_department")
        for address in (
            reverse("review_record", args=[other.pk]),
            reverse("wagtailadmin_pages:edit", args=[other.pk]),
            reverse("wagtailadmin_pages:edit", args=[item.pk]),
            reverse("check_guide", args=[other.pk]),
            "/admin/users/",
            "/admin/reports/board/",
        ):
            response = client.get(address)
            assert response.status_code in (302, 403, 404), address
            assert other.title not in response.content.decode(), address


def test_the_door_is_closed_to_those_without_a_post(db, department):
    nobody, gone = UserFactory(), UserFactory(is_active=False)
    ContactPerson.objects.create(department=department, role=ContactRole.LIAISON, name="甲", user=gone)
    assert not nobody.has_perm("wagtailadmin.access_admin")
    assert not gone.has_perm("wagtailadmin.access_admin")
    assert client_of(nobody).get("/admin/").status_code == 302


def test_a_deputy_whose_days_are_over_reads_what_became_of_the_decisions(item):
    deputy, past = UserFactory(), timezone.localdate() - timedelta(days=9)
    ReviewOffice.objects.filter(office=LEGAL).update(deputy=deputy, deputy_from=past, deputy_until=past)
    record = reverse("review_record", args=[item.pk])
    assert client_of(deputy).get(record).status_code == 302, "nothing of it is theirs"
    Decision.objects.create(
        page_id=item.pk,
        signatory=LEGAL,
        person=deputy,
        kind=Decision.Kind.CHANGES_REQUESTED,
        digest="0" * 64,
        content={"version": 1, "fields": {}},
        content_version=1,
    )
    assert client_of(deputy).get(reverse("item_or_record", args=[item.pk])).url == record
    assert client_of(deputy).get(record).status_code == 200
