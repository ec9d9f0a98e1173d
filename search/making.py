"""Making the search's guides from published items, of what the public may see and nothing else."""

from django.conf import settings
from django.db.models import Max, Q, Sum
from django.utils import timezone, translation
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField

from search.models import ChosenGuide, EverydayName, EverydayNameItem, Guide, GuideText
from search.sound import index_tokens, order_of
from search.text import key_of
from servicepages import fields
from servicepages.models import ServiceItemPage, ServicePoint
from servicepages.public import PublicGuide
from servicepages.vocabulary import CaseKind, TimeUnit


def fold_of(item) -> str:
    """What the same item shares in every place: its basic code; without one it is alone."""
    return fold_of_code(item.basic_code, item.pk)


def fold_of_code(basic_code: str, pk: int) -> str:
    return basic_code or f"page {pk}"


def codes_of(folds) -> list[str]:
    """The basic codes among `folds`."""
    return [fold for fold in folds if not fold.startswith("page ")]


def guides_of(keys: list[int]) -> list[Guide]:
    """A guide, not stored yet, for each of the pages (keys of service items) that the public may see, with its
    words as `text`. A constant number of queries."""
    items = _items(keys)
    if not items:
        return []
    parents = _parents_of(items)
    of_fold, of_topic = _names_of([*items, *parents.values()])
    # The words of the site, whatever language the person reads who publishes.
    with translation.override(settings.LANGUAGE_CODE):
        return [_guide(item, of_fold, of_topic, parents) for item in items]


def _items(keys):
    items = list(
        ServiceItemPage.objects.published()
        .filter(pk__in=keys)
        .exclude(department=None)
        .select_related("department__region")
        .prefetch_related("topics")
        .with_live_sub_items()
        .order_by("pk")
    )
    points = {}
    for point in ServicePoint.objects.filter(page__in=items).select_related("hall__region", "window__hall"):
        points.setdefault(point.page_id, []).append(point)
    for item in items:
        # Kept in memory by modelcluster until the item is saved, which nobody does here.
        item.service_points = points.get(item.pk, [])
    for name in fields.public_content():
        if isinstance(ServiceItemPage._meta.get_field(name), StreamField):
            _read_together([getattr(item, name) for item in items])
    return items


def _read_together(streams):
    """Reads blocks of many items as Wagtail reads those of one: what they choose (files) in a query for all."""
    of_type = {}
    for stream in streams:
        for at, raw in enumerate(stream.raw_data):
            of_type.setdefault(raw["type"], []).append((stream, at, raw))
    for name, places in of_type.items():
        block = places[0][0].stream_block.child_blocks[name]
        values = block.bulk_to_python([raw["value"] for _stream, _at, raw in places])
        for (stream, at, raw), value in zip(places, values, strict=True):
            stream[at] = StreamValue.StreamChild(block, value, id=raw.get("id"))


def _parents_of(items):
    """{path: item} of the items they are part of, as far as these are in force. (Where the parent is not for
    everybody, neither is what stands below it.)"""
    in_force = Q(expire_at=None) | Q(expire_at__gt=timezone.now())
    paths = {_parent_path(item) for item in items if item.is_sub_item}
    if not paths:
        return {}
    parents = ServiceItemPage.objects.live().filter(in_force, path__in=paths)
    return {parent.path: parent for parent in parents.only("path", "title", "basic_code")}


def _parent_path(item):
    return item.path[: -item.steplen]


def _names_of(items):
    """Everyday names that mean these items, by fold, and those of topics, by key: two queries."""
    of_fold, of_topic = {}, {}
    codes = codes_of({fold_of(item) for item in items})
    meant = EverydayNameItem.objects.filter(
        Q(page__basic_code__in=codes) | Q(page__in=[item.pk for item in items])
    )
    for phrase, pk, code in meant.values_list("name__phrase", "page", "page__basic_code"):
        of_fold.setdefault(fold_of_code(code, pk), []).append(phrase)
    for phrase, topic in EverydayName.topics.through.objects.values_list("everydayname__phrase", "topic"):
        of_topic.setdefault(topic, []).append(phrase)
    return of_fold, of_topic


def _guide(item, of_fold, of_topic, parents):
    public = PublicGuide(item)
    topics = list(item.topics.all())
    everyday = of_fold.get(fold_of(item), [])
    parent = parents.get(_parent_path(item))
    has_a_sheet = not item.files_no_sheet
    guide = Guide(
        page_id=item.pk,
        fold=fold_of(item),
        name=item.title,
        name_key=key_of(item.title)[:255],
        name_order=order_of(item.title),
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


def remember_choices(guides: list[Guide]) -> None:
    """Sets how often guides that come anew were chosen: an item that was taken down comes back with what it
    had, one that comes to a place has what the same item has elsewhere. Two queries."""
    folds = {guide.fold for guide in guides}
    counted = ChosenGuide.objects.filter(fold__in=folds).values_list("fold").annotate(Sum("times"))
    elsewhere = Guide.objects.filter(fold__in=folds).values_list("fold").annotate(Max("chosen"))
    # The log forgets what is old; the guides elsewhere do not.
    times = dict(counted)
    for fold, chosen in elsewhere:
        times[fold] = max(chosen, times.get(fold, 0))
    for guide in guides:
        guide.chosen = times.get(guide.fold, 0)
