from django.http import HttpResponse
from django.urls import path

from cms.urls import urlpatterns as site_urls

urlpatterns = [path("bench/empty/", lambda request: HttpResponse("")), *site_urls]
