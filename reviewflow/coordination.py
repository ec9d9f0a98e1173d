"""The coordination teams: the city's, and those of counties for their own region.

Only they hold the permission to publish pages, so that permission says who is one, and for what part of the
tree. (It does not let them publish a service item: servicepages.permissions says no to everybody.)
"""

from django.contrib.auth import get_user_model
from wagtail.models import Page
from wagtail.permissions import page_permission_policy


def coordinates(user) -> bool:
    """Whether `user` belongs to a coordination team, of whatever region."""
    return page_permission_policy.user_has_permission(user, "publish")


def coordinates_everything(user) -> bool:
    return page_permission_policy.user_has_permission_for_instance(
        user, "publish", Page.get_first_root_node()
    )


def coordinated_pages(user):
    """The pages of the part of the tree that `user` coordinates."""
    return page_permission_policy.instances_user_has_permission_for(user, "publish")


def team_of(page):
    """The people who coordinate a page: the city's team, and where it is a county's, that one too."""
    return (
        page_permission_policy.users_with_permission_for_instance("publish", page, include_superusers=False)
        .filter(is_active=True)
        .order_by("pk")
    )


def city_team():
    root = Page.get_first_root_node()
    return team_of(root) if root is not None else get_user_model().objects.none()
