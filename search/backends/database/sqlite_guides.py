"""The index of guides on SQLite: a full-text table (FTS5) whose row numbers are the guides' keys."""

from django.db import connection
from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from search import ranking
from search.backends.database.guides import COLUMNS, MOST_RANKED, GuideIndex, GuideQueryCompiler, expression

TABLE = "search_guide_fts"
CREATE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5({', '.join(COLUMNS)}, "
    # Everything is cut already: nothing but letters and digits with spaces between. Diacritics count.
    'tokenize = "unicode61 remove_diacritics 0")'
)
DROP = f"DROP TABLE {TABLE}"
# Of bm25, for each column. What goes before what is decided by search.queries, not by these.
WEIGHTS = (
    ranking.NAME,
    ranking.EVERYDAY,
    ranking.SUBJECT,
    ranking.MATTER,
    ranking.BODY,
    ranking.SOUND,
)


class SQLiteGuideIndex(GuideIndex):
    table = TABLE
    key = "rowid"

    def write(self, rows):
        places = ", ".join(["%s"] * (len(COLUMNS) + 1))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT OR REPLACE INTO {TABLE} (rowid, {', '.join(COLUMNS)}) VALUES ({places})",
                rows,
            )


class SQLiteGuideQueryCompiler(GuideQueryCompiler):
    index_class = SQLiteGuideIndex

    def matching(self):
        said = expression(
            self.query,
            term=lambda token, is_begun: f'"{token}"*' if is_begun else f'"{token}"',
            conjunction=" AND ",
            disjunction=" OR ",
            exception=" NOT ",
            last_is_begun=self.LAST_TERM_IS_PREFIX,
        )
        return f"{TABLE} MATCH %s", [f"{{{' '.join(self.columns)}}} : {said}"]

    def with_matches(self, queryset):
        condition, params = self.matching()
        weights = ", ".join(map(str, WEIGHTS))
        few = f"(SELECT count(*) <= {MOST_RANKED} FROM {TABLE} WHERE {condition})"
        score = f"CASE WHEN {few} THEN -bm25({TABLE}, {weights}) ELSE 0 END"
        return queryset.extra(
            tables=[TABLE], where=[f"{TABLE}.rowid = search_guide.page_id", condition], params=params
        ).annotate(_score=RawSQL(score, params, output_field=FloatField()))
