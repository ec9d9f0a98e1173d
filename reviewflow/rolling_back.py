"""Going back to an earlier version of a guide that all have signed, by coordination, in one step.

Nobody publishes around the review, not in an emergency either: what is published again was signed by all,
and none of the sign-offs has been revoked since.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import dateparse, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision

from reviewflow.canonical import signed_contents
from reviewflow.gate import check, listed, missing_signatures
from reviewflow.labels import label_of
from reviewflow.signatories import Signatory
from reviewflow.taking_down import may_take_down
from servicepages.models import ServiceItemPage, User

PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")
EARLIER_VERSIONS = 20


class CannotRollBack(ValidationError):
    """That version cannot be published again, and why."""


@dataclass(frozen=True)
class EarlierVersion:
    """A version that was public once, as the page to roll back shows it."""

    revision: Revision | None
    title: str
    published_at: datetime
    person: User | None
    changed_fields: tuple[str, ...] = ()
    hindrance: str = ""

    @property
    def differs_in(self) -> str:
        return listed([label_of(name) for name in self.changed_fields])


def earlier_versions(item) -> list[EarlierVersion]:
    """What was public before, newest first, with the names of the fields that differ from what is live and
    with what stands against publishing it again ("" where nothing does)."""
    live = signed_contents(item)
    versions, seen = [], {item.live_revision_id}
    entries = (
        PageLogEntry.objects.filter(page=item.pk, action__in=PUBLISHED)
        .select_related("revision", "user")
        .order_by("-timestamp", "-pk")
    )
    for entry in entries:
        if entry.revision_id in seen and entry.revision_id is not None:
            continue
        seen.add(entry.revision_id)
        versions.append(_earlier_version(entry, live))
        if len(versions) == EARLIER_VERSIONS:
            break
    return versions


def _earlier_version(entry, live) -> EarlierVersion:
    if entry.revision is None:
        return EarlierVersion(
            None, entry.label, entry.timestamp, entry.user, hindrance=_("This version is not kept any more.")
        )
    earlier = entry.revision.as_object()
    contents = signed_contents(earlier)
    changed = {
        name
        for signatory, content in contents.items()
        for name in content.changed_fields(live[signatory].form)
    }
    return EarlierVersion(
        entry.revision,
        earlier.title,
        entry.timestamp,
        entry.user,
        tuple(name for signatory in Signatory for name in signatory.field_names if name in changed),
        hindrance(entry.revision, earlier, contents),
    )


def hindrance(revision, earlier, contents=None) -> str:
    """Why that version cannot be published again; "" where it can."""
    if missing := missing_signatures(earlier, contents):
        names = listed([signatory.label for signatory in missing])
        return _("The sign-off of %(names)s does not count any more.") % {"names": names}
    expires = dateparse.parse_datetime(revision.content.get("expire_at") or "")
    if expires is not None and expires <= timezone.now():
        return _("Its own expiry date has passed.")
    return ""


@transaction.atomic
def roll_back(item, revision, user) -> None:
    """Publishes `revision`, an earlier published version of `item` whose sign-offs all still count.

    PermissionDenied where `user` may not; CannotRollBack for a version that was never public or is live;
    NotCleared where a sign-off does not count any more. The newest draft, a review under way and a schedule
    stay as they are.
    """
    item = ServiceItemPage.objects.get(pk=item.pk)
    if not may_take_down(user, item):
        raise PermissionDenied
    was_public = PageLogEntry.objects.filter(page=item.pk, revision=revision, action__in=PUBLISHED).exists()
    if not was_public or revision.pk == item.live_revision_id:
        raise CannotRollBack(_("Choose an earlier version that was public."))
    earlier = revision.as_object()
    check(earlier)
    if sentence := hindrance(revision, earlier):
        raise CannotRollBack(sentence)
    replaced = item.live_revision
    with schedules_kept(item):
        revision.publish(user=user, skip_permission_checks=True)
    log(
        instance=item,
        action="reviewflow.roll_back",
        user=user,
        revision=revision,
        data={"replaced": replaced.pk if replaced else None},
    )


@contextmanager
def schedules_kept(item):
    """Publishing takes every schedule of the page away. Around the publication of an older version, those of
    newer ones, which were signed and are still to come, stay."""
    revisions = Revision.objects.for_instance(item)
    kept = list(
        revisions.filter(approved_go_live_at__gt=timezone.now()).values_list("pk", "approved_go_live_at")
    )
    yield
    for pk, moment in kept:
        revisions.filter(pk=pk).update(approved_go_live_at=moment)


# In the admin


def choose_version(request, page_id):
    """The earlier versions, what differs in each, and which of them can be published again."""
    item = get_object_or_404(ServiceItemPage, pk=page_id)
    if not may_take_down(request.user, item):
        raise PermissionDenied
    if request.method == "POST":
        revision = _chosen(item, request.POST.get("revision"))
        try:
            roll_back(item, revision, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("roll_back", item.pk)
        messages.success(
            request,
            _("“%(title)s” is rolled back. Its newest draft was not changed.") % {"title": item.title},
        )
        return redirect("wagtailadmin_explore", item.get_parent().pk)
    return TemplateResponse(
        request,
        "reviewflow/admin/roll_back.html",
        {
            "item": item,
            "versions": earlier_versions(item),
            "schedule": Revision.objects.for_instance(item)
            .filter(approved_go_live_at__gt=timezone.now())
            .order_by("approved_go_live_at")
            .first(),
        },
    )


def _chosen(item, number) -> Revision:
    """Http404 for what is no revision of the item."""
    try:
        return get_object_or_404(Revision.objects.for_instance(item), pk=int(number))
    except (TypeError, ValueError) as error:
        raise Http404 from error


def admin_urls():
    return [path("service-items/<int:page_id>/roll-back/", choose_version, name="roll_back")]


def header_buttons(page, user, view_name, next_url=None):
    """`register_page_header_buttons`"""
    page = page.specific_deferred
    if isinstance(page, ServiceItemPage) and may_take_down(user, page):
        yield Button(
            gettext_lazy("Roll back"), reverse("roll_back", args=[page.pk]), icon_name="rotate", priority=59
        )
