"""What the public searches and chooses: counted by text and day, never by person, address or time of day."""

import logging
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from search.models import ChosenGuide, Guide, SearchedText
from search.personal_data import without_personal_data
from search.text import key_of, normalise
from search.turns import one_at_a_time

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 200
# What is looked at of an endless query: more than MAX_CHARACTERS, so that no number is cut before it is known.
_LOOKED_AT = 1_000
# A rank behind this one is counted as this one: an address may say any number.
MAX_RANK = 10_000

# What is seldom searched may be somebody's name or case. After a year and a month, which the longest report
# needs, only what was searched on many days stays.
KEPT_DAYS = 400
KEPT_IF_SEARCHED_ON = 10  # days

# How long is waited for a background job that is writing, by the visitor where a choice is counted: better an uncounted
# one than a slow site.
PATIENCE = 1_000  # ms

# More texts on one day than people search are a program's: what it searched once goes by night.
MAX_TEXTS_A_DAY = 20_000
# So are more choices of one guide on one day: they would put it before its equals.
MAX_CHOICES_A_DAY = 1_000


def as_logged(text: str) -> str:
    """The text under which a query is counted: normalised, one line, without personal data, at most
    MAX_CHARACTERS; nothing for a query in which there is no letter and no digit. To be given as it was typed:
    a number that somebody has cut is not known for one."""
    line = " ".join(normalise(text[:_LOOKED_AT]).split())
    return without_personal_data(line)[:MAX_CHARACTERS].strip() if key_of(line) else ""


def searched(text: str, found: int, how: str) -> None:
    """Counts a search: `found` guides, answered in the way `how` (search.queries.How).

    Never an error for the visitor: what the database refuses is in the program's log.
    """
    if text := as_logged(text):
        _for_a_visitor(_count_search, text, found, str(how))


def chosen(text: str, key: int, rank: int) -> None:
    """Counts that the guide of the page `key` was chosen at `rank` (from one) among the hits for `text`, for
    all places that have the same guide. Nothing for a key that is no guide's, and nothing that no search of
    today could have led to: anybody can ask for the address that counts."""
    if text := as_logged(text):
        _for_a_visitor(_count_choice, text, key, min(max(rank, 1), MAX_RANK))


def _count_search(text, found, how):
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SEARCH, [text, timezone.localdate(), found, how])


def _count_choice(text, key, rank):
    today = timezone.localdate()
    times = SearchedText.objects.filter(text=text, day=today).values_list("times", flat=True).first()
    if times is None:
        return
    # Whoever publishes writes the same guides, and leaves what was counted.
    one_at_a_time()
    fold = Guide.objects.filter(pk=key).values_list("fold", flat=True).first()
    if fold is None or not _may_be_counted(text, fold, today, times):
        return
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_CHOICE, [text, fold, today, rank])
    Guide.objects.filter(fold=fold).update(chosen=F("chosen") + 1)


def _may_be_counted(text, fold, today, times):
    """Whether this text was searched more often than the guide was chosen after it, and the guide was not chosen
    more often after whatever text than guides are. One statement."""
    counted = ChosenGuide.objects.filter(day=today).aggregate(
        rows=Count("pk"),
        so=Sum("times", filter=Q(fold=fold, text=text), default=0),
        anyhow=Sum("times", filter=Q(fold=fold), default=0),
    )
    return (
        counted["so"] < times and counted["anyhow"] < MAX_CHOICES_A_DAY and counted["rows"] < MAX_TEXTS_A_DAY
    )


# One statement each, because two visitors may bring the same new text at the same moment; the ORM's
# bulk_create(update_conflicts=True) cannot add to what is there.
_COUNT_SEARCH = """
INSERT INTO search_searchedtext ("text", "day", "times", "found", "how") VALUES (%s, %s, 1, %s, %s)
ON CONFLICT ("text", "day") DO UPDATE
SET "times" = search_searchedtext."times" + 1, "found" = excluded."found", "how" = excluded."how"
"""
_COUNT_CHOICE = """
INSERT INTO search_chosenguide ("text", "fold", "day", "times", "ranks") VALUES (%s, %s, %s, 1, %s)
ON CONFLICT ("text", "fold", "day") DO UPDATE
SET "times" = search_chosenguide."times" + 1, "ranks" = search_chosenguide."ranks" + excluded."ranks"
"""


def _for_a_visitor(count, *arguments):
    """All of it or nothing, without a long wait; an error of the database goes to the program's log."""
    try:
        with _little_patience():
            count(*arguments)
    except Error:
        logger.exception("A search was not counted.")


@contextmanager
def _little_patience():
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE:d}")
            yield
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE:d}")
        try:
            with transaction.atomic():
                yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual:d}")


def forget() -> int:
    """Removes what is older than KEPT_DAYS, but for texts that were searched on at least KEPT_IF_SEARCHED_ON
    days, and what a program searched; returns the number of rows. Run by the worker at night."""
    limit = timezone.localdate() - timedelta(days=KEPT_DAYS)
    often = _common("text", at_least=KEPT_IF_SEARCHED_ON)
    flooded = list(_common("day", at_least=MAX_TEXTS_A_DAY + 1).values_list("day", flat=True))
    removed = 0
    for rows in (
        ChosenGuide.objects.filter(day__lt=limit).exclude(text__in=often),
        SearchedText.objects.filter(day__lt=limit).exclude(text__in=often),
        SearchedText.objects.filter(times=1, day__in=flooded),
        ChosenGuide.objects.filter(times=1, day__in=flooded),
    ):
        removed += rows.delete()[0]
    return removed


def _common(field, *, at_least):
    """The values of `field` that at least so many rows of SearchedText have."""
    return (
        SearchedText.objects.order_by()
        .values(field)
        .annotate(rows=Count("pk"))
        .filter(rows__gte=at_least)
        .values(field)
    )
