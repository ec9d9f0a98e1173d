from dataclasses import dataclass

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.passages import Piece, marked, passage
from search.queries import find_guides
from search.text import MAX_QUERY_CHARACTERS, normalise, readable
from servicepages.listings import departments_with_counts, regions, topics_by_audience
from servicepages.models import ServiceItemPage

GUIDES_A_PAGE = 20


@dataclass(frozen=True)
class Hit:
    guide: ServiceItemPage
    title: list[Piece]
    passage: list[Piece]


@require_safe
def search(request):
    """The page of hits. Whatever the address holds, it answers 200 with a sentence."""
    typed = request.GET.get("q", "")
    query = readable(typed)
    context = {
        "query": query,
        "understood": normalise(query),
        "is_shortened": len(typed.strip()) > MAX_QUERY_CHARACTERS,
        "max_characters": MAX_QUERY_CHARACTERS,
    }
    if query:
        finding = find_guides(query)
        paginator = Paginator(finding.guides, GUIDES_A_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        asked = request.GET.get("page", "").strip()
        context |= {
            "finding": finding,
            "results": page,
            "is_other_page": bool(asked) and asked != str(page.number),
            "page_numbers": paginator.get_elided_page_range(page.number),
            "hits": [
                Hit(guide, marked(guide.title, finding.words), passage(guide, finding.words))
                for guide in page.object_list
            ],
        }
    if not context.get("hits"):
        city = regions().filter(region__parent=None).first()
        context |= {
            "audiences": topics_by_audience(),
            "departments": departments_with_counts(city.region if city else None),
        }
    return render(request, "search/search.html", context)
