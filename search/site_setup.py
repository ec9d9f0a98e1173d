"""What the search adds to a site that is being set up: what the coordination team may do, and what is done by night."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.utils.translation import gettext_noop
from django_q.models import Schedule

from servicepages.schedules import keep_schedules, next_night
from servicepages.sections import permission
from servicepages.site_tree import site_set_up

SCHEDULES = {
    gettext_noop("forget old searches"): {
        "func": "search.log.forget",
        "schedule_type": Schedule.DAILY,
        "next_run": next_night,
    },
}
# For the city's coordination team alone: a name counts in every place.
COORDINATION_PERMISSIONS = (
    *(("search", f"{action}_everydayname") for action in ("add", "change", "delete", "view")),
    ("search", "view_searchedtext"),
    *(("wagtailsearchpromotions", f"{action}_searchpromotion") for action in ("add", "change", "delete")),
)


def set_up_search(coordination, **kwargs):
    """`site_set_up`"""
    for label in ("search", "wagtailsearchpromotions"):
        config = apps.get_app_config(label)
        create_contenttypes(config, verbosity=0)
        create_permissions(config, verbosity=0)
    coordination.permissions.add(*(permission(*each) for each in COORDINATION_PERMISSIONS))
    keep_schedules(SCHEDULES)


def connect():
    site_set_up.connect(set_up_search, dispatch_uid="set_up_search")
