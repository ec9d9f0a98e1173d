from datetime import date
from itertools import islice

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewflow.alerts import scan
from reviewflow.preferences import wishes_of


class Command(BaseCommand):
    help = (
        "Looks through the days since the last scan for deadlines that people have to be told of, as the background "
        "worker does each morning. With --dry-run it prints who would be told what, and writes and sends nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="print only")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="another day than today; only with --dry-run")

    def handle(self, *, dry_run, on, **options):
        if not dry_run:
            if on:
                raise CommandError(_("--on is for --dry-run: what is owed is told on its day."))
            days = scan.run(timezone.localdate())
            self.stdout.write(_("Days scanned: %(days)s") % {"days": ", ".join(map(str, days)) or "0"})
            return
        try:
            day = date.fromisoformat(on) if on else timezone.localdate()
        except ValueError as error:
            raise CommandError(_("“%(on)s” is no date: YYYY-MM-DD.") % {"on": on}) from error
        count = 0
        alerts, wishes = scan.alerts_of(day), wishes_of()
        while chunk := list(islice(alerts, scan.AT_A_TIME)):
            notices = scan.notices_of(chunk, day, wishes)
            for notice in notices:
                self.stdout.write(f"{notice.person.get_username()}\t{notice.subject}\t{notice.url}")
            count += len(notices)
        self.stdout.write(_("%(count)d notices on %(day)s.") % {"count": count, "day": day})
