"""The public search: which guides answer a query, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.text import MAX_QUERY_CHARACTERS, normalise, terms
from servicepages.models import Department, ServiceItemPage


@dataclass(frozen=True)
class Finding:
    """What a query found. `guides` can be sliced, counted and paginated; a slice is one query."""

    words: list[str]
    guides: Sequence[ServiceItemPage]
    count: int
    has_every_word: bool


def find_guides(query: str, *, region=None) -> Finding:
    """Live public guides that contain every word of `query`; where none does, any of its words.

    `region` (a row of the register) leaves the guides of its departments only. Takes any string and
    never raises for what it contains; one that says nothing finds nothing. Of a very long one only
    the beginning counts (search.text). Costs the same number of database queries whatever is found.
    """
    read = normalise(query[:MAX_QUERY_CHARACTERS])[:MAX_QUERY_CHARACTERS]
    words = terms(read)
    if not words:
        return Finding([], [], 0, has_every_word=True)
    guides = ServiceItemPage.objects.published().select_related("department__region").with_live_sub_items()
    if region is not None:
        # Not department__region: a backend filters by the fields that search_fields names.
        guides = guides.filter(department__in=Department.objects.filter(region=region))
    found = guides.search(read, operator="and")
    if found.count() or len(words) == 1:
        return Finding(words, found, found.count(), has_every_word=True)
    found = guides.search(read, operator="or")
    return Finding(words, found, found.count(), has_every_word=False)
