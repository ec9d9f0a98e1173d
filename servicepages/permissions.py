"""What a person may do with a page, asked in one place: the testers that pages return.

Nobody but the workflow publishes a service item, so the tester says no to everyone, superusers
included. The create view asks the *parent* whether a child may be published, so the types that may
be parents of an item answer too.
"""

from wagtail.models import PagePermissionTester


class NoPublicationBelow(PagePermissionTester):
    """For pages whose children are service items."""

    def can_publish_subpage(self):
        return False


class ServiceItemPermissionTester(NoPublicationBelow):
    def can_publish(self):
        return False

    def can_unpublish(self):
        """Also while the next version is in review, which locks the page: a wrong guide comes down at once."""
        may = self.user.is_superuser or "publish" in self.permissions
        return self.user.is_active and self.page.live and may

    def can_set_view_restrictions(self):
        """A guide is public or withdrawn; there is no guide behind a password."""
        return False

    def can_unschedule(self):
        """Taking a schedule away is not publishing: whoever may take a guide down may do it, also before it
        was ever live."""
        return self.user.is_active and (self.user.is_superuser or "publish" in self.permissions)

    def can_add_subpage(self):
        return super().can_add_subpage() and not self.page.specific_deferred.is_sub_item
