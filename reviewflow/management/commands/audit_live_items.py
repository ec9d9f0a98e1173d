import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from reviewflow.audit import audit


class Command(BaseCommand):
    help = (
        "Recomputes what each signatory signs of every live service item, and lists the items whose content "
        "is not signed by all, and missing triggers. Exits with 1 if there is one."
    )

    def handle(self, *args, **options):
        result = audit()
        for name in result.absent:
            self.stdout.write(_("The trigger %(name)s is missing; “migrate” makes it anew.") % {"name": name})
        for finding in result.findings:
            self.stdout.write(str(finding))
        self.stdout.write(
            _("%(examined)d live items examined, %(count)d not covered.")
            % {"examined": result.examined, "count": len(result.findings)}
        )
        if not result.is_clean:
            sys.exit(1)
