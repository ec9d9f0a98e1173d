"""Working days, against the State Council's notices of the holidays of each year; and what is due by them."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext

from reviewflow.deadlines import Deadline, WorkingCalendar, known_until, working_calendar
from reviewflow.models import CalendarException, DepartmentLegalTask, OfficeReview, ReviewRound
from reviewflow.signatories import Signatory
from reviewflow.site_setup import set_up_site
from reviewflow.submission import submit
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer
from tests.shared import shared

# 国办发明电〔2017〕12号, 〔2022〕16号, 〔2024〕12号 and 〔2025〕7号: {day: whether it is worked}.
OFFICIAL = {
    # Labour Day 2018: Saturday the 28th is worked for Monday the 30th.
    "2018-04-28": True,
    "2018-04-29": False,
    "2018-04-30": False,
    "2018-05-01": False,
    "2018-05-02": True,
    # National Day 2018
    "2018-09-28": True,
    "2018-09-29": True,
    "2018-09-30": True,
    "2018-10-01": False,
    "2018-10-05": False,
    "2018-10-07": False,
    "2018-10-08": True,
    # National Day and Mid-Autumn 2025
    "2025-09-27": False,
    "2025-09-28": True,
    "2025-10-01": False,
    "2025-10-08": False,
    "2025-10-09": True,
    "2025-10-11": True,
    "2025-10-12": False,
    # New Year, and the eve of the Spring Festival: worked in 2024, a holiday since 2025
    "2024-02-09": True,
    "2025-01-28": False,
    "2025-12-31": True,
    "2026-01-01": False,
    "2026-01-02": False,
    "2026-01-04": True,
}
KNOWN_AHEAD = WorkingCalendar({})
UNKNOWN = known_until() + 1


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(("text", "works"), OFFICIAL.items())
def test_the_official_calendar(text, works):
    assert KNOWN_AHEAD.works(day(text)) is works


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2018-04-27", 1, "2018-04-28"),
        ("2018-04-27", 2, "2018-05-02"),
        ("2018-04-28", 1, "2018-05-02"),
        ("2018-09-28", 3, "2018-10-08"),
        ("2018-10-03", 1, "2018-10-08"),
        ("2025-09-26", 1, "2025-09-28"),
        ("2025-09-28", 3, "2025-10-09"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2025-12-31", 0, "2025-12-31"),
    ],
)
def test_counting_begins_on_the_next_working_day(start, days, due):
    assert KNOWN_AHEAD.after(day(start), days) == Deadline(day(due), is_provisional=False)


@pytest.mark.parametrize(
    ("due", "days", "earlier"),
    [("2018-05-02", 1, "2018-04-28"), ("2018-10-08", 2, "2018-09-29"), ("2025-10-09", 0, "2025-10-09")],
)
def test_some_working_days_before(due, days, earlier):
    assert KNOWN_AHEAD.before(day(due), days) == day(earlier)


def test_until_counts_both_ways():
    assert KNOWN_AHEAD.until(day("2018-05-02"), today=day("2018-04-27")) == 2
    assert KNOWN_AHEAD.until(day("2018-04-27"), today=day("2018-05-02")) == -2
    assert KNOWN_AHEAD.until(day("2018-05-01"), today=day("2018-05-01")) == 0
    assert KNOWN_AHEAD.until(day("2018-04-30"), today=day("2018-05-01")) == 0


def test_a_year_that_is_not_known_is_counted_by_week_days_and_said_to_be_provisional():
    eve = date(UNKNOWN - 1, 12, 31)
    due, provisional = KNOWN_AHEAD.after(eve, 5)
    assert provisional
    counted = [eve + timedelta(days=each) for each in range(1, (due - eve).days + 1)]
    assert sum(each.weekday() < 5 for each in counted) == 5
    assert not KNOWN_AHEAD.after(date(UNKNOWN - 1, 3, 2), 5).is_provisional


def test_an_exception_goes_before_the_official_calendar():
    calendar = WorkingCalendar({day("2018-05-02"): False, day("2018-04-29"): True})
    assert calendar.after(day("2018-04-28"), 2).day == day("2018-05-03")


def test_no_deadline_lies_behind():
    with pytest.raises(ValueError, match="ahead"):
        KNOWN_AHEAD.after(day("2018-04-28"), -1)


@shared
def department():
    return DepartmentFactory()


@shared
def submitted(department):
    """The department's legal officer is asked since today."""
    editor = UserFactory(groups=[department.editors])
    item = complete_item(department)
    item.save_revision(user=editor, log_action=True)
    submit(item, editor)
    return OfficeReview.objects.get()


@shared
def coordination():
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Coordination")]))
    return client


def days_to_check():
    return DepartmentLegalTask.objects.get().working_days


def test_what_is_asked_is_due_in_working_days_from_today(submitted):
    expected = working_calendar().after(timezone.localdate(), days_to_check())
    assert (submitted.due_on, submitted.due_is_provisional) == expected


def enter(client, **values):
    return client.post("/admin/reviewflow/calendarexception/create/", values)


def test_coordination_enters_a_day_off_and_what_waits_is_due_later(submitted, coordination):
    response = enter(coordination, date=submitted.due_on.isoformat(), reason="市政府放假通知")
    assert response.status_code == 302
    later = OfficeReview.objects.get()
    assert working_calendar().until(later.due_on, today=submitted.due_on) == 1
    CalendarException.objects.get().delete()
    assert OfficeReview.objects.get().due_on == submitted.due_on


def test_what_was_decided_keeps_the_day_it_was_due(submitted):
    OfficeReview.objects.update(status=OfficeReview.Status.SIGNED)
    CalendarException.objects.create(date=submitted.due_on, works=False, reason="放假")
    assert OfficeReview.objects.get().due_on == submitted.due_on


def test_a_day_is_entered_once(submitted, coordination):
    for expected in (302, 200):
        response = enter(coordination, date="2027-02-05", works="on", reason="调休上班")
        assert response.status_code == expected
    assert "调休上班" in response.content.decode(), "what was typed is still there"


@pytest.mark.parametrize("group", ["Editorial", "Legal Affairs", "General Office"])
def test_nobody_else_enters_days(group, db):
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name=group)]))
    enter(client, date="2027-02-05", reason="放假")
    assert not CalendarException.objects.exists()


def test_the_form_says_how_far_the_calendar_is_known(coordination):
    assert (
        str(known_until()) in coordination.get("/admin/reviewflow/calendarexception/create/").content.decode()
    )


def test_a_round_that_closes_earlier_is_the_limit(submitted, department):
    today = timezone.localdate()
    review_round = ReviewRound(name="一", opens_on=today, closes_on=today + timedelta(days=60))
    review_round.departments = [department]
    review_round.save()
    submitted.submission.round = review_round
    submitted.submission.save()
    for closes_on in (today, today + timedelta(days=60)):
        review_round.closes_on = closes_on
        review_round.save()
        assert OfficeReview.objects.get().due_on == min(closes_on, submitted.due_on)


@pytest.fixture
def provisional(submitted, monkeypatch):
    """The official calendar is not known."""
    monkeypatch.setattr("reviewflow.deadlines._official", lambda day: None)
    set_up_site()
    return OfficeReview.objects.get()


def test_provisional_dates_say_so_wherever_they_are_shown(provisional, department, coordination):
    assert provisional.due_is_provisional
    client = Client()
    client.force_login(reviewer(Signatory.DEPARTMENT_LEGAL, department))
    addresses = [reverse("review_queue"), reverse("review_sheet", args=[provisional.pk]), "/admin/"]
    for address in addresses:
        assert "review-due__provisional" in client.get(address).content.decode(), address
    day = formats.date_format(provisional.due_on, "SHORT_DATE_FORMAT")
    said = gettext("%(date)s (provisional)") % {"date": day}
    assert said in coordination.get(reverse("round_report")).content.decode()


def test_a_date_is_counted_anew_when_the_calendar_is_known(provisional, submitted, monkeypatch):
    monkeypatch.undo()
    set_up_site()
    review = OfficeReview.objects.get()
    assert not review.due_is_provisional
    assert review.due_on == working_calendar().after(timezone.localdate(), days_to_check()).day
