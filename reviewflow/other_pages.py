"""Pages that are no service items stand below the joint review's workflow, and are not for it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin.action_menu import (
    RestartWorkflowMenuItem,
    SubmitForModerationMenuItem,
)

from reviewflow.submission import asks_signatories
from servicepages.models import DepartmentPage, ServiceItemPage

SUBMITTING = ("action-submit", "action-restart-workflow")


def _is_for_the_review(page, parent):
    if page is not None:
        return isinstance(page, ServiceItemPage)
    return isinstance(parent.specific, DepartmentPage | ServiceItemPage)


def offer_no_review(menu_items, request, context):
    """`construct_page_action_menu`"""
    page, parent = context.get("page"), context.get("parent_page")
    if _is_for_the_review(page, parent):
        return
    workflow = (page or parent).get_workflow()
    if workflow is not None and asks_signatories(workflow):
        menu_items[:] = [
            item
            for item in menu_items
            if not isinstance(item, SubmitForModerationMenuItem | RestartWorkflowMenuItem)
        ]


def refuse_review(request, page):
    """`before_edit_page`: what the menu does not offer can still be posted."""
    if request.method != "POST" or isinstance(page, ServiceItemPage):
        return None
    return _refuse(request, page)


def refuse_review_of_new(request, parent_page, page_class):
    """`before_create_page`"""
    if request.method != "POST" or page_class is ServiceItemPage:
        return None
    return _refuse(request, parent_page)


def _refuse(request, page):
    workflow = page.get_workflow() if any(name in request.POST for name in SUBMITTING) else None
    if workflow is None or not asks_signatories(workflow):
        return None
    messages.error(request, _("Only service items go through the joint review."))
    return redirect("wagtailadmin_explore", page.pk)
