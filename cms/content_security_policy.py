"""Sends settings.SECURE_CSP with every page, so that a script smuggled into a guide does not run.

Django 6 brings a middleware of the same name in `django.middleware.csp`; ours takes the same setting
in the same shape and is to be replaced by it on the upgrade.
"""

from django.conf import settings
from django.urls import reverse

HEADER = "Content-Security-Policy"


def build_policy(directives):
    """The header's value: `{"img-src": ["'self'", "data:"]}` becomes `img-src 'self' data:`.

    As in Django 6, a value may be a list, a set (sorted, so that the header is the same on every
    process), a string, or True for a directive that takes no sources; None and False leave it out.
    """
    parts = []
    for directive, sources in directives.items():
        if sources is None or sources is False:
            continue
        if sources is True:
            parts.append(directive)
        elif isinstance(sources, str):
            parts.append(f"{directive} {sources}")
        else:
            ordered = sorted(sources) if isinstance(sources, set | frozenset) else sources
            parts.append(" ".join([directive, *ordered]))
    return "; ".join(parts)


class ContentSecurityPolicyMiddleware:
    """Sets the header on every response but those of the Wagtail admin, which needs inline scripts.

    A view that needs another policy sets the header itself and is left alone. With DEBUG on,
    Django's own pages for 404 and 500 are left alone too: they are styled inline.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if HEADER in response or self._is_admin(request) or self._is_debug_page(response):
            return response
        policy = build_policy(settings.SECURE_CSP)
        if policy:
            response[HEADER] = policy
        return response

    @staticmethod
    def _is_admin(request):
        return request.path_info.startswith(reverse("wagtailadmin_home"))

    @staticmethod
    def _is_debug_page(response):
        return settings.DEBUG and response.status_code in (404, 500)
