"""Keeping the guides of the search in step with publication, in the transaction that publishes."""

import logging
from itertools import islice

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backends
from wagtail.signals import page_unpublished, post_page_move, pre_page_move

from search.making import fold_of, guides_of, remember_choices
from search.models import Guide, GuideText
from search.turns import one_at_a_time
from servicepages.background import to_worker_on_commit
from servicepages.indexing import item_saved
from servicepages.migrated import is_migrated
from servicepages.models import ServiceItemPage
from servicepages.models.service_item import ITEM_DEPTH

logger = logging.getLogger(__name__)

CHUNK = 100
# More than these are left to the background worker: nobody waits for a whole topic or section.
FOLLOWED_AT_ONCE = 200
# At most so many in one task, which has to end within its time.
FOLLOWED_BY_A_TASK = 1_000
# Filled by the log of searches, never by an item.
KEPT = {"page", "chosen"}
# A draft's bookkeeping is saved with `update_fields`; what the public sees is saved whole, or is one of these.
SEEN = {"live", "title", "basic_code"}


def _chunks(keys):
    keys = iter(keys)
    while chunk := list(islice(keys, CHUNK)):
        yield chunk


def follow(keys, *, indexing: bool = True) -> int:
    """Makes the search's guides of these pages (keys of service items, any iterable) what the published
    items are: written anew, or gone. Says how many stand. For those that stand a constant number of queries
    for each CHUNK. Without `indexing` their words are in no index yet: only for who indexes all guides next."""
    stand = 0
    for chunk in _chunks(keys):
        with transaction.atomic():
            one_at_a_time()
            stand += _follow(chunk, indexing)
    return stand


def let_follow(keys) -> None:
    """Makes the guides of these pages anew: now, in this transaction, or by the worker if they are many."""
    keys = sorted(keys)
    if len(keys) <= FOLLOWED_AT_ONCE:
        follow(keys)
        return
    for start in range(0, len(keys), FOLLOWED_BY_A_TASK):
        some = keys[start : start + FOLLOWED_BY_A_TASK]
        to_worker_on_commit(follow, some)


def with_sub_items(items) -> set[int]:
    """Keys of `items` (a queryset) and of their live sub-items, whose guides say what they are part of: all
    that follow when the name of an item, an everyday name of it, or what is public of it changes."""
    found, parents = set(), []
    for pk, path, sub_items in items.values_list("pk", "path", "numchild"):
        found.add(pk)
        if sub_items:
            parents.append(path)
    for some in _chunks(parents):
        below = Q()
        for path in some:
            below |= Q(path__range=(f"{path}0000", f"{path}ZZZZ"))
        sub_items = ServiceItemPage.objects.live().filter(below, depth=ITEM_DEPTH + 1)
        found.update(sub_items.values_list("pk", flat=True))
    return found


def _values(model):
    return [field.name for field in model._meta.concrete_fields if field.name not in KEPT | {"guide"}]


def _follow(chunk, indexing):
    guides = guides_of(chunk)
    had = set(Guide.objects.filter(pk__in=chunk).values_list("pk", flat=True))
    if guides:
        if new := [guide for guide in guides if guide.pk not in had]:
            remember_choices(new)
        Guide.objects.bulk_create(
            guides, update_conflicts=True, unique_fields=["page"], update_fields=_values(Guide)
        )
        GuideText.objects.bulk_create(
            [guide.text for guide in guides],
            update_conflicts=True,
            unique_fields=["guide"],
            update_fields=_values(GuideText),
        )
    gone = set(chunk).difference(guide.pk for guide in guides)
    if gone & had:
        Guide.objects.filter(pk__in=gone & had).delete()
    for key in gone - had:
        # Those that `_take_out_below` took away left their entries.
        _guide_gone(Guide(pk=key))
    if guides and indexing:
        _tell_indexes(lambda backend: backend.add_bulk(Guide, guides))
    return len(guides)


def _tell_indexes(tell):
    """As modelsearch does it: a search server that is down keeps nobody from publishing (`update_index` makes
    up for it); an error of the database is one."""
    for backend in get_search_backends(with_auto_update=True):
        try:
            tell(backend)
        except Exception:
            if not backend.catch_indexing_errors:
                raise
            logger.exception("The search index did not take guides; update_index is needed")


def _guide_gone(instance, **kwargs):
    _tell_indexes(lambda backend: backend.delete(instance))


# What an item does


def _item_saving(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save`: whoever saves what the public sees takes the turn before any row is locked. There are rows that
    each of them writes (the stamp of all pages, the item above in Wagtail's index), and two who had them in
    another order would wait for each other."""
    if raw or (update_fields is not None and not SEEN & set(update_fields)):
        return
    if (instance.pk or instance.live) and instance.specific_class is ServiceItemPage:
        _take_turn_early()


def _take_turn_early(**kwargs):
    """Outside a transaction no row stays locked either."""
    if connection.in_atomic_block:
        one_at_a_time()


def _item_saved(instance, update_fields, **kwargs):
    """Its guide, and those that say something of it: the item it is part of lists its sub-items in the place of
    its sheet, or no longer does; its sub-items say what they are part of."""
    if update_fields is not None and not SEEN & set(update_fields):
        return
    before = Guide.objects.filter(pk=instance.pk).values_list("name", "fold").first()
    if not instance.live and before is None:
        return
    one_at_a_time()
    came_or_went = before is None or not instance.live
    keys = {instance.pk}
    if came_or_went or before != (instance.title, fold_of(instance)):
        keys |= _and_sub_items(instance)
    if came_or_went:
        keys |= _item_above(instance)
    follow(sorted(keys))


def _taken_down(instance, **kwargs):
    """Saved as a page, as the clock does it, it has not told that it was saved."""
    if Guide.objects.filter(pk=instance.pk).exists():
        with transaction.atomic():
            one_at_a_time()
            follow(sorted(_and_sub_items(instance) | _item_above(instance)))


def _and_sub_items(item):
    return with_sub_items(ServiceItemPage.objects.filter(pk=item.pk))


def _item_above(item):
    return {item.get_parent().pk} if item.is_sub_item else set()


# What happens to a whole section


def _page_moved(instance, parent_page_before, parent_page_after, **kwargs):
    if parent_page_before.pk != parent_page_after.pk:
        above = [page.pk for page in (parent_page_before, parent_page_after) if page.depth == ITEM_DEPTH]
        _follow_below(instance, above)


def _restricted_or_not(instance, **kwargs):
    _follow_below(instance.page)


@transaction.atomic
def _follow_below(page, above=()):
    one_at_a_time()
    below = ServiceItemPage.objects.descendant_of(page, inclusive=True)
    keys = set(below.filter(Q(live=True) | Q(guide__isnull=False)).values_list("pk", flat=True))
    if len(keys) > FOLLOWED_AT_ONCE:
        _take_out_below(below)
    let_follow(keys.union(above))


def _take_out_below(items):
    """What the public may no longer see goes at once, however much it is: a statement for each table. Entries
    without a guide find nothing, and go when the worker follows."""
    hidden = items.exclude(pk__in=ServiceItemPage.objects.published().values("pk")).values("pk")
    GuideText.objects.filter(guide__in=hidden)._raw_delete(using=GuideText.objects.db)
    Guide.objects.filter(page__in=hidden)._raw_delete(using=Guide.objects.db)


# What a migration does


def begin(using="default", **kwargs):
    """After a migration: what stands in the index without a guide goes, and published items without a guide get
    one: those from before the search had guides, and those that an interrupted start has left. Restored dumps
    and `QuerySet.update` are not noticed: `update_index`. Does nothing in half a database."""
    if not is_migrated(using):
        return
    for backend in get_search_backends(with_auto_update=True):
        index = backend.get_index_for_model(Guide)
        if hasattr(index, "delete_stale_entries"):
            index.delete_stale_entries()
    without = ServiceItemPage.objects.published().filter(guide=None).order_by("pk")
    follow(list(without.values_list("pk", flat=True)))


def connect():
    post_migrate.connect(begin, sender=apps.get_app_config("search"), dispatch_uid="search_begin")
    pre_delete.connect(_take_turn_early, sender=Guide, dispatch_uid="search_guide_going")
    post_delete.connect(_guide_gone, sender=Guide, dispatch_uid="search_guide_gone")
    for sender in (ServiceItemPage, Page):
        pre_save.connect(_item_saving, sender=sender, dispatch_uid="search_item_saving")
    item_saved.connect(_item_saved, dispatch_uid="search_item_saved")
    page_unpublished.connect(_taken_down, sender=ServiceItemPage, dispatch_uid="search_item_taken_down")
    pre_page_move.connect(_take_turn_early, dispatch_uid="search_page_moving")
    post_page_move.connect(_page_moved, dispatch_uid="search_page_moved")
    for signal in (post_save, post_delete):
        signal.connect(_restricted_or_not, sender=PageViewRestriction, dispatch_uid="search_restriction")
