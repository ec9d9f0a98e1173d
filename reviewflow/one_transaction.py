"""A submission through the editor is one transaction: all of it, or nothing.

Wagtail commits "in progress" before it starts the first task. A worker that dies between the two would leave
an item that is in review before nobody.
"""

from django.db import transaction

from reviewflow.refusals import RefusalsInSentences

SUBMITTING = {"action-submit", "action-restart-workflow"}
EDITORS = {"wagtailadmin_pages:edit", "wagtailadmin_pages:add"}


class SubmissionsInOneTransaction(RefusalsInSentences):
    """Middleware; the last one. It calls the view itself, so it also says the refusals."""

    def process_exception(self, request, exception):
        return None

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or request.resolver_match.view_name not in EDITORS:
            return None
        if not SUBMITTING & request.POST.keys():
            return None
        try:
            return transaction.atomic(view)(request, *args, **kwargs)
        except Exception as error:
            refusal = super().process_exception(request, error)
            if refusal is None:
                raise
            return refusal
