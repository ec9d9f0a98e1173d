"""Moving an item: within its department freely, to another only unpublished and after a question."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from wagtail.models import Page


class ChecksItsMove:
    """Holds moves in code to what the admin allows: `Page.move` itself asks nobody."""

    def move(self, target, pos=None, user=None):
        new_parent = target if pos in ("first-child", "last-child", "sorted-child") else target.get_parent()
        if not self.is_child_of(new_parent) and not self.can_move_to(new_parent.specific):
            raise ValidationError(
                _("“%(title)s” cannot be moved there: it would contradict its department or its review.")
                % {"title": self.title}
            )
        return super().move(target, pos=pos, user=user)


def confirm_change_of_department(request, page, destination):
    """`before_move_page`: says why a move is refused, and asks once whether the implementing body should
    change. Wagtail's own view shows the title of any page before it asks for permission; this comes first.
    """
    from servicepages.models import ServiceItemPage

    page, destination = page.specific, destination.specific
    permissions = page.permissions_for_user(request.user)
    if not permissions.can_edit():
        raise PermissionDenied
    changes_department = isinstance(page, ServiceItemPage) and getattr(
        destination, "department_id", None
    ) not in (None, page.department_id)
    if changes_department and page.is_bound_to_its_department:
        messages.error(
            request,
            _("“%(title)s” is live or in review, so it stays with its department.")
            % {"title": page.get_admin_display_title()},
        )
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    if not permissions.can_move_to(destination):
        raise PermissionDenied
    if not changes_department:
        return None
    if request.method == "POST" and request.POST.get("change-department") == str(destination.department_id):
        return None
    return TemplateResponse(
        request,
        "servicepages/admin/confirm_change_of_department.html",
        {
            "page_to_move": page,
            "destination": destination,
            "old": page.department,
            "new": destination.department,
        },
    )


def refuse_bulk_move(request, action_type, objects, action):
    """`before_bulk_action`: a bulk move asks no question and says no reason, so items go one by one."""
    from servicepages.models import ServiceItemPage

    if action_type != "move" or action.model is not Page:
        return None
    if not any(issubclass(page.specific_class or Page, ServiceItemPage) for page in objects):
        return None
    messages.error(request, _("Service items are not moved in bulk. Please move them one by one."))
    return redirect("wagtailadmin_explore", objects[0].get_parent().pk)
