from django.core.management.base import BaseCommand

from reviewflow.site_setup import set_up_site


class Command(BaseCommand):
    help = "Makes the pages, groups, workflow, schedules and department sections that are missing."

    def handle(self, **options):
        set_up_site()
