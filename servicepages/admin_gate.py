"""No address of the admin names a page or a file to somebody who may not see it.

Many views of Wagtail show a title before they ask for a permission, or beside the words "no access".
`AdminGate` stands before all of them: what an address names by its id must be visible to who asks. What
does not exist goes through, to Wagtail's own 404.
"""

from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.urls import reverse
from wagtail.admin.auth import permission_denied
from wagtail.documents.permissions import permission_policy as document_policy
from wagtail.images.permissions import permission_policy as image_policy
from wagtail.models import Page, Revision, TaskState, WorkflowState
from wagtail.permissions import page_permission_policy

from servicepages.files import STAFF_ACTIONS

PAGE_ACTIONS = {"add", "change", "publish", "lock", "unlock", "bulk_delete"}
PAGE_ARGUMENTS = {
    "page_id",
    "parent_page_id",
    "page_to_move_id",
    "destination_id",
    "root_page_id",
    "root_id",
    "page_pk",
}
FILE_ARGUMENTS = {"document_id": document_policy, "doc_id": document_policy, "image_id": image_policy}
FILE_NAMESPACES = {
    "wagtaildocs": document_policy,
    "wagtaildocs_chooser": document_policy,
    "wagtailimages": image_policy,
    "wagtailimages_chooser": image_policy,
}
# Where a page is to go. A form that is refused comes back with the title of what was chosen.
PAGE_FIELDS = ("new_parent_page", "parent_page", "chooser")
TAKES_A_DESTINATION = {
    "wagtailadmin_pages:copy",
    "wagtailadmin_pages:move",
    "wagtailadmin_pages:choose_parent",
}
PAGE_CHOOSER = "wagtailadmin_choose_page"
EXPLORER = {"wagtailadmin_explore", "wagtailadmin_explore_results"}
# It lists what the public has searched for.
QUERY_CHOOSER = {"wagtailsearchpromotions:chooser", "wagtailsearchpromotions:chooserresults"}
PROMOTES = ("wagtailsearchpromotions.add_searchpromotion", "wagtailsearchpromotions.change_searchpromotion")
PAGE_TYPES_REPORT = {
    "wagtailadmin_reports:page_types_usage",
    "wagtailadmin_reports:page_types_usage_results",
}


class AdminGate:
    """Middleware; needs the user and, for what it says to a person, the messages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        user = request.user
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        if not user.is_authenticated or user.is_superuser or _lets_through(request, args, kwargs):
            return None
        if "wagtailadmin_api" in request.resolver_match.namespaces:
            raise PermissionDenied
        # What Wagtail itself answers: a message on the home page, or 403 to a script.
        return permission_denied(request)


def published_as_named():
    """The pages whose name in the admin is the one the public reads."""
    return Page.objects.public().filter(live=True, draft_title=F("title"))


def sees_page_types_report(user) -> bool:
    """It names the last edited page of the whole site, so it is for those who see the whole site."""
    return _may_act_on(user, Page.get_first_root_node())


def hide_page_types_report(request, menu_items):
    """`construct_reports_menu`."""
    if not sees_page_types_report(request.user):
        menu_items[:] = [item for item in menu_items if item.name != "page-types-usage"]


def _lets_through(request, args, kwargs) -> bool:
    user, match = request.user, request.resolver_match
    try:
        if match.view_name in PAGE_TYPES_REPORT:
            return sees_page_types_report(user)
        if match.view_name in QUERY_CHOOSER:
            return any(map(user.has_perm, PROMOTES))
        if match.view_name == "wagtail_bulk_action":
            return _bulk_action_shows_what_is_visible(request, **kwargs)
        return _pages_are_visible(
            user, _pages_named(request, args, kwargs), match.view_name
        ) and _files_are_visible(request, kwargs)
    except ValueError:  # an id that is no number names nothing
        return False


def _number(value) -> int:
    """An id as Wagtail's own views read it. ValueError for what is none."""
    return int(unquote(str(value)))


def _pages_named(request, args, kwargs):
    match = request.resolver_match
    pages = {_number(value) for name, value in kwargs.items() if name in PAGE_ARGUMENTS}
    if match.view_name == "wagtailadmin_pages:revisions_compare":
        pages |= {_number(value) for value in args[:1]}
    if match.namespaces == ["wagtailadmin_api", "pages"] and "pk" in kwargs:
        pages.add(_number(kwargs["pk"]))
    if match.view_name == "wagtailadmin_choose_page_chosen_multiple":
        pages |= {_number(value) for value in request.GET.getlist("id")}
    if match.view_name in TAKES_A_DESTINATION:
        pages |= _pages_posted(request)
    return pages | _pages_behind(kwargs)


def _pages_posted(request):
    return {_number(request.POST[name]) for name in PAGE_FIELDS if request.POST.get(name)}


def _pages_behind(kwargs):
    """The pages of the task, the review and the revision that stand beside a page in an address.
    Wagtail does not ask whether they belong to it."""
    states = WorkflowState.objects.none()
    if "task_state_id" in kwargs:
        states = WorkflowState.objects.filter(
            pk__in=TaskState.objects.filter(pk=kwargs["task_state_id"]).values("workflow_state")
        )
    elif "workflow_state_id" in kwargs:
        states = WorkflowState.objects.filter(pk=kwargs["workflow_state_id"])
    revisions = Revision.objects.filter(pk=kwargs.get("revision_id"))
    page_type = ContentType.objects.get_for_model(Page)
    return {
        int(object_id)
        for rows in (states, revisions)
        for object_id in rows.filter(base_content_type=page_type).values_list("object_id", flat=True)
    }


def _pages_are_visible(user, ids, view_name="") -> bool:
    if not ids:
        return True
    pages = Page.objects.filter(pk__in=ids).exclude(
        pk__in=page_permission_policy.explorable_instances(user).values("pk")
    )
    if view_name.startswith(PAGE_CHOOSER):
        pages = pages.exclude(pk__in=published_as_named().values("pk"))
    if view_name in EXPLORER and (root := page_permission_policy.explorable_root_instance(user)):
        # Above a person's own part of the tree the explorer names nothing and leads there.
        pages = pages.exclude(pk__in=root.get_ancestors().values("pk"))
    # Who reviews an item has no permission in the tree; the task opens it.
    return all(page.specific.permissions_for_user(user).can_edit() for page in pages)


def _files_are_visible(request, kwargs) -> bool:
    asked = [(FILE_ARGUMENTS[name], value) for name, value in kwargs.items() if name in FILE_ARGUMENTS]
    policy = FILE_NAMESPACES.get(request.resolver_match.namespace)
    if policy is not None:
        ids = request.GET.getlist("id") + ([kwargs["pk"]] if "pk" in kwargs else [])
        asked += [(policy, value) for value in ids]
    return all(_may_see_files(request.user, policy, [_number(value)]) for policy, value in asked)


def _may_see_files(user, policy, ids) -> bool:
    allowed = policy.instances_user_has_any_permission_for(user, STAFF_ACTIONS)
    return not policy.model.objects.filter(pk__in=ids).exclude(pk__in=allowed.values("pk")).exists()


def _bulk_action_shows_what_is_visible(request, app_label, model_name, action) -> bool:
    """Bulk actions list what one may not change, too. `id=all` stands for a whole listing; of a listing of
    pages Wagtail takes every row."""
    user, ids, parent = request.user, request.GET.getlist("id"), request.GET.get("childOf")
    for policy in (document_policy, image_policy):
        if (app_label, model_name) == (policy.model._meta.app_label, policy.model._meta.model_name):
            # "all" of a listing of files is what one may change.
            return "all" in ids or _may_see_files(user, policy, [_number(value) for value in ids])
    if (app_label, model_name) != ("wagtailcore", "page"):
        return any(user.has_perm(f"{app_label}.{verb}_{model_name}") for verb in ("change", "delete"))
    posted = _pages_posted(request)
    if "all" not in ids:
        return _pages_are_visible(user, posted | {_number(value) for value in ids})
    page = Page.objects.filter(pk=_number(parent)).first() if parent else Page.get_first_root_node()
    return page is not None and _may_act_on(user, page) and _pages_are_visible(user, posted)


def _may_act_on(user, page) -> bool:
    """A permission given on the page itself or above it, not only below it."""
    return page_permission_policy.user_has_any_permission_for_instance(user, PAGE_ACTIONS, page)
