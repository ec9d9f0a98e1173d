"""What those are owed to be told whom a step of the review concerns: what is before them, what came back,
what is public.

Each notice is a row, written in the transaction of the step: nobody is told of what was rolled back, and
nothing that happened goes untold. The mails are reviewflow.mailing's.
"""

from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from reviewflow.labels import label_of
from reviewflow.mailing import wake_worker_on_commit
from reviewflow.models.decisions import Decision
from reviewflow.models.messages import Notice
from reviewflow.models.submissions import Submission
from reviewflow.preferences import as_wanted
from servicepages.models import ContactPerson, ServiceItemPage, User
from servicepages.vocabulary import ContactRole

_silent = False


@contextmanager
def silence():
    """Nobody is told anything: for reviews that never happened (the sample)."""
    global _silent
    _silent = True
    try:
        yield
    finally:
        _silent = False


def tell(
    people,
    subject: str,
    lines: list[str],
    url: str = "",
    *,
    kind: Notice.Kind,
    about: str,
    day: date | None = None,
    immediate: bool = True,
) -> None:
    """Each of `people` is owed this notice from now on: written with the caller's transaction, once however
    often the same is told.

    `about` names the occurrence and not only its subject ("submission:12:returned"): an item that is returned a
    second time on one day is a second thing to tell. `day` is the day for which it is told, today unless said
    otherwise. `lines` are paragraphs; `url` is a path of this site, or a whole address. What is not `immediate`
    waits for the day's digest, and so does what a person wants there; what they have switched off is not owed
    to them (reviewflow.preferences).
    """
    if _silent:
        return
    notices = as_wanted(
        Notice(
            kind=kind,
            person=person,
            about=about,
            day=day or timezone.localdate(),
            subject=" ".join(subject.split()),
            lines=[str(line) for line in lines if line],
            url=url,
            immediate=immediate,
        )
        for person in people
    )
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        if any(notice.immediate for notice in notices):
            wake_worker_on_commit()


def _in_the_sites_language(notice):
    def told(*args, **kwargs):
        with translation.override(settings.LANGUAGE_CODE):
            notice(*args, **kwargs)

    told.__doc__ = notice.__doc__
    return told


def asked_people(review):
    """Who may act on a review: the legal officers of the department, or the office's people and its deputy
    of the day, without those who come from the item's department."""
    department = review.submission.page.department
    people = User.objects.filter(is_active=True)
    if not review.signs.is_office:
        return people.filter(groups=department.legal_officers_id)
    if review.office is None:
        return people.none()
    acting = Q(groups=review.office.group_id)
    if review.office.is_deputised():
        acting |= Q(pk=review.office.deputy_id)
    return people.filter(acting).exclude(home_department=department).distinct()


def department_people(submission):
    """The submitter and the department's other editors."""
    return User.objects.filter(_of_department(submission), is_active=True).distinct()


def everyone_involved(submission, liaison=False):
    """They, and who has decided on the item in this submission; with the department's liaison, if wanted."""
    involved = _of_department(submission) | Q(decisions__submission=submission)
    if liaison:
        entry = ContactPerson.objects.filter(
            department=submission.page.department_id, role=ContactRole.LIAISON
        )
        involved |= Q(contact_entries__in=entry)
    return User.objects.filter(involved, is_active=True).distinct()


def _of_department(submission):
    return Q(groups=submission.page.department.editors_id) | Q(pk=submission.submitted_by_id)


@_in_the_sites_language
def asked(review):
    """An item is before an office or a legal officer."""
    submission = review.submission
    round_name = submission.round.name if submission.round else _("current upkeep")
    lines = [
        _("%(department)s has submitted “%(title)s” for review.")
        % {"department": submission.page.department, "title": submission.title},
        _("Review round: %(round)s") % {"round": round_name},
    ]
    if review.due_on:
        by = (
            _("Please decide by %(date)s (provisional: the official calendar of that year is not known yet).")
            if review.due_is_provisional
            else _("Please decide by %(date)s.")
        )
        lines.append(by % {"date": formats.date_format(review.due_on)})
    tell(
        asked_people(review),
        _("To review: %(title)s") % {"title": submission.title},
        lines,
        reverse("review_sheet", args=[review.pk]),
        kind=Notice.Kind.ASKED,
        about=f"review:{review.pk}:asked:{_decided_last(review)}",
    )


def _decided_last(review) -> int:
    """A review is asked again where its sign-off was revoked, and that is a decision, too. 0 before the first."""
    of_signatory = Decision.objects.filter(page=review.submission.page_id, signatory=review.signatory)
    return of_signatory.order_by("-pk").values_list("pk", flat=True).first() or 0


@_in_the_sites_language
def returned(submission):
    """An item went back: with every standing remark, office by office."""
    remarks = submission.remarks.standing().order_by("signatory", "pk")
    lines = [
        f"{remark.get_signatory_display()} · {label_of(remark.field)}：{remark.text}" for remark in remarks
    ]
    by = (
        _(
            "Please hand it in again by %(date)s (provisional: the official calendar of that year is not known yet)."
        )
        if submission.correct_by_is_provisional
        else _("Please hand it in again by %(date)s.")
    )
    tell(
        everyone_involved(submission, liaison=True),
        _("Returned: %(title)s") % {"title": submission.title},
        [
            _("“%(title)s” has come back from review. Please correct it at once.")
            % {"title": submission.title},
            submission.reason,
            *lines,
            by % {"date": formats.date_format(submission.correct_by)} if submission.correct_by else "",
        ],
        reverse("item_or_record", args=[submission.page_id]),
        kind=Notice.Kind.RETURNED,
        about=f"submission:{submission.pk}:returned",
    )


@_in_the_sites_language
def finished(submission):
    """What became of an item that all have signed."""
    Outcome = submission.Outcome
    sentence = {
        Outcome.PUBLISHED: _("All have signed “%(title)s”; it is public now."),
        Outcome.SCHEDULED: _("All have signed “%(title)s”; it goes public at the time it names."),
        Outcome.WAITING_FOR_FILING: _(
            "All have signed “%(title)s”; it goes public when the round has been put on file."
        ),
    }[submission.outcome]
    page = ServiceItemPage.objects.get(pk=submission.page_id)
    tell(
        everyone_involved(submission),
        _("Approved: %(title)s") % {"title": submission.title},
        [sentence % {"title": submission.title}],
        (page.full_url or "")
        if submission.outcome == Outcome.PUBLISHED
        else reverse("item_or_record", args=[page.pk]),
        kind=Notice.Kind.APPROVED,
        about=f"submission:{submission.pk}:{submission.outcome}",
    )


def take_the_place_of_wagtails():
    """Wagtail's own mails about workflows would say the same to other people and in other words, and
    "approved" of what the gate sent back. Registered first under Wagtail's own dispatch ids, ours leave
    everything else to it."""
    from wagtail.admin import signal_handlers
    from wagtail.models import WorkflowState

    for signal, uid, stock in (
        (
            workflow_submitted,
            "workflow_state_submitted_email_notification",
            signal_handlers.workflow_submission_email_notifier,
        ),
        (
            workflow_rejected,
            "workflow_state_rejected_email_notification",
            signal_handlers.workflow_rejection_email_notifier,
        ),
        (
            workflow_approved,
            "workflow_state_approved_email_notification",
            signal_handlers.workflow_approval_email_notifier,
        ),
    ):
        signal.disconnect(sender=WorkflowState, dispatch_uid=uid)
        signal.connect(_for_other_pages(stock), sender=WorkflowState, weak=False, dispatch_uid=uid)


def _for_other_pages(stock):
    """Theirs is also what a step of Wagtail's own says of an item before it is before any signatory."""

    def notify(instance, **kwargs):
        is_item = instance.content_type.model_class() is ServiceItemPage
        if not (is_item and Submission.objects.filter(workflow_state=instance).exists()):
            stock(instance=instance, **kwargs)

    return notify
