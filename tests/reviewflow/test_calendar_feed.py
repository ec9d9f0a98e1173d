"""The calendar of a person: their open deadlines, nobody else's, at an address that can be renewed."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reviewflow.account import address_of
from reviewflow.alerts.open_deadlines import OpenDeadlines, deadlines_of
from reviewflow.alerts.recipients import Recipients
from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import CalendarLink, GuideCheck, MilestoneDone, OfficeReview, ReviewOffice, Submission
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ContactPerson, User
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer
from tests.reviewflow.campaign_plan import milestone, period
from tests.servicepages.public_pages.planted import Planted
from tests.shared import shared

pytestmark = pytest.mark.django_db

LEGAL, CHECK = Signatory.LEGAL_AFFAIRS, Signatory.DEPARTMENT_LEGAL
TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=5)


@shared
def department():
    department = DepartmentFactory(name="民政局")
    for role in (ContactRole.LEADER, ContactRole.LIAISON):
        user = UserFactory(username=f"department-{role}")
        ContactPerson.objects.create(department=department, role=role, name=role, user=user)
    return department


@shared
def people(department):
    """Each by the user name; "stranger" is of another department, and owes nothing."""
    other = DepartmentFactory(name="公安局")
    people = {
        "editor": UserFactory(username="editor", groups=[department.editors]),
        "colleague": UserFactory(username="colleague", groups=[department.editors]),
        "officer": reviewer(CHECK, department, username="officer"),
        "member": reviewer(LEGAL, username="member"),
        "seconded": reviewer(LEGAL, username="seconded", home_department=department),
        "gone": reviewer(LEGAL, username="gone", is_active=False),
        "deputy": UserFactory(username="deputy"),
        "leader": UserFactory(username="leader"),
        "coordinator": UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")]),
        "stranger": UserFactory(username="stranger", groups=[other.editors, other.legal_officers]),
    }
    ReviewOffice.objects.filter(office=LEGAL).update(
        leader=people["leader"], deputy=people["deputy"], deputy_from=TODAY, deputy_until=TODAY
    )
    return people


def submitted(department, people, title):
    item = complete_item(department, title=title)
    item.save_revision(user=people["editor"], log_action=True)
    submit(item, people["editor"])
    return OfficeReview.objects.get(submission__page=item.pk, signatory=CHECK)


@shared
def before_legal_affairs(department, people):
    check = submitted(department, people, "收养登记")
    sign(check, people["officer"], seen=check.digest)
    OfficeReview.objects.filter(submission=check.submission).update(due_on=SOON)
    return OfficeReview.objects.get(submission=check.submission, signatory=LEGAL)


@shared
def of_every_kind(department, people, before_legal_affairs):
    """{what it is: its day} of a deadline of each kind, all of one department."""
    check = submitted(department, people, "婚姻登记")
    OfficeReview.objects.filter(pk=check.pk).update(due_on=SOON + timedelta(days=1))
    returned = submitted(department, people, "社会团体登记")
    remarks = [NewRemark("approval_steps", "请补充。")]
    request_changes(returned, people["officer"], seen=returned.digest, remarks=remarks, at_once=True)
    Submission.objects.filter(pk=returned.submission_id).update(correct_by=SOON + timedelta(days=2))
    publish(complete_item(department, title="殡葬服务"))
    GuideCheck.objects.update(due_on=SOON + timedelta(days=3))
    milestone(department, due_on=SOON + timedelta(days=4), title="动员培训")
    period(department, first=TODAY, last=TODAY)


def link_of(person):
    return reverse("calendar_feed", args=[CalendarLink.renew(person).token])


def read(person):
    """The calendar as a program reads it."""
    response = Client().get(link_of(person))
    assert response.status_code == 200
    return icalendar.Calendar.from_ical(response.content)


def days(person):
    """{what stands at the day: the day}"""
    return {str(event["SUMMARY"]): event.start for event in read(person).events}


def containing(found, *words):
    [day] = [day for summary, day in found.items() if all(word in summary for word in words)]
    return day


# What is in it


def test_each_person_finds_their_own_deadlines_on_their_days(of_every_kind, people):
    editor, officer, member = (days(people[name]) for name in ("editor", "officer", "member"))
    assert (len(editor), len(officer), len(member)) == (4, 1, 1)
    assert containing(member, "法制办", "收养登记") == SOON
    assert containing(officer, "婚姻登记") == SOON + timedelta(days=1)
    assert containing(editor, "社会团体登记") == SOON + timedelta(days=2)
    assert containing(editor, "殡葬服务") == SOON + timedelta(days=3)
    assert containing(editor, "动员培训", "民政局") == SOON + timedelta(days=4)
    assert containing(editor, f"{TODAY:%Y}年{TODAY.month}月", "民政局").month == TODAY.month


def test_it_names_the_same_people_as_the_daily_scan(of_every_kind, people):
    """Every deadline and everybody, deputies, seconded people and contact people included."""
    open_today = OpenDeadlines(TODAY, Recipients(TODAY))
    everything = [
        *open_today.reviews(~Q(due_on=None)),
        *open_today.corrections(Q()),
        *open_today.checks(Q()),
        *open_today.milestones(),
        *open_today.reports(),
    ]
    told = {(person.pk, each.about, each.due_on, each.url) for each in everything for person in each.people}
    assert len({about for _person, about, *_rest in told}) == 6, "one of each, or this shows nothing"
    far = TODAY + timedelta(days=400)
    in_the_feed = {
        (person.pk, each.about, each.due_on, each.url)
        for person in User.objects.all()
        for each in deadlines_of(person, TODAY, far)
    }
    assert in_the_feed == told
    without = {people[name].pk for name in ("seconded", "gone", "leader", "coordinator", "stranger")}
    assert not without & {person for person, *_rest in told}
    assert people["deputy"].pk in {person for person, *_rest in told}


def test_who_has_no_deadlines_has_an_empty_calendar(of_every_kind, people):
    assert read(people["stranger"]).events == []
    assert read(people["stranger"]).calendar_name


def test_an_event_is_a_whole_day_that_takes_nobodys_time(before_legal_affairs, people, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://guides.example.org"
    calendar = read(people["member"])
    [event] = calendar.events
    assert (event.start, event.end) == (SOON, SOON + timedelta(days=1))
    assert event["UID"] == f"review-{before_legal_affairs.pk}@guides.example.org"
    sheet = f"https://guides.example.org{reverse('review_sheet', args=[before_legal_affairs.pk])}"
    assert (event["URL"], event["DESCRIPTION"]) == (sheet, sheet)
    assert event["TRANSP"] == "TRANSPARENT"
    assert not event.walk("VALARM")
    assert calendar.refresh_interval == timedelta(hours=1)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in calendar.to_ical()  # RFC 7986 has no default for it
    assert calendar["METHOD"] == "PUBLISH"
    assert timezone.now() - event.DTSTAMP < timedelta(minutes=5)


def test_what_is_done_disappears(of_every_kind, before_legal_affairs, people, department):
    sign(before_legal_affairs, people["member"], seen=before_legal_affairs.digest)
    assert days(people["member"]) == {}
    assert any("动员培训" in summary for summary in days(people["colleague"]))
    MilestoneDone.objects.create(
        milestone=department.milestones.get(), department=department, done_by=people["editor"]
    )
    assert not any("动员培训" in summary for summary in days(people["colleague"]))


def test_overdue_and_provisional_ones_say_so_on_their_day(before_legal_affairs, people):
    [plain] = days(people["member"])
    yesterday = TODAY - timedelta(days=1)
    OfficeReview.objects.filter(pk=before_legal_affairs.pk).update(due_on=yesterday, due_is_provisional=True)
    with translation.override("zh-hans"):
        words = _("%(what)s (provisional date)") % {"what": plain}
        words = _("Overdue: %(what)s") % {"what": words}
    assert words != plain
    assert days(people["member"]) == {words: yesterday}


def test_what_lies_far_ahead_is_not_in_it(of_every_kind, people):
    GuideCheck.objects.update(due_on=TODAY + timedelta(days=183))
    assert any("殡葬服务" in summary for summary in days(people["colleague"]))
    GuideCheck.objects.update(due_on=TODAY + timedelta(days=184))
    assert not any("殡葬服务" in summary for summary in days(people["colleague"]))


def test_too_many_for_a_calendar_are_counted(of_every_kind, people, monkeypatch):
    everything = [event.start for event in read(people["editor"]).events]
    monkeypatch.setattr("reviewflow.alerts.calendar_feed.AT_MOST", 2)
    shown = read(people["editor"]).events
    assert [event.start for event in shown] == sorted(everything)[:3]
    assert "2" in shown[-1]["SUMMARY"]


def test_it_is_in_the_sites_language_whatever_the_program_asks_for(before_legal_affairs, people):
    response = Client(headers={"Accept-Language": "en"}).get(link_of(people["member"]))
    assert "法制办" in str(icalendar.Calendar.from_ical(response.content).events[0]["SUMMARY"])


def test_long_chinese_lines_are_folded_between_characters(before_legal_affairs, people):
    title = "关于" + "社会团体成立、变更、注销登记及备案，" * 6 + "的审批; a, b\\c"
    Submission.objects.update(title=title)
    content = Client().get(link_of(people["member"])).content
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # a program that shows a line before it unfolds them shows characters
    [event] = icalendar.Calendar.from_ical(content).events
    assert title in event["SUMMARY"]


def test_queries_do_not_grow_with_the_deadlines(of_every_kind, department, people):
    def queries():
        address = link_of(people["officer"])
        with CaptureQueriesContext(connection) as asked:
            Client().get(address)
        return len(asked)

    few = queries()
    for number in range(3):
        submitted(department, people, f"事项{number}")
    assert len(days(people["officer"])) == 4
    assert queries() == few


# What is not in it


def test_no_internal_value_of_an_item_is_in_it(people):
    planted = Planted()
    item, department = planted.item, planted.department
    submission = Submission.objects.create(page=item, title=item.title, revision=item.get_latest_revision())
    office = ReviewOffice.objects.get(office=LEGAL, region=None)
    OfficeReview.objects.create(submission=submission, signatory=LEGAL, office=office, due_on=SOON)
    GuideCheck.objects.update(due_on=SOON)
    milestone(department)
    period(department)
    editor = UserFactory(groups=[department.editors])
    internal = [
        *planted.of_fields(public=False),
        ("contacts.name", "zcontactname"),
        ("contacts.mobile", "zcontactmobile"),
    ]
    for person, count in ((editor, 2), (people["member"], 1)):
        response = Client().get(link_of(person))
        calendar = icalendar.Calendar.from_ical(response.content)
        assert len(calendar.events) >= count
        said = "".join(str(value) for _name, value in calendar.property_items()) + str(response.headers)
        assert item.title in said
        assert [path for path, text in internal if text in said] == []


# The secret


def test_a_renewed_link_leads_nowhere(people):
    first = link_of(people["member"])
    assert Client().get(first).status_code == 200
    second = link_of(people["member"])
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    CalendarLink.objects.all().delete()
    assert Client().get(second).status_code == 404


def test_nor_does_that_of_a_person_who_is_deactivated(people):
    address = link_of(people["member"])
    people["member"].is_active = False
    people["member"].save()
    assert Client().get(address).status_code == 404


def test_who_has_the_database_alone_has_no_link(people, settings):
    link = CalendarLink.renew(people["member"])
    address = reverse("calendar_feed", args=[link.token])
    stored = {str(getattr(link, field.attname)) for field in CalendarLink._meta.fields}
    assert link.token not in stored
    key, signature = link.token.split(".")
    for token in (key, f"{key}.", f"{key}.{signature[::-1]}", f"{key}x.{signature}", "x"):
        assert Client().get(f"/calendar/{token}.ics").status_code == 404
    settings.SECRET_KEY = "that of somebody else"
    assert Client().get(address).status_code == 404


def test_one_persons_link_is_not_anothers(people):
    assert link_of(people["member"]) != link_of(people["officer"])
    assert len(CalendarLink.objects.get(person=people["member"]).token.split(".")[1]) == 43, "256 bits"


def test_it_is_kept_by_nobody_on_the_way(people):
    response = Client().get(link_of(people["member"]))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies


def test_reading_it_again_brings_nothing_where_nothing_changed(before_legal_affairs, people):
    client, address = Client(), link_of(people["member"])
    first = client.get(address)
    lines = [line for line in first.content.split(b"\r\n") if not line.startswith(b"DTSTAMP")]
    second = client.get(address).content.split(b"\r\n")
    assert lines == [line for line in second if not line.startswith(b"DTSTAMP")]
    etag = first["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    OfficeReview.objects.filter(pk=before_legal_affairs.pk).update(due_on=SOON + timedelta(days=1))
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_it_is_only_read(people):
    address = link_of(people["member"])
    assert Client().head(address).status_code == 200
    assert Client().post(address).status_code == 405


# Making it, in the account


@pytest.fixture
def signed_in(people):
    client = Client()
    client.force_login(people["editor"])
    return client


def account_of(client):
    return client.get(reverse("wagtailadmin_account")).content.decode()


def test_a_person_makes_renews_and_removes_the_link(signed_in, people):
    renew, remove = reverse("renew_calendar_link"), reverse("remove_calendar_link")
    assert renew in account_of(signed_in)
    for address in (renew, remove):
        signed_in.get(address)
    assert not CalendarLink.objects.exists(), "looking at a page makes nothing"

    assert signed_in.post(renew).url == reverse("reminders")
    first = CalendarLink.objects.get(person=people["editor"])
    assert address_of(first) in account_of(signed_in), "and it can be seen again"
    for address in (renew, remove):
        signed_in.get(address)
    assert CalendarLink.objects.get().key == first.key
    signed_in.post(renew)
    assert CalendarLink.objects.get().key != first.key
    signed_in.post(remove)
    assert not CalendarLink.objects.exists()


def test_nobody_sees_the_link_of_somebody_else(signed_in, people):
    link = CalendarLink.renew(people["colleague"])
    assert link.key not in account_of(signed_in)
    signed_in.post(reverse("remove_calendar_link"))
    assert CalendarLink.objects.filter(pk=link.pk).exists()


def test_the_account_of_a_link_says_since_when(signed_in, people):
    link = CalendarLink.renew(people["editor"])
    CalendarLink.objects.filter(pk=link.pk).update(made_at=datetime(2026, 3, 4, 4, tzinfo=UTC))
    assert "2026-03-04 12:00" in account_of(signed_in)
