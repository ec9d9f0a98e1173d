"""What every template may use without its view passing it."""

from django.conf import settings


def site(request):
    return {"site_name": settings.SITE_NAME}
