"""Names of places, departments and topics as every page of hits needs them: kept in memory while nothing changes.

Read with each search they would cost more than the search itself. They are good under the token of
servicepages.freshness, which changes in the same transaction with every register.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection
from django.db.models.signals import post_delete, post_save

from servicepages import freshness
from servicepages.freshness import ROW, renew
from servicepages.models import Department, Region, Topic

_CURRENT = 'SELECT "token" FROM "servicepages_contentstamp" WHERE "id" = %s'


@dataclass(frozen=True)
class Place:
    """A Region, as far as the search needs one."""

    pk: int
    parent_id: int | None
    code: str
    name: str


@dataclass(frozen=True)
class Registers:
    """Everything in the order of the registers. `labels`: {facet: {value in the address: what it is called}}."""

    places: tuple[Place, ...]
    regions: dict[int, str]
    departments: dict[int, str]
    labels: dict[str, dict[str, str]]
    audience_of: dict[str, str]
    promoted: frozenset[str]


_kept: tuple[str, Registers] | None = None
_held: ContextVar[Registers | None] = ContextVar("registers", default=None)


def registers() -> Registers:
    """One statement, and six more after a change; none within `asked_once`."""
    global _kept
    if (held := _held.get()) is not None:
        return held
    token = current_token()
    kept = _kept
    if kept is None or kept[0] != token:
        kept = _kept = token, _read()
    return kept[1]


@contextmanager
def asked_once():
    """Whether they have changed is asked once for all that a request does with them."""
    token = _held.set(registers())
    try:
        yield
    finally:
        _held.reset(token)


def current_token() -> str:
    """As servicepages.freshness reads it, without the time that the ORM takes to write the statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [ROW])
        row = cursor.fetchone()
    return str(row[0]) if row else freshness.current_token()


def _read():
    from wagtail.contrib.search_promotions.models import SearchPromotion

    regions = list(Region.objects.all())
    departments = list(Department.objects.select_related("region"))
    topics = list(Topic.objects.all())
    names = [topic.name for topic in topics]
    return Registers(
        places=tuple(Place(each.pk, each.parent_id, each.code, each.name) for each in regions),
        regions={each.pk: each.name for each in regions},
        departments={each.pk: each.name for each in departments},
        labels={
            "region": {str(each.pk): each.name for each in regions},
            "department": {str(each.pk): str(each) for each in departments},
            # Citizens and enterprises have some of one name.
            "topic": {
                str(each.pk): str(each) if names.count(each.name) > 1 else each.name for each in topics
            },
        },
        audience_of={str(each.pk): each.audience for each in topics},
        promoted=frozenset(
            SearchPromotion.objects.order_by().values_list("query__query_string", flat=True).distinct()
        ),
    )


def connect():
    """What editors promote is kept here too, and what everyday names mean with the suggestions: neither is a
    register."""
    from wagtail.contrib.search_promotions.models import Query, SearchPromotion

    from search.models import EverydayName, EverydayNameItem

    for model in (EverydayName, EverydayNameItem, Query, SearchPromotion):
        post_save.connect(renew, sender=model, dispatch_uid=f"search_{model.__name__}_saved")
        post_delete.connect(renew, sender=model, dispatch_uid=f"search_{model.__name__}_deleted")
