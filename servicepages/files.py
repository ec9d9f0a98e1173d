"""Who may fetch a file: the public what a live guide shows, staff what their collections let them.

Both roads to a file ask `may_see`: Wagtail's document view (through the hook) and everything under
MEDIA_URL, which is served by `serve_media` and never by the web server on its own.
"""

from collections import defaultdict
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.storage import default_storage
from django.http import Http404
from django.utils.translation import gettext as _
from wagtail.documents.permissions import permission_policy as document_policy
from wagtail.images.permissions import permission_policy as image_policy
from wagtail.models import Page, ReferenceIndex
from wagtail.utils.sendfile import sendfile

from servicepages import fields
from servicepages.models import Attachment, Department, Picture, Rendition, ServiceItemPage

STAFF_ACTIONS = ["choose", "change", "add", "delete"]

# Rooms above say here whom else they let see a file: each is asked with (user, file).
ALSO_MAY_SEE = []


def shown_publicly(file) -> bool:
    """Whether a live page shows `file` (an Attachment or a Picture) in a public field.

    Wagtail's reference index holds what the row of a page refers to. The row of a page that is not
    live holds its draft, so only live pages count.
    """
    paths = defaultdict(list)
    for page_id, model_path in _references(file).values_list("object_id", "model_path"):
        paths[int(page_id)].append(model_path)
    if not paths:
        return False
    live = Page.objects.live().public().filter(pk__in=paths).specific()
    return any(
        not isinstance(page, ServiceItemPage)
        or (
            not page.files_no_sheet
            and not belongs_to_another(file, page.department_id)
            and any(_path_is_public(path) for path in paths[page.pk])
        )
        for page in live
    )


def is_shown_by_live_item(file) -> bool:
    """Whether a live service item cites `file`, in a public field or an internal one: both are signed."""
    pages = [int(pk) for pk in _references(file).values_list("object_id", flat=True).distinct()]
    return ServiceItemPage.objects.live().filter(pk__in=pages).exists()


def belongs_to_another(file, department_id) -> bool:
    """Whether `file` is in the collection of a department other than that one. No department makes
    another's file public by citing it."""
    owner = Department.objects.filter(collection=file.collection_id).values_list("pk", flat=True).first()
    return owner is not None and owner != department_id


def cited_files(page) -> dict:
    """The attachments and pictures that `page` cites as it is in memory: {(model, pk): model field}."""
    models = {ContentType.objects.get_for_model(model).pk: model for model in (Attachment, Picture)}
    return {
        (models[content_type], int(pk)): model_path.partition(".")[0]
        for content_type, pk, model_path, _content_path in ReferenceIndex._extract_references_from_object(
            page
        )
        if content_type in models
    }


def _references(file):
    return ReferenceIndex.get_references_to(file).filter(
        base_content_type=ContentType.objects.get_for_model(Page)
    )


def _path_is_public(model_path: str) -> bool:
    """`model_path` of a reference: "flow_chart", or "materials.item.material.blank_form"."""
    field, _dot, rest = model_path.partition(".")
    key = rest.rpartition(".")[2]
    path = f"{field}.{key}" if key else field
    return path in fields.TABLE and fields.is_public(path) and fields.is_public(field)


def may_choose(user, model, pk) -> bool:
    """Whether `user` may cite the file of that id. True for one that does not exist: it shows nothing."""
    file = model.objects.filter(pk=pk).first()
    policy = image_policy if model is Picture else document_policy
    return file is None or policy.user_has_any_permission_for_instance(user, STAFF_ACTIONS, file)


def may_see(user, file) -> bool:
    """Staff see the files of the collections they work with; everybody what is public."""
    policy = image_policy if isinstance(file, Picture) else document_policy
    if user.is_authenticated and (
        policy.user_has_any_permission_for_instance(user, STAFF_ACTIONS, file)
        or any(allows(user, file) for allows in ALSO_MAY_SEE)
    ):
        return True
    return shown_publicly(file)


def hold_back_hidden_document(document, request):
    """`before_serve_document`: a file that may not be seen does not exist, as far as one can tell."""
    if not may_see(request.user, document):
        raise Http404


def serve_media(request, path):
    """A picture, or one of its renditions, under MEDIA_URL. Attachments have Wagtail's document view.

    Http404 alike for what is not there and for what may not be seen.
    """
    if "\0" in path:  # PostgreSQL refuses to look for it
        raise Http404
    picture = Picture.objects.filter(file=path).first()
    if picture is None:
        rendition = Rendition.objects.select_related("image").filter(file=path).first()
        picture = rendition.image if rendition else None
    if picture is None or not may_see(request.user, picture):
        raise Http404
    try:
        local = Path(default_storage.path(path))
    except SuspiciousOperation as error:
        raise Http404 from error
    if not local.is_file():
        raise Http404
    response = sendfile(request, str(local))
    response["X-Content-Type-Options"] = "nosniff"
    if not shown_publicly(picture):
        response["Cache-Control"] = "private, no-store"
    return response


def is_cited(file) -> bool:
    """Whether a page cites `file`: in its row, or in the draft that is being written."""
    if ReferenceIndex.get_references_to(file).exists():
        return True
    drafts = Page.objects.filter(has_unpublished_changes=True).exclude(latest_revision=None)
    return any(
        (type(file), file.pk) in cited_files(page.latest_revision.as_object())
        for page in drafts.select_related("latest_revision").iterator(chunk_size=100)
    )


def keep_cited_file(sender, instance, **kwargs):
    """`pre_delete`: what a guide or a draft cites stays until nothing cites it."""
    if is_cited(instance):
        raise PermissionDenied(_("A guide or a draft cites this file, so it cannot be deleted."))
