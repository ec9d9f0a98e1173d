"""SQLite's full-text search (FTS5), finding Chinese and ranking names first."""

from django.db.models import F, FloatField
from django.db.models.expressions import Func, Value
from modelsearch.backends.database.sqlite import sqlite as stock
from modelsearch.backends.database.sqlite.query import SQLiteFTSIndexEntry

from search import ranking
from search.backends.database.cutting import CuttingCompilerMixin, CuttingIndexMixin


class ColumnScore(Func):
    """FTS5's bm25 of one column; more negative is better.

    Relies on the order of columns that modelsearch's migration gives the full-text table.
    """

    COLUMNS = ("autocomplete", "body", "title")
    function = "bm25"
    output_field = FloatField()

    def __init__(self, column):
        super().__init__(*(Value(float(name == column)) for name in self.COLUMNS))

    def as_sql(self, compiler, connection, **extra_context):
        sql, params = super().as_sql(compiler, connection, **extra_context)
        table = connection.ops.quote_name(SQLiteFTSIndexEntry._meta.db_table)
        return sql.replace("bm25(", f"bm25({table}, ", 1), params


class _Columns(CuttingCompilerMixin):
    """Relies on: the stock `search()` matches `self.fields or self.FTS_TABLE_FIELDS` as names of
    columns. A field that is no column would be an error of SQLite's."""

    def search(self, *args, **kwargs):
        asked = self.fields
        self.fields = self.columns
        try:
            return super().search(*args, **kwargs)
        finally:
            self.fields = asked


class SQLiteSearchQueryCompiler(_Columns, stock.SQLiteSearchQueryCompiler):
    def _build_rank_expression(self, vectors, config):
        """Stock adds up bm25 of the whole row, so a page that says a word often goes before the one
        named so. Relies on: the stock `search()` orders by this, ascending, over the full-text
        table joined to `index_entry`, whose `title_norm` is above 1 for names shorter than most."""
        name = ColumnScore("title") * F("index_entry__title_norm") * ranking.NAME
        return name + ColumnScore("body") * ranking.TEXT


class SQLiteAutocompleteQueryCompiler(_Columns, stock.SQLiteAutocompleteQueryCompiler):
    @property
    def columns(self):
        return self.FTS_TABLE_FIELDS


class SQLiteIndex(CuttingIndexMixin, stock.SQLiteIndex):
    pass


class SQLiteSearchBackend(stock.SQLiteSearchBackend):
    query_compiler_class = SQLiteSearchQueryCompiler
    autocomplete_query_compiler_class = SQLiteAutocompleteQueryCompiler
    index_class = SQLiteIndex
