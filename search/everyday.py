"""What follows from a change of an everyday name: the guides that it meant, and those that it means now.

Not for `QuerySet.update` and `bulk_create`: who uses these calls `let_follow`.
"""

from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, pre_delete, pre_save

from search.following import follow, let_follow, with_sub_items
from search.making import codes_of, fold_of
from search.models import EverydayName, EverydayNameItem
from search.turns import one_at_a_time
from servicepages.indexing import item_saved, items_indexed
from servicepages.models import ServiceItemPage


def guides_meant(keys) -> set[int]:
    """Keys of the published items that the everyday names `keys` mean, as stored: the same items in every
    place, with their sub-items, and all of their topics."""
    of_name = EverydayNameItem.objects.filter(name__in=keys)
    topics = EverydayName.topics.through.objects.filter(everydayname__in=keys).values("topic")
    codes = of_name.exclude(page__basic_code="").values("page__basic_code")
    published = ServiceItemPage.objects.published()
    of_items = published.filter(Q(basic_code__in=codes) | Q(pk__in=of_name.values("page")))
    return {*with_sub_items(of_items), *published.filter(topics__in=topics).values_list("pk", flat=True)}


@contextmanager
def followed_by_its_guides(name):
    """Around whatever changes the stored everyday name and what it means. What is published meanwhile waits, or
    is there: no item comes between the name and the guides that follow it."""
    with transaction.atomic():
        one_at_a_time()
        before = guides_meant([name.pk]) if name.pk else set()
        yield
        let_follow(before | guides_meant([name.pk]))


def _before_deletion(instance, **kwargs):
    one_at_a_time()
    instance.guides_meant = guides_meant([instance.pk])


def _after_deletion(instance, **kwargs):
    let_follow(instance.guides_meant)


def _before_meaning_deleted(**kwargs):
    one_at_a_time()


def _meaning_deleted(instance, origin, **kwargs):
    """A page that is deleted takes with it what names meant through it, in the other places too."""
    if getattr(origin, "model", type(origin)) not in (EverydayName, EverydayNameItem):
        let_follow(_same_items({fold_of(instance.page)}) - {instance.page_id})


def _code_may_change(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of an item: names go by the code that is stored, whether the item is published or not."""
    instance.left_fold = None
    if raw or not instance.pk or (update_fields is not None and "basic_code" not in update_fields):
        return
    stored = ServiceItemPage.objects.filter(pk=instance.pk).only("basic_code").first()
    if stored is not None and fold_of(stored) != fold_of(instance):
        instance.left_fold = fold_of(stored)


def _code_changed(instance, **kwargs):
    """What names mean through this item they mean in every place: where it was, and where it is now."""
    left = getattr(instance, "left_fold", None)
    if left and EverydayNameItem.objects.filter(page=instance.pk).exists():
        one_at_a_time()
        let_follow(_same_items({left, fold_of(instance)}))


def _same_items(folds):
    return with_sub_items(ServiceItemPage.objects.published().filter(basic_code__in=codes_of(folds)))


def _register_changed(keys, **kwargs):
    follow(keys)


def connect():
    pre_delete.connect(_before_deletion, sender=EverydayName, dispatch_uid="everyday_name_deleted")
    post_delete.connect(_after_deletion, sender=EverydayName, dispatch_uid="everyday_name_deleted")
    pre_delete.connect(
        _before_meaning_deleted, sender=EverydayNameItem, dispatch_uid="everyday_meaning_deleted"
    )
    post_delete.connect(_meaning_deleted, sender=EverydayNameItem, dispatch_uid="everyday_meaning_deleted")
    pre_save.connect(_code_may_change, sender=ServiceItemPage, dispatch_uid="everyday_code_changed")
    item_saved.connect(_code_changed, dispatch_uid="everyday_code_changed")
    items_indexed.connect(_register_changed, dispatch_uid="search_register_changed")
