"""The remarks beside the fields they are about, and the answers, in the editor of an item."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.fields import StreamField

from reviewflow import remarks
from reviewflow.models import Remark
from servicepages import panels
from servicepages.models import ServiceItemPage
from servicepages.panels import Checklist


def remarks_beside(item, field_name, request) -> str:
    """The standing remarks on a field of `item` of the last submission that had any, and older ones that
    nobody has answered."""
    if not item.pk or not isinstance(item, ServiceItemPage):
        return ""
    listed = _by_field(item).get(field_name)
    if not listed:
        return ""
    return render_to_string(
        "reviewflow/remarks_beside.html",
        {"remarks": listed, "may_answer": remarks.may_answer(request.user, item), "answers": Remark.Answer},
        request=request,
    )


def _by_field(item) -> dict:
    """Read once for all panels of a form."""
    if "remarks_by_field" not in item.__dict__:
        standing = list(Remark.objects.standing().filter(page=item.pk).select_related("author"))
        newest = max((remark.submission_id for remark in standing), default=None)
        by_field = {}
        for remark in standing:
            if remark.submission_id == newest or not remark.answer:
                remark.line = line_of(item, remark)
                by_field.setdefault(remark.field, []).append(remark)
        item.__dict__["remarks_by_field"] = by_field
    return item.__dict__["remarks_by_field"]


def line_of(item, remark) -> int | None:
    """The number of the line that a remark is about, counted from 1; None for the field, or where the line
    is gone."""
    if not remark.block or not isinstance(item._meta.get_field(remark.field), StreamField):
        return None
    ids = [block.id for block in getattr(item, remark.field)]
    return ids.index(remark.block) + 1 if remark.block in ids else None


@require_POST
def answer_remark(request, remark_id):
    """Answers with the remark and the checklist as they are now, or with a sentence and 400 or 403."""
    remark = get_object_or_404(Remark.objects.select_related("page", "author"), pk=remark_id)
    try:
        kind = Remark.Answer(request.POST.get("answer", ""))
    except ValueError:
        return JsonResponse({"error": _("Choose what was done about the remark.")}, status=400)
    try:
        remarks.answer(remark, request.user, kind=kind, text=request.POST.get("text", ""))
    except PermissionDenied:
        return JsonResponse({"error": _("You may not answer this remark.")}, status=403)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    item = remark.page.get_latest_revision_as_object()
    remark.line = line_of(item, remark)
    return JsonResponse(
        {
            "remark": render_to_string(
                "reviewflow/remark.html",
                {"remark": remark, "may_answer": True, "answers": Remark.Answer},
                request=request,
            ),
            "checklist": render_to_string(
                "servicepages/admin/checklist.html", {"checklist": Checklist(item)}, request=request
            ),
        }
    )


def admin_urls():
    """`register_admin_urls`"""
    return [path("review/remarks/<int:remark_id>/answer/", answer_remark, name="answer_remark")]


def scripts():
    """`insert_editor_js`"""
    return format_html('<script src="{}"></script>', static("reviewflow/remarks.js"))


def styles():
    """`insert_global_admin_css`: the editor has no place of its own for styles"""
    return format_html('<link rel="stylesheet" href="{}">', static("reviewflow/remarks.css"))


panels.FIELD_NOTES.append(remarks_beside)
