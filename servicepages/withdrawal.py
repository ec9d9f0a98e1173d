"""A guide that was withdrawn says so (410 Gone), and whom to ask.

What it says comes from what was public: the row of an unpublished page holds the draft that is being
written now, so the name is read from the revision that was last published.
"""

from django.http import Http404
from django.template.response import TemplateResponse
from wagtail.models import PageLogEntry
from wagtail.url_routing import RouteResult


def last_published_title(item) -> str | None:
    """The name under which `item` was last public; None when it never was."""
    entry = (
        PageLogEntry.objects.filter(page=item.pk, action="wagtail.publish")
        .select_related("revision")
        .order_by("-timestamp", "-pk")
        .first()
    )
    if entry is None:
        return None
    # old revisions may have been purged; the entry keeps the name under which it was published
    return entry.revision.content.get("title") if entry.revision else entry.label


def withdrawn_route(item) -> RouteResult:
    """A route that answers 410 for an item that was public once, Http404 for one that never was."""
    title = last_published_title(item) if item.first_published_at else None
    if title is None:
        raise Http404
    return RouteResult(item, kwargs={"withdrawn": title})


def gone(request, item, title) -> TemplateResponse:
    return TemplateResponse(
        request,
        "servicepages/withdrawn.html",
        {
            "title": title,
            "department": item.department,
            "department_page": getattr(item.department, "page", None),
        },
        status=410,
    )
