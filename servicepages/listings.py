"""What the public pages list: each a plain dictionary for its template, in a constant number of
queries, of live items only."""

from collections import defaultdict
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Length, Substr

from servicepages.public import PublicGuide
from servicepages.vocabulary import Audience

ITEMS_A_PAGE = 50
RECENT = 8


def paginate(queryset, request):
    """The page that ?page= asks for; the nearest one where it asks for nonsense."""
    return Paginator(queryset, ITEMS_A_PAGE).get_page(request.GET.get("page"))


def _items():
    from servicepages.models import ServiceItemPage

    return ServiceItemPage.objects.published()


def _path_of_parent():
    from servicepages.models import ServiceItemPage
    from servicepages.models.service_item import ITEM_DEPTH

    return Substr("path", 1, ITEM_DEPTH * ServiceItemPage.steplen)


def _sub_items():
    """Live sub-items, each with `parent_path`."""
    from servicepages.models.service_item import ITEM_DEPTH

    return _items().filter(depth=ITEM_DEPTH + 1).annotate(parent_path=_path_of_parent())


def with_sub_items(items):
    """Gives each item on a page of a list its live sub-items as `listed_sub_items`: one query."""
    items.object_list = list(items.object_list)
    below = defaultdict(list)
    for sub_item in _sub_items().filter(parent_path__in=[item.path for item in items]).order_by("path"):
        below[sub_item.parent_path].append(sub_item)
    for item in items:
        item.listed_sub_items = below[item.path]
    return items


def with_parents(items):
    """Gives each sub-item in a list the item it is part of as `listed_parent`, without which its name
    says little: one query. `items` is a list, or a page of one."""
    if hasattr(items, "object_list"):
        items.object_list = list(items.object_list)
    parents = {
        parent.path: parent for parent in _items().filter(path__in=[_parent_path(item) for item in items])
    }
    for item in items:
        item.listed_parent = parents.get(_parent_path(item)) if item.is_sub_item else None
    return items


def _parent_path(item):
    return item.path[: -item.steplen]


def topics_by_audience():
    """[{audience, label, topics}]: every topic, with the number of live items it holds."""
    from servicepages.models import Topic

    tagged = _items().filter(topics__isnull=False).order_by()  # an order would split the groups
    counts = dict(tagged.values_list("topics").annotate(count=Count("pk", distinct=True)))
    topics = list(Topic.objects.all())
    for topic in topics:
        topic.item_count = counts.get(topic.pk, 0)
    return [
        {
            "audience": audience.value,
            "label": audience.label,
            "topics": [t for t in topics if t.audience == audience],
        }
        for audience in Audience
        if any(topic.audience == audience for topic in topics)
    ]


def departments_with_counts(region=None):
    """Live department pages, each with `item_count`: its live items, sub-items not counted twice."""
    from servicepages.models import DepartmentPage
    from servicepages.models.service_item import ITEM_DEPTH

    pages = DepartmentPage.objects.live().public()
    if region is not None:
        pages = pages.filter(department__region=region)
    return (
        pages.select_related("department__region")
        .annotate(
            item_count=Count(
                "department__items",
                filter=Q(department__items__live=True, department__items__depth=ITEM_DEPTH),
            )
        )
        .order_by("department__region__sort_order", "department__sort_order", "title")
    )


def regions():
    from servicepages.models import RegionPage

    return RegionPage.objects.live().public().select_related("region").order_by("region__sort_order")


def halls_by_region():
    """[(region, [hall, …])] in the registers' order."""
    from servicepages.models import ServiceHall

    halls = ServiceHall.objects.select_related("region").order_by("region__sort_order", "sort_order", "name")
    return [(region, list(group)) for region, group in groupby(halls, key=lambda hall: hall.region)]


def home_context(home):
    from servicepages.models import ContentPage

    city = regions().filter(region__parent=None).first()
    return {
        "audiences": topics_by_audience(),
        "city": city,
        "regions": regions(),
        "departments": departments_with_counts(city.region if city else None),
        "text_pages": ContentPage.objects.live().public().child_of(home),
        "recent": with_parents(list(_items().for_listing().order_by("-last_published_at", "-pk")[:RECENT])),
    }


def region_context(page):
    from servicepages.models import ServiceHall

    return {
        "departments": departments_with_counts(page.region),
        "halls": ServiceHall.objects.filter(region=page.region),
    }


def department_context(page, request):
    """The items of the department, each with its sub-items; a live sub-item whose item is not live
    stands for itself."""
    from servicepages.models.service_item import ITEM_DEPTH

    items = _items().of_department(page.department_id).for_listing().annotate(parent_path=_path_of_parent())
    listed_elsewhere = Exists(_items().top_level().filter(path=OuterRef("parent_path")))
    items = items.filter(Q(depth=ITEM_DEPTH) | ~listed_elsewhere)
    # numbers are text: by length first, or 10 would stand before 2
    items = items.order_by(Length("serial_number"), "serial_number", "path")
    return {"items": with_sub_items(paginate(items, request))}


def topic_context(topic, request):
    items = _items().about(topic).for_listing().order_by("title", "pk")
    return {"topic": topic, "items": with_parents(paginate(items, request))}


def hall_context(hall, request):
    return {
        "hall": hall,
        "windows": hall.windows.all(),
        "items": with_parents(
            paginate(_items().served_at(hall).for_listing().order_by("title", "pk"), request)
        ),
    }


def item_context(item):
    sub_items = _items().child_of(item).order_by("path") if item.files_no_sheet else []
    return {"guide": PublicGuide(item), "sub_items": sub_items}
