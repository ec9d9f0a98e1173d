import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from reviewflow.health import Health


class Command(BaseCommand):
    help = (
        "One line on whether the background work is done; exits with 1 if it is not. For a monitoring system."
    )

    def handle(self, *args, **options):
        health = Health.read()
        if not health.troubles:
            self.stdout.write(_("The background work is done."))
            return
        self.stdout.write(" ".join(trouble.what for trouble in health.troubles))
        sys.exit(1)
