"""What follows from a change of an everyday name: the guides that it meant, and those that it means now.

Not for `QuerySet.update` and `bulk_create`: who uses these calls `let_follow`.
"""

from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django_q.tasks import async_task

from search.following import fold_of, follow
from servicepages.indexing import items_indexed
from servicepages.models import ServiceItemPage

# More than these are left to the background worker: nobody waits for a whole topic.
FOLLOWED_AT_ONCE = 200
# At most so many in one task, which has to end within its time.
FOLLOWED_BY_A_TASK = 1_000


def guides_meant(keys) -> set[int]:
    """Keys of the published items that the everyday names `keys` mean, as stored: the same items in every
    place, and all of their topics."""
    from search.models import EverydayName, EverydayNameItem

    of_name = EverydayNameItem.objects.filter(name__in=keys)
    topics = EverydayName.topics.through.objects.filter(everydayname__in=keys).values("topic")
    codes = of_name.exclude(page__basic_code="").values("page__basic_code")
    published = ServiceItemPage.objects.published()
    of_items = published.filter(Q(basic_code__in=codes) | Q(pk__in=of_name.values("page")))
    return {
        *of_items.values_list("pk", flat=True),
        *published.filter(topics__in=topics).values_list("pk", flat=True),
    }


def let_follow(keys) -> None:
    """Makes the guides of these pages anew: now, in this transaction, or by the worker if they are many."""
    keys = sorted(keys)
    if len(keys) <= FOLLOWED_AT_ONCE:
        follow(keys)
        return
    for start in range(0, len(keys), FOLLOWED_BY_A_TASK):
        some = keys[start : start + FOLLOWED_BY_A_TASK]
        transaction.on_commit(partial(async_task, "search.following.follow", some))


@contextmanager
def followed_by_its_guides(name):
    """Around whatever changes the stored everyday name and what it means."""
    with transaction.atomic():
        before = guides_meant([name.pk]) if name.pk else set()
        yield
        let_follow(before | guides_meant([name.pk]))


def _before_deletion(instance, **kwargs):
    instance.guides_meant = guides_meant([instance.pk])


def _after_deletion(instance, **kwargs):
    let_follow(instance.guides_meant)


def _meaning_deleted(instance, origin, **kwargs):
    """A page that is deleted takes with it what names meant through it, in the other places too."""
    from search.models import EverydayName, EverydayNameItem

    if getattr(origin, "model", type(origin)) not in (EverydayName, EverydayNameItem):
        let_follow(_same_items({fold_of(instance.page)}) - {instance.page_id})


def _code_may_change(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of an item. Its guide still knows the code under which it was published."""
    from search.models import Guide

    instance.left_fold = None
    if raw or not instance.pk or (update_fields is not None and "basic_code" not in update_fields):
        return
    fold = Guide.objects.filter(pk=instance.pk).values_list("fold", flat=True).first()
    if fold is not None and fold != fold_of(instance):
        instance.left_fold = fold


def _code_changed(instance, **kwargs):
    """The names of one item are those of the same item in every place; so are those it had before."""
    if fold := getattr(instance, "left_fold", None):
        let_follow(_same_items({fold, fold_of(instance)}))


def _same_items(folds):
    codes = [fold for fold in folds if not fold.startswith("page ")]
    return set(ServiceItemPage.objects.published().filter(basic_code__in=codes).values_list("pk", flat=True))


def _register_changed(keys, **kwargs):
    follow(keys)


def connect():
    from search.models import EverydayName, EverydayNameItem

    pre_delete.connect(_before_deletion, sender=EverydayName, dispatch_uid="everyday_name_deleted")
    post_delete.connect(_after_deletion, sender=EverydayName, dispatch_uid="everyday_name_deleted")
    post_delete.connect(_meaning_deleted, sender=EverydayNameItem, dispatch_uid="everyday_meaning_deleted")
    pre_save.connect(_code_may_change, sender=ServiceItemPage, dispatch_uid="everyday_code_changed")
    post_save.connect(_code_changed, sender=ServiceItemPage, dispatch_uid="everyday_code_changed")
    items_indexed.connect(_register_changed, dispatch_uid="search_register_changed")
