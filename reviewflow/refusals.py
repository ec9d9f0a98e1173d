"""What the review refuses is said in a sentence, whichever view of the admin ran into it."""

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from reviewflow.gate import NotCleared


class RefusalsInSentences:
    """Middleware; needs the messages.

    The gate refuses where a row is saved, below every view. Nobody is meant to get so far: the permission
    testers say no first. Whoever does reads which offices have not signed, instead of a server error.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        code, sentence = _refusal(exception)
        if sentence is None:
            return None
        if not request.accepts("text/html"):
            # As Wagtail's own views answer the autosave.
            answer = {"success": False, "error_code": code, "error_message": sentence}
            return JsonResponse(answer, status=400)
        messages.error(request, sentence)
        return redirect(_where_from(request))


def _refusal(exception):
    if isinstance(exception, NotCleared):
        return "not_cleared", " ".join(exception.messages)
    if isinstance(exception, ProtectedError) and any(
        row._meta.app_label == "reviewflow" for row in exception.protected_objects
    ):
        return "record_is_kept", _("This cannot be deleted: the record of its review is kept.")
    return None, None


def _where_from(request):
    """The page of the admin that was asked from. A form that was refused is asked for again."""
    address = request.headers.get("Referer", "")
    if request.method == "POST" and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return address
    return reverse("wagtailadmin_home")
