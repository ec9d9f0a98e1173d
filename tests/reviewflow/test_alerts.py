"""The daily scan: who is told of which deadline on which day, against tables written down by hand."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewflow.alerts import digest, open_deadlines, scan
from reviewflow.alerts.digest import gather_digests
from reviewflow.alerts.rules import Alert, Urgency
from reviewflow.deadlines import working_calendar
from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import (
    CalendarException,
    GuideCheck,
    Milestone,
    MilestoneDone,
    OfficeReview,
    ReviewOffice,
    Submission,
)
from reviewflow.models.alerts import AlertSettings, Scan
from reviewflow.models.messages import Mail, Notice
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ContactPerson, User
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer
from tests.reviewflow.campaign_plan import milestone, period
from tests.shared import shared

LEGAL = Signatory.LEGAL_AFFAIRS


def day(text):
    return date.fromisoformat(text)


@shared
def department():
    department = DepartmentFactory(name="民政局")
    for role in (ContactRole.LEADER, ContactRole.LIAISON):
        user = UserFactory(username=f"department-{role}")
        ContactPerson.objects.create(department=department, role=role, name=role, user=user)
    return department


@shared
def people(department):
    """Each by the user name under which the tables below name them."""
    people = {
        "editor": UserFactory(username="editor", groups=[department.editors]),
        "officer": reviewer(Signatory.DEPARTMENT_LEGAL, department, username="officer"),
        "member": reviewer(LEGAL, username="member"),
        "seconded": reviewer(LEGAL, username="seconded", home_department=department),
        "leader": UserFactory(username="leader"),
        "coordinator": UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")]),
    }
    ReviewOffice.objects.filter(office=LEGAL).update(leader=people["leader"])
    return people


@shared
def before_legal_affairs(department, people):
    """An item of which Legal Affairs has not decided, due on Tuesday 30 September 2025; from then on people are
    off until the 9th of October, and work on Sunday the 28th and on Saturday the 11th."""
    item = submitted(department, people)
    check = OfficeReview.objects.get()
    sign(check, people["officer"], seen=check.digest)
    OfficeReview.objects.exclude(signatory=LEGAL).update(due_on=None)
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=day("2025-09-30"))
    Notice.objects.all().delete()
    return item


def submitted(department, people, **fields):
    item = complete_item(department, **fields)
    item.save_revision(user=people["editor"], log_action=True)
    submit(item, people["editor"])
    return item


def told(first, last):
    """{day: {(user name, urgency)}} of each day on which somebody is told something, scanned day by day."""
    Notice.objects.all().delete()
    Scan.objects.all().delete()
    last_scan(first - timedelta(days=1))
    for offset in range((last - first).days + 1):
        scan.run(first + timedelta(days=offset))
    found = defaultdict(set)
    for notice in Notice.objects.filter(day__range=(first, last)).select_related("person"):
        found[str(notice.day)].add((notice.person.get_username(), Urgency(notice.urgency).name))
    return found


def last_scan(on):
    Scan.objects.create(day=on, finished_at=timezone.now())


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


# The scan itself

START = day("2025-09-28")


def test_scanning_a_day_again_owes_nothing_twice(before_legal_affairs):
    scan.run(START)
    assert Notice.objects.count() == 1
    Scan.objects.update(finished_at=None)
    scan.run(START)
    assert Notice.objects.count() == 1
    assert Mail.objects.count() == 1


def test_days_that_were_missed_are_caught_up_in_one_digest(before_legal_affairs, people):
    last_scan(day("2025-10-09"))
    assert scan.run(day("2025-10-13")) == [day(f"2025-10-{each}") for each in (10, 11, 12, 13)]
    assert [notice.day.day for notice in people["member"].notices.order_by("day")] == [10, 11, 13]
    mail = people["member"].mails.get()
    assert mail.text.count("/admin/review/") == 1, "the deadline, once"
    assert people["leader"].notices.filter(day=day("2025-10-10")).exists(), "nothing skipped"


def test_a_scan_that_catches_up_says_how_things_stand_now(before_legal_affairs, people):
    """Due on Tuesday 30 September; the machine is off from that day on, until the 9th of October, the first day
    overdue."""
    last_scan(day("2025-09-29"))
    scan.run(day("2025-10-09"))
    notices = people["member"].notices.all()
    assert {(notice.day, notice.urgency, notice.immediate) for notice in notices} == {
        (day(each), Urgency.OVERDUE, False) for each in ("2025-09-30", "2025-10-09")
    }
    assert len({notice.subject for notice in notices}) == 1
    mail = people["member"].mails.get()
    assert mail.text.count(before_legal_affairs.title) == 1
    assert str(Urgency.TODAY.label) not in mail.text


def test_what_was_done_while_the_machine_was_off_is_not_told(owing, department):
    last_scan(day("2025-09-29"))
    done_at = datetime(2025, 10, 4, tzinfo=UTC)
    MilestoneDone.objects.create(
        milestone=Milestone.objects.get(), department=department, done_by=owing, done_at=done_at
    )
    scan.run(day("2025-10-10"))
    assert not owing.notices.exists()


def test_a_reminder_finds_its_way_over_the_longest_holiday(before_legal_affairs):
    """As in 2020, when the holiday of spring was made longer; the working day before it is the last one ahead."""
    for number in range(1, 22):
        CalendarException.objects.update_or_create(
            date=day(f"2025-10-{number:02}"), defaults={"works": False, "reason": "市政府通知"}
        )
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=day("2025-10-23"))
    found = told(day("2025-09-25"), day("2025-10-23"))
    assert found == {"2025-09-30": {("member", "SOON")}, "2025-10-23": {("member", "TODAY")}}


def test_a_day_to_come_that_was_scanned_by_a_wrong_clock_stops_nothing(before_legal_affairs):
    last_scan(day("2036-01-01"))
    assert scan.run(START) == [START]
    assert scan.run(day("2025-09-29")) == [day("2025-09-29")]


@pytest.mark.django_db(transaction=True)
def test_the_scan_goes_on_while_others_write(before_legal_affairs, department, people, monkeypatch):
    """A request or the worker's heartbeat commits between the reading of what is due and the writing of it."""
    for number in range(3):
        submitted(department, people, title=f"事项{number}", serial_number=f"9{number}")
    OfficeReview.objects.filter(status=OfficeReview.Status.WAITING).update(due_on=START)
    monkeypatch.setattr(scan, "AT_A_TIME", 1)
    monkeypatch.setattr(open_deadlines, "READ_AT_ONCE", 2)
    write, written = scan._write, []

    def elsewhere():
        User.objects.filter(pk=people["leader"].pk).update(first_name=f"明{len(written)}")
        connection.close()

    def write_after_another(*args):
        other = Thread(target=elsewhere)
        other.start()
        other.join()
        written.append(args)
        return write(*args)

    monkeypatch.setattr(scan, "_write", write_after_another)
    assert scan.run(START) == [START]
    assert len(written) == 4
    assert Notice.objects.filter(kind=Notice.Kind.REVIEW_DUE).values("about").distinct().count() == 4


def test_the_first_day_overdue_is_told_at_once(before_legal_affairs, people):
    scan.run(day("2025-10-09"))
    assert people["member"].notices.get().immediate
    assert not people["member"].mails.exclude(digest_on=None).exists()


def test_one_scan_at_a_time(before_legal_affairs):
    Scan.objects.create(day=START, claimed_until=timezone.now() + timedelta(minutes=5))
    assert scan.run(START) == []
    assert not Notice.objects.exists()
    Scan.objects.update(claimed_until=timezone.now() - timedelta(minutes=5))
    assert scan.run(START) == [START], "its worker is gone"


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


def test_a_dry_run_prints_and_writes_nothing(before_legal_affairs):
    out = StringIO()
    call_command("alerts", "--dry-run", "--on", "2025-10-10", stdout=out)
    assert "member\t" in out.getvalue()
    assert "leader\t" in out.getvalue()
    assert not Notice.objects.exists()
    assert not Scan.objects.exists()
    for wrong in (["--dry-run", "--on", "2025-13-40"], ["--on", "2025-10-10"]):
        with pytest.raises(CommandError):
            call_command("alerts", *wrong)


def test_queries_do_not_grow_with_what_is_due(before_legal_affairs, department, people):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(scan.alerts_of(day("2025-10-10")))
        return len(asked)

    def more(numbers):
        for number in numbers:
            submitted(department, people, title=f"事项{number}", serial_number=f"9{number}")
        checks = OfficeReview.objects.filter(signatory=Signatory.DEPARTMENT_LEGAL)
        checks.update(due_on=day("2025-10-09"))

    more([1])
    few = queries()
    more([2, 3, 4])
    assert queries() == few


def test_a_days_notices_are_written_in_one_statement(people, monkeypatch):
    told, url = frozenset(list(people.values())[:5]), "x" * 100
    alerts = [
        Alert(Notice.Kind.REVIEW_DUE, f"review:{number}", told, "审", url, Urgency.SOON)
        for number in range(scan.AT_A_TIME)
    ]
    monkeypatch.setattr(scan, "alerts_of", lambda *of: iter(alerts))
    with CaptureQueriesContext(connection) as asked:
        scan.run(START)
    assert Notice.objects.count() == scan.AT_A_TIME * len(told)
    assert sum(f'INTO "{Notice._meta.db_table}"' in query["sql"] for query in asked) == 1


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


# The campaign and the guides


@shared
def owing(department):
    """A milestone due on Tuesday 30 September 2025, which the editor of one department has not done."""
    editor = UserFactory(username="contact", groups=[department.editors])
    milestone(department, due_on=day("2025-09-30"))
    return editor


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


def test_a_reviewer_who_is_deactivated_is_told_of_once(people):
    for _again in range(2):
        people["member"].is_active = False
        people["member"].save()
    assert people["coordinator"].notices.filter(kind=Notice.Kind.DEACTIVATED).count() == 1


def test_so_are_people_who_are_deactivated_together(people, department, client):
    """Wagtail's list of people sets many inactive at once, without saving any of them."""
    administrator = UserFactory(is_superuser=True)
    client.force_login(administrator)
    chosen = "&".join(f"id={people[name].pk}" for name in ("member", "officer", "editor"))
    address = f"/admin/bulk/servicepages/user/set_active_state/?next=/admin/users/&{chosen}"
    assert client.post(address, {"mark_as_active": "False"}).status_code == 302
    assert not User.objects.filter(pk=people["member"].pk, is_active=True).exists()
    told = people["coordinator"].notices.filter(kind=Notice.Kind.DEACTIVATED)
    assert {notice.about.split(":")[1] for notice in told} == {
        str(people[name].pk) for name in ("member", "officer")
    }, "of an editor nothing is expected that others do not do"
    client.post(address, {"mark_as_active": "False"})
    client.post(address, {"mark_as_active": "True"})
    assert told.count() == 2


def test_the_department_hears_of_a_reviewer_who_comes_from_it(people):
    people["seconded"].is_active = False
    people["seconded"].save()
    assert people["editor"].notices.filter(kind=Notice.Kind.DEACTIVATED).exists()


def test_so_is_a_contact_person_to_the_department(department, people):
    liaison = User.objects.get(username=f"department-{ContactRole.LIAISON}")
    liaison.is_active = False
    liaison.save()
    told = Notice.objects.filter(kind=Notice.Kind.DEACTIVATED).values_list("person__username", flat=True)
    assert set(told) == {"coordinator", "editor"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("check_before", "999999999999"),
        ("milestone_before", "10,5000"),
        ("milestone_before", "ten"),
        ("leader_after", "30000"),
        ("leader_after", "0"),
        ("report_before", "-1"),
    ],
)
def test_days_that_no_scan_could_reckon_with_are_refused_and_stay_in_the_form(field, typed, people, client):
    settings = AlertSettings.load()
    sent = {each.name: getattr(settings, each.name) for each in AlertSettings._meta.fields} | {field: typed}
    client.force_login(people["coordinator"])
    answer = client.post(f"/admin/settings/reviewflow/alertsettings/{settings.pk}/", sent, follow=True)
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert f'value="{typed}"' in answer.content.decode()
    kept = AlertSettings.objects.get(pk=settings.pk)
    assert getattr(kept, field) == getattr(settings, field)
