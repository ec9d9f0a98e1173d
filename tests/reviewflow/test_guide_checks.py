"""Published guides are checked again: in so many months, and when a law that they cite has changed."""

import csv
import io
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageLogEntry, Revision

from reviewflow import guide_checks
from reviewflow.alerts import scan
from reviewflow.canonical import signed_contents
from reviewflow.guide_checks import (
    months_later,
    open_for_law,
    open_missing,
    record_unchanged,
)
from reviewflow.models import CalendarException, CheckInterval, GuideCheck
from reviewflow.submission import submit
from reviewflow.taking_down import take_down
from servicepages import background
from servicepages.freshness import current_token
from servicepages.models import ContactPerson, Law, ServiceItemPage
from servicepages.vocabulary import ContactRole, ItemType, LawStatus
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    UserFactory,
    complete_item,
    publish,
    sign_off,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db
Reason, Outcome = GuideCheck.Reason, GuideCheck.Outcome
REPORT = "/admin/reports/guide-checks/"


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def law():
    return Law.objects.create(name="社会救助暂行办法", document_number="国务院令第649号")


@shared
def guide(department, law):
    return publish(complete_item(department, title="特困人员供养", legal_bases=citing(law)))


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@shared
def officer(department):
    return UserFactory(groups=[department.legal_officers])


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


@shared
def legal_affairs():
    return UserFactory(groups=[Group.objects.get(name="Legal Affairs")])


def citing(law):
    basis = {"law": law.name, "document_number": "", "article": "第十四条", "quotation": "", "link": ""}
    return [("legal_basis", {**basis, "entry": law})]


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def republished(item, **changes):
    item = fresh(item).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(item, name, value)
    return publish(item)


def amend(law, **changes):
    law = Law.objects.get(pk=law.pk)
    law.status, law.version_date = LawStatus.AMENDED, date(2026, 1, 1)
    for name, value in changes.items():
        setattr(law, name, value)
    law.save()
    return law


def checks_of(item, **conditions):
    return GuideCheck.objects.filter(page=item.pk, **conditions)


def open_of(item):
    return list(checks_of(item).open().order_by("pk"))


def check(item, user, note=""):
    record_unchanged(fresh(item), user, [each.pk for each in open_of(item)], note)


def at_noon(monkeypatch, day):
    moment = datetime(*day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(timezone, "now", lambda: moment)


def page_as_it_is(item):
    item = fresh(item)
    return (
        item.latest_revision_id,
        item.live_revision_id,
        item.last_published_at,
        item.latest_revision_created_at,
        item.has_unpublished_changes,
        {signatory: content.digest for signatory, content in signed_contents(item).items()},
        Revision.objects.count(),
        current_token(),
    )


# Months and intervals


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 3, 15), 12, date(2027, 3, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
    ],
)
def test_months_later(day, months, later):
    assert months_later(day, months) == later


def test_a_published_guide_is_checked_in_twelve_months(department, monkeypatch):
    at_noon(monkeypatch, (2026, 3, 15))
    item = publish(complete_item(department))
    [check] = open_of(item)
    assert (check.reason, check.due_on, check.law) == (Reason.PERIODIC, date(2027, 3, 15), None)
    assert check.revision == item.live_revision


def test_the_interval_of_its_type_is_kept_in_the_admin(department, coordinator, monkeypatch):
    client_of(coordinator).post(
        "/admin/reviewflow/checkinterval/create/", {"item_type": ItemType.LICENCE.value, "months": 6}
    )
    assert CheckInterval.objects.get().months == 6
    at_noon(monkeypatch, (2026, 3, 15))
    licence = publish(complete_item(department, item_type=ItemType.LICENCE))
    other = publish(complete_item(department, item_type=ItemType.PUBLIC_SERVICE))
    assert open_of(licence)[0].due_on == date(2026, 9, 15)
    assert open_of(other)[0].due_on == date(2027, 3, 15)


def test_a_draft_is_not_checked(department):
    assert open_of(complete_item(department)) == []


def test_a_revision_answers_the_check_and_begins_the_next(guide):
    [before] = open_of(guide)
    republished(guide, consultation_phone="0467-2000000")
    [after] = open_of(guide)
    before.refresh_from_db()
    assert before.outcome == Outcome.REVISED
    assert before.checked_at is not None
    assert after.pk != before.pk


def test_the_same_guide_again_leaves_one_check_and_no_revision_to_its_name(guide):
    republished(guide, filled_in_by="张三")
    assert len(open_of(guide)) == 1
    assert not checks_of(guide, outcome=Outcome.REVISED).exists()


def test_what_is_merely_scheduled_answers_nothing(guide):
    before = open_of(guide)
    later = fresh(guide).get_latest_revision_as_object()
    later.go_live_at = timezone.now() + timedelta(days=3)
    later.consultation_phone = "0467-2000000"
    scheduled = later.save_revision()
    sign_off(scheduled.as_object())
    scheduled.publish()
    assert open_of(guide) == before


def test_what_is_taken_down_has_nothing_to_check(guide, law, coordinator):
    amend(law)
    take_down(guide, coordinator, "有误")
    assert open_of(guide) == []
    assert set(checks_of(guide).values_list("outcome", flat=True)) == {Outcome.TAKEN_DOWN}


def test_there_is_one_open_periodic_check_of_a_guide(guide):
    with pytest.raises(IntegrityError), transaction.atomic():
        GuideCheck.objects.create(page=guide, reason=Reason.PERIODIC, due_on=date(2026, 1, 1))


# Guides from before


def test_guides_that_were_live_before_are_taken_up(department, monkeypatch):
    items = [publish(complete_item(department)) for _number in range(3)]
    complete_item(department)
    GuideCheck.objects.all().delete()
    monkeypatch.setattr(guide_checks, "CHUNK", 2)
    assert open_missing() == 3
    assert open_missing() == 0
    expected = months_later(timezone.localdate(items[0].last_published_at), 12)
    assert {each.due_on for item in items for each in open_of(item)} == {expected}


def test_what_is_years_old_is_due_after_the_first_notice(guide, editor):
    GuideCheck.objects.all().delete()
    ServiceItemPage.objects.filter(pk=guide.pk).update(last_published_at=timezone.now() - timedelta(days=900))
    open_missing()
    today = timezone.localdate()
    assert open_of(guide)[0].due_on == today + timedelta(days=31)
    assert not list(scan.alerts_of(today)), "which may be over"
    assert [alert.url for alert in scan.alerts_of(today + timedelta(days=1))]


def test_taking_up_many_takes_as_many_queries_as_there_are_chunks(department, monkeypatch):
    monkeypatch.setattr(guide_checks, "CHUNK", 50)
    counts = []
    for number in (1, 4):
        for _each in range(number):
            publish(complete_item(department))
        GuideCheck.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            open_missing()
        counts.append(len(queries))
    assert counts[0] == counts[1]


# A law changes


def test_an_amended_law_is_checked_within_ten_working_days(guide, law, monkeypatch):
    at_noon(monkeypatch, (2027, 3, 1))  # a year that the official calendar does not know: a Monday
    amended = amend(law)
    check = checks_of(guide, reason=Reason.LAW).get()
    assert (check.law, check.law_status, check.law_changed_at) == (law, "amended", amended.changed_at)
    assert (check.due_on, check.due_is_provisional) == (date(2027, 3, 15), True)
    assert "社会救助暂行办法" in check.reason_in_words
    entry = PageLogEntry.objects.get(page=guide.pk, action="reviewflow.law_changed")
    assert "社会救助暂行办法" in entry.formatter.format_message(entry)


def test_its_day_follows_the_calendar(guide, law, monkeypatch):
    at_noon(monkeypatch, (2027, 3, 1))
    amend(law)
    [periodic] = checks_of(guide, reason=Reason.PERIODIC)
    CalendarException.objects.create(date=date(2027, 3, 3), works=False, reason="市里放假")
    assert checks_of(guide, reason=Reason.LAW).get().due_on == date(2027, 3, 16)
    assert checks_of(guide, reason=Reason.PERIODIC).get().due_on == periodic.due_on


def test_only_live_guides_that_cite_it_are_checked(department, guide, law, coordinator):
    other = publish(complete_item(department))
    draft = complete_item(department, legal_bases=citing(law))
    gone = publish(complete_item(department, legal_bases=citing(law)))
    take_down(gone, coordinator, "有误")
    amend(law)
    asked = set(GuideCheck.objects.filter(reason=Reason.LAW).values_list("page", flat=True))
    assert asked == {guide.pk}
    assert not asked & {other.pk, draft.pk, gone.pk}


def test_one_change_is_asked_about_once(guide, law, editor):
    amended = amend(law)
    assert open_for_law(law.pk) == 0
    amend(law, note="同一次修改")
    check(guide, editor)
    assert open_for_law(law.pk) == 0
    assert open_missing() == 0
    assert checks_of(guide, reason=Reason.LAW).count() == 1
    amend(law, version_date=date(2026, 6, 1))
    assert checks_of(guide, reason=Reason.LAW).count() == 2
    assert Law.objects.get(pk=law.pk).changed_at > amended.changed_at


def test_a_law_that_is_corrected_in_force_asks_nobody(guide, law):
    amend(law, status=LawStatus.IN_FORCE)
    assert not checks_of(guide, reason=Reason.LAW).exists()


def test_no_check_without_the_change_and_no_change_without_the_check(guide, law, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(guide_checks, "working_calendar", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        amend(law)
    assert Law.objects.get(pk=law.pk).status == LawStatus.IN_FORCE


def test_many_guides_are_left_to_the_background_worker(
    guide, law, monkeypatch, django_capture_on_commit_callbacks
):
    left = []
    monkeypatch.setattr(guide_checks, "OPENED_AT_ONCE", 0)
    monkeypatch.setattr(background, "async_task", lambda *task: left.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        amend(law)
    assert not checks_of(guide, reason=Reason.LAW).exists()
    [(func, *args)] = left
    assert func == open_for_law
    assert args == [law.pk, None]
    assert open_for_law(*args) == 1


def test_many_guides_are_done_at_once_where_no_worker_can_be_asked(
    guide, law, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*task):
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(guide_checks, "OPENED_AT_ONCE", 0)
    monkeypatch.setattr(background, "async_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        amend(law)
    assert checks_of(guide, reason=Reason.LAW).count() == 1


def test_the_next_scan_opens_what_a_worker_that_died_left(guide, law, monkeypatch):
    monkeypatch.setattr(guide_checks, "OPENED_AT_ONCE", 0)
    amend(law)
    assert not checks_of(guide, reason=Reason.LAW).exists()
    scan.run(timezone.localdate())
    assert checks_of(guide, reason=Reason.LAW).count() == 1


def test_what_the_worker_never_got_to_is_made_up_for(guide, law, monkeypatch):
    monkeypatch.setattr(guide_checks, "OPENED_AT_ONCE", 0)
    amend(law)
    assert open_missing() == 1
    assert checks_of(guide, reason=Reason.LAW).exists()


def test_a_revision_of_what_rests_on_the_law_answers_the_check(guide, law):
    amend(law)
    republished(guide, consultation_phone="0467-2000000")
    assert open_of(guide)[0].reason == Reason.LAW, "a new phone number says nothing of the law"
    republished(guide, conditions=[("condition", {"text": "年满六十周岁"})])
    assert checks_of(guide, reason=Reason.LAW).get().outcome == Outcome.REVISED


def test_a_version_written_before_the_change_and_published_after_is_checked(department, law):
    item = complete_item(department, legal_bases=citing(law))
    revision = item.save_revision()
    sign_off(revision.as_object())
    amend(law)
    revision.publish()
    assert {each.reason for each in open_of(item)} == {Reason.PERIODIC, Reason.LAW}


def test_a_version_written_after_the_change_is_not(department, law):
    amend(law)
    item = publish(complete_item(department, legal_bases=citing(Law.objects.get(pk=law.pk))))
    assert {each.reason for each in open_of(item)} == {Reason.PERIODIC}
    assert open_missing() == 0


def test_a_guide_that_comes_back_unchanged_is_asked_again(guide, law, coordinator):
    amend(law)
    take_down(guide, coordinator, "系统维护")
    guide.live_revision.publish()
    assert {each.reason for each in open_of(guide)} == {Reason.PERIODIC, Reason.LAW}


# Checked, nothing changed


def test_nothing_changed_closes_what_is_open_and_begins_the_next(guide, law, editor, monkeypatch):
    amend(law)
    at_noon(monkeypatch, (2026, 12, 1))
    response = client_of(editor).post(
        f"/admin/service-items/{guide.pk}/check/",
        {"check": [each.pk for each in open_of(guide)], "note": "与现行条文一致"},
    )
    assert response.url == REPORT
    done = checks_of(guide).done()
    assert set(done.values_list("outcome", "checked_by", "note")) == {
        (Outcome.UNCHANGED, editor.pk, "与现行条文一致")
    }
    assert done.count() == 2
    [following] = open_of(guide)
    assert (following.reason, following.due_on) == (Reason.PERIODIC, date(2027, 12, 1))
    entry = PageLogEntry.objects.get(page=guide.pk, action="reviewflow.check")
    assert (entry.user, entry.comment) == (editor, "与现行条文一致")


def test_the_page_is_not_touched(guide, law, editor):
    before = page_as_it_is(guide)
    amend(law)
    check(guide, editor)
    open_missing()
    assert page_as_it_is(guide) == before


def test_it_works_while_the_item_is_in_review(guide, editor):
    newer = fresh(guide).get_latest_revision_as_object()
    newer.consultation_phone = "0467-2000000"
    newer.save_revision(user=editor)
    submit(newer, editor)
    before = page_as_it_is(guide)
    check(guide, editor)
    assert page_as_it_is(guide) == before
    assert fresh(guide).workflow_in_progress


def test_the_departments_legal_officer_may_check(guide, officer):
    check(guide, officer)
    assert checks_of(guide, outcome=Outcome.UNCHANGED).exists()


def leader_of(department):
    """Known by the contact sheet alone, and in no group."""
    leader = UserFactory()
    ContactPerson.objects.create(department=department, role=ContactRole.LEADER, name="分管领导", user=leader)
    return leader


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("coordination", True),
        ("leader", True),
        ("office", False),
        ("other department", False),
        ("administrator", True),
    ],
)
def test_nobody_checks_in_the_departments_place(guide, department, coordinator, legal_affairs, who, reads):
    """Who is told that it is overdue reads what is to be checked, and finds no button."""
    person = {
        "coordination": lambda: coordinator,
        "leader": lambda: leader_of(department),
        "office": lambda: legal_affairs,
        "other department": lambda: UserFactory(groups=[DepartmentFactory().editors]),
        "administrator": partial(UserFactory, is_superuser=True),
    }[who]()
    with pytest.raises(PermissionDenied):
        check(guide, person)
    client, address = client_of(person), f"/admin/service-items/{guide.pk}/check/"
    response = client.get(address)
    assert (response.status_code == 200) is reads
    if reads:
        assert "<textarea" not in response.content.decode()
    data = {"check": [each.pk for each in open_of(guide)]}
    assert client.post(address, data).status_code in (302, 403)
    assert not checks_of(guide).done().exists()


def test_the_link_needs_a_login(guide):
    response = Client().get(f"/admin/service-items/{guide.pk}/check/")
    assert response.status_code == 302
    assert "/login/" in response.url


def test_one_sees_what_one_answers(guide, law, editor):
    """A law that changes between the page and the click is not answered by the click."""
    seen = [each.pk for each in open_of(guide)]
    amend(law)
    with pytest.raises(ValidationError):
        record_unchanged(fresh(guide), editor, seen)
    response = client_of(editor).post(
        f"/admin/service-items/{guide.pk}/check/", {"check": seen, "note": "一致"}
    )
    assert response.status_code == 200
    html = response.content.decode()
    assert "社会救助暂行办法" in html
    assert "一致</textarea>" in html
    assert not checks_of(guide).done().exists()


def test_a_click_twice_checks_once(guide, editor):
    client, data = client_of(editor), {"check": [each.pk for each in open_of(guide)]}
    for _click in range(2):
        client.post(f"/admin/service-items/{guide.pk}/check/", data)
    assert checks_of(guide).done().count() == 1
    assert len(open_of(guide)) == 1


def test_a_guide_that_is_not_live_cannot_be_checked(guide, editor, coordinator):
    take_down(guide, coordinator, "有误")
    with pytest.raises(ValidationError):
        record_unchanged(fresh(guide), editor, [])
    page = client_of(editor).get(f"/admin/service-items/{guide.pk}/check/")
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()


def test_the_page_names_the_law_what_is_cited_and_the_last_checks(guide, law, editor):
    check(guide, editor, "上一次的备注")
    amend(law, note="第十四条有修改")
    html = client_of(editor).get(f"/admin/service-items/{guide.pk}/check/").content.decode()
    for piece in ("特困人员供养", "社会救助暂行办法", "第十四条有修改", "上一次的备注"):
        assert piece in html


def test_the_button_is_in_the_editors_header(guide, editor, coordinator):
    address = f"/admin/service-items/{guide.pk}/check/"
    assert address in client_of(editor).get(f"/admin/pages/{guide.pk}/edit/").content.decode()
    assert address not in client_of(coordinator).get(f"/admin/pages/{guide.pk}/edit/").content.decode()


# The Legal Affairs office sees the list


def test_whoever_marks_a_law_is_shown_the_guides(guide, law, legal_affairs):
    client = client_of(legal_affairs)
    edit = f"/admin/servicepages/law/edit/{law.pk}/"
    data = {
        "name": law.name,
        "document_number": law.document_number,
        "status": "amended",
        "version_date": "2026-01-01",
        "link": "",
        "note": "",
    }
    response = client.post(edit, data, follow=True)
    address = f"/admin/laws/{law.pk}/items/"
    assert address in response.content.decode()
    assert address in client.get(edit).content.decode()
    assert "特困人员供养" in client.get(address).content.decode()
    assert PageLogEntry.objects.get(page=guide.pk, action="reviewflow.law_changed").user == legal_affairs
    again = client.post(edit, {**data, "note": "补充"}, follow=True)
    assert address not in again.content.decode()


def test_the_list_is_for_those_who_keep_the_laws(guide, law, editor, coordinator):
    address = f"/admin/laws/{law.pk}/items/"
    assert client_of(editor).get(address).status_code == 302
    assert client_of(coordinator).get(address).status_code == 200


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_lists_take_the_same_queries_however_many_guides(department, law, legal_affairs, coordinator, editor):
    publish(complete_item(department, legal_bases=citing(law)))
    amend(law)
    screens = [
        (client_of(legal_affairs), f"/admin/laws/{law.pk}/items/"),
        (client_of(coordinator), REPORT),
        (client_of(editor), REPORT),
        (client_of(coordinator), f"{REPORT}?export=csv"),
    ]
    few = [queries_of(*screen) for screen in screens]
    for _number in range(3):
        publish(complete_item(department, legal_bases=citing(law)))
    amend(law, version_date=date(2026, 6, 1))
    assert [queries_of(*screen) for screen in screens] == few


# The report


def test_each_sees_the_checks_of_their_own_part(guide, editor, coordinator, legal_affairs):
    county = RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    local = publish(complete_item(DepartmentFactory(region=county), title="县里的事项"))
    team = UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])
    seen = {
        name: {
            item.title
            for item in (guide, local)
            if item.title in client_of(person).get(REPORT).content.decode()
        }
        for name, person in (("editor", editor), ("coordination", coordinator), ("county", team))
    }
    assert seen == {
        "editor": {"特困人员供养"},
        "coordination": {"特困人员供养", "县里的事项"},
        "county": {"县里的事项"},
    }
    assert client_of(legal_affairs).get(REPORT).status_code == 302


def test_the_report_is_filtered_and_exported(guide, law, editor, coordinator):
    amend(law)
    GuideCheck.objects.filter(reason=Reason.LAW).update(due_on=timezone.localdate() - timedelta(days=1))
    client = client_of(coordinator)

    def rows(**filters):
        answer = client.get(REPORT, {**filters, "export": "csv"})
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]

    assert len(rows()) == 2
    [overdue] = rows(state="overdue")
    assert "特困人员供养" in overdue
    assert "review-due--overdue" in client.get(REPORT).content.decode()
    assert rows(state="done") == []
    assert len(rows(reason="periodic")) == 1
    assert len(rows(law=law.pk)) == 1
    check(guide, editor, "一致")
    assert len(rows(state="done")) == 2
    assert len(rows(outcome="unchanged")) == 2
    assert len(rows(state="open")) == 1


# For the daily scan
