"""The everyday names of the sample catalogue: search/sample_everyday_names.csv."""

import csv
from pathlib import Path

from django.conf import settings
from django.db import transaction

from search.everyday import guides_meant
from search.following import follow
from search.models import EverydayName, EverydayNameItem
from search.text import key_of
from servicepages.models import ServiceItemPage, Topic, User
from servicepages.sample.ledger import Ledger

FILE = Path(__file__).with_name("sample_everyday_names.csv")
TOPIC = "topic:"


def read() -> list[tuple[str, list[str]]]:
    """(phrase, what it means): basic codes, and codes of topics after "topic:"."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [(row["phrase"], row["wanted"].split("|")) for row in csv.DictReader(lines)]


@transaction.atomic
def load_everyday_names() -> int:
    """The sample's everyday names, as far as its items are here; says how many were made.

    A name that was ever loaded is never loaded again, so what people renamed or deleted stays so. Nothing is
    loaded where DEBUG is off, nor beside items that are not the sample's.
    """
    ledger = Ledger()
    if not settings.DEBUG or not any(key.startswith("item:") for key in ledger.keys):
        return 0
    items = _items()
    topics = {topic.code: topic for topic in Topic.objects.all()}
    administrator = User.objects.filter(is_superuser=True).order_by("pk").first()
    taken = set(EverydayName.objects.values_list("key", flat=True))
    made = []
    for phrase, wanted in read():
        entry = f"everyday name:{phrase}"
        meant = [items[code] for code in wanted if code in items]
        of_topics = [
            topics[each.removeprefix(TOPIC)] for each in wanted if each.removeprefix(TOPIC) in topics
        ]
        if entry in ledger or key_of(phrase) in taken or not (meant or of_topics):
            continue
        name = EverydayName(phrase=phrase, key=key_of(phrase), added_by=administrator)
        made.append((entry, name, meant, of_topics))
    _enter(made)
    for entry, name, *_meant in made:
        ledger.enter(name, entry, administrator)
    follow(sorted(guides_meant([name.pk for _entry, name, *_meant in made])))
    return len(made)


def _items():
    """{basic code: one of the items that have it}, a published one where there is one."""
    coded = ServiceItemPage.objects.exclude(basic_code="").order_by("live", "-pk")
    return dict(coded.values_list("basic_code", "pk"))


def _enter(made):
    """All at once: one by one, the same guides would be made anew some hundred times."""
    EverydayName.objects.bulk_create([name for _entry, name, *_meant in made])
    EverydayNameItem.objects.bulk_create(
        EverydayNameItem(name=name, page_id=page, sort_order=order)
        for _entry, name, pages, _topics in made
        for order, page in enumerate(pages)
    )
    through = EverydayName.topics.through
    through.objects.bulk_create(
        through(everydayname=name, topic=topic) for _entry, name, _pages, topics in made for topic in topics
    )
