"""What was reviewed is kept: pages and people with decisions are not deleted, and the admin says so.

The database protects them all the same (`PROTECT`); without these hooks the admin would answer with an error
page.
"""

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import Q
from django.db.models.deletion import Collector, ProtectedError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page

from reviewflow.models import Submission
from servicepages.models import ServiceItemPage


def reviewed_items(page):
    """The items at and below `page` on which somebody has decided, or that were handed in."""
    handed_in = Submission.objects.values("page")
    return (
        ServiceItemPage.objects.descendant_of(page, inclusive=True)
        .filter(Q(decisions__isnull=False) | Q(pk__in=handed_in))
        .distinct()
    )


def is_protected(row) -> bool:
    """Whether something refers to `row` that may not lose it."""
    collector = Collector(using=router.db_for_write(type(row), instance=row), origin=row)
    try:
        collector.collect([row])
    except ProtectedError:
        return True
    return False


def keep_page(request, page):
    """`before_delete_page`"""
    return _refusal(request, page)


def keep_in_bulk(request, action_type, objects, action):
    """`before_bulk_action`: nothing of the selection is deleted where a part of it is kept."""
    if action_type != "delete":
        return None
    if action.model is Page:
        refusals = (_refusal(request, page) for page in objects)
        return next((refusal for refusal in refusals if refusal is not None), None)
    if action.model is get_user_model():
        refusals = (keep_person(request, person) for person in objects)
        return next((refusal for refusal in refusals if refusal is not None), None)
    return None


def _refusal(request, page):
    items = reviewed_items(page)
    first = items.first()
    if first is None:
        return None
    if first.pk == page.pk:
        sentence = _(
            "“%(title)s” has been in review, so it is kept with what was decided. A guide that is no longer "
            "wanted is taken down."
        ) % {"title": first.title}
    else:
        sentence = _(
            "%(count)d service items below “%(page)s” have been in review and are kept with what was decided, "
            "“%(title)s” among them."
        ) % {"count": items.count(), "page": page.title, "title": first.title}
    messages.error(request, sentence)
    return redirect("wagtailadmin_explore", page.get_parent().pk)


def keep_person(request, person):
    """`before_delete_user`"""
    if not is_protected(person):
        return None
    messages.error(
        request,
        _(
            "%(person)s has worked on items in review, and what a person decided stays with their name. "
            "Untick “Active” to keep them from logging in."
        )
        % {"person": person},
    )
    return redirect("wagtailusers_users:edit", person.pk)
