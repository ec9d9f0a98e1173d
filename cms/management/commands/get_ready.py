"""What `make run` does before it starts the servers, in one process: the second run takes seconds."""

from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils.translation import gettext as _

from search.sample import load_everyday_names


class Command(BaseCommand):
    help = (
        "Brings the database up to date, loads the sample catalogue if the database is new, "
        "and prints where the site is, the sample logins and where mail goes."
    )

    def handle(self, **options):
        """CommandError unless DEBUG is on: nothing here belongs on a city's server."""
        if not settings.DEBUG:
            raise CommandError(_("get_ready prepares a development machine; here DEBUG is off."))
        # Stays behind when loading was interrupted, so that the next run loads again.
        unfinished = Path(settings.DATA_DIR) / "sample-catalogue-unfinished"
        if not MigrationRecorder(connection).applied_migrations():
            unfinished.touch()
        self.stdout.write(_("Bringing the database up to date"))
        call_command("migrate", verbosity=options["verbosity"], interactive=False)
        if unfinished.exists():
            self.stdout.write(_("Loading the sample catalogue"))
            call_command("load_sample_catalogue")
            unfinished.unlink()
        # Not only after loading: a sample that was loaded before there were everyday names gets them too.
        load_everyday_names()
        address = settings.WAGTAILADMIN_BASE_URL
        self.stdout.write("")
        self.stdout.write(_("The site:        %s") % f"{address}/")
        self.stdout.write(_("The admin:       %s") % f"{address}{reverse('wagtailadmin_home')}")
        self.stdout.write(
            _("Mail goes to:    %(folder)s, shown at %(address)s")
            % {"folder": settings.EMAIL_FILE_PATH, "address": f"{address}{reverse('mailbox:index')}"}
        )
        self.stdout.write("")
        call_command("sample_logins")
        self.stdout.write("")
        self.stdout.write(_("Ctrl-C stops the web server and the worker."))
        self.stdout.flush()
