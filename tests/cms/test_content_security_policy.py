import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from cms.content_security_policy import HEADER, ContentSecurityPolicyMiddleware, build_policy


@pytest.fixture
def policy_of(settings):
    """The header that a response with this status and these headers leaves with."""
    settings.SECURE_CSP = {"default-src": ["'self'"], "img-src": ["'self'", "data:"]}

    def ask(path, status=200, headers=None):
        response = HttpResponse(status=status, headers=headers)
        middleware = ContentSecurityPolicyMiddleware(lambda request: response)
        return middleware(RequestFactory().get(path)).get(HEADER)

    return ask


def test_sources_are_joined_as_the_standard_writes_them():
    assert build_policy({"default-src": ["'self'"], "img-src": ["'self'", "data:"]}) == (
        "default-src 'self'; img-src 'self' data:"
    )


def test_sets_strings_and_flags_are_understood_as_in_django_6():
    policy = {
        "img-src": {"b.example", "a.example"},
        "object-src": "'none'",
        "upgrade-insecure-requests": True,
        "frame-src": None,
        "media-src": False,
    }
    assert build_policy(policy) == "img-src a.example b.example; object-src 'none'; upgrade-insecure-requests"


@pytest.mark.parametrize("path", ["/", "/search/", "/documents/1/form.docx", "/administration-office/"])
def test_public_responses_carry_the_policy(policy_of, path):
    assert policy_of(path) == "default-src 'self'; img-src 'self' data:"


def test_the_admin_carries_none(policy_of):
    assert policy_of(reverse("wagtailadmin_home")) is None
    assert policy_of(reverse("wagtailadmin_login")) is None


def test_a_view_may_bring_its_own(policy_of):
    assert policy_of("/", headers={HEADER: "default-src 'none'"}) == "default-src 'none'"


def test_an_error_page_carries_the_policy_unless_it_is_djangos_debug_page(policy_of, settings):
    assert policy_of("/nothing/", status=404) is not None
    settings.DEBUG = True
    assert policy_of("/nothing/", status=404) is None
    assert policy_of("/nothing/", status=410) is not None


def test_no_policy_no_header(policy_of, settings):
    settings.SECURE_CSP = {}
    assert policy_of("/") is None


def test_the_middleware_is_in_use(client, db):
    assert client.get(reverse("robots")).headers[HEADER].startswith("default-src 'self'")
