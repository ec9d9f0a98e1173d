from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class ServicePagesConfig(AppConfig):
    name = "servicepages"
    verbose_name = _("Service pages")

    def ready(self):
        from servicepages import signal_handlers

        signal_handlers.connect()


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "servicepages.users.UserViewSet"
