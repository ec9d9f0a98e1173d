"""What the address of a page of hits says, the addresses one click away from it, and what they are called."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from search.facets import KINDS, Facet, Filters
from search.queries import Sort
from search.text import readable

SORTS = {Sort.RELEVANCE: _("Relevance"), Sort.NAME: _("Name"), Sort.NEWEST: _("Newest")}
# Of a long facet the first few are shown; the rest is folded.
SHOWN_AT_ONCE = 8


@dataclass(frozen=True)
class Asked:
    """A query with everything that narrows or orders it. `place` is the code in the address, often none."""

    query: str
    filters: Filters
    sort: Sort
    place: str = ""

    @classmethod
    def of_address(cls, get, query: str, place: str) -> "Asked":
        """Whatever the address holds: an order that does not exist is the usual one."""
        sort = get.get("sort", "")
        return cls(query, Filters.of_address(get), Sort(sort) if sort in SORTS else Sort.RELEVANCE, place)

    @cached_property
    def chosen(self) -> list[tuple[str, str]]:
        """(name of the facet, value) of every filter, in the order of the page."""
        return [
            (kind.name, value) for kind in KINDS for value in sorted(self.filters.chosen.get(kind.name, ()))
        ]

    def address(self, *, sort=None, without=None, unfiltered=False, page=1) -> str:
        """Of the same query with another order, without one (facet, value), without all, or another page."""
        sort = sort or self.sort
        said = [("q", self.query)]
        if not unfiltered:
            said += [pair for pair in self.chosen if pair != without]
        if sort != Sort.RELEVANCE:
            said.append(("sort", str(sort)))
        if self.place:
            said.append(("place", self.place))
        if page > 1:
            said.append(("page", page))
        return "?" + urlencode(said)


@dataclass(frozen=True)
class Panel:
    """A facet as the page shows it: its values with a box to tick, some always seen and others folded."""

    label: str
    shown: SafeString
    folded: SafeString
    folded_count: int
    is_unfolded: bool


def panels(facets: list[Facet], count: int) -> list[Panel]:
    """Those facets that can tell hits apart: of what all the `count` hits have in common, none is shown.
    The same item may stand in every place, and one can still choose where to go."""
    shown = []
    for facet in facets:
        options = facet.options
        tells = any(option.is_chosen or option.count < count for option in options)
        if not (tells or (facet.name == "region" and len(options) > 1)):
            continue
        first, rest = options[:SHOWN_AT_ONCE], options[SHOWN_AT_ONCE:]
        # A facet folded for one value alone would hide it behind a line of the same height.
        if len(rest) == 1:
            first, rest = options, []
        is_unfolded = any(option.is_chosen for option in rest)
        shown.append(Panel(facet.label, _boxes(facet, first), _boxes(facet, rest), len(rest), is_unfolded))
    return shown


def _boxes(facet, options):
    """Written here because a template takes longer for them than for the hits."""
    return SafeString(
        "".join(
            f'<label class="facet__option"><input type="checkbox" name="{facet.name}" value="{escape(option.value)}"'
            f"{' checked' if option.is_chosen else ''}> <span>{escape(str(option.label))}</span> "
            f'<span class="facet__count">{option.count}</span></label>'
            for option in options
        )
    )


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it is called, and the address without it."""

    facet: str
    label: str
    address: str


def chips(asked: Asked, facets: list[Facet]) -> list[Chip]:
    """A value that no register knows is called what the address calls it, so that it can be taken away."""
    labels = {(facet.name, option.value): option.label for facet in facets for option in facet.options}
    kinds = {kind.name: kind.label for kind in KINDS}
    return [
        Chip(
            kinds[name],
            labels.get((name, value)) or readable(value) or "?",
            asked.address(without=(name, value)),
        )
        for name, value in asked.chosen
    ]


def orders(asked: Asked) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is the order of this page)."""
    return [(label, asked.address(sort=sort), sort == asked.sort) for sort, label in SORTS.items()]
