"""The gate: what may be live.

A service item may be live only if, for the content that goes live, each of the three offices has a sign-off
that counts, and the department's legal check does. Source: plan, part three (二) 4 and 5.

The rule stands here once. It is asked where a row is saved (`pre_save`), because every road of Wagtail ends
there, and in the database by a trigger (reviewflow.triggers), because SQL does not. docs/review-gate.md
lists the roads.
"""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import connections
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from reviewflow.canonical import signed_contents
from reviewflow.models.decisions import Clearance, Decision
from reviewflow.models.submissions import Submission
from reviewflow.sign_offs import standing_sign_offs
from reviewflow.signatories import Signatory
from servicepages.copying import NO_ALIAS
from servicepages.models import ServiceItemPage


class NotCleared(ValidationError):
    """An item may not go live. The message names who has not signed."""

    def __init__(self, item, missing: list[Signatory]):
        self.missing = missing
        super().__init__(
            _("“%(title)s” cannot be published: it is not signed by %(names)s.")
            % {"title": item.title, "names": listed([signatory.label for signatory in missing])}
        )

    @property
    def message_dict(self):
        """Wagtail's admin API asks every refusal for its messages by field."""
        return {NON_FIELD_ERRORS: self.messages}


class NoRevision(NotCleared):
    """A page was to go live without a revision, or with one whose content is not what was signed."""

    def __init__(self, item):
        ValidationError.__init__(
            self,
            _("“%(title)s” cannot be published: a service item goes live through a revision that was signed.")
            % {"title": item.title},
        )
        self.missing = []


class NoAlias(NotCleared):
    """An alias goes live with its original, whatever it stands under and without a revision of its own."""

    def __init__(self, item):
        ValidationError.__init__(self, NO_ALIAS)
        self.missing = []


def listed(names) -> str:
    separator = "、" if (get_language() or "").startswith("zh") else ", "
    return separator.join(str(name) for name in names)


def missing_signatures(item, contents=None) -> list[Signatory]:
    """Who has not signed for the content of `item` as it is in memory; empty where it may be live."""
    if item.pk is None:
        return list(Signatory)
    standing = standing_sign_offs(item, contents)
    return [signatory for signatory, decision in standing.items() if decision is None]


def check(item) -> dict[str, str]:
    """Raises NotCleared where the content of `item` may not be live. Returns {signatory: digest}."""
    contents = signed_contents(item) if item.pk is not None else None
    missing = missing_signatures(item, contents)
    if missing:
        raise NotCleared(item, missing)
    return {signatory.value: content.digest for signatory, content in contents.items()}


# Every way of saving a row

# What decides whether and as what an item is live. Other columns of a live page may be saved at will.
GUARDED = (
    frozenset({"live", "live_revision", "live_revision_id", "title", "content_type", "content_type_id"})
    | {name for signatory in Signatory for name in signatory.field_names}
    | {"department_id", "flow_chart_id"}
)


def hold_item(sender, instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of ServiceItemPage."""
    if raw:
        _hold_loaded_item(instance)
        return
    if instance.alias_of_id is not None:
        raise NoAlias(instance)
    if update_fields is not None and not GUARDED & set(update_fields):
        return
    proposed = instance
    if update_fields is not None:
        proposed = _with(ServiceItemPage.objects.filter(pk=instance.pk).first(), instance, update_fields)
    if proposed is not None and proposed.live:
        give_clearance(proposed)


def hold_page(sender, instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of a base Page: what it says of a service item counts as much as what the item says.

    An item is known by its own row, whatever type the base row claims. From a fixture the base row comes
    after the item's own (docs/review-gate.md), so the content is there to be compared.
    """
    if not instance.live or (update_fields is not None and not GUARDED & set(update_fields)):
        return
    item = ServiceItemPage.objects.filter(pk=instance.pk).first() or (_own_row(instance) if raw else None)
    if item is not None and instance.alias_of_id is not None:
        raise NoAlias(item)
    if item is not None:
        names = update_fields if update_fields is not None else _page_columns(sender)
        give_clearance(_with(item, instance, names), loaded=raw)
    elif _claims_to_be_an_item(instance):
        raise NotCleared(instance, list(Signatory))


def _claims_to_be_an_item(page) -> bool:
    """Asked of the table: while a fixture is loaded, a type may still be to come."""
    label, model = ServiceItemPage._meta.app_label, ServiceItemPage._meta.model_name
    return ContentType.objects.filter(pk=page.content_type_id, app_label=label, model=model).exists()


def _page_columns(model):
    return [field.name for field in model._meta.concrete_fields]


def _own_row(page):
    """The item's own row while its base row is being loaded: joined to nothing yet."""
    row = ServiceItemPage._base_manager.raw(
        "SELECT * FROM servicepages_serviceitempage WHERE page_ptr_id = %s", [page.pk]
    )
    stored = next(iter(row), None)
    if stored is None:
        return None
    item = ServiceItemPage(pk=page.pk)
    for field in ServiceItemPage._meta.local_concrete_fields:
        setattr(item, field.attname, getattr(stored, field.attname))
    return item


def _with(stored, instance, names):
    """`stored` with the values that are about to be saved."""
    if stored is None:
        return None
    for name in names:
        field = instance._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name)
        if field.concrete and not field.many_to_many:
            setattr(stored, field.attname, getattr(instance, field.attname))
    return stored


def _hold_loaded_item(instance):
    """A fixture's row of the item alone: what is live already does not change its content by it."""
    live = ServiceItemPage.objects.filter(pk=instance.pk, live=True).first()
    if live is not None:
        check(_with(live, instance, [field.name for field in ServiceItemPage._meta.local_concrete_fields]))


def give_clearance(item, loaded=False):
    """Asks the rule of `item`, and where it newly goes live, or with another revision, writes the clearance
    that the trigger looks for.

    A clearance names a revision, so the revision has to say what was signed. A fixture may bring it later
    (`loaded`).
    """
    wait_for_turn(item.pk)
    digests = check(item)
    if item.live_revision_id is None:
        raise NoRevision(item)
    if type(item).objects.filter(pk=item.pk, live=True, live_revision=item.live_revision_id).exists():
        return
    if loaded:
        # The dump brought it, used, and PostgreSQL's counter of these rows does not know of it yet.
        brought = Clearance.objects.filter(page=item.pk, revision=item.live_revision_id)
        if brought.update(used_at=None, digests=digests):
            return
    elif _digests_of_revision(item) != digests:
        raise NoRevision(item)
    Clearance.objects.create(page_id=item.pk, revision_id=item.live_revision_id, digests=digests)


def _digests_of_revision(item) -> dict[str, str] | None:
    revision = Revision.objects.for_instance(item).filter(pk=item.live_revision_id).first()
    return _digests(revision) if revision is not None else None


def _digests(revision) -> dict[str, str]:
    contents = signed_contents(revision.as_object())
    return {signatory.value: content.digest for signatory, content in contents.items()}


def keep_published_revision(sender, instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of Revision: what was published, or is approved and waits to be, stays as it was signed.

    An autosave may overwrite its author's newest revision, also after it went live; a withdrawn guide shows
    the public the title that stands there. PermissionDenied is what Wagtail's editor expects then.
    """
    if raw or instance.pk is None or (update_fields is not None and "content" not in update_fields):
        return
    waiting = Submission.objects.filter(
        revision=instance.pk,
        outcome__in=[Submission.Outcome.WAITING_FOR_FILING, Submission.Outcome.SCHEDULED],
    )
    if not (Clearance.objects.filter(revision=instance.pk).exists() or waiting.exists()):
        return
    if _digests(Revision.objects.get(pk=instance.pk)) != _digests(instance):
        raise PermissionDenied(_("A version that was published is not overwritten."))


def wait_for_turn(page_id):
    """Whoever publishes a page and whoever revokes a sign-off of it come one after the other; otherwise
    PostgreSQL would let a page go live on a sign-off that is revoked at the same instant. Outside a
    transaction there is no turn to wait for."""
    connection = connections["default"]
    if connection.in_atomic_block:
        list(Page.objects.select_for_update(no_key=True).filter(pk=page_id).values_list("pk"))


def wait_before_revoking(sender, instance, **kwargs):
    """`pre_save` of Decision."""
    if instance.kind == Decision.Kind.REVOKED:
        wait_for_turn(instance.page_id)


def use_clearance(sender, instance, **kwargs):
    """`post_save` of both: a clearance is good for one time."""
    Clearance.objects.filter(page=instance.pk, used_at=None).update(used_at=timezone.now())


# Scheduled publishing is asked twice: when it is scheduled, and by the two above when it is due


def hold_schedule(sender, instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of Revision: nothing unsigned is scheduled."""
    if instance.approved_go_live_at is None or raw:
        return
    if update_fields is not None and "approved_go_live_at" not in update_fields:
        return
    if instance.content_type.model_class() is ServiceItemPage:
        check(instance.as_object())


def hold_move(sender, instance, parent_page_after, **kwargs):
    """`pre_page_move`: a live item keeps the implementing body that was signed."""
    department = getattr(parent_page_after.specific, "department_id", None)
    for item in ServiceItemPage.objects.live().descendant_of(instance, inclusive=True):
        if item.department_id != department:
            item.department_id = department
            check(item)


def keep_shown_topic(sender, instance, **kwargs):
    """`pre_delete` of Topic: a live item keeps the topics that were signed. Deleting one would take it out
    of the rows of its items without anybody being asked."""
    shown = list(ServiceItemPage.objects.live().about(instance)[:20])
    if shown:
        raise ProtectedError(_("Live service items are listed under this topic."), set(shown))
