"""The lock of an item in review: for everyone, so that what is signed is what was submitted."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail.locks import WorkflowLock


class ReviewLock(WorkflowLock):
    def for_user(self, user):
        return True

    def get_message(self, user):
        return format_html("<b>{}</b>", _("This item is in review, so nobody can change it."))

    def get_locked_by(self, user, can_lock=False):
        return _("In review")

    def get_description(self, user, can_lock=False):
        return _(
            "Nobody can change the item while it is in review. Its department can withdraw it from the review."
        )
