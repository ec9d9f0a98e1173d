"""SQLite's full-text search (FTS5), finding Chinese and ranking names first."""

from django.db import connection
from django.db.models import AutoField, FloatField, IntegerField
from django.db.models.expressions import RawSQL
from modelsearch.backends.database.sqlite import sqlite as stock
from modelsearch.backends.database.sqlite.query import MatchExpression, SQLiteFTSIndexEntry, normalize
from modelsearch.backends.database.sqlite.sqlite import IndexEntry
from modelsearch.query import MatchAll, Not
from modelsearch.utils import get_descendants_content_types_pks

from search import ranking
from search.backends.database.cutting import CuttingCompilerMixin, CuttingIndexMixin
from search.backends.database.guides import GuidesApart
from search.backends.database.sqlite_guides import SQLiteGuideIndex, SQLiteGuideQueryCompiler

# In the order that modelsearch's migration gives the full-text table.
_COLUMNS = ("autocomplete", "body", "title")


def _bm25(column):
    """FTS5's score of one column; the more negative, the better."""
    weights = ", ".join(str(float(name == column)) for name in _COLUMNS)
    return f"bm25({SQLiteFTSIndexEntry._meta.db_table}, {weights})"


class _JoinedOnce(CuttingCompilerMixin):
    """Stock asks the full-text table once for each row of the model to score it; here it is joined once, and
    what it finds is ranked and cut into pages there.

    Relies on: `build_search_query`, `get_search_vectors` and `_build_rank_expression` are what the stock
    `search()` makes of a query; the full-text table's `rowid` is the key of the index entry.
    """

    def search(self, config, start, stop, score_field=None):
        query = normalize(self.query)
        key = self.queryset.model._meta.pk
        while key.remote_field:
            key = key.target_field
        if isinstance(query, MatchAll | Not) or not isinstance(key, AutoField | IntegerField):
            return self._as_stock(config, start, stop, score_field)
        table, entries = SQLiteFTSIndexEntry._meta.db_table, IndexEntry._meta.db_table
        match = MatchExpression(self.columns or self.FTS_TABLE_FIELDS, self.build_search_query(query))
        condition, params = match.as_sql(self.queryset.query.get_compiler("default"), connection)
        types = ", ".join(str(int(pk)) for pk in get_descendants_content_types_pks(self.queryset.model))
        model = self.queryset.model._meta
        queryset = self.queryset.extra(
            tables=[table, entries],
            where=[
                condition,
                f"{entries}.id = {table}.rowid",
                f"{entries}.content_type_id IN ({types})",
                f'"{model.db_table}"."{model.pk.column}" = CAST({entries}.object_id AS integer)',
            ],
            params=params,
        )
        if score_field is not None or self.order_by_relevance:
            score_field = score_field or "_score"
            queryset = queryset.annotate(**{score_field: RawSQL(self.rank, (), FloatField())})
        if self.order_by_relevance:
            queryset = queryset.order_by(score_field, "-pk")
        elif not queryset.query.order_by:
            queryset = queryset.order_by("-pk")
        return queryset[start:stop]

    def _as_stock(self, config, start, stop, score_field):
        """Stock takes `fields` for names of columns, and one that is none would be an error of SQLite's."""
        asked, self.fields = self.fields, self.columns
        try:
            return super().search(config, start, stop, score_field)
        finally:
            self.fields = asked


class SQLiteSearchQueryCompiler(_JoinedOnce, stock.SQLiteSearchQueryCompiler):
    # Stock adds up bm25 of the whole row, so a page that says a word often goes before the one named so.
    # `title_norm` is above 1 for names shorter than most.
    rank = (
        f"{_bm25('title')} * {IndexEntry._meta.db_table}.title_norm * {ranking.TITLE}"
        f" + {_bm25('body')} * {ranking.TEXT}"
    )


class SQLiteAutocompleteQueryCompiler(_JoinedOnce, stock.SQLiteAutocompleteQueryCompiler):
    rank = _bm25("autocomplete")

    @property
    def columns(self):
        return self.FTS_TABLE_FIELDS


class SQLiteIndex(CuttingIndexMixin, stock.SQLiteIndex):
    usual_title = 60.0  # characters of its tokens


class SQLiteSearchBackend(GuidesApart, stock.SQLiteSearchBackend):
    guide_index_class = SQLiteGuideIndex
    guide_compiler_class = SQLiteGuideQueryCompiler
    query_compiler_class = SQLiteSearchQueryCompiler
    autocomplete_query_compiler_class = SQLiteAutocompleteQueryCompiler
    index_class = SQLiteIndex

    def __init__(self, params):
        """Rebuilt chunk by chunk: what is there stays until it is written anew, and nobody waits minutes for
        the one who may write."""
        super().__init__({"ATOMIC_REBUILD": False, **params})
