"""Guides that cite a law are checked when it has changed."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow import guide_checks
from reviewflow.alerts import scan
from reviewflow.guide_checks import open_for_law, open_missing
from reviewflow.models import CalendarException, GuideCheck
from reviewflow.taking_down import take_down
from servicepages import background
from servicepages.models import Law
from servicepages.vocabulary import LawStatus
from tests.factories import complete_item, publish, sign_off
from tests.reviewflow.guide_checks.checking import (
    Outcome,
    Reason,
    amend,
    at_noon,
    check,
    checks_of,
    citing,
    open_of,
    republished,
)

pytestmark = pytest.mark.django_db


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
