"""Whatever people, schedules and code do in whatever order: no live item's content lacks a sign-off.

The machine tries 300 steps with every run of the suite and 2,000 with `--long`. With GATE_OFF=1 in the
environment it runs without the gate and has to find a live item that nobody signed (docs/review-gate.md).
"""

import contextlib
import os
from datetime import timedelta
from itertools import cycle, islice

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from wagtail.models import Page, Revision, WorkflowState

from reviewflow.deciding import request_changes, sign, withdraw_decision
from reviewflow.four_eyes import hindrance
from reviewflow.models import OfficeReview, Submission
from reviewflow.offices import COORDINATION
from reviewflow.scheduled_publication import publish_due
from reviewflow.signatories import Signatory
from reviewflow.submission import submit, withdraw
from reviewflow.taking_down import take_down
from servicepages.models import Attachment, ServiceItemPage, Topic, User
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    UserFactory,
    complete_item,
    material,
    publish,
    reviewer,
    section_of,
)
from tests.reviewflow.gate_switch import gate_off, unsigned_live

STEPS_OF_A_RUN = 30
# Some runs end early.
RUNS, STEPS = 13, 300
LONG_RUNS, LONG_STEPS = 90, 2_000

# What people and code run into when something is not allowed. Anything else is an error of ours.
REFUSALS = (ValidationError, PermissionDenied, DatabaseError)

any_one = st.integers(min_value=0, max_value=1_000)
revised = st.sampled_from(
    ["title", "fees", "conditions", "who_may_apply", "approval_steps", "materials", "topics"]
)
SHORT = {"title": ["结婚登记", "离婚登记"], "who_may_apply": ["公民", "法人"]}


@contextlib.contextmanager
def attempt():
    """One step: all of it or nothing, as a request or a command does it."""
    with contextlib.suppress(*REFUSALS), transaction.atomic():
        yield


class City(RuleBasedStateMachine):
    """Two departments with a live guide and a draft each, their people, the offices' people, a superuser."""

    steps = 0

    def __init__(self):
        super().__init__()
        type(self).steps -= 1  # the invariant is asked before the first step as well
        self.run = transaction.atomic()
        self.run.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    @initialize()
    def look_around(self):
        self.people = list(User.objects.filter(is_active=True).order_by("pk"))
        self.coordinator = User.objects.get(groups__name=COORDINATION)
        self.files = list(Attachment.objects.order_by("pk"))
        self.topics = list(Topic.objects.order_by("pk")[:2])

    def item(self, number) -> ServiceItemPage:
        items = ServiceItemPage.objects.order_by("pk")
        return items[number % items.count()]

    def person(self, number):
        return self.people[number % len(self.people)]

    def revision(self, item, number):
        return self.nth(Revision.objects.for_instance(item), number)

    def nth(self, rows, number):
        rows = list(rows.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def value(self, item, field, number):
        """One of two or three values, so that what was signed before comes back now and then."""
        odd = number % 2
        match field:
            case "fees":
                return [("no_fee", {"note": "财税〔2017〕20号"})] if odd else [("no_fee", {"note": "免费"})]
            case "conditions":
                return [("condition", {"text": "年满十八周岁" if odd else "年满二十周岁"})]
            case "approval_steps":
                steps = list(item.approval_steps)
                return [(step.block_type, step.value) for step in (steps[::-1] if odd else steps)]
            case "materials":
                form = self.files[number % len(self.files)]
                return [("material", material("许可申请表", blank_form=form))]
            case "topics":
                return [self.topics[odd]]
        return SHORT[field][odd]

    def edited(self, item, field, number):
        draft = item.get_latest_revision_as_object()
        setattr(draft, field, self.value(draft, field, number))
        return draft

    # The department

    @rule(which=any_one, who=any_one, field=revised, value=any_one)
    def edit(self, which, who, field, value):
        """As the editor's form saves: into a revision, and into the row of a page that is not live."""
        with attempt():
            draft = self.edited(self.item(which), field, value)
            if not draft.live:
                draft.save()
            draft.save_revision(user=self.person(who), log_action=True)

    @rule(which=any_one, field=revised, value=any_one)
    def autosave(self, which, field, value):
        """Overwrites the newest revision, whatever hangs on it."""
        with attempt():
            item = self.item(which)
            latest = item.get_latest_revision()
            self.edited(item, field, value).save_revision(
                user=latest.user, overwrite_revision=latest, log_action=True
            )

    @rule(which=any_one, title=st.sampled_from(["申请表", "登记表"]))
    def rename_a_file(self, which, title):
        with attempt():
            file = Attachment.objects.get(pk=self.files[which % len(self.files)].pk)
            file.title = title
            file.save()

    @rule(which=any_one, who=any_one)
    def hand_in(self, which, who):
        with attempt():
            submit(self.item(which), self.person(who))

    @rule(which=any_one, who=any_one)
    def take_back(self, which, who):
        state = self.nth(WorkflowState.objects.active(), which)
        if state is not None:
            with attempt():
                withdraw(ServiceItemPage.objects.get(pk=state.object_id), self.person(who))

    # The offices

    @rule(which=any_one, who=any_one, verb=st.sampled_from([sign, request_changes, withdraw_decision]))
    def decide(self, which, who, verb):
        review = self.nth(OfficeReview.objects.filter(submission__outcome=""), which)
        if review is None:
            return
        arguments = {
            sign: {"seen": review.digest},
            request_changes: {"seen": review.digest, "remarks": [], "remark": "请改"},
            withdraw_decision: {},
        }[verb]
        with attempt():
            verb(review, self.person(who), **arguments)

    @rule(which=any_one)
    def sign_by_all_who_are_asked(self, which):
        self.sign_for(self.nth(Submission.objects.open(), which))

    def sign_for(self, submission):
        """Each signatory that waits, by somebody who may sign."""
        for _step in ("the department", "the offices"):
            for review in OfficeReview.objects.waiting().filter(submission=submission):
                able = (each for each in self.people if hindrance(each, review.submission, review) is None)
                with attempt():
                    sign(review, next(able, self.people[0]), seen=review.digest)

    @rule(which=any_one, field=revised, value=any_one)
    def revise_and_review(self, which, field, value):
        """The road there is. Without it hardly anything would be published."""
        item = self.item(which)
        editor = User.objects.filter(groups=item.department.editors_id).first()
        with attempt():
            self.edited(item, field, value).save_revision(user=editor, log_action=True)
            submit(self.item(which), editor)
        self.sign_for(Submission.objects.open().filter(page=item.pk).first())

    @rule(which=any_one, revoked=st.sets(st.sampled_from(list(Signatory)), max_size=2))
    def take_a_guide_down(self, which, revoked):
        with attempt():
            take_down(self.item(which), self.coordinator, "有误", revoked)

    # The clock

    @rule(which=any_one, number=any_one)
    def schedule(self, which, number):
        with attempt():
            draft = self.item(which).get_latest_revision_as_object()
            draft.go_live_at = timezone.now() + timedelta(days=1)
            draft.save_revision().publish()

    @rule()
    def time_passes(self):
        past = timezone.now() - timedelta(minutes=1)
        Revision.objects.exclude(approved_go_live_at=None).update(approved_go_live_at=past)
        with attempt():
            publish_due()

    # Roads around all that

    @rule(which=any_one, number=any_one, who=any_one)
    def publish_a_revision(self, which, number, who):
        with attempt():
            revision = self.revision(self.item(which), number)
            revision.publish(user=self.person(who), skip_permission_checks=True)

    @rule(which=any_one, who=any_one)
    def finish_a_workflow(self, which, who):
        state = self.nth(WorkflowState.objects.active(), which)
        if state is not None:
            with attempt():
                state.finish(user=self.person(who))

    @rule(which=any_one, number=any_one, base=st.booleans(), part=st.booleans())
    def save_as_live(self, which, number, base, part):
        with attempt():
            item = self.item(which)
            row = Page.objects.get(pk=item.pk) if base else item
            row.live, row.live_revision = True, self.revision(item, number)
            row.save(**({"update_fields": ["live", "live_revision"]} if part else {}))

    @rule(which=any_one, field=revised, value=any_one, part=st.booleans())
    def save_over_the_row(self, which, field, value, part):
        with attempt():
            item = self.item(which)
            setattr(item, field, self.value(item, field, value))
            item.save(**({"update_fields": [field]} if part else {}))

    @rule(which=any_one, number=any_one)
    def update_by_a_queryset(self, which, number):
        with attempt():
            item = self.item(which)
            Page.objects.filter(pk=item.pk).update(live=True, live_revision=self.revision(item, number))

    @rule(which=any_one, live=st.booleans(), number=any_one)
    def copy(self, which, live, number):
        if ServiceItemPage.objects.count() < 7:
            with attempt():
                slug = f"copy-{ServiceItemPage.objects.count()}"
                self.item(which).copy(update_attrs={"slug": slug}, keep_live=live)

    @rule(which=any_one)
    def alias(self, which):
        with attempt():
            self.item(which).create_alias(update_slug="alias")

    @rule(which=any_one, base=st.booleans())
    def move(self, which, base):
        with attempt():
            item = self.item(which)
            others = [page for page in item.get_parent().get_siblings() if page.pk != item.get_parent().pk]
            page = Page.objects.get(pk=item.pk) if base else item
            page.move(others[0], "last-child")

    @rule(number=any_one)
    def delete_a_topic(self, number):
        with attempt():
            Topic.objects.filter(pk=self.topics[number % 2].pk).delete()

    @invariant()
    def every_live_item_is_signed_by_all(self):
        type(self).steps += 1
        assert unsigned_live() == [], f"found in step {type(self).steps} of all"


@pytest.fixture
def city(db):
    for _number in range(2):
        department = DepartmentFactory()
        AttachmentFactory(department=department)
        publish(complete_item(department))
        complete_item(department).save_revision()
        UserFactory(groups=[department.editors])
        reviewer(Signatory.DEPARTMENT_LEGAL, department)
    for signatory in islice(cycle([each for each in Signatory if each.is_office]), 6):
        reviewer(signatory)
    UserFactory(is_superuser=True)
    coordination = type(department.editors).objects.get(name=COORDINATION)
    UserFactory(groups=[coordination])
    assert section_of(department)


def test_no_order_of_events_makes_an_unsigned_item_live(city, request):
    City.steps = 0
    is_long, is_off = request.config.getoption("--long"), bool(os.environ.get("GATE_OFF"))
    with gate_off() if is_off else contextlib.nullcontext():
        run_state_machine_as_test(
            City,
            settings=settings(
                max_examples=LONG_RUNS if is_long else RUNS,
                stateful_step_count=STEPS_OF_A_RUN,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert City.steps >= (LONG_STEPS if is_long else STEPS)
