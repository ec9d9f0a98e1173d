"""Groups, workflow and schedules exist on every migrated database; nothing incomplete is reviewed."""

from django.apps import apps
from django.db.models.signals import post_migrate, post_save, pre_save


def connect():
    # Django sends the signal only for apps with models, and this one has none yet.
    post_migrate.connect(_set_up_site, sender=apps.get_app_config("servicepages"), dispatch_uid="set_up_site")

    from wagtail.models import WorkflowState

    from reviewflow.submission import hold_incomplete
    from servicepages.models import Department, Region

    post_save.connect(_region_saved, sender=Region, dispatch_uid="regional_coordination")
    post_save.connect(_department_saved, sender=Department, dispatch_uid="regional_coordination_files")
    pre_save.connect(hold_incomplete, sender=WorkflowState, dispatch_uid="hold_incomplete")


def _set_up_site(using, **kwargs):
    from reviewflow.site_setup import is_migrated, set_up_site

    if is_migrated(using):
        set_up_site()


def _region_saved(instance, raw=False, **kwargs):
    """After the region's own receiver has made its page: that app's `ready` comes later, so the page is
    asked for and not awaited."""
    if raw:
        return
    from reviewflow.offices import ensure_regional_coordination
    from servicepages.sections import open_region

    open_region(instance)
    ensure_regional_coordination(instance)


def _department_saved(instance, raw=False, **kwargs):
    if raw:
        return
    from reviewflow.offices import ensure_regional_coordination
    from servicepages.sections import open_section

    open_section(instance)
    ensure_regional_coordination(instance.region)
