"""Everything a site has before anyone has typed a word; safe to call again at any time."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import transaction

from reviewflow import guide_checks
from reviewflow.due_dates import recount
from reviewflow.offices import (
    ensure_groups,
    ensure_joint_review,
    ensure_regional_coordination,
    ensure_review_offices,
)
from reviewflow.schedules import ensure_schedules
from servicepages.sections import open_region, open_section
from servicepages.site_tree import ensure_site_tree, site_set_up


@transaction.atomic
def set_up_site():
    """Pages, groups, workflow and the section of each department, as far as missing, and the schedules."""
    from servicepages.models import Department, Region

    for label in (
        "wagtailcore",
        "wagtailadmin",
        "wagtaildocs",
        "wagtailimages",
        "servicepages",
        "reviewflow",
    ):
        config = apps.get_app_config(label)
        create_contenttypes(config, verbosity=0)
        create_permissions(config, verbosity=0)
    _ensure_admin_access()
    ensure_site_tree()
    coordination = ensure_groups()
    ensure_review_offices()
    ensure_joint_review()
    ensure_schedules()
    for region in Region.objects.all():
        open_region(region)
    for department in Department.objects.select_related("region"):
        open_section(department)
    for region in Region.objects.all():
        ensure_regional_coordination(region)
    recount()  # a newer release may know the calendar of another year
    guide_checks.recount()
    guide_checks.open_missing()
    site_set_up.send(sender=None, coordination=coordination)


def _ensure_admin_access():
    """Wagtail makes this permission in a migration, so a flushed database has lost it."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    content_type, _created = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    Permission.objects.get_or_create(
        content_type=content_type, codename="access_admin", defaults={"name": "Can access Wagtail admin"}
    )
