"""Who is told of milestones, monthly reports and checks of guides, on which day: against tables written down by
hand."""

from datetime import UTC, datetime

from django.utils import timezone

from reviewflow.alerts import scan
from reviewflow.models import GuideCheck, Milestone, MilestoneDone
from tests.factories import UserFactory, complete_item, publish
from tests.reviewflow.alerts.scanning import day, told
from tests.reviewflow.campaign_plan import period
from tests.shared import shared


def test_a_milestone_is_reminded_of_three_times_then_at_once_and_weekly(owing):
    found = told(day("2025-09-01"), day("2025-10-21"))
    mine = {each: urgency for each, whom in found.items() for name, urgency in whom if name == "contact"}
    assert mine == {
        "2025-09-17": "SOON",  # ten working days before, of which the Sunday is one
        "2025-09-24": "SOON",
        "2025-09-28": "SOON",
        "2025-09-30": "TODAY",
        "2025-10-07": "OVERDUE",
        "2025-10-09": "OVERDUE",  # the first working day
        "2025-10-14": "OVERDUE",
        "2025-10-21": "OVERDUE",
    }
    leaders = [each for each, whom in found.items() if ("department-leader", "OVERDUE") in whom]
    assert "2025-10-10" in leaders, "two working days overdue"


def test_no_holiday_is_the_first_day_overdue(owing, department):
    """The one working day after the 29th was the 30th; the week ends on a holiday."""
    Milestone.objects.update(due_on=day("2025-09-29"))
    (alert,) = scan.alerts_of(day("2025-10-06"))
    assert not alert.immediate


def test_no_sentence_says_that_it_is_overdue_for_no_day(owing):
    weekly = [next(scan.alerts_of(day(each))).subject for each in ("2025-10-07", "2025-10-14")]
    assert "2025-09-30" in weekly[0]
    assert "0个" not in weekly[0]
    assert " 0 " not in weekly[0]
    assert "5" in weekly[1].replace("2025", "")


def test_a_milestone_that_is_done_is_not_spoken_of(owing, department):
    done_by = UserFactory()
    MilestoneDone.objects.filter(department=department).update(done_by=done_by, done_at=timezone.now())
    MilestoneDone.objects.get_or_create(
        milestone=Milestone.objects.get(),
        department=department,
        defaults={"done_by": done_by, "done_at": datetime(2025, 9, 1, tzinfo=UTC)},
    )
    assert told(day("2025-09-01"), day("2025-10-21")) == {}


def test_a_monthly_report_is_asked_for_at_the_end_of_its_month(department):
    UserFactory(username="contact", groups=[department.editors])
    period(department, first=day("2025-09-01"), last=day("2025-09-01"))
    found = told(day("2025-09-01"), day("2025-10-09"))
    assert {each: urgency for each, whom in found.items() for name, urgency in whom if name == "contact"} == {
        "2025-09-26": "SOON",  # Saturday the 27th is off, Sunday the 28th is worked
        "2025-09-30": "TODAY",
        "2025-10-09": "OVERDUE",
    }


@shared
def check(department):
    """Of a published guide, due on 30 September 2025."""
    UserFactory(username="contact", groups=[department.editors])
    publish(complete_item(department))
    GuideCheck.objects.update(due_on=day("2025-09-30"))
    return GuideCheck.objects.get()


def test_a_guide_is_to_be_checked_at_once_and_monthly_when_that_is_overdue(check):
    found = told(day("2025-08-25"), day("2025-11-30"))
    assert {each: urgency for each, whom in found.items() for name, urgency in whom if name == "contact"} == {
        "2025-08-31": "SOON",
        "2025-09-23": "SOON",
        "2025-10-09": "OVERDUE",  # the first working day
        "2025-10-30": "OVERDUE",
        "2025-11-30": "OVERDUE",
    }
