"""What comes with a region or a department: its place in the tree, its collection, its two groups.

`open_section` is called whenever a department is saved and by the command that sets up the site. It
makes what is missing and leaves alone what is there.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.dispatch import Signal
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

# Sent with `instance`, the Region or Department, after its part of the tree has been opened or renamed.
region_opened = Signal()
section_opened = Signal()

EDITOR_PAGE_PERMISSIONS = ("add_page", "change_page")
LEGAL_PAGE_PERMISSIONS = ("change_page",)
# Wagtail keeps the permissions of files under its own models, whatever model a site puts in their place.
EDITOR_FILE_PERMISSIONS = (
    ("wagtaildocs", "add_document"),
    ("wagtaildocs", "change_document"),
    ("wagtaildocs", "choose_document"),
    ("wagtailimages", "add_image"),
    ("wagtailimages", "change_image"),
    ("wagtailimages", "choose_image"),
)
CHOOSE_FILES = (("wagtaildocs", "choose_document"), ("wagtailimages", "choose_image"))


def permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def grant_page_permissions(group, page, codenames):
    for codename in codenames:
        GroupPagePermission.objects.get_or_create(
            group=group, page=page, permission=permission("wagtailcore", codename)
        )


def grant_collection_permissions(group, collection, permissions):
    for app_label, codename in permissions:
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=permission(app_label, codename)
        )


def admin_group(name: str) -> Group:
    """The group of that name, able to log in to the admin."""
    group, _created = Group.objects.get_or_create(name=name)
    group.permissions.add(permission("wagtailadmin", "access_admin"))
    return group


def open_region(region):
    """The region's page below the home page, published. Returns the page."""
    from servicepages.models import HomePage, RegionPage

    page = RegionPage.objects.filter(region=region).first()
    if page is None:
        home = HomePage.objects.first()
        page = home.add_child(instance=RegionPage(title=region.name, region=region, live=False))
        page.save_revision().publish()
        page.refresh_from_db()
    return page


@transaction.atomic
def open_section(department):
    """The department's page below its region's, its collection and its two groups, with what each may
    do there. Returns the page.

    Groups are its own from the first day: a group that another department has, or one that a deleted
    department left behind, would bring its people along. They are named after the register.
    """
    from servicepages.models import Department, DepartmentPage

    page = DepartmentPage.objects.filter(department=department).first()
    if page is None:
        region_page = open_region(department.region)
        page = region_page.add_child(
            instance=DepartmentPage(title=department.name, department=department, live=False)
        )
        page.save_revision().publish()
        page.refresh_from_db()

    stem = str(department)
    department.collection = _own_collection(department.collection, stem)
    department.editors = _own_group(department.editors, f"{stem} editors")
    department.legal_officers = _own_group(department.legal_officers, f"{stem} legal")
    grant_page_permissions(department.editors, page, EDITOR_PAGE_PERMISSIONS)
    grant_page_permissions(department.legal_officers, page, LEGAL_PAGE_PERMISSIONS)
    grant_collection_permissions(department.editors, department.collection, EDITOR_FILE_PERMISSIONS)
    grant_collection_permissions(department.legal_officers, department.collection, CHOOSE_FILES)
    permission("servicepages", "view_law").group_set.add(department.editors, department.legal_officers)
    Department.objects.filter(pk=department.pk).update(
        collection=department.collection,
        editors=department.editors,
        legal_officers=department.legal_officers,
    )
    return page


def _own_collection(collection, name):
    if collection is None:
        return Collection.get_first_root_node().add_child(name=name)
    if collection.name != name:
        collection.name = name
        collection.save()
    return collection


def _own_group(group, name):
    """`group` under the name that follows from the register, or a new one."""
    if group is not None and _is_named(group.name, name):
        return group
    name = _free_group_name(name)
    if group is None:
        group = admin_group(name)
    else:
        group.name = name
        group.save()
    return group


def _is_named(current, wanted) -> bool:
    """Whether it is that name already, or that name with the number that kept it apart."""
    return current == wanted or (current.startswith(f"{wanted} ") and current[len(wanted) + 1 :].isdigit())


def _free_group_name(name):
    taken = set(Group.objects.filter(name__startswith=name).values_list("name", flat=True))
    number = 2
    free = name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free


def rename_section(page, name: str):
    """Gives a register's page the register's new name, in the tree and for the public at once."""
    if page.title != name:
        page.title = page.draft_title = name
        page.save(update_fields=["title", "draft_title"])
