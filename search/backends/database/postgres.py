"""PostgreSQL's full-text search, finding Chinese and ranking names first."""

from django.contrib.postgres.search import SearchRank
from django.db.models import F
from modelsearch.backends.database.postgres import postgres as stock
from modelsearch.query import PlainText

from search import ranking
from search.backends.database.cutting import CuttingCompilerMixin, CuttingIndexMixin
from search.backends.database.guides import GuidesApart
from search.backends.database.postgres_guides import PostgresGuideIndex, PostgresGuideQueryCompiler


class PostgresSearchQueryCompiler(CuttingCompilerMixin, stock.PostgresSearchQueryCompiler):
    def get_fields_vectors(self, search_query):
        """Stock makes vectors from the model's own columns here, where nothing is cut. Relies on:
        called instead of `get_index_vectors` when the caller names `fields`."""
        return [(F(f"index_entries__{column}"), 1.0) for column in self.columns]

    def _build_rank_expression(self, vectors, config):
        """Stock ranks an "and" query by how near its words stand to each other, with the weight of a
        name multiplied in: many mentions in a text reach the score of a name. So the words are
        ranked as "or", which is their average. Relies on: the stock `search()` orders by this,
        descending; the vectors are columns of the index entry."""
        if not isinstance(self.query, PlainText):
            return super()._build_rank_expression(vectors, config)
        words = self.build_tsquery(PlainText(self.query.query_string, operator="or"), config=config)
        scores = [
            SearchRank(vector, words, weights=self.sql_weights) * self._weight(vector)
            for vector, _boost in vectors
        ]
        return sum(scores[1:], start=scores[0])

    @staticmethod
    def _weight(vector):
        if vector.name == "index_entries__title":
            return F("index_entries__title_norm") * ranking.TITLE
        return ranking.TEXT


class PostgresAutocompleteQueryCompiler(CuttingCompilerMixin, stock.PostgresAutocompleteQueryCompiler):
    def get_fields_vectors(self, search_query):
        """As above: of the fields that autocomplete, the index has one column."""
        return self.get_index_vectors(search_query)


class PostgresIndex(CuttingIndexMixin, stock.PostgresIndex):
    usual_title = 20.0  # different tokens


class PostgresSearchBackend(GuidesApart, stock.PostgresSearchBackend):
    guide_index_class = PostgresGuideIndex
    guide_compiler_class = PostgresGuideQueryCompiler
    query_compiler_class = PostgresSearchQueryCompiler
    autocomplete_query_compiler_class = PostgresAutocompleteQueryCompiler
    index_class = PostgresIndex

    def __init__(self, params):
        """Without a SEARCH_CONFIG, `simple`: the database's default would stem English words and
        drop its stop words, on one side of the two databases only. Rebuilt chunk by chunk: what is there
        stays until it is written anew, and nobody waits for a transaction of minutes."""
        super().__init__({"SEARCH_CONFIG": "simple", "ATOMIC_REBUILD": False, **params})
