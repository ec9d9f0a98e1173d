"""The editor's buttons, in the words of the person who reads them.

Wagtail names the workflow or the task as the database does, and ours are named in English there.
"""

from django.utils.translation import gettext
from wagtail.admin.action_menu import SubmitForModerationMenuItem

from reviewflow.offices import JOINT_REVIEW
from servicepages.fields import OFFICES


class SubmitMenuItem(SubmitForModerationMenuItem):
    def get_context_data(self, parent_context):
        context = super().get_context_data(parent_context)
        for name in (JOINT_REVIEW, *(office.value for office in OFFICES)):
            context["label"] = context["label"].replace(name, gettext(name))
        return context


def speak_the_readers_language(menu_items, request, context):
    """`construct_page_action_menu`: puts our item where Wagtail's stands."""
    for position, item in enumerate(menu_items):
        if type(item) is SubmitForModerationMenuItem:
            menu_items[position] = SubmitMenuItem(order=item.order)
