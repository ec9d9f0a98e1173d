from wagtail.management.commands.publish_scheduled import Command as StockCommand

from reviewflow.scheduled_publication import publish_due


class Command(StockCommand):
    """Takes the place of Wagtail's command of that name: `reviewflow` stands before `wagtail` among the
    installed apps. Wagtail's own still tells what is due (`--dryrun`)."""

    help = (
        "Publishes the pages whose time has come and takes down those that have expired, each in a transaction "
        "of its own: one that is refused holds up no other and keeps its schedule."
    )

    def handle(self, *args, **options):
        if options["dryrun"]:
            super().handle(*args, **options)
            return
        for refusal in publish_due().refused:
            self.stderr.write(refusal)
