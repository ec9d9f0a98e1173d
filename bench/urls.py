from django.http import HttpResponse
from django.urls import path
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cms.urls import urlpatterns as site_urls


class EmptyAdminPage(WagtailAdminTemplateMixin, TemplateView):
    """The least that any page of the admin costs: its menu, its header and nothing else."""

    page_title = "Nothing"


urlpatterns = [
    path("bench/empty/", lambda request: HttpResponse("")),
    path("bench/empty-admin/", require_admin_access(EmptyAdminPage.as_view())),
    *site_urls,
]
