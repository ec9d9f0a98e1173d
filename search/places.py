"""Where the visitor is, as far as they said so: guides of that place come first (search.queries)."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

from django.utils.safestring import SafeString

from search.registers import Place, registers

NAME = "place"
A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class VisitorsPlace:
    """`asked` is what the address says, None where it says nothing; `kept` what the cookie does. Both are
    as they came, and may be anything."""

    asked: str | None
    kept: str

    @classmethod
    def of_request(cls, request) -> "VisitorsPlace":
        return cls(request.GET.get(NAME), request.COOKIES.get(NAME, ""))

    @cached_property
    def regions(self) -> tuple[Place, ...]:
        """The places to choose from."""
        return registers().places

    @cached_property
    def region(self) -> Place | None:
        """The chosen one. An address that asks for a place that is not there changes nothing."""
        region_of = {region.code: region for region in self.regions}
        if self.asked == "":
            return None
        return region_of.get(self.asked) or region_of.get(self.kept)

    @cached_property
    def options(self) -> SafeString:
        """Of the list to choose from. Written here because a template takes ten times as long for them."""
        return SafeString(
            "".join(
                f'<option value="{escape(each.code)}"{" selected" if each == self.region else ""}>{escape(each.name)}</option>'
                for each in self.regions
            )
        )

    def remember(self, request, response):
        """Keeps in a cookie what the address chose, and takes the cookie back where it chose no place."""
        if self.asked == "" and self.kept:
            response.delete_cookie(NAME, samesite="Lax")
        elif self.region and self.asked == self.region.code and self.asked != self.kept:
            response.set_cookie(
                NAME, self.asked, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
            )
