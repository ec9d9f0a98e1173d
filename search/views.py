from functools import partial

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from search import log, suggestions
from search.listing import hits, looked_for, promotions
from search.models import Guide
from search.narrowing import Asked, chips, orders, panels
from search.places import VisitorsPlace
from search.queries import How, find_guides, names_like
from search.registers import asked_once
from search.text import MAX_QUERY_CHARACTERS, readable
from search.understanding import meaning
from servicepages.listings import departments_with_counts, regions, topics_by_audience
from servicepages.models import ServiceItemPage

GUIDES_A_PAGE = 20
# Of a query that finds nothing, so many parts are taken for the beginning of a name.
PARTS_LOOKED_AT = 3
# A larger key or rank is nobody's, and no database takes a number of any length.
MAX_NUMBER = 2**31 - 1


@require_safe
@asked_once()
def search(request):
    """The page of hits. Whatever the address holds, it answers 200 with a sentence."""
    typed = request.GET.get("q", "")
    query = readable(typed)
    place = VisitorsPlace.of_request(request)
    context = {
        "query": query,
        "is_shortened": len(typed.strip()) > MAX_QUERY_CHARACTERS,
        "max_characters": MAX_QUERY_CHARACTERS,
        "place": place,
    }
    if query:
        context |= _answer(request, typed, query, place)
    if not context.get("hits"):
        # Where only the filters leave nothing, the way on is to take them away.
        context |= _ways_on("" if context.get("chips") else query)
    response = render(request, "search/search.html", context)
    place.remember(request, response)
    patch_vary_headers(response, ["Cookie"])
    if "finding" in context and request.method == "GET" and request.GET.keys() <= {"q"}:
        finding = context["finding"]
        _when_sent(response, partial(log.searched, typed, finding.count, finding.how))
    return response


def _when_sent(response, count):
    """Counts when the visitor has the page: nobody waits for what is written about a search."""
    close = response.close

    def count_and_close():
        try:
            count()
        finally:
            close()

    response.close = count_and_close


def _answer(request, typed, query, place):
    here = place.region
    asked = Asked.of_address(request.GET, query, here.code if here and place.asked else "")
    finding = find_guides(query, filters=asked.filters, place=here, sort=asked.sort)
    paginator = Paginator(finding.hits, GUIDES_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    asked_page = request.GET.get("page", "").strip()
    return {
        "asked": asked,
        "finding": finding,
        "looked_for": looked_for(finding),
        "results": page,
        "is_other_page": bool(asked_page) and asked_page != str(page.number),
        "pages": [
            (number, asked.address(page=number) if isinstance(number, int) else "")
            for number in paginator.get_elided_page_range(page.number)
        ],
        "previous": asked.address(page=page.number - 1),
        "next": asked.address(page=page.number + 1),
        # A choice is counted for the text under which the search was.
        "hits": hits(page.object_list, finding.words, log.as_logged(typed), page.start_index()),
        "chips": chips(asked, finding.facets) if finding.how != How.NOTHING else [],
        "panels": panels(finding.facets, finding.count),
        "orders": orders(asked) if finding.count > 1 else [],
        "unfiltered": asked.address(unfiltered=True),
        "promotions": promotions(query, request) if page.number == 1 else [],
    }


def _ways_on(query):
    """What a page without hits offers: names like the parts of what was typed, topics, departments."""
    city = regions().filter(region__parent=None).first()
    parts = [query, *(part for part in meaning(query) if len(part) > 1)] if query else []
    near = {each["text"]: each for part in parts[:PARTS_LOOKED_AT] for each in suggestions.suggestions(part)}
    if query and len(near) < suggestions.MOST:
        for name in names_like(query, suggestions.MOST):
            near.setdefault(name, suggestions.as_query(name, suggestions.Kind.NAME))
    return {
        "near": list(near.values())[: suggestions.MOST],
        "audiences": topics_by_audience(),
        "departments": departments_with_counts(city.region if city else None),
    }


@require_safe
def suggest(request):
    """{"suggestions": [{"text", "kind", "url"}]} for the beginning of a query; anything in the address is one."""
    response = JsonResponse({"suggestions": suggestions.suggestions(request.GET.get("q", ""))})
    # Kept by us while it is good (search.suggestions), by nobody else: a guide that was taken down is gone.
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def choose(request, key):
    """Counts that a guide was chosen from a page of hits, and leads there. 404 where the public has none."""
    guides = Guide.objects.in_force().filter(pk=key) if key <= MAX_NUMBER else Guide.objects.none()
    item = ServiceItemPage.objects.published().filter(pk__in=guides.values("pk")).first()
    address = item and item.get_url(request)
    if not address:
        raise Http404
    rank = request.GET.get("rank", "")
    query = request.GET.get("q", "")
    if request.method == "GET" and query and rank.isascii() and rank.isdigit() and len(rank) < 6:
        log.chosen(query, item.pk, int(rank))
    response = HttpResponseRedirect(address)
    patch_cache_control(response, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
