"""Four eyes: who may not sign for an item, and why."""

from django.utils.translation import gettext as _
from wagtail.models import GroupPagePermission, PageLogEntry, Revision

from reviewflow.canonical import signed_contents
from reviewflow.models.decisions import Decision
from reviewflow.sign_offs import standing_sign_offs
from reviewflow.signatories import Signatory

# Entries of the audit log that write nothing into an item. Any other entry does: what the log may hold one
# day is taken for a change until somebody lists it here. "rename" is written by a publication only, in the
# name of who signed last.
WRITES_NOTHING = (
    "wagtail.lock",
    "wagtail.unlock",
    "wagtail.publish",
    "wagtail.publish.schedule",
    "wagtail.publish.scheduled",
    "wagtail.rename",
    "wagtail.unpublish",
    "wagtail.unpublish.scheduled",
    "wagtail.schedule.cancel",
    "wagtail.workflow.approve",
    "wagtail.workflow.reject",
    "wagtail.workflow.cancel",
    "wagtail.delete",
)


def hindrance(person, submission, review) -> str | None:
    """Why `person` may not decide for the signatory of `review`; None when they may.

    Sources: plan, part three (二) 4, and the brief: nobody signs an item of the department they come from.
    """
    item, signatory = submission.page, review.signs
    if signatory.is_office:
        if review.office is None or not type(review.office).objects.acting(person).filter(
            pk=review.office_id
        ):
            return _("You do not act for this office.")
        if is_of_a_coordination_team(person):
            return _("You belong to a coordination team, which does not sign for an office.")
        if comes_from(person, item.department):
            return _("You come from the department of this item, so you do not sign it.")
    elif not person.is_active or not person.groups.filter(pk=item.department.legal_officers_id).exists():
        return _("Only the legal officer of the item's department checks its approval flow.")
    if submission.submitted_by_id == person.pk or has_written(person, item, signatory):
        return _("You have worked on this item yourself since it was last signed, so somebody else signs it.")
    return _other_hat(person, submission, signatory)


def comes_from(person, department) -> bool:
    """By the person's record, or by being one of its editors or legal officers."""
    return (
        person.home_department_id == department.pk
        or person.groups.filter(pk__in=[department.editors_id, department.legal_officers_id]).exists()
    )


def is_of_a_coordination_team(person) -> bool:
    """Coordination says who acts for an office, and may not sign for one (brief), so it cannot name itself.

    Its groups are those that may publish pages. A superuser may as well and is of no team by that.
    """
    return GroupPagePermission.objects.filter(
        group__in=person.groups.all(), permission__codename="publish_page"
    ).exists()


def has_written(person, item, signatory) -> bool:
    """Whether `person` saved or submitted the item since that signatory's last sign-off of what is live.

    Asked of the audit log: an autosave overwrites the revision before, and with it its content. Code may
    write a revision without an entry in the log, so the revisions are asked as well.
    """
    entries = (
        PageLogEntry.objects.filter(page=item.pk, user=person)
        .exclude(action__in=WRITES_NOTHING)
        .exclude(action__startswith="reviewflow.")
    )
    revisions = Revision.objects.for_instance(item).filter(user=person)
    if not (entries.exists() or revisions.exists()):
        return False
    if since := _last_signed_live(item, signatory):
        entries, revisions = entries.filter(timestamp__gt=since), revisions.filter(created_at__gt=since)
    return entries.exists() or revisions.exists()


def _last_signed_live(item, signatory):
    """When the signatory signed what is live; None where nothing is."""
    live = type(item).objects.live().filter(pk=item.pk).first()
    if live is None:
        return None
    decision = standing_sign_offs(live, signed_contents(live))[signatory]
    return decision.decided_at if decision else None


def _other_hat(person, submission, signatory):
    """One person does not sign for two in the same submission, nor where their sign-off for another
    carries over into it, whether that one was asked or not."""
    decided = Decision.objects.filter(submission=submission, person=person).exclude(signatory=signatory)
    other = decided.values_list("signatory", flat=True).first()
    signed = Decision.objects.signed().filter(page=submission.page_id, person=person)
    if other is None and signed.exclude(signatory=signatory).exists():
        standing = standing_sign_offs(submission.item)
        other = next(
            (
                each
                for each, decision in standing.items()
                if decision and each != signatory and decision.person_id == person.pk
            ),
            None,
        )
    if other is None:
        return None
    return _("You have decided on this item for %(office)s, so somebody else does for this office.") % {
        "office": Signatory(other).label
    }
