"""A published guide is checked again in so many months."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewflow import guide_checks
from reviewflow.alerts import scan
from reviewflow.guide_checks import months_later, open_missing
from reviewflow.models import CheckInterval, GuideCheck
from reviewflow.taking_down import take_down
from servicepages.models import ServiceItemPage
from servicepages.vocabulary import ItemType
from tests.factories import complete_item, publish, sign_off
from tests.reviewflow.guide_checks.checking import (
    Outcome,
    Reason,
    amend,
    at_noon,
    checks_of,
    client_of,
    fresh,
    open_of,
    republished,
)

pytestmark = pytest.mark.django_db


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
