"""When a published guide is to be checked again, by whom, and what became of it.

A guide that went live is checked after so many months (`CheckInterval`), and within ten working days after a law
that it cites was marked as amended or repealed. The department answers by revising it, or by saying that nothing
has changed; a guide that is taken down has nothing to check.
"""

from calendar import monthrange
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import Page, PageLogEntry

from reviewflow.canonical import signed_contents
from reviewflow.deadlines import working_calendar
from reviewflow.log_actions import CHECKED, LAW_CHANGED
from reviewflow.models.checks import DEFAULT_MONTHS, CheckInterval, GuideCheck
from servicepages.background import to_worker_on_commit
from servicepages.citations import cited_laws, live_items_citing
from servicepages.models import Law, ServiceItemPage

Reason, Outcome = GuideCheck.Reason, GuideCheck.Outcome

LAW_CHECK_DAYS = 10  # working days
# A law that more live guides cite is left to the background worker, so that no request is cut off halfway.
OPENED_AT_ONCE = 200
CHUNK = 500
# What was due long before the software asked for it becomes due after the first notice has gone out, which is 30
# days before: today's scan is over by now, perhaps.
_FIRST_NOTICE = timedelta(days=31)

# A revision of nothing but these says nothing of whether the guide still follows a law that has changed.
RESTS_ON_NO_LAW = frozenset(
    {
        "consultation_phone",
        "consultation_email",
        "mailing_address",
        "complaint_phone",
        "online_address",
        "own_hall",
        "public_hall",
        "service_points",
        "topics",
        "other_topics",
        "questions",
    }
)


# When


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a month that does not have it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Intervals:
    """Months to the next check by item type; one query, to be asked once for a list."""

    def __init__(self):
        self._months = dict(CheckInterval.objects.values_list("item_type", "months"))

    def due(self, item_type: str, since: date) -> date:
        return months_later(since, self._months.get(item_type, DEFAULT_MONTHS))


@transaction.atomic
def recount() -> int:
    """Counts anew when open checks that count working days are due; says how many days changed. For when the
    calendar changes."""
    calendar, changed = working_calendar(), []
    for check in GuideCheck.objects.open().filter(reason=Reason.LAW).iterator(CHUNK):
        before = check.due_on, check.due_is_provisional
        _count(check, calendar)
        if before != (check.due_on, check.due_is_provisional):
            changed.append(check)
    GuideCheck.objects.bulk_update(changed, ("due_on", "due_is_provisional"), batch_size=CHUNK)
    return len(changed)


def _count(check, calendar):
    asked_on = timezone.localdate(check.opened_at)
    check.due_on, check.due_is_provisional = calendar.after(asked_on, LAW_CHECK_DAYS)


# Opening and closing


@transaction.atomic
def went_live(instance, revision=None, **kwargs):
    """`page_published` of an item: a revision answers what was open, and the next check is 12 months ahead.

    Wagtail sends the signal for what is merely scheduled too; that is not live yet.
    """
    _one_at_a_time(instance.pk)
    live = ServiceItemPage.objects.live().filter(pk=instance.pk)
    if revision is None or not live.filter(live_revision=revision).exists():
        return
    for check in GuideCheck.objects.open().filter(page=instance.pk).select_related("revision"):
        if _is_answered(check, instance, revision):
            _close(check, Outcome.REVISED)
        elif check.reason == Reason.PERIODIC:
            check.delete()  # the same guide again: the months count from today
    _open_periodic(instance, revision)
    _open_for_changed_laws(instance, revision)


def _one_at_a_time(page_id) -> None:
    """A guide that is published while somebody says that nothing has changed: one waits for the other, and finds
    what it has closed and opened. Not the key: whoever writes of the page meanwhile need not wait."""
    list(Page.objects.select_for_update(no_key=True).filter(pk=page_id).values_list("pk"))


def _is_answered(check, item, revision) -> bool:
    if check.revision_id == revision.pk:
        return False
    changed = _changed_fields(check.revision, item)
    if check.reason == Reason.PERIODIC:
        return bool(changed)
    return revision.created_at > check.opened_at and bool(changed - RESTS_ON_NO_LAW)


def _changed_fields(earlier, item) -> set[str]:
    """Names of the signed fields in which `item` differs from an earlier revision; without one, all it has."""
    before = signed_contents(earlier.as_object()) if earlier else {}
    return {
        name
        for signatory, content in signed_contents(item).items()
        for name in content.changed_fields(before[signatory].form if before else None)
    }


def _open_periodic(item, revision):
    GuideCheck.objects.create(
        page_id=item.pk,
        reason=Reason.PERIODIC,
        revision=revision,
        opened_at=timezone.now(),
        due_on=Intervals().due(item.item_type, timezone.localdate()),
    )


def _open_for_changed_laws(item, revision):
    """For a version that was written before a law it cites was marked, and published after."""
    laws = [law for law in cited_laws(item) if law.has_changed and revision.created_at < law.changed_at]
    if laws:
        # Whoever opens the checks of a law has locked it, and would wait for the same check if it was written here
        # first, while this waits for the law.
        keys = [law.pk for law in laws]
        list(Law.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
        calendar = working_calendar()
        checks = [_law_check(law, item.pk, revision.pk, calendar) for law in laws]
        GuideCheck.objects.bulk_create(checks, ignore_conflicts=True)


def _law_check(law, page_id, revision_id, calendar):
    check = GuideCheck(
        page_id=page_id,
        reason=Reason.LAW,
        law=law,
        law_status=law.status,
        law_changed_at=law.changed_at,
        revision_id=revision_id,
        opened_at=timezone.now(),
    )
    _count(check, calendar)
    return check


def taken_down(instance, **kwargs):
    """`page_unpublished` of an item."""
    GuideCheck.objects.open().filter(page=instance.pk).update(
        outcome=Outcome.TAKEN_DOWN, checked_at=timezone.now()
    )


def _close(check, outcome, user=None, note=""):
    check.outcome, check.checked_by, check.note = outcome, user, note
    check.checked_at = timezone.now()
    check.save(update_fields=["outcome", "checked_by", "note", "checked_at"])


# A law has changed


def to_be_checked_for(law: Law):
    """Live items that cite `law` in a version older than its last change, and were not asked about it yet."""
    asked = GuideCheck.objects.filter(page=OuterRef("pk"), law=law, law_changed_at=law.changed_at).exclude(
        outcome=Outcome.TAKEN_DOWN
    )
    return live_items_citing(law).filter(
        Q(live_revision=None) | Q(live_revision__created_at__lt=law.changed_at), ~Exists(asked)
    )


def law_changed(instance, **kwargs):
    """`law_changed` of the register: in the transaction that marks the law."""
    person = getattr(get_active_log_context().user, "pk", None)
    if to_be_checked_for(instance)[: OPENED_AT_ONCE + 1].count() <= OPENED_AT_ONCE:
        open_for(instance, person)
    else:
        to_worker_on_commit(open_for_law, instance.pk, person)


def open_for_law(pk: int, person: int | None = None) -> int:
    """For the background worker: opens the checks that the last change of a law asks for; says how many.
    `person` is the key of who marked it, for the histories of the items."""
    with transaction.atomic():
        return open_for(Law.objects.select_for_update().get(pk=pk), person)


def open_for(law: Law, person: int | None = None) -> int:
    """The same for a law that the caller has locked. Safe to repeat."""
    if not law.has_changed:
        return 0
    calendar, opened, after = working_calendar(), 0, 0
    page_type = ContentType.objects.get_for_model(ServiceItemPage)
    items = to_be_checked_for(law).order_by("pk").values_list("pk", "title", "live_revision")
    while chunk := list(items.filter(pk__gt=after)[:CHUNK]):
        GuideCheck.objects.bulk_create(
            (_law_check(law, pk, revision, calendar) for pk, _title, revision in chunk),
            ignore_conflicts=True,
        )
        PageLogEntry.objects.bulk_create(
            PageLogEntry(
                page_id=pk,
                content_type=page_type,
                label=title,
                action=LAW_CHANGED,
                user_id=person,
                revision_id=revision,
                timestamp=timezone.now(),
                data={"law": str(law)},
            )
            for pk, title, revision in chunk
        )
        opened += len(chunk)
        after = chunk[-1][0]
    return opened


def open_for_changed_laws() -> int:
    """What a worker that died, or a broker that was down, left undone. Says how many; safe to repeat."""
    return sum(open_for_law(pk) for pk in Law.objects.exclude(changed_at=None).values_list("pk", flat=True))


def open_missing() -> int:
    """Opens what live guides lack: those that were live before the software asked, and what a worker that died
    left undone. Says how many; safe to repeat. Memory does not grow with the number of guides."""
    opened = open_for_changed_laws()
    has_one = GuideCheck.objects.open().filter(page=OuterRef("pk"), reason=Reason.PERIODIC)
    lacking = ServiceItemPage.objects.live().filter(~Exists(has_one)).order_by("pk")
    rows = lacking.values_list("pk", "item_type", "live_revision", "last_published_at")
    intervals, earliest, after = Intervals(), timezone.localdate() + _FIRST_NOTICE, 0
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
        GuideCheck.objects.bulk_create(
            (
                GuideCheck(
                    page_id=pk,
                    reason=Reason.PERIODIC,
                    revision_id=revision,
                    due_on=max(
                        intervals.due(item_type, timezone.localdate(published or timezone.now())), earliest
                    ),
                )
                for pk, item_type, revision, published in chunk
            ),
            ignore_conflicts=True,
        )
        opened += len(chunk)
        after = chunk[-1][0]
    return opened


# Checking


def may_check(user, item) -> bool:
    """The editors and the legal officers of the item's department, and nobody in their place: not the coordination
    team, nor an administrator."""
    groups = [key for key in (item.department.editors_id, item.department.legal_officers_id) if key]
    return user.is_active and user.groups.filter(pk__in=groups).exists()


@transaction.atomic
def record_unchanged(item, user, seen, note: str = "") -> None:
    """Nothing has changed: closes what is open of `item` and opens the next periodic check.

    `seen` holds the keys of the checks that `user` was shown. PermissionDenied where `user` may not;
    ValidationError where the guide is not live, or something else is to be checked now. Touches no page, so it
    works while the item is in review or locked.
    """
    if not may_check(user, item):
        raise PermissionDenied
    _one_at_a_time(item.pk)
    live = ServiceItemPage.objects.live().filter(pk=item.pk).select_related("live_revision").first()
    if live is None:
        raise ValidationError(_("The guide is not live, so there is nothing to check."))
    checks = list(GuideCheck.objects.open().filter(page=item.pk))
    if {check.pk for check in checks} != set(seen):
        raise ValidationError(
            _("What is to be checked has changed in the meantime. Please look at it again.")
        )
    for check in checks:
        _close(check, Outcome.UNCHANGED, user, note.strip())
    log(
        instance=live,
        action=CHECKED,
        user=user,
        revision=live.live_revision,
        data={"comment": note.strip(), "laws": [str(check.law) for check in checks if check.law_id]},
    )
    _open_periodic(live, live.live_revision)
