from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewFlowConfig(AppConfig):
    name = "reviewflow"
    verbose_name = _("Review")

    def ready(self):
        from reviewflow import signal_handlers

        signal_handlers.connect()
