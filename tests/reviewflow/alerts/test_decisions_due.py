"""Who is told of an office's decision, and of a correction, on which day: against tables written down by hand."""

from collections import Counter

from django.contrib.auth.models import Group
from django.utils import timezone

from reviewflow.alerts import scan
from reviewflow.deadlines import working_calendar
from reviewflow.deciding import NewRemark, request_changes
from reviewflow.models import CalendarException, OfficeReview, ReviewOffice, Submission
from reviewflow.models.alerts import AlertSettings
from reviewflow.models.messages import Notice
from reviewflow.submission import submit
from tests.factories import UserFactory
from tests.reviewflow.alerts.scanning import LEGAL, day, submitted, told


def test_a_decision_is_asked_for_on_these_days_and_no_others(before_legal_affairs):
    assert told(day("2025-09-15"), day("2025-10-16")) == {
        "2025-09-28": {("member", "SOON")},
        "2025-09-30": {("member", "TODAY")},
        "2025-10-09": {("member", "OVERDUE")},
        "2025-10-10": {("member", "OVERDUE"), ("leader", "OVERDUE")},
        "2025-10-11": {("member", "OVERDUE")},
        "2025-10-13": {("member", "OVERDUE")},
        "2025-10-14": {("member", "OVERDUE"), ("coordinator", "OVERDUE")},
        "2025-10-15": {("member", "OVERDUE")},
        "2025-10-16": {("member", "OVERDUE")},
    }


def test_a_leader_who_coordinates_hears_of_it_as_both(before_legal_affairs, people):
    people["leader"].groups.add(Group.objects.get(name="Coordination"))
    found = told(day("2025-10-09"), day("2025-10-16"))
    assert [each for each, whom in found.items() if ("leader", "OVERDUE") in whom] == [
        "2025-10-10",
        "2025-10-14",
    ]


def escalated():
    """{user name: how many escalations they were told of}"""
    return Counter(
        Notice.objects.filter(kind=Notice.Kind.ESCALATED).values_list("person__username", flat=True)
    )


def test_what_is_late_already_when_it_is_first_looked_at_is_told_of_above_once(before_legal_affairs):
    """The closing of a round was moved into the past, perhaps, or days became working days."""
    told(day("2025-10-20"), day("2025-10-31"))
    assert escalated() == {"leader": 1, "coordinator": 1}


def test_a_leader_who_is_named_later_is_told_then(before_legal_affairs, people):
    ReviewOffice.objects.filter(office=LEGAL).update(leader=None)
    told(day("2025-10-09"), day("2025-10-20"))
    assert escalated() == {"coordinator": 1}
    ReviewOffice.objects.filter(office=LEGAL).update(leader=people["leader"])
    for number in (21, 22):
        scan.run(day(f"2025-10-{number}"))
    assert escalated() == {"coordinator": 1, "leader": 1}


def test_what_was_put_off_is_told_of_above_again_when_it_is_late_again(before_legal_affairs):
    told(day("2025-10-09"), day("2025-10-15"))
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=day("2025-10-20"))
    for number in range(16, 32):
        scan.run(day(f"2025-10-{number}"))
    assert escalated() == {"leader": 2, "coordinator": 2}


def test_the_days_are_settings(before_legal_affairs):
    settings = AlertSettings.load()
    settings.review_before, settings.leader_after, settings.coordination_after = 3, 1, 2
    settings.save()
    found = told(day("2025-09-22"), day("2025-10-10"))
    assert found["2025-09-26"] == {("member", "SOON")}
    assert "2025-09-28" not in found
    assert ("leader", "OVERDUE") in found["2025-10-09"]
    assert ("coordinator", "OVERDUE") in found["2025-10-10"]


def test_a_deputy_is_told_during_the_absence_only(before_legal_affairs):
    deputy = UserFactory(username="deputy")
    ReviewOffice.objects.filter(office=LEGAL).update(
        deputy=deputy, deputy_from=day("2025-09-29"), deputy_until=day("2025-10-09")
    )
    found = told(day("2025-09-28"), day("2025-10-10"))
    assert {each for each, whom in found.items() if any(name == "deputy" for name, _ in whom)} == {
        "2025-09-30",
        "2025-10-09",
    }


def test_the_legal_check_of_a_department(department, people):
    submitted(department, people)
    OfficeReview.objects.update(due_on=day("2025-09-30"))
    found = told(day("2025-09-28"), day("2025-10-10"))
    assert found["2025-09-28"] == {("officer", "SOON")}
    assert found["2025-10-10"] == {("officer", "OVERDUE"), ("department-leader", "OVERDUE")}


def sent_back(people):
    review = OfficeReview.objects.get(signatory=LEGAL)
    remarks = [NewRemark("conditions", "请补充。")]
    request_changes(review, people["member"], seen=review.digest, remarks=remarks, at_once=True)
    return Submission.objects.get()


def test_a_returned_item_is_to_be_corrected_in_three_working_days(before_legal_affairs, people):
    submission = sent_back(people)
    assert submission.correct_by == working_calendar().after(timezone.localdate(), 3).day


def test_the_days_that_were_given_stay_whatever_the_settings_say_later(before_legal_affairs, people):
    submission = sent_back(people)
    settings = AlertSettings.load()
    settings.correction_days = 10
    settings.save()
    CalendarException.objects.create(date=day("2030-05-06"), works=False, reason="市政府通知")
    assert Submission.objects.get().correct_by == submission.correct_by


def test_a_correction_is_asked_for_on_these_days_and_no_others(before_legal_affairs, people):
    sent_back(people)
    Submission.objects.update(correct_by=day("2025-09-30"))
    both = {("editor", "SOON"), ("department-liaison", "SOON")}
    assert told(day("2025-09-15"), day("2025-10-10")) == {
        "2025-09-29": both,
        "2025-09-30": {(name, "TODAY") for name, _ in both},
        "2025-10-09": {(name, "OVERDUE") for name, _ in both},
        "2025-10-10": {*((name, "OVERDUE") for name, _ in both), ("department-leader", "OVERDUE")},
    }


def test_nobody_is_asked_to_correct_what_is_before_the_offices_again(before_legal_affairs, people):
    submission = sent_back(people)
    for remark in submission.remarks.all():
        remark.answer, remark.answered_at = "corrected", timezone.now()
        remark.save()
    submit(before_legal_affairs, people["editor"])
    assert not Submission.objects.exclude(correct_by=None).exists()


def test_nor_what_was_taken_out_of_the_review(before_legal_affairs, people):
    submission = sent_back(people)
    submission.workflow_state.cancel(user=people["editor"])
    assert not Submission.objects.exclude(correct_by=None).exists()
