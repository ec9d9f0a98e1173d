"""The three reviewing offices and the coordination team: their groups, and what each may do."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Task,
    Workflow,
    WorkflowPage,
    WorkflowState,
    WorkflowTask,
)

from reviewflow.models import DepartmentLegalTask, JointReviewTask, ReviewOffice
from reviewflow.signatories import OFFICES, Signatory
from servicepages.models import ServiceItemPage
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
DEPARTMENT_LEGAL_CHECK = gettext_noop("Department legal check")

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
    for model in ("reviewoffice", "reviewround", "calendarexception"):
        for action in ("add", "change", "view"):
            coordination.permissions.add(permission("reviewflow", f"{action}_{model}"))
    coordination.permissions.add(permission("reviewflow", "delete_calendarexception"))
    for action in ("add", "change", "view"):
        keep_laws = permission("servicepages", f"{action}_law")
        keep_laws.group_set.add(coordination, Group.objects.get(name=Signatory.LEGAL_AFFAIRS.value))
    for action in ("add", "change", "delete", "view"):
        coordination.permissions.add(permission("reviewflow", f"{action}_checkinterval"))
    coordination.permissions.add(permission("reviewflow", "change_alertsettings"))
    for model in ("milestone", "reportingperiod"):
        for action in ("add", "change", "delete", "view"):
            coordination.permissions.add(permission("reviewflow", f"{action}_{model}"))
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


def ensure_review_offices():
    """The city's three rows, each acting through the group of its name."""
    for office in OFFICES:
        ReviewOffice.objects.get_or_create(
            office=office.value, region=None, defaults={"group": Group.objects.get(name=office.value)}
        )


def ensure_joint_review():
    """The workflow of the whole tree: the department's legal check, then the three offices at once.

    A workflow that people have changed is left as it is; only the first version's stock tasks, by which one
    office approved after the other, are replaced.
    """
    workflow, created = _named(Workflow, JOINT_REVIEW)
    stock = GroupApprovalTask.objects.filter(
        name__in=[office.value for office in OFFICES], workflow_tasks__workflow=workflow
    )
    if created or stock.exists():
        retired = list(stock)
        WorkflowTask.objects.filter(workflow=workflow, task__in=retired).delete()
        for position, (model, name) in enumerate(
            ((DepartmentLegalTask, DEPARTMENT_LEGAL_CHECK), (JointReviewTask, JOINT_REVIEW))
        ):
            task, _created = _named(model, name)
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=position)
        _retire(retired)
    _retire_stock_moderation()
    root = Page.get_first_root_node()
    WorkflowPage.objects.get_or_create(page=root, defaults={"workflow": workflow})
    return workflow


def _retire(tasks):
    """What waits on one of the first version's tasks goes on with the new ones. What had been returned from
    one begins anew, and what is no service item leaves the review, which is not for it any more."""
    for state in WorkflowState.objects.active().filter(current_task_state__task__in=tasks):
        is_item = state.content_type.model_class() is ServiceItemPage
        if state.status == WorkflowState.STATUS_NEEDS_CHANGES or (
            state.status == WorkflowState.STATUS_IN_PROGRESS and not is_item
        ):
            state.cancel()
    for task in tasks:
        task.deactivate()


def equip_review_office(instance, raw=False, **kwargs):
    """`post_save` of ReviewOffice: its group reaches the admin and may open the files of what it reviews."""
    if raw:
        return
    instance.group.permissions.add(permission("wagtailadmin", "access_admin"))
    if instance.region is None:
        collections = [Collection.get_first_root_node()]
    else:
        collections = [
            department.collection
            for department in instance.region.departments.exclude(collection=None).select_related(
                "collection"
            )
        ]
    for collection in collections:
        grant_collection_permissions(instance.group, collection, CHOOSE_FILES)


def _named(model, name):
    """(row, whether it was made) of that name in the site's language: Wagtail shows these names as they are,
    on buttons and in histories. One that was made before there was a translation is renamed."""
    with translation.override(settings.LANGUAGE_CODE):
        translated = gettext(name)
    row = model.objects.filter(name__in={name, translated}).order_by("pk").first()
    if row is None:
        return model.objects.create(name=translated), True
    if row.name != translated:
        row.name = translated
        row.save()
    return row, False


def _retire_stock_moderation():
    """Wagtail's first migrations leave a workflow, a task and two groups of its own. Nobody here is a
    "moderator", and a workflow on the root would take the place of ours."""
    WorkflowPage.objects.filter(workflow__name=STOCK_WORKFLOW).delete()
    Workflow.objects.filter(name=STOCK_WORKFLOW).update(active=False)
    Task.objects.filter(name=STOCK_WORKFLOW).update(active=False)
    Group.objects.filter(name__in=["Moderators", "Editors"], user__isnull=True).delete()
