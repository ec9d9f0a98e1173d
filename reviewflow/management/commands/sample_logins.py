from unicodedata import east_asian_width

from django.conf import settings
from django.core.management import BaseCommand
from django.urls import reverse
from django.utils.translation import gettext as _

from servicepages.sample import content
from servicepages.sample.people import EDITOR, LEGAL, SAMPLE_PASSWORD, with_sample_password

# Of the departments' people, those who are listed; every department has the same two.
SHOWN = ("minzheng", "shichang", "gongan", "jidong-minzheng")


class Command(BaseCommand):
    help = "Prints the sample people, their password and what each may do, on a development machine."

    def handle(self, **options):
        if not settings.DEBUG:
            self.stdout.write(_("There are no sample logins here: DEBUG is off."))
            return
        present = with_sample_password()
        rows = [(login, SAMPLE_PASSWORD, role) for login, role in self.listed() if login in present]
        if not rows:
            self.stdout.write(_("There are no sample logins here: the sample catalogue is not loaded."))
            return
        self.stdout.write(
            _("Sample logins for %s") % f"{settings.WAGTAILADMIN_BASE_URL}{reverse('wagtailadmin_home')}"
        )
        self.write_table([(_("user name"), _("password"), _("role")), *rows])
        self.stdout.write(
            _("Every department has such an editor and a legal officer; the user names begin as in %s.")
            % "servicepages/sample/data/departments.toml"
        )

    def listed(self):
        for each in content.people():
            yield each["login"], _("superuser") if each.get("superuser") else each["group"]
        departments = {each["login"]: each for each in content.departments()}
        for login in SHOWN:
            name = f"{departments[login]['region']} {departments[login]['name']}"
            yield f"{login}-{EDITOR}", _("editor of %s") % name
            yield f"{login}-{LEGAL}", _("legal officer of %s") % name

    def write_table(self, rows):
        widths = [max(columns_of(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [text + " " * (width - columns_of(text)) for text, width in zip(row, widths, strict=True)]
            self.stdout.write("  " + "  ".join(cells).rstrip())


def columns_of(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a Chinese character."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
