"""A guide is published while somebody is at its checks."""

import pytest
from django.db import transaction

from reviewflow import guide_checks
from reviewflow.guide_checks import open_for
from servicepages.models import Law
from tests.factories import sign_off
from tests.reviewflow.guide_checks.checking import Outcome, Reason, amend, check, checks_of, fresh, open_of
from tests.somebody import Somebody

pytestmark = [pytest.mark.postgres_only, pytest.mark.django_db(transaction=True)]


def signed(guide, **changes):
    """A revision that may be published."""
    item = fresh(guide).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(item, name, value)
    revision = item.save_revision()
    sign_off(revision.as_object())
    return revision


def test_who_publishes_waits_for_who_says_that_nothing_changed(guide, editor):
    revision = signed(guide, conditions=[("condition", {"text": "年满十八周岁。"})])
    publisher = Somebody(revision.publish)
    with transaction.atomic():
        check(guide, editor)
        publisher.start_and_wait()
    publisher.end()
    assert [(each.reason, each.revision_id) for each in open_of(guide)] == [(Reason.PERIODIC, revision.pk)]
    outcomes = checks_of(guide).done().order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.UNCHANGED, Outcome.REVISED]


def test_the_checks_for_a_law_are_opened_while_a_guide_that_cites_it_is_published(guide, law, monkeypatch):
    """The worker has the law and writes of the guide; the publisher has the guide and writes of the law."""
    revision = signed(guide)
    monkeypatch.setattr(guide_checks, "to_worker_on_commit", lambda *task: None)
    monkeypatch.setattr(guide_checks, "OPENED_AT_ONCE", 0)
    amend(law)
    publisher = Somebody(revision.publish)
    with transaction.atomic():
        locked = Law.objects.select_for_update().get(pk=law.pk)
        publisher.start_and_wait()
        assert publisher.is_alive(), "it waits for the law"
        assert open_for(locked) == 1
    publisher.end()
    assert checks_of(guide, reason=Reason.LAW).count() == 1
