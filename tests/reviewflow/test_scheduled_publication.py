"""What is due goes public page by page: one that is refused holds up no other."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command, get_commands
from django.utils import timezone
from django_q.models import Schedule
from django_q.scheduler import scheduler
from wagtail.models import Page, PageLogEntry, Revision

from reviewflow.models import Decision, Submission
from reviewflow.scheduled_publication import publish_due
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from reviewflow.taking_down import take_down
from servicepages.models import ContentPage, HomePage, ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, sign_off
from tests.mailbox import delivered
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def department():
    return DepartmentFactory()


@shared
def coordinator():
    return UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")])


def scheduled(item):
    """A revision that all have signed and that is due since an hour."""
    item.go_live_at = timezone.now() + timedelta(days=1)
    revision = item.save_revision()
    sign_off(revision.as_object())
    revision.publish()
    return make_due(revision)


def make_due(revision):
    earlier = timezone.now() - timedelta(hours=1)
    revision.refresh_from_db()
    revision.content["go_live_at"] = earlier.isoformat()
    revision.approved_go_live_at = earlier
    Revision.objects.filter(pk=revision.pk).update(content=revision.content, approved_go_live_at=earlier)
    return revision


def void_sign_off(revision, signatory, person):
    """The office's latest decision on that content is no sign-off any more."""
    last = Decision.objects.filter(page=revision.object_id, signatory=signatory).latest("pk")
    return Decision.objects.create(
        page_id=last.page_id,
        signatory=signatory,
        person=person,
        kind=Decision.Kind.REVOKED,
        digest=last.digest,
        content=last.content,
        content_version=last.content_version,
    )


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def test_what_is_due_goes_public(department):
    item = complete_item(department)
    scheduled(item)
    assert not fresh(item).live
    call_command("publish_scheduled")
    assert fresh(item).live
    assert PageLogEntry.objects.filter(page=item.pk, action="wagtail.publish.scheduled").exists()


def test_a_refused_page_holds_up_no_other_and_keeps_its_schedule(department, coordinator):
    refused, good = complete_item(department), complete_item(department)
    revision = scheduled(refused)
    Revision.objects.filter(pk=scheduled(good).pk).update(
        approved_go_live_at=timezone.now() - timedelta(minutes=1)
    )
    void_sign_off(revision, Signatory.LEGAL_AFFAIRS, coordinator)
    done = publish_due()
    assert done.published == 1
    assert len(done.refused) == 1
    assert fresh(good).live
    assert not fresh(refused).live
    revision.refresh_from_db()
    assert revision.approved_go_live_at is not None
    # once it is signed again, it goes public by itself
    sign_off(revision.as_object(), Signatory.LEGAL_AFFAIRS)
    publish_due()
    assert fresh(refused).live


def test_a_refusal_is_told_once_to_the_owner_the_submitter_and_coordination(department, coordinator):
    owner = UserFactory(username="owner")
    submitter = UserFactory(username="submitter", groups=[department.editors])
    item = complete_item(department, owner=owner)
    revision = scheduled(item)
    Submission.objects.create(
        page=item,
        title=item.title,
        revision=revision,
        submitted_by=submitter,
        outcome=Submission.Outcome.SCHEDULED,
    )
    void_sign_off(revision, Signatory.LEGAL_AFFAIRS, coordinator)
    for _time in range(3):
        publish_due()
    people = sorted(address for message in delivered() for address in message.to)
    assert people == ["coordinator@example.org", "owner@example.org", "submitter@example.org"]
    assert str(Signatory.LEGAL_AFFAIRS.label) in delivered()[0].body
    assert PageLogEntry.objects.filter(page=item.pk, action="reviewflow.refuse").count() == 1
    # another office is missing as well: that is news
    void_sign_off(revision, Signatory.EDITORIAL, coordinator)
    publish_due()
    assert len(delivered()) == 6


def test_an_unforeseen_error_holds_up_nobody_and_is_not_shown(department, coordinator, monkeypatch):
    broken, good = complete_item(department), complete_item(department)
    first = scheduled(broken)
    second = scheduled(good)
    Revision.objects.filter(pk=second.pk).update(approved_go_live_at=timezone.now() - timedelta(minutes=1))
    stock = ServiceItemPage.publish

    def publish_page(self, revision, *args, **kwargs):
        if revision.pk == first.pk:
            raise RuntimeError("/secret/path is not writable")
        return stock(self, revision, *args, **kwargs)

    monkeypatch.setattr(ServiceItemPage, "publish", publish_page)
    publish_due()
    assert fresh(good).live
    entry = PageLogEntry.objects.get(page=broken.pk, action="reviewflow.refuse")
    assert "secret" not in entry.data["comment"]


def test_a_scheduled_submission_is_a_published_one_then(department):
    submitter = UserFactory(username="submitter", groups=[department.editors])
    item = complete_item(department)
    revision = scheduled(item)
    submission = Submission.objects.create(
        page=item,
        title=item.title,
        revision=revision,
        submitted_by=submitter,
        outcome=Submission.Outcome.SCHEDULED,
    )
    publish_due()
    submission.refresh_from_db()
    assert submission.outcome == Submission.Outcome.PUBLISHED
    assert [message.to for message in delivered()] == [["submitter@example.org"]]


def test_the_review_of_a_newer_version_goes_on(department):
    item = complete_item(department)
    revision = scheduled(item)
    newer = fresh(item).get_latest_revision_as_object()
    newer.go_live_at = None
    newer.consultation_phone = "0467-2000000"
    newer.save_revision()
    submit(newer, UserFactory(groups=[department.editors]))
    make_due(revision)
    publish_due()
    assert fresh(item).live_revision == revision
    assert fresh(item).workflow_in_progress


def test_what_has_expired_is_taken_down(department):
    item = publish(complete_item(department))
    Page.objects.filter(pk=item.pk).update(expire_at=timezone.now() - timedelta(minutes=5))
    assert publish_due().expired == 1
    assert not fresh(item).live
    assert fresh(item).expired


def test_other_pages_are_served_too(coordinator):
    page = HomePage.objects.get().add_child(instance=ContentPage(title="通报", live=False))
    page.go_live_at = timezone.now() + timedelta(days=1)
    revision = page.save_revision()
    revision.publish()
    make_due(revision)
    publish_due()
    page.refresh_from_db()
    assert page.live


def test_what_was_taken_down_is_not_published_by_an_old_schedule(department, coordinator):
    item = publish(complete_item(department))
    later = fresh(item).get_latest_revision_as_object()
    revision = scheduled(later)
    take_down(item, coordinator, "有误")
    assert publish_due().published == 0
    revision.refresh_from_db()
    assert revision.approved_go_live_at is None
    assert not fresh(item).live


def test_a_dry_run_tells_and_changes_nothing(department):
    item = complete_item(department, title="待发布事项")
    scheduled(item)
    output = io.StringIO()
    call_command("publish_scheduled", "--dryrun", stdout=output)
    assert "待发布事项" in output.getvalue()
    assert not fresh(item).live


def test_the_worker_calls_our_command_and_keeps_no_result_of_it(monkeypatch):
    """It keeps the last 250 results of all tasks, and the audit's is to be among them in the morning."""
    called = []
    # it would close the connection of the test's own transaction
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    monkeypatch.setattr(
        "django_q.scheduler.async_task", lambda *args, **options: called.append((args, options)) or "a" * 32
    )
    Schedule.objects.filter(name="publish scheduled pages").update(next_run=timezone.now())
    scheduler()
    [options] = [options for args, options in called if args[1:] == ("publish_scheduled",)]
    assert options["q_options"]["save"] is False
    assert get_commands()["publish_scheduled"] == "reviewflow"
