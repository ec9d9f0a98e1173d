"""What follows from a change in a register, in the tree, and in the store of files."""

from django.db.models import ProtectedError
from django.db.models.signals import post_save, pre_delete
from django.utils.translation import gettext as _
from wagtail.search.index import insert_or_update_object
from wagtail.signals import page_published, page_unpublished, post_page_move


def connect():
    from servicepages import freshness, indexing
    from servicepages.citations import keep_cited_law
    from servicepages.files import keep_cited_file
    from servicepages.models import (
        Attachment,
        Department,
        Law,
        Picture,
        Region,
        ServiceHall,
        ServiceItemPage,
        ServiceWindow,
    )

    freshness.connect()
    indexing.connect()
    post_save.connect(_region_saved, sender=Region, dispatch_uid="open_region")
    post_save.connect(_department_saved, sender=Department, dispatch_uid="open_section")
    post_page_move.connect(_page_moved, dispatch_uid="follow_section")
    for signal in (page_published, page_unpublished):
        signal.connect(_sub_item_came_or_went, sender=ServiceItemPage, dispatch_uid="reindex_item")
    for model in (ServiceHall, ServiceWindow):
        pre_delete.connect(_keep_shown_place, sender=model, dispatch_uid=f"keep_shown_{model.__name__}")
    pre_delete.connect(keep_cited_law, sender=Law, dispatch_uid="keep_cited_law")
    for model in (Attachment, Picture):
        pre_delete.connect(keep_cited_file, sender=model, dispatch_uid=f"keep_cited_{model.__name__}")


def _region_saved(instance, raw=False, **kwargs):
    if raw:  # loaddata brings the pages itself
        return
    from servicepages.sections import open_region, region_opened, rename_section

    rename_section(open_region(instance), instance.name)
    region_opened.send(sender=type(instance), instance=instance)


def _department_saved(instance, raw=False, **kwargs):
    if raw:
        return
    from servicepages.sections import open_section, rename_section, section_opened

    rename_section(open_section(instance), instance.name)
    section_opened.send(sender=type(instance), instance=instance)


def _keep_shown_place(instance, **kwargs):
    """A hall or window that an item shows stays until no item does."""
    points = instance.service_points.select_related("page")
    if points.exists():
        raise ProtectedError(_("Service items are handled here."), set(points))


def _page_moved(instance, **kwargs):
    """The implementing body of moved items is the department they now stand under."""
    from servicepages.models import DepartmentPage, ServiceItemPage

    section = DepartmentPage.objects.ancestor_of(instance).only("department_id").first()
    if section is not None:
        ServiceItemPage.objects.descendant_of(instance, inclusive=True).update(
            department_id=section.department_id
        )


def _sub_item_came_or_went(instance, **kwargs):
    """What an item is found by depends on whether its sub-items stand in the place of its sheet."""
    if instance.is_sub_item:
        insert_or_update_object(instance.get_parent().specific)
