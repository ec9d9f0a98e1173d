"""The search over the sample catalogue, measured with queries that were judged without knowing what it finds.

`judged_queries.csv` says what whoever types a query would be glad to find. recall@10 is the share of it
among the first ten hits (of ten, where more is wanted).
"""

from unittest.mock import patch

import pytest
from django.db import connection, transaction

from reviewflow import triggers
from search.following import follow
from search.models import EverydayName, EverydayNameItem, Guide
from search.queries import find_guides
from servicepages.models import DepartmentPage, ServiceItemPage, Topic
from servicepages.sample import content, items
from servicepages.sample.indexing import indexing_later
from servicepages.sample.items import ItemWriter, by_department, sub_items
from servicepages.sample.ledger import Ledger
from servicepages.sample.registers import load_department, load_halls, load_regions
from tests.factories import UserFactory
from tests.search.test_judged_queries_data import EVERYDAY_NAMES, JUDGED, STATES_THAT_ARE_LIVE, read

pytestmark = pytest.mark.django_db

AT_LEAST = {
    "literal": 1.0,
    "script": 1.0,
    "code": 1.0,
    "pinyin": 0.95,
    "everyday": 0.95,
    "slip": 0.95,
    "question": 0.9,
}
FIRST_OF_ALL = 0.9


def publish_sample():
    """The guides that the sample publishes, without the review that brings them there."""
    user, ledger = UserFactory(), Ledger()
    load_regions(ledger, user)
    load_halls(ledger, user)
    departments = {}
    for number, each in enumerate(content.departments(), 1):
        department, _is_new = load_department(ledger, user, number, each)
        departments[each["region"], each["name"]] = number, department
    live = []
    for key, specs in by_department().items():
        number, department = departments[key]
        section = DepartmentPage.objects.get(department=department)
        writer = ItemWriter(department, number, user)
        for spec in specs:
            history = content.histories().get((spec["place"], spec["name"]), {})
            if history.get("state", "published") not in STATES_THAT_ARE_LIVE:
                continue
            page = section.add_child(instance=writer.page(spec))
            live += [page.pk, *(page.add_child(instance=writer.page(part)).pk for part in sub_items(spec))]
    ServiceItemPage.objects.filter(pk__in=live).update(live=True)
    for row in read(EVERYDAY_NAMES):
        name = EverydayName(phrase=row["phrase"])
        topics = [wanted.removeprefix("topic:") for wanted in row["wanted"] if wanted.startswith("topic:")]
        pages = [ServiceItemPage.objects.filter(basic_code=wanted).first() for wanted in row["wanted"]]
        name.topics = Topic.objects.filter(code__in=topics)
        name.items = [EverydayNameItem(page=page) for page in pages if page is not None]
        name.save()
    follow(live)


@pytest.fixture(scope="module")
def sample(django_db_setup, django_db_blocker):
    """One sample for the module: it is only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        point = transaction.savepoint()
        no_files = patch.object(items, "form_and_sample", lambda *args: {})
        no_result = patch.object(items, "word_form", lambda *args, **kwargs: b"")
        no_attachment = patch.object(items, "attach", lambda *args: None)
        with no_files, no_result, no_attachment, indexing_later():
            triggers.drop(connection)  # they come back with the rollback
            publish_sample()
        yield dict(Guide.objects.values_list("pk", "fold"))
        transaction.savepoint_rollback(point)


@pytest.fixture(scope="module")
def judged(sample, django_db_blocker):
    """[(row, folds of the hits)] of all queries."""
    with django_db_blocker.unblock():
        return [
            (row, [sample[hit.key] for hit in find_guides(row["query"], facets=False).hits])
            for row in read(JUDGED)
        ]


def missed(judged, kind):
    return "\n".join(
        f"{row['query']}: {', '.join(set(row['wanted']) - set(found[:10]))}"
        for row, found in judged
        if row["kind"] == kind and set(row["wanted"]) - set(found[:10])
    )


def recall(judged, kind):
    recalls = [
        len(set(found[:10]) & set(row["wanted"])) / min(10, len(row["wanted"]))
        for row, found in judged
        if row["kind"] == kind
    ]
    return sum(recalls) / len(recalls)


def test_the_judged_queries(judged):
    """In one test, because each process that runs some of it would load the sample."""
    for kind, least in AT_LEAST.items():
        assert recall(judged, kind) >= least, missed(judged, kind)

    first = [bool(found) and found[0] in row["wanted"] for row, found in judged if row["wanted"]]
    wrong = [row["query"] for row, found in judged if row["wanted"] and found[:1] != row["wanted"][:1]]
    assert sum(first) / len(first) >= FIRST_OF_ALL, wrong

    assert [row["query"] for row, found in judged if not row["wanted"] and found] == [], (
        "nonsense finds nothing"
    )
