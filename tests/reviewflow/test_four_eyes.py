"""Four eyes: who may not sign for an item, rule by rule, with the edge of each."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow.deciding import CannotDecide, NewRemark, request_changes, sign, withdraw_decision
from reviewflow.four_eyes import hindrance
from reviewflow.models import Decision, OfficeReview, ReviewOffice, Submission
from reviewflow.offices import COORDINATION
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish, reviewer
from tests.shared import shared

pytestmark = pytest.mark.django_db

EDITORIAL, LEGAL_AFFAIRS, GENERAL = (
    Signatory.EDITORIAL,
    Signatory.LEGAL_AFFAIRS,
    Signatory.GENERAL_OFFICE,
)


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


def hand_in(item, editor) -> Submission:
    """Submitted, and through the department's legal check where it is asked."""
    submit(ServiceItemPage.objects.get(pk=item.pk), editor)
    submission = Submission.objects.open().get(page=item.pk)
    for legal in submission.reviews.waiting().filter(signatory=Signatory.DEPARTMENT_LEGAL):
        sign(legal, reviewer(Signatory.DEPARTMENT_LEGAL, item.department), seen=legal.digest)
    return submission


def asked(submission, signatory) -> OfficeReview:
    return submission.reviews.get(signatory=signatory)


def may(person, submission, signatory) -> bool:
    return hindrance(person, submission, asked(submission, signatory)) is None


def sign_for(submission, signatory, person=None):
    review = asked(submission, signatory)
    return sign(review, person or reviewer(signatory), seen=review.digest)


def save(item, person, **changes):
    draft = ServiceItemPage.objects.get(pk=item.pk).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    return draft.save_revision(user=person, log_action=True)


# Who acts for an office


def test_a_member_of_the_group_signs_and_nobody_else(item, editor):
    submission = hand_in(item, editor)
    assert may(reviewer(EDITORIAL), submission, EDITORIAL)
    assert not may(reviewer(LEGAL_AFFAIRS), submission, EDITORIAL)
    assert not may(UserFactory(), submission, EDITORIAL)
    assert not may(reviewer(EDITORIAL, is_active=False), submission, EDITORIAL)


def test_a_superuser_signs_only_as_a_member_of_the_group(item, editor):
    submission = hand_in(item, editor)
    assert not may(UserFactory(is_superuser=True), submission, EDITORIAL)
    with pytest.raises(CannotDecide):
        sign_for(submission, EDITORIAL, UserFactory(is_superuser=True))
    assert may(reviewer(EDITORIAL, is_superuser=True), submission, EDITORIAL)


def test_a_deputy_signs_from_the_first_to_the_last_day_named(item, editor):
    submission, deputy = hand_in(item, editor), UserFactory()
    today, day = timezone.localdate(), timedelta(days=1)
    for start, end, allowed in (
        (today, today, True),
        (today - day, today + day, True),
        (today - 2 * day, today - day, False),
        (today + day, today + 2 * day, False),
        (None, None, False),
    ):
        ReviewOffice.objects.filter(office=EDITORIAL.value).update(
            deputy=deputy, deputy_from=start, deputy_until=end
        )
        assert may(deputy, submission, EDITORIAL) is allowed, (start, end)
        assert not may(deputy, submission, LEGAL_AFFAIRS)


def test_an_office_of_the_county_signs_for_its_items_in_the_citys_place():
    county = RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    own = UserFactory()
    group = ReviewOffice.objects.get(office=EDITORIAL.value, region=None).group
    local = type(group).objects.create(name="County editorial")
    own.groups.add(local)
    ReviewOffice.objects.create(office=EDITORIAL.value, region=county, group=local)
    item = complete_item(DepartmentFactory(region=county))
    item.save_revision()
    submission = hand_in(item, UserFactory(groups=[item.department.editors]))
    assert may(own, submission, EDITORIAL)
    assert not may(reviewer(EDITORIAL), submission, EDITORIAL)
    assert may(reviewer(LEGAL_AFFAIRS), submission, LEGAL_AFFAIRS)


def test_coordination_does_not_sign_for_an_office_even_where_it_has_named_itself(item, editor):
    submission = hand_in(item, editor)
    coordinator = UserFactory(groups=[Group.objects.get(name=COORDINATION)])
    today = timezone.localdate()
    rows = ReviewOffice.objects.filter(office=EDITORIAL.value)
    rows.update(deputy=coordinator, deputy_from=today, deputy_until=today)
    assert not may(coordinator, submission, EDITORIAL)
    rows.update(group=coordinator.groups.get())
    assert not may(coordinator, submission, EDITORIAL)


# The department one comes from


def test_nobody_signs_an_item_of_the_department_they_come_from(item, editor):
    submission = hand_in(item, editor)
    assert not may(reviewer(EDITORIAL, home_department=item.department), submission, EDITORIAL)
    assert may(reviewer(EDITORIAL, home_department=DepartmentFactory()), submission, EDITORIAL)


@pytest.mark.parametrize("groups", ["editors", "legal_officers"])
def test_nor_of_one_whose_editor_or_legal_officer_they_are(item, editor, groups):
    submission, seconded = hand_in(item, editor), reviewer(EDITORIAL)
    seconded.groups.add(getattr(DepartmentFactory(), groups))
    assert may(seconded, submission, EDITORIAL)
    seconded.groups.add(getattr(item.department, groups))
    assert not may(seconded, submission, EDITORIAL)


def test_the_legal_check_is_of_the_legal_officer_of_that_department(item, editor):
    submit(item, editor)
    submission = Submission.objects.get()
    check = Signatory.DEPARTMENT_LEGAL
    assert may(reviewer(check, item.department), submission, check)
    assert not may(reviewer(check, DepartmentFactory()), submission, check)
    assert not may(UserFactory(is_superuser=True), submission, check)
    assert not may(reviewer(check, item.department, is_active=False), submission, check)


# Who has written or handed in the item


def test_who_has_saved_it_does_not_sign_it(item, editor):
    writer = reviewer(EDITORIAL)
    save(item, writer, who_may_apply="改")
    submission = hand_in(item, editor)
    assert not may(writer, submission, EDITORIAL)
    assert may(reviewer(EDITORIAL), submission, EDITORIAL)


def test_an_autosave_does_not_hide_who_wrote_before(item, editor):
    writer = reviewer(EDITORIAL)
    save(item, writer, who_may_apply="改")
    revision = save(item, editor, who_may_apply="再改")
    draft = revision.as_object()
    draft.save_revision(user=editor, overwrite_revision=revision, log_action=True)
    assert not may(writer, hand_in(item, editor), EDITORIAL)


def test_an_overwritten_revision_that_lost_its_author_is_still_known_from_the_log(item, editor):
    writer = reviewer(EDITORIAL)
    revision = save(item, writer, who_may_apply="改")
    type(revision).objects.filter(pk=revision.pk).update(user=editor)
    assert not may(writer, hand_in(item, editor), EDITORIAL)


def test_a_revision_saved_by_code_without_a_line_in_the_log_counts_too(item, editor):
    writer = reviewer(EDITORIAL)
    item.save_revision(user=writer)
    assert not PageLogEntry.objects.filter(user=writer).exists()
    assert not may(writer, hand_in(item, editor), EDITORIAL)


def test_who_has_handed_it_in_does_not_sign_it(item):
    coordinator = reviewer(EDITORIAL)
    assert not may(coordinator, hand_in(item, coordinator), EDITORIAL)


def test_who_has_handed_it_in_an_earlier_time_does_not_sign_it_either(item, editor):
    first = reviewer(EDITORIAL)
    submission = hand_in(item, first)
    review = asked(submission, GENERAL)
    request_changes(review, reviewer(GENERAL), seen=review.digest, remarks=[], remark="请补充", at_once=True)
    assert not may(first, hand_in(item, editor), EDITORIAL)


def test_deciding_locking_and_withdrawing_write_nothing(item, editor):
    person = reviewer(EDITORIAL)
    submission = hand_in(item, editor)
    sign_for(submission, EDITORIAL, person)
    review = asked(submission, GENERAL)
    request_changes(review, reviewer(GENERAL), seen=review.digest, remarks=[], remark="请补充", at_once=True)
    for action in ("wagtail.lock", "wagtail.unlock", "wagtail.workflow.cancel"):
        PageLogEntry.objects.log_action(item, action, user=person)
    save(item, editor, title="改过的名称")
    assert may(person, hand_in(item, editor), EDITORIAL)


# … since the office's last sign-off of what is live


def live_item(department, writer=None) -> ServiceItemPage:
    """A guide in whose making `writer` had a hand."""
    item = complete_item(department)
    if writer:
        item.save_revision(user=writer, log_action=True)
    return publish(item)


def test_what_one_wrote_before_that_does_not_count(editor, item):
    writer = reviewer(EDITORIAL)
    guide = live_item(item.department, writer)
    save(guide, editor, title="改过的名称")
    assert may(writer, hand_in(guide, editor), EDITORIAL)


def test_what_one_wrote_after_it_counts(editor, item):
    writer = reviewer(EDITORIAL)
    guide = live_item(item.department)
    save(guide, writer, title="改过的名称")
    assert not may(writer, hand_in(guide, editor), EDITORIAL)


def test_a_sign_off_of_a_draft_that_never_went_live_washes_nobody_clean(item, editor):
    writer = reviewer(EDITORIAL)
    save(item, writer, title="改过的名称")
    submission = hand_in(item, editor)
    sign_for(submission, EDITORIAL)
    review = asked(submission, GENERAL)
    request_changes(review, reviewer(GENERAL), seen=review.digest, remarks=[], remark="请补充", at_once=True)
    save(item, editor, title="又改过的名称")
    assert not may(writer, hand_in(item, editor), EDITORIAL)


def test_a_guide_that_was_taken_down_has_no_such_sign_off(editor, item):
    writer = reviewer(EDITORIAL)
    guide = live_item(item.department, writer)
    guide.unpublish()
    save(guide, editor, title="改过的名称")
    assert not may(writer, hand_in(guide, editor), EDITORIAL)


def test_who_signs_last_may_sign_the_next_version_although_the_publication_bears_their_name(item, editor):
    """Wagtail notes the publication and the renaming of the page in the name of who finished the review."""
    save(item, editor, title="改过的名称")
    submission = hand_in(item, editor)
    people = {signatory: reviewer(signatory) for signatory in OFFICES}
    for signatory in OFFICES:
        sign_for(submission, signatory, people[signatory])
    last = people[OFFICES[-1]]
    assert PageLogEntry.objects.filter(page=item.pk, action="wagtail.publish", user=last).exists()
    assert PageLogEntry.objects.filter(page=item.pk, action="wagtail.rename", user=last).exists()
    save(item, editor, who_may_apply="外国公民")
    assert may(last, hand_in(item, editor), OFFICES[-1])


# Two hats


def test_one_person_does_not_sign_for_two_offices_in_the_same_submission(item, editor):
    both = reviewer(EDITORIAL)
    both.groups.add(*reviewer(LEGAL_AFFAIRS).groups.all())
    submission = hand_in(item, editor)
    assert may(both, submission, LEGAL_AFFAIRS)
    sign_for(submission, EDITORIAL, both)
    assert not may(both, submission, LEGAL_AFFAIRS)
    assert may(both, submission, EDITORIAL), "one may revise one's own decision"


def test_asking_for_changes_is_deciding_too(item, editor):
    both = reviewer(EDITORIAL)
    both.groups.add(*reviewer(LEGAL_AFFAIRS).groups.all())
    submission = hand_in(item, editor)
    review = asked(submission, EDITORIAL)
    request_changes(review, both, seen=review.digest, remarks=[NewRemark("title", "请改")])
    withdraw_decision(asked(submission, EDITORIAL), both)
    assert not may(both, submission, LEGAL_AFFAIRS)


def test_a_sign_off_that_carries_over_counts_as_a_hat(item, editor):
    both = reviewer(EDITORIAL)
    both.groups.add(*reviewer(LEGAL_AFFAIRS).groups.all())
    submission = hand_in(item, editor)
    sign_for(submission, EDITORIAL, both)
    review = asked(submission, GENERAL)
    request_changes(review, reviewer(GENERAL), seen=review.digest, remarks=[], remark="请补充", at_once=True)
    save(item, editor, visit_reason="领取结果")
    again = hand_in(item, editor)
    assert asked(again, EDITORIAL).status == OfficeReview.Status.CARRIED_OVER
    assert not may(both, again, LEGAL_AFFAIRS)
    assert may(reviewer(LEGAL_AFFAIRS), again, LEGAL_AFFAIRS)


def test_so_does_the_departments_legal_check_although_it_is_not_asked_again(item, editor):
    officer = reviewer(Signatory.DEPARTMENT_LEGAL, item.department)
    submit(item, editor)
    submission = Submission.objects.get()
    sign_for(submission, Signatory.DEPARTMENT_LEGAL, officer)
    officer.groups.set(reviewer(EDITORIAL).groups.all())  # moved to the office since
    assert not may(officer, submission, EDITORIAL)
    Decision.objects.filter(person=officer).get()
    OfficeReview.objects.filter(signatory=Signatory.DEPARTMENT_LEGAL).delete()
    assert not may(officer, submission, EDITORIAL)
