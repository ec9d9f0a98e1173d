"""The index of guides on PostgreSQL: four vectors for each guide, each with a GIN index."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from search import ranking
from search.backends.database.guides import COLUMNS, MOST_RANKED, GuideIndex, GuideQueryCompiler, expression

TABLE = "search_guide_vectors"
# Each holds what the one before holds, and more. The first is short enough to be kept in the row, so that
# it is cheap to rank by; the last one takes a look at another page of the disk for every hit.
VECTORS = {
    "head": ("name", "everyday", "subject"),
    "matter": ("name", "everyday", "subject", "matter"),
    "words": ("name", "everyday", "subject", "matter", "body"),
    "sound": ("sound",),
}
WEIGHTS = {"name": "A", "everyday": "B", "subject": "C", "matter": "C", "body": "D", "sound": "D"}
CREATE = (
    f"CREATE TABLE {TABLE} (guide_id integer PRIMARY KEY, "
    + ", ".join(f"{vector} tsvector NOT NULL" for vector in VECTORS)
    + ")",
    # Without fastupdate no search has to look through what was written since the last vacuum.
    *(
        f"CREATE INDEX {TABLE}_{vector} ON {TABLE} USING gin ({vector}) WITH (fastupdate = off)"
        for vector in VECTORS
    ),
)
DROP = f"DROP TABLE {TABLE}"
# PostgreSQL keeps positions up to this, and this many for each token.
MAX_POSITION = 16_383
MAX_POSITIONS = 255
# In the order of PostgreSQL: D, C, B, A; a hit in the name counts 1.
RANKS = "{{{}}}".format(
    ",".join(
        str(weight / ranking.NAME)
        for weight in (ranking.BODY, ranking.SUBJECT, ranking.EVERYDAY, ranking.NAME)
    )
)
_is_planned: ContextVar[bool] = ContextVar("planned", default=False)


def _vector(tokens_of, columns) -> str:
    """A tsvector's own notation, so that no parser of PostgreSQL's cuts a token again."""
    positions = {}
    at = 0
    for column in columns:
        weight = WEIGHTS[column]
        for token in tokens_of[column].split():
            at = min(at + 1, MAX_POSITION)
            kept = positions.setdefault(token, [])
            if len(kept) < MAX_POSITIONS:
                kept.append(f"{at}{weight}")
    return " ".join(f"'{token}':{','.join(kept)}" for token, kept in positions.items())


class PostgresGuideIndex(GuideIndex):
    table = TABLE
    key = "guide_id"

    @staticmethod
    @contextmanager
    def planned():
        """Without sequential scans. The planner does not know what it costs to fetch a long vector from where it
        is kept, so for a common word it would rather read all of them than the index: 380 ms instead of
        24 at 10,000 guides. Said once for all that is asked within it."""
        if _is_planned.get():
            yield
            return
        is_within_another = connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            token = _is_planned.set(True)
            try:
                yield
            finally:
                _is_planned.reset(token)
            if is_within_another:  # and goes on as it was
                cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")

    def write(self, rows):
        names = list(VECTORS)
        places = ", ".join(["%s"] + ["%s::tsvector"] * len(names))
        renewed = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
        written = []
        for key, *tokens in rows:
            tokens_of = dict(zip(COLUMNS, tokens, strict=True))
            written.append((key, *(_vector(tokens_of, columns) for columns in VECTORS.values())))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} (guide_id, {', '.join(names)}) VALUES ({places}) "
                f"ON CONFLICT (guide_id) DO UPDATE SET {renewed}",
                written,
            )


class PostgresGuideQueryCompiler(GuideQueryCompiler):
    index_class = PostgresGuideIndex

    def matching(self):
        columns = set(self.columns)
        vector = next(name for name, held in VECTORS.items() if columns <= set(held))
        weights = "".join(WEIGHTS[column] for column in COLUMNS if column in columns)
        # All that a vector holds needs no weights, which an index does not know. (Subject and matter share one:
        # asked for matter alone, the subject answers too.)
        weights = "" if columns == set(VECTORS[vector]) else weights
        said = expression(
            self.query,
            term=lambda token, is_begun: f"'{token}':{'*' * is_begun}{weights}".rstrip(":"),
            conjunction=" & ",
            disjunction=" | ",
            exception=" & !",
            last_is_begun=self.LAST_TERM_IS_PREFIX,
        )
        return f"{TABLE}.{vector} @@ %s::tsquery", [said]

    def with_matches(self, queryset):
        condition, params = self.matching()
        vector = condition.partition(" ")[0]
        # As alternatives: of words that all have to be there PostgreSQL ranks by how near they stand.
        words = dict.fromkeys(params[0].translate(str.maketrans("()&|!", "     ")).split())
        ranked = " | ".join(words)
        few = f"(SELECT count(*) <= {MOST_RANKED} FROM {TABLE} WHERE {condition})"
        score = f"CASE WHEN {few} THEN ts_rank('{RANKS}', {vector}, %s::tsquery) ELSE 0 END"
        return queryset.extra(
            tables=[TABLE], where=[f"{TABLE}.guide_id = search_guide.page_id", condition], params=params
        ).annotate(_score=RawSQL(score, (*params, ranked), output_field=FloatField()))
