from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Search")

    def ready(self):
        from search import everyday, following, handlers, registers, site_setup

        following.connect()
        handlers.connect()
        everyday.connect()
        registers.connect()
        site_setup.connect()
