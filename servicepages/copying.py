"""Copying an item: a copy is a draft of its own. An alias would be public with its original, without ever
having been before an office, so there is none."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.pages import CopyForm

NO_ALIAS = gettext_lazy("A service item has no alias: each is reviewed under its own department.")


class CopyAsDraftForm(CopyForm):
    """Offers neither to publish the copy nor to make it an alias."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("publish_copies", "alias"):
            self.fields.pop(name, None)


def refuse_alias(request, page):
    """`before_copy_page`: also for a section, whose items would be copied with it."""
    from servicepages.models import ServiceItemPage

    if request.method != "POST" or not {"alias", "publish_copies"} & set(request.POST):
        return None
    if not ServiceItemPage.objects.descendant_of(page, inclusive=True).exists():
        return None
    sentence = NO_ALIAS if "alias" in request.POST else _("Copies of service items start as drafts.")
    messages.error(request, sentence)
    return redirect("wagtailadmin_pages:copy", page.pk)
