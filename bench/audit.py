"""How the audit of live items grows: ten times the items in at most twelve times the time, and in no more
memory.

Run from the project's folder: `python -m bench.audit` (or `make bench`).
"""

import gc
import statistics
import time
import tracemalloc
import uuid

from bench.figures import at_most, figure, finish
from bench.server import empty_site

FEW, MANY = 1_000, 10_000
TIME_RATIO = 12
MEMORY_RATIO = 1.3
AT_A_TIME = 500


def make_live_items(count):
    """`count` live items, each signed by all. As rows, because a review of each would take hours: copies of
    one that was published, with a name of their own, under decisions over their own content."""
    from django.db import connection

    from reviewflow import triggers
    from tests.factories import DepartmentFactory, complete_item, publish

    model = publish(complete_item(DepartmentFactory()))
    triggers.drop(connection)
    try:
        for start in range(1, count, AT_A_TIME):
            _copy(model, range(start, min(start + AT_A_TIME, count)))
    finally:
        triggers.make(connection)


def _copy(model, numbers):
    from django.db import connection, transaction
    from wagtail.models import Page

    from reviewflow.models import Decision
    from servicepages.models import ServiceItemPage, ServicePoint

    parent = model.get_parent()
    base = Page.objects.get(pk=model.pk)
    with transaction.atomic():
        pages = []
        for number in numbers:
            page = Page(
                **{field.attname: getattr(base, field.attname) for field in Page._meta.concrete_fields}
            )
            page.pk = None
            page.path = Page._get_path(parent.path, parent.depth + 1, number + 1)
            page.title = page.draft_title = f"事项{number}"
            page.slug, page.translation_key = f"item-{number}", uuid.uuid4()
            page.url_path = f"{parent.url_path}{page.slug}/"
            pages.append(page)
        pages = Page.objects.bulk_create(pages)
        keys = [page.pk for page in pages]
        columns = ", ".join(
            connection.ops.quote_name(field.column)
            for field in ServiceItemPage._meta.local_concrete_fields
            if not field.primary_key
        )
        table = ServiceItemPage._meta.db_table
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (page_ptr_id, {columns}) SELECT %s, {columns} FROM {table} "  # noqa: S608
                "WHERE page_ptr_id = %s",
                [(key, model.pk) for key in keys],
            )
        through = ServiceItemPage.topics.through
        through.objects.bulk_create(
            through(serviceitempage_id=key, topic_id=topic.pk) for key in keys for topic in model.topics.all()
        )
        ServicePoint.objects.bulk_create(
            ServicePoint(page_id=key, hall_id=point.hall_id, sort_order=point.sort_order)
            for key in keys
            for point in model.service_points.all()
        )
        Decision.objects.bulk_create(_decisions(model, pages))


def _decisions(model, pages):
    from reviewflow.canonical import digest
    from reviewflow.models import Decision

    signed = list(Decision.objects.filter(page=model.pk))
    for page in pages:
        for decision in signed:
            content = {**decision.content, "fields": dict(decision.content["fields"])}
            if "title" in content["fields"]:
                content["fields"]["title"] = page.title
            yield Decision(
                page_id=page.pk,
                signatory=decision.signatory,
                person_id=decision.person_id,
                kind=decision.kind,
                digest=digest(content),
                content=content,
                content_version=decision.content_version,
            )


def peak_memory(call) -> int:
    """Bytes that Python holds at the worst moment of the call, beside what it held before."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def processor_time(compared, rounds=3) -> dict[str, float]:
    """Seconds of the processor that each takes, the median of some rounds in turns. Not those of the clock: an
    audit of ten thousand items takes so long that what else the machine does would weigh on it alone."""
    times = {name: [] for name in compared}
    for _round in range(rounds):
        for name, call in compared.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main():
    with empty_site():
        from reviewflow.audit import audit
        from servicepages.models import ServiceItemPage

        make_live_items(MANY)
        last_of_few = ServiceItemPage.objects.order_by("pk").values_list("pk", flat=True)[FEW - 1]
        few = ServiceItemPage.objects.filter(pk__lte=last_of_few)
        results = []
        memory = {
            "few": peak_memory(lambda: results.append(audit(few))),
            "many": peak_memory(lambda: results.append(audit())),
        }
        assert [result.examined for result in results] == [FEW, MANY]
        assert all(result.is_clean for result in results), results[-1].findings[:3]

        seconds = processor_time({"few": lambda: audit(few), "many": audit})
        at_most("audit.time_of_10000_to_1000", seconds["many"] / seconds["few"], TIME_RATIO)
        figure("audit.items_a_second", round(MANY / seconds["many"]), "-", True)
        at_most("audit.memory_of_10000_to_1000", memory["many"] / memory["few"], MEMORY_RATIO)
    finish()


if __name__ == "__main__":
    main()
