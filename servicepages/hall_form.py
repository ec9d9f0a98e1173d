"""The form of a service hall and its windows."""

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm


class ServiceHallForm(WagtailAdminModelForm):
    def is_valid(self):
        """A window that items show cannot be taken away: says which, and keeps what was typed."""
        if not super().is_valid():
            return False
        for form in self.formsets["windows"].deleted_forms:
            window = form.instance
            titles = [point.page.title for point in window.service_points.select_related("page")[:3]]
            if titles:
                self.add_error(
                    None,
                    _("The window “%(window)s” cannot be removed; it is shown by: %(items)s.")
                    % {"window": window.name, "items": "、".join(titles)},
                )
        return not self.errors
