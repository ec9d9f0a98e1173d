"""What choosers and the admin API offer: what is published, and of the rest only a person's own."""

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left, Length
from django.http import Http404
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.permissions import permission_policy as document_policy
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.permissions import permission_policy as image_policy
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from servicepages.files import STAFF_ACTIONS


def only_published_or_own(pages, request):
    """`construct_page_chooser_queryset`: the stock chooser lists every page of the site, by the name of its
    draft, and names the page it stands in whatever that is. Search names the parents of what it finds."""
    own = page_permission_policy.explorable_instances(request.user)
    visible = Page.objects.filter(Q(live=True, draft_title=F("title")) | Q(pk__in=own.values("pk")))
    parent = request.resolver_match.kwargs.get("parent_page_id")
    if parent is not None and not visible.filter(pk=parent).exists():
        raise Http404
    parent_of_it = Left(OuterRef("path"), Length(OuterRef("path")) - Page.steplen)
    below_visible = visible.filter(Q(pk__in=own.values("pk")) | Exists(visible.filter(path=parent_of_it)))
    return pages.filter(pk__in=below_visible.values("pk"))


def _staff_files(viewset, policy):
    """Wagtail's own endpoint of its admin API lists every file to anyone who can log in; this one lists
    what the person may choose or change."""

    class StaffFiles(viewset):
        def get_queryset(self):
            return policy.instances_user_has_any_permission_for(self.request.user, STAFF_ACTIONS)

    return StaffFiles


def replace_file_endpoints(router):
    """`construct_admin_api`, after Wagtail's own."""
    router.register_endpoint("documents", _staff_files(DocumentsAdminAPIViewSet, document_policy))
    router.register_endpoint("images", _staff_files(ImagesAdminAPIViewSet, image_policy))
