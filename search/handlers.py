"""Who handles what: names, sections, posts and mobile numbers, found by staff within their permissions.

All of it is internal. Only the admin's report (search.handler_report) reads the table; it stands apart from the
guides, so that no query of the public can reach it.
"""

from itertools import islice
from typing import NamedTuple

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.signals import post_migrate, pre_save
from wagtail.permissions import page_permission_policy

from search.models import HandlerText
from search.text import MAX_TERMS, key_of, readable
from search.turns import one_at_a_time
from servicepages.indexing import item_saved
from servicepages.migrated import is_migrated
from servicepages.models import ServiceItemPage

CHUNK = 100
FIELDS = {"approval_steps", "filled_in_by"}
# A single character stands in half of all names.
FEWEST_CHARACTERS = 2


class Line(NamedTuple):
    """What a line says, as it is shown; a line of who filled the item in has a handler and nothing else."""

    step: str = ""
    section: str = ""
    handler: str = ""
    post: str = ""
    mobile: str = ""

    @property
    def text(self):
        """Its words as they are compared; the step is public and is not looked for here."""
        return " ".join(key for value in self[1:] if (key := key_of(value)))


def lines_of(item) -> list[Line]:
    """First who filled it in, then its approval steps in their order. No query."""
    lines = [Line(handler=readable(item.filled_in_by))]
    for block in item.approval_steps:
        said = (block.value.get(name) for name in ("name", "section", "handler", "post", "mobile"))
        lines.append(Line(*(readable(str(value or "")) for value in said)))
    return lines


# Finding


def words_of(query: str) -> list[str]:
    """What is looked for: every one of these. Empty where the query is too short to ask for anything."""
    words = [key for word in readable(query).split() if (key := key_of(word))]
    return list(dict.fromkeys(words))[:MAX_TERMS] if sum(map(len, words)) >= FEWEST_CHARACTERS else []


def find(user, query: str):
    """The rows of the lines that hold all words of `query`, of the items that `user` may change, in the order of
    the tree; none where nothing is asked."""
    words = words_of(query)
    if not words:
        return HandlerText.objects.none()
    may_change = page_permission_policy.instances_user_has_permission_for(user, "change")
    found = HandlerText.objects.filter(item__in=may_change.values("pk"))
    for word in words:
        found = found.filter(text__contains=word)
    return found.order_by("item__path", "position")


def say_lines(rows) -> None:
    """Sets what is shown of each row: `title` and `department` of its item, and the fields of its Line, all empty
    where that is no longer there. One query for each CHUNK."""
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        items = (
            ServiceItemPage.objects.filter(pk__in={row.item_id for row in chunk})
            .select_related("department__region")
            .only("title", "department", *FIELDS)
            .in_bulk()
        )
        lines = {pk: lines_of(item) for pk, item in items.items()}
        for row in chunk:
            item, of_item = items.get(row.item_id), lines.get(row.item_id, ())
            line = of_item[row.position] if row.position < len(of_item) else Line()
            row.title = item.title if item else ""
            row.department = str(item.department) if item and item.department else ""
            for name, value in line._asdict().items():
                setattr(row, name, value)


# Following the items


def _rows_of(item):
    return [HandlerText(item=item, position=at, text=line.text) for at, line in enumerate(lines_of(item))]


def write(keys) -> None:
    """Writes the rows of these items (keys) anew, each CHUNK in a transaction and a turn of its own."""
    keys = iter(keys)
    while chunk := list(islice(keys, CHUNK)):
        with transaction.atomic():
            one_at_a_time()
            items = ServiceItemPage.objects.filter(pk__in=chunk).only(*FIELDS)
            rows = [row for item in items for row in _rows_of(item)]
            HandlerText.objects.filter(item__in=chunk).delete()
            HandlerText.objects.bulk_create(rows)


def _concerns(update_fields):
    return update_fields is None or FIELDS & set(update_fields)


def _item_saving(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save`: the turn comes before any row is locked. For a whole save search.following takes it."""
    if not raw and update_fields is not None and _concerns(update_fields):
        one_at_a_time()


def _item_saved(instance, update_fields, **kwargs):
    """Most saves change nothing of it and cost a query. A new item is seen by nobody else yet; whoever saves one
    that is there has the turn."""
    if not _concerns(update_fields):
        return
    there = HandlerText.objects.filter(item=instance.pk)
    rows = _rows_of(instance)
    if list(there.order_by("position").values_list("text", flat=True)) != [row.text for row in rows]:
        there.delete()
        HandlerText.objects.bulk_create(rows)


def begin(using="default", **kwargs):
    """After a migration: items without their rows get them, those from before there was this table among them.
    Does nothing in half a database."""
    if not is_migrated(using):
        return
    has_rows = Exists(HandlerText.objects.filter(item=OuterRef("pk"), position=0))
    write(list(ServiceItemPage.objects.filter(~has_rows).order_by("pk").values_list("pk", flat=True)))


def connect():
    post_migrate.connect(begin, sender=apps.get_app_config("search"), dispatch_uid="handlers_begin")
    pre_save.connect(_item_saving, sender=ServiceItemPage, dispatch_uid="handlers_item_saving")
    item_saved.connect(_item_saved, dispatch_uid="handlers_item_saved")
