"""Taking an item out of the review, from its editor: the button, the question, and Wagtail's own road."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.action_menu import ActionMenuItem, CancelWorkflowMenuItem

from reviewflow.submission import approved_not_public, may_withdraw, withdraw
from servicepages.models import ServiceItemPage


def can_be_withdrawn(item) -> bool:
    """In review, returned from it, or approved and not public yet."""
    return item.current_workflow_state is not None or approved_not_public(item).exists()


class WithdrawMenuItem(ActionMenuItem):
    label = gettext_lazy("Withdraw from review")
    name = "action-withdraw-from-review"
    icon_name = "cross"

    def is_shown(self, context):
        item = context["page"] if context["view"] == "edit" else None
        return item is not None and can_be_withdrawn(item) and may_withdraw(context["request"].user, item)

    def get_url(self, context):
        return reverse("withdraw_from_review", args=[context["page"].pk])


def offer(menu_items, request, context):
    """`construct_page_action_menu`: ours in the place of Wagtail's “Cancel workflow”, which also offers it
    to whoever made the page."""
    if not isinstance(context.get("page"), ServiceItemPage):
        return
    menu_items[:] = [item for item in menu_items if not isinstance(item, CancelWorkflowMenuItem)]
    ours = WithdrawMenuItem(order=45)
    if ours.is_shown(context):
        menu_items.append(ours)


def take_over_cancelling(request, page):
    """`before_edit_page`: the form of the editor can cancel a workflow for its owner, wherever they are now,
    and does so without asking whether it has ended meanwhile."""
    if request.method != "POST" or "action-cancel-workflow" not in request.POST:
        return None
    return _withdraw(request, page) if isinstance(page, ServiceItemPage) else None


def withdraw_from_review(request, page_id):
    item = get_object_or_404(ServiceItemPage, pk=page_id)
    if request.method == "POST" or not can_be_withdrawn(item):
        return _withdraw(request, item)
    if not may_withdraw(request.user, item):
        raise PermissionDenied
    return TemplateResponse(request, "reviewflow/withdraw.html", {"item": item})


def _withdraw(request, item):
    try:
        withdraw(item, request.user)
    except PermissionDenied:
        if may_withdraw(request.user, item):
            # somebody else has ended the review in the meantime
            messages.warning(request, _("The item is not in review."))
        else:
            messages.error(request, _("Only its department withdraws an item from the review."))
    else:
        messages.success(
            request,
            _("“%(title)s” is withdrawn from the review and can be changed again.")
            % {"title": item.get_admin_display_title()},
        )
    return redirect("wagtailadmin_pages:edit", item.pk)


def admin_urls():
    """`register_admin_urls`"""
    return [path("review/withdraw/<int:page_id>/", withdraw_from_review, name="withdraw_from_review")]
