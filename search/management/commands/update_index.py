"""Wagtail's update_index, for a site that runs: everything stays findable while it is written anew."""

from itertools import islice

from django.db import transaction
from modelsearch.management.commands.rebuild_modelsearch_index import Command as RebuildCommand

from search import handlers
from search.following import follow
from search.models import Guide
from search.turns import one_at_a_time
from servicepages.models import ServiceItemPage

CHUNK = 200
BAR = 40


class Command(RebuildCommand):
    help = "Writes the search's guides anew from the published items, the handlers, then every index; shows how far it is."

    def handle(self, **options):
        self.verbosity = options["verbosity"]
        if not options.get("schema_only"):
            published = ServiceItemPage.objects.published().values_list("pk", flat=True)
            keys = sorted({*published, *Guide.objects.values_list("pk", flat=True)})
            self.write("Guides of the search")
            for chunk in self._chunks(keys):
                follow(chunk, indexing=False)
            self.print_newline()
            self.write("Handlers, for staff")
            for chunk in self._chunks(ServiceItemPage.objects.order_by("pk").values_list("pk", flat=True)):
                handlers.write(chunk)
            self.print_newline()
        super().handle(**options)

    def _chunks(self, keys):
        self.total = len(keys)
        keys = iter(keys)
        return self.print_iter_progress(iter(lambda: list(islice(keys, CHUNK)), []))

    def queryset_chunks(self, qs, chunk_size=1000):
        """Chunks by key: an offset would read the rows before it again for each of 100,000 rows."""
        self.total = qs.count()
        if qs.model is Guide:
            return self._guides(qs)
        return self._by_key(qs, chunk_size)

    def _by_key(self, qs, chunk_size, after=None):
        while chunk := list((qs if after is None else qs.filter(pk__gt=after))[:chunk_size]):
            yield chunk
            after = chunk[-1].pk

    def _guides(self, qs):
        """Each chunk is read when its turn has come, and the turn is kept until it is in the index: what is
        published meanwhile waits, and is written over what it finds here, never the other way round."""
        after = None
        while True:
            with transaction.atomic():
                one_at_a_time()
                chunk = next(self._by_key(qs, CHUNK, after), None)
                if not chunk:
                    return
                yield chunk
            after = chunk[-1].pk

    def print_iter_progress(self, iterable):
        """A bar that grows in place on a terminal; elsewhere a line for every tenth."""
        done = shown = 0
        for chunk in iterable:
            yield chunk
            done += len(chunk)
            share = done / max(self.total, 1)
            if self.stdout.isatty():
                bar = "#" * int(share * BAR)
                self.write(f"\r[{bar:<{BAR}}] {share:4.0%}  {done:,} of {self.total:,}", ending="")
            elif int(share * 10) > shown or done == self.total:
                shown = int(share * 10)
                self.write(f"{share:.0%} ({done:,} of {self.total:,}) ", ending="")
            self.stdout.flush()
