"""Keeping the guides of the search in step with publication, in the transaction that publishes."""

import logging
from itertools import islice

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_migrate, post_save
from wagtail.search.backends import get_search_backends
from wagtail.signals import page_published, page_unpublished, post_page_move

from search.sound import index_tokens
from search.text import key_of
from servicepages.models import ServiceItemPage
from servicepages.public import PublicGuide
from servicepages.vocabulary import CaseKind, TimeUnit

logger = logging.getLogger(__name__)

CHUNK = 100
# Filled by the log of searches, never by an item.
KEPT = {"page", "chosen"}


def _chunks(keys):
    keys = iter(keys)
    while chunk := list(islice(keys, CHUNK)):
        yield chunk


def fold_of(item) -> str:
    """What the same item shares in every place: its basic code; without one it is alone."""
    return item.basic_code or f"page {item.pk}"


def _names_of(items):
    """{key of the item: everyday names that mean it}, those of its topics included: three queries."""
    from search.models import EverydayName

    of_fold, of_topic = {}, {}
    folds = {fold_of(item) for item in items}
    codes = [fold for fold in folds if not fold.startswith("page ")]
    meant = EverydayName.items.rel.related_model.objects.filter(
        Q(page__basic_code__in=codes) | Q(page__in=[item.pk for item in items])
    )
    for phrase, pk, code in meant.values_list("name__phrase", "page", "page__basic_code"):
        of_fold.setdefault(code or f"page {pk}", []).append(phrase)
    for phrase, topic in EverydayName.topics.through.objects.values_list("everydayname__phrase", "topic"):
        of_topic.setdefault(topic, []).append(phrase)
    return of_fold, of_topic


def _guide(item, of_fold, of_topic, parents):
    from search.models import Guide, GuideText

    public = PublicGuide(item)
    topics = list(item.topics.all())
    everyday = of_fold.get(fold_of(item), [])
    parent = parents.get(item.path[: -item.steplen])
    has_a_sheet = not item.files_no_sheet
    guide = Guide(
        page_id=item.pk,
        fold=fold_of(item),
        name=item.title,
        name_key=key_of(item.title)[:255],
        department=item.department,
        region=item.department.region,
        item_type=item.item_type,
        online=item.online if has_a_sheet else None,
        visits_required=item.visits_required if has_a_sheet else None,
        is_on_the_spot=has_a_sheet
        and (item.case_kind == CaseKind.ON_THE_SPOT or item.promised_limit_unit == TimeUnit.ON_THE_SPOT),
        topic_keys="".join(f" {topic.pk}" for topic in topics) + " " if topics else "",
        basic_code=item.basic_code,
        implementation_code=item.implementation_code,
        serial_number=item.serial_number,
        published_at=item.last_published_at,
        expires_at=item.expire_at,
    )
    department = item.department
    subject = [
        *([parent.title, *of_fold.get(fold_of(parent), [])] if parent else []),
        *(topic.name for topic in topics),
        *(phrase for topic in topics for phrase in of_topic.get(topic.pk, ())),
        department.name,
        department.short_name,
        department.region.name,
        item.get_item_type_display(),
    ]
    matter = [basis.value["law"] for basis in public.legal_bases]
    matter += [basis.value["document_number"] for basis in public.legal_bases]
    if has_a_sheet:
        subject += [result.value["name"] for result in public.result]
        matter += [material.value["name"] for material in public.listed_materials]
    guide.text = GuideText(
        guide=guide,
        everyday="\n".join(everyday),
        subject="\n".join(str(text) for text in subject if text),
        matter="\n".join(dict.fromkeys(text for text in matter if text)),
        body=item.public_text(),
        sound=index_tokens([item.title, *everyday]),
        promised_limit=item.promised_limit if has_a_sheet else None,
        promised_limit_unit=item.promised_limit_unit if has_a_sheet else "",
        is_free=public.is_free if has_a_sheet and public.fees else None,
    )
    return guide


def _values(model):
    return [field.name for field in model._meta.concrete_fields if field.name not in KEPT | {"guide"}]


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


def follow(keys, *, indexing: bool = True) -> int:
    """Makes the search's guides of these pages (keys of service items, any iterable) what the published
    items are: written anew, or gone. Says how many stand. A constant number of queries for each CHUNK.
    Without `indexing` their words are in no index yet: only for who indexes all guides next."""
    stand = 0
    for chunk in _chunks(keys):
        with transaction.atomic():
            stand += _follow(chunk, indexing)
    return stand


def _follow(chunk, indexing):
    from search.models import Guide, GuideText

    # Whoever follows the same guides waits, and reads what this one leaves.
    list(Guide.objects.select_for_update().filter(pk__in=chunk).order_by("pk").values_list("pk"))
    items = list(
        ServiceItemPage.objects.published()
        .filter(pk__in=chunk)
        .exclude(department=None)
        .select_related("department__region")
        .prefetch_related("topics")
        .with_live_sub_items()
    )
    parents = {
        parent.path: parent
        for parent in ServiceItemPage.objects.filter(
            path__in=[item.path[: -item.steplen] for item in items if item.is_sub_item]
        ).only("path", "title", "basic_code")
    }
    of_fold, of_topic = _names_of([*items, *parents.values()])
    guides = [_guide(item, of_fold, of_topic, parents) for item in items]
    Guide.objects.bulk_create(
        guides, update_conflicts=True, unique_fields=["page"], update_fields=_values(Guide)
    )
    GuideText.objects.bulk_create(
        [guide.text for guide in guides],
        update_conflicts=True,
        unique_fields=["guide"],
        update_fields=_values(GuideText),
    )
    found = {guide.pk for guide in guides}
    Guide.objects.filter(pk__in=[key for key in chunk if key not in found]).delete()
    if indexing:
        _tell_indexes(lambda backend, guides=guides: backend.add_bulk(Guide, guides))
    return len(guides)


def _guide_gone(instance, **kwargs):
    _tell_indexes(lambda backend: backend.delete(instance))


def _item_saved(instance, raw=False, update_fields=None, **kwargs):
    """A draft's bookkeeping is saved with `update_fields`; what the public sees is saved whole, or `live`."""
    from search.models import Guide

    if raw or (update_fields is not None and not {"live", "title"} & set(update_fields)):
        return
    if instance.live or Guide.objects.filter(pk=instance.pk).exists():
        follow([instance.pk])


def _published_or_not(instance, **kwargs):
    keys = [instance.pk]
    if instance.is_sub_item:
        # The list of sub-items stands in the place of its sheet, or no longer does.
        keys.append(instance.get_parent().pk)
    follow(keys)


def _page_moved(instance, **kwargs):
    follow(_below(instance))


def _restricted_or_not(instance, **kwargs):
    follow(_below(instance.page))


def _below(page):
    return ServiceItemPage.objects.descendant_of(page, inclusive=True).values_list("pk", flat=True)


def begin(**_signal):
    """After a migration: what stands in the index without a guide goes, and a site whose items were
    published before the search had guides gets them. Restored dumps and `QuerySet.update` are not
    noticed: `update_index`."""
    from search.models import Guide

    for backend in get_search_backends(with_auto_update=True):
        index = backend.get_index_for_model(Guide)
        if hasattr(index, "delete_stale_entries"):
            index.delete_stale_entries()
    if not Guide.objects.exists():
        follow(ServiceItemPage.objects.published().values_list("pk", flat=True))


def connect():
    from wagtail.models import PageViewRestriction

    from search.models import Guide

    post_migrate.connect(begin, sender=apps.get_app_config("search"), dispatch_uid="search_begin")
    post_delete.connect(_guide_gone, sender=Guide, dispatch_uid="search_guide_gone")
    post_save.connect(_item_saved, sender=ServiceItemPage, dispatch_uid="search_item_saved")
    for signal in (page_published, page_unpublished):
        signal.connect(_published_or_not, sender=ServiceItemPage, dispatch_uid="search_item_published")
    post_page_move.connect(_page_moved, dispatch_uid="search_page_moved")
    for signal in (post_save, post_delete):
        signal.connect(_restricted_or_not, sender=PageViewRestriction, dispatch_uid="search_restriction")
