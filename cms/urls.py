from django.conf import settings
from django.urls import include, path
from django.views.generic import TemplateView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from reviewflow.account import account
from reviewflow.alerts.calendar_feed import calendar_feed
from servicepages.files import serve_media

urlpatterns = [
    path("admin/account/", account, name="wagtailadmin_account"),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("search/", include("search.urls")),
    path("media/<path:path>", serve_media, name="media"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="cms/robots.txt", content_type="text/plain"),
        name="robots",
    ),
]

if settings.DEBUG:
    urlpatterns += [path("dev/mail/", include("cms.mailbox"))]

# Last, because it takes every address that is left.
urlpatterns += [path("", include(wagtail_urls))]
