"""The three reviewing offices and the coordination team: their groups, and what each may do."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext_noop
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Task,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from servicepages.fields import OFFICES
from servicepages.sections import (
    CHOOSE_FILES,
    EDITOR_FILE_PERMISSIONS,
    admin_group,
    grant_collection_permissions,
    grant_page_permissions,
    permission,
)

COORDINATION = "Coordination"
JOINT_REVIEW = gettext_noop("Joint review")

STOCK_WORKFLOW = "Moderators approval"

COORDINATION_PAGE_PERMISSIONS = (
    "add_page",
    "change_page",
    "publish_page",
    "lock_page",
    "unlock_page",
)
REGISTERS = ("region", "department", "servicehall", "topic", "contactperson", "servicewindow")


def ensure_groups():
    """The groups of the offices and of the coordination team, with their permissions."""
    root_page, root_collection = Page.get_first_root_node(), Collection.get_first_root_node()
    for office in OFFICES:
        group = admin_group(office.value)
        grant_collection_permissions(group, root_collection, CHOOSE_FILES)

    coordination = admin_group(COORDINATION)
    grant_page_permissions(coordination, root_page, COORDINATION_PAGE_PERMISSIONS)
    grant_collection_permissions(coordination, root_collection, EDITOR_FILE_PERMISSIONS)
    for model in REGISTERS:
        for action in ("add", "change", "delete", "view"):
            coordination.permissions.add(permission("servicepages", f"{action}_{model}"))
    return coordination


def ensure_regional_coordination(region):
    """A county or district has a coordination team of its own, for its own region (plan, part four (二)).

    The group is known by its permissions on the region's page, so that it keeps its people when the
    region is renamed. It may open the files of the region's departments, and no others.
    """
    if region.parent_id is None:
        return None
    name = f"{region.name} {COORDINATION}"
    held = GroupPagePermission.objects.filter(page=region.page, group__name__endswith=f" {COORDINATION}")
    group = Group.objects.filter(page_permissions__in=held).first() or admin_group(name)
    if group.name != name:
        group.name = name
        group.save()
    grant_page_permissions(group, region.page, COORDINATION_PAGE_PERMISSIONS)
    for department in region.departments.exclude(collection=None).select_related("collection"):
        grant_collection_permissions(group, department.collection, CHOOSE_FILES)
    return group


def ensure_joint_review():
    """The workflow of the whole tree: each office approves in turn."""
    workflow, created = Workflow.objects.get_or_create(name=JOINT_REVIEW)
    if created:
        for position, office in enumerate(OFFICES):
            task, _created = GroupApprovalTask.objects.get_or_create(name=office.value)
            task.groups.set([Group.objects.get(name=office.value)])
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=position)
    _retire_stock_moderation()
    root = Page.get_first_root_node()
    WorkflowPage.objects.get_or_create(page=root, defaults={"workflow": workflow})
    return workflow


def _retire_stock_moderation():
    """Wagtail's first migrations leave a workflow, a task and two groups of its own. Nobody here is a
    "moderator", and a workflow on the root would take the place of ours."""
    WorkflowPage.objects.filter(workflow__name=STOCK_WORKFLOW).delete()
    Workflow.objects.filter(name=STOCK_WORKFLOW).update(active=False)
    Task.objects.filter(name=STOCK_WORKFLOW).update(active=False)
    Group.objects.filter(name__in=["Moderators", "Editors"], user__isnull=True).delete()
