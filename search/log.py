"""What the public searches and chooses: counted by text and day, never by person, address or time of day."""

import logging
import re
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models import Count, F
from django.utils import timezone

from search.models import ChosenGuide, Guide, SearchedText
from search.text import key_of, normalise

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

# How long a visitor waits for a background job that is writing: better an uncounted search than a slow one.
PATIENCE = 1_000  # ms

# More texts on one day than people search are a program's: what it searched once goes by night.
MAX_TEXTS_A_DAY = 20_000

MASK = "×"
_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Spaces and hyphens as people put them into numbers: 138 0000 0000, 230302 19900101 1234.
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_SPACED_IDENTITY = re.compile(r"(?<![0-9])[0-9]{6}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3}[0-9x](?![0-9])")
# Whole words; codes of items have 12 or 31 characters and stay readable.
_NUMBER = re.compile(r"(?<![0-9a-z])(?:[0-9]{11}|[a-z]*(?:[0-9]{15,19}|[0-9]{17}x)[a-z]*)(?![0-9a-z])")
_DIGIT = re.compile(r"[0-9]")


def _masked(match):
    return _DIGIT.sub(MASK, match[0])


def without_personal_data(text: str) -> str:
    """A normalised text without mobile, identity and bank card numbers (digits become ×) and without e-mail
    addresses (×@×)."""
    text = _EMAIL.sub(f"{MASK}@{MASK}", text)
    for pattern in (_MOBILE, _SPACED_IDENTITY, _NUMBER):
        text = pattern.sub(_masked, text)
    return text


def as_logged(text: str) -> str:
    """The text under which a query is counted: normalised, one line, without personal data, at most
    MAX_CHARACTERS; nothing for a query in which there is no letter and no digit."""
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
    all places that have the same guide. A key that is no guide's counts nothing."""
    if text := as_logged(text):
        _for_a_visitor(_count_choice, text, key, min(max(rank, 1), MAX_RANK))


def _count_search(text, found, how):
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SEARCH, [text, timezone.localdate(), found, how])


def _count_choice(text, key, rank):
    same = Guide.objects.filter(fold__in=Guide.objects.filter(pk=key).values("fold"))
    # Locked in one order, or two visitors could wait for each other.
    fold = dict(same.select_for_update().order_by("pk").values_list("pk", "fold")).get(key)
    if fold is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_CHOICE, [text, fold, timezone.localdate(), rank])
    same.update(chosen=F("chosen") + 1)


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
    flooded = _common("day", at_least=MAX_TEXTS_A_DAY + 1)
    removed = 0
    for rows in (
        ChosenGuide.objects.filter(day__lt=limit).exclude(text__in=often),
        SearchedText.objects.filter(day__lt=limit).exclude(text__in=often),
        SearchedText.objects.filter(times=1, day__in=flooded),
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
