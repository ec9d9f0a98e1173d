"""Keeping the search index in step with the registers.

An item is found by the names of its department, halls, windows and topics. When one of those is
renamed, the background worker indexes the items that show it anew; it may be thousands.
"""

from django.apps import apps
from django.db.models import Q
from django.dispatch import Signal
from wagtail.search.index import insert_or_update_object

from servicepages.background import to_worker_on_commit
from servicepages.row_chunks import in_chunks

CHUNK = 200
# Sent with `instance` and `update_fields` in the transaction that saves an item, when its rows in other tables
# are written too; Django's `post_save` comes before them. Not sent for `loaddata`.
item_saved = Signal()
# Sent with `keys`, of items that show a changed row of a register, after they were indexed anew.
items_indexed = Signal()


def items_showing(model: str, pk: int):
    """Items whose public text holds something of that row. `model` is one of the keys below."""
    from servicepages.models import ServiceItemPage

    conditions = {
        "Region": Q(department__region=pk),
        "Department": Q(department=pk),
        "ServiceHall": Q(service_points__hall=pk),
        "ServiceWindow": Q(service_points__window=pk),
        "Topic": Q(topics=pk),
    }
    return ServiceItemPage.objects.live().filter(conditions[model]).distinct()


def index_items_showing(model: str, pk: int) -> int:
    """Indexes them anew; says how many. Run by the worker."""
    keys = []
    for item in in_chunks(items_showing(model, pk), CHUNK):
        insert_or_update_object(item)
        keys.append(item.pk)
    items_indexed.send(sender=None, keys=keys)
    return len(keys)


def index_later(sender, instance, created, raw=False, **kwargs):
    """`post_save` of a register's row: owes the worker the items that show it, from the commit on."""
    if created or raw:
        return
    to_worker_on_commit(index_items_showing, sender.__name__, instance.pk)


def connect():
    from django.db.models.signals import post_save

    for name in ("Region", "Department", "ServiceHall", "ServiceWindow", "Topic"):
        post_save.connect(
            index_later, sender=apps.get_model("servicepages", name), dispatch_uid=f"index_later_{name}"
        )
