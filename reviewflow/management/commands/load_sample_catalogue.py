from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reviewflow.sample_catalogue import CatalogueLoader
from servicepages.models import ServiceItemPage


class Command(BaseCommand):
    """Loads servicepages/sample/: places, departments, halls, people and items in every state.

    It creates what it has never created before and touches nothing else. What it created is in Wagtail's
    log (servicepages.sample.ledger), so what people changed, renamed or deleted since stays as they left
    it; what they had made themselves under the same name (a place, a department, a login) is used as it
    is, passwords included. Each department is one transaction: an interrupted load is finished by the
    next one.
    """

    help = (
        "Loads a sample catalogue: places, departments, halls, people, and service items in every state. "
        "Creates only what it never created before. Refused where DEBUG is off."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when the site has a service item already"
        )

    def handle(self, *, if_empty, **options):
        if not settings.DEBUG:
            raise CommandError(
                _(
                    "The sample catalogue has logins with a known password, so it is not loaded where DEBUG is off."
                )
            )
        if if_empty and ServiceItemPage.objects.exists():
            self.stdout.write(_("The site has service items already; nothing was loaded."))
            return
        progress = Progress(self.stdout)
        created = CatalogueLoader(progress.say).load()
        progress.end()
        if created:
            self.stdout.write(
                _("The sample catalogue is loaded: %(items)d service items, %(live)d of them published.")
                % {"items": ServiceItemPage.objects.count(), "live": ServiceItemPage.objects.live().count()}
            )
        else:
            self.stdout.write(_("The sample catalogue was loaded before; nothing was changed."))


class Progress:
    """One line that rewrites itself on a terminal, plain lines anywhere else."""

    def __init__(self, stdout):
        self.stdout, self.is_terminal = stdout, stdout.isatty()
        self.width = 0

    def say(self, text: str):
        if self.is_terminal:
            self.stdout.write("\r" + text + " " * max(0, self.width - len(text) * 2), ending="")
            self.width = len(text) * 2
        else:
            self.stdout.write(f"  {text}")
        self.stdout.flush()

    def end(self):
        if self.is_terminal and self.width:
            self.stdout.write("\r" + " " * self.width + "\r", ending="")
