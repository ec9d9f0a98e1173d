"""Starting a new item from another department's published guide.

Its structure comes along and nothing internal: no handlers, no halls for staff, no decisions; nor what
is the other department's own, such as its phones, codes, addresses and windows.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets.button import Button

from servicepages import fields
from servicepages.models import Attachment, DepartmentPage, ServiceItemPage

OWN_TO_A_DEPARTMENT = frozenset(
    {
        "department",
        "serial_number",
        "implementation_code",
        "service_points",
        "flow_chart",
        "online_address",
        "consultation_phone",
        "consultation_email",
        "mailing_address",
        "complaint_phone",
    }
)
STREAMS_WITH_FILES = {"materials": ("blank_form", "filled_in_sample"), "result": ("sample",)}
GUIDES_A_PAGE = 20


@transaction.atomic
def adopt(source, section, user):
    """A draft below `section` (a DepartmentPage) with the public structure of the live item `source`.

    PermissionDenied where `user` may not add items there or `source` is not published. Attachments are
    copied into the section's collection, so that each department keeps its own.
    """
    if not section.permissions_for_user(user).can_add_subpage() or not source.live:
        raise PermissionDenied
    item = ServiceItemPage(live=False, owner=user)
    topics = []
    for name in fields.public_content():
        if name in OWN_TO_A_DEPARTMENT:
            continue
        if name == "topics":
            topics = list(source.topics.all())
            continue
        field = ServiceItemPage._meta.get_field(name)
        if hasattr(field, "stream_block"):
            value = field.stream_block.to_python(_public_stream(source, name, section, user))
        else:
            value = getattr(source, name)
        setattr(item, name, value)
    item.topics = topics
    section.add_child(instance=item)
    item.save_revision(user=user, log_action="wagtail.create", clean=False)
    return item


def _public_stream(source, name, section, user):
    """The stored form of a stream of `source`, without internal values and block ids, its files copied."""
    internal = fields.internal_subfields(name)
    lines = []
    for line in getattr(source, name).get_prep_value():
        value = {key: each for key, each in line["value"].items() if key not in internal}
        for key in STREAMS_WITH_FILES.get(name, ()):
            if value.get(key):
                value[key] = _copy_of(value[key], section, user)
        lines.append({"type": line["type"], "value": value})
    return lines


def _copy_of(attachment_id, section, user):
    original = Attachment.objects.filter(pk=attachment_id).first()
    if original is None:
        return None
    copy = Attachment(title=original.title, collection=section.department.collection, uploaded_by_user=user)
    with original.file.open("rb") as file:
        copy.file.save(original.filename, ContentFile(file.read()), save=False)
    copy._set_document_file_metadata()
    copy.save()
    return copy.pk


def choose_guide(request, page_id):
    """The published guides of all departments, searched by words; POST adopts the chosen one."""
    section = get_object_or_404(DepartmentPage, pk=page_id)
    if not section.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    if request.method == "POST":
        source = get_object_or_404(
            ServiceItemPage.objects.published(), pk=_number(request.POST.get("source"))
        )
        item = adopt(source, section, request.user)
        messages.success(
            request,
            _("A draft was made from “%(title)s”. Fill in what is your department's own.")
            % {"title": source.title},
        )
        return redirect("wagtailadmin_pages:edit", item.pk)
    query = request.GET.get("q", "").strip()
    guides = ServiceItemPage.objects.published().for_listing().order_by("title")
    if query:
        guides = guides.search(query)
    return TemplateResponse(
        request,
        "servicepages/admin/adopt.html",
        {
            "section": section,
            "query": query,
            "guides": Paginator(guides, GUIDES_A_PAGE).get_page(request.GET.get("p")),
        },
    )


def _number(text) -> int:
    """An id as the form sends it; Http404 for what is none."""
    try:
        return int(text)
    except (TypeError, ValueError) as error:
        raise Http404 from error


def admin_urls():
    return [path("service-items/<int:page_id>/adopt/", choose_guide, name="adopt_guide")]


def header_buttons(page, user, view_name, next_url=None):
    """`register_page_header_buttons`: offered on the section of a department."""
    page = page.specific_deferred
    if isinstance(page, DepartmentPage) and page.permissions_for_user(user).can_add_subpage():
        yield Button(
            gettext_lazy("New item from a published guide"),
            reverse("adopt_guide", args=[page.pk]),
            icon_name="copy",
            priority=18,
        )
