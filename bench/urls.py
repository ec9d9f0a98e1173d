from functools import partial
from unittest.mock import patch

from django.http import HttpResponse
from django.urls import path
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cms.urls import urlpatterns as site_urls
from search import views


class EmptyAdminPage(WagtailAdminTemplateMixin, TemplateView):
    """The least that any page of the admin costs: its menu, its header and nothing else."""

    page_title = "Nothing"


def uncounted_search(request):
    """The search's page without its facets: one request at a time, as the benchmarks' server has one thread."""
    with patch.object(views, "find_guides", partial(views.find_guides, facets=False)):
        return views.search(request)


urlpatterns = [
    path("bench/empty/", lambda request: HttpResponse("")),
    path("bench/uncounted-search/", uncounted_search),
    path("bench/empty-admin/", require_admin_access(EmptyAdminPage.as_view())),
    *site_urls,
]
