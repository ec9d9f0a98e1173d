"""The index of the public's guides (search.models.Guide), which is a table of its own on both databases.

Pages of the admin share modelsearch's one index. Guides have another, because of what the public asks
of it: six columns instead of two, so that a word in a name can go before one in a text; nothing in it but what
is published; and rows that are joined by a number, without reading the text of 20,000 hits.

`SQLiteGuideIndex` and `PostgresGuideIndex` differ in how they store tokens and how they match them.
"""

from contextlib import nullcontext
from copy import copy

from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import FloatField, Value
from modelsearch.backends.base import BaseIndex, BaseSearchQueryCompiler, BaseSearchResults
from modelsearch.query import And, MatchAll, Not, PlainText

from search.backends.database.cutting import in_tokens

# In the order of the index. The model's search fields are these with `_tokens` after them.
COLUMNS = ("name", "everyday", "subject", "matter", "body", "sound")
# What a search looks in that names no fields: the words. How they sound is asked for by name.
WORDS = COLUMNS[:-1]
# A word that so many guides have tells nothing more by having more.
MANY = 5_000

# Of more hits than these none is scored by how often it says the words: on PostgreSQL reading 20,000 long
# vectors takes a second, and that many hits are told apart by where the words stand (search.answers).
MOST_RANKED = 2_000


def is_guide(model) -> bool:
    return model._meta.label == "search.Guide"


class GuideIndex(BaseIndex):
    """Writes with plain SQL; each method is a constant number of statements."""

    table: str
    key: str

    @staticmethod
    def planned():
        """A context in which the database plans statements on the index as it should."""
        return nullcontext()

    def get_key(self):
        return "guides"

    def __str__(self):
        return "guides"

    def add_items(self, model, items):
        rows = [(item.pk, *(getattr(item, f"{column}_tokens") for column in COLUMNS)) for item in items]
        if rows:
            self.write(rows)

    def write(self, rows):
        """Replaces the entries of these guides. `rows`: (key, tokens of each of COLUMNS)."""
        raise NotImplementedError

    def frequencies(self, words, fields) -> dict[str, int]:
        """In how many guides each of the words (tokens) stands, in these fields; MANY for that many and
        more. One statement."""
        counted, params = [], []
        for word in words:
            compiler = self.backend.guide_compiler_class(None, word, fields=fields, operator="and")
            keys, given = compiler.keys_of_matches()
            counted.append(f"SELECT count(*) FROM ({keys} LIMIT {MANY}) AS counted{len(counted)}")
            params += given
        if not counted:
            return {}
        with self.planned(), connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"({each})" for each in counted), params)
            return dict(zip(words, cursor.fetchone(), strict=True))

    def delete_item(self, item):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table} WHERE {self.key} = %s", [item.pk])

    def reset(self):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")

    def delete_stale_entries(self):
        """Those of guides that went without telling, as when a whole table is emptied."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self.table} WHERE {self.key} NOT IN (SELECT page_id FROM search_guide)"
            )

    def _refresh_title_norms(self, full=False):
        """Asked for by modelsearch's rebuilders. Guides are not ranked by the length of their names."""


def expression(query, *, term, conjunction, disjunction, exception, last_is_begun=False) -> str:
    """A query of `in_tokens` written in a database's own language.

    `term(token, is_begun)` writes a token, or all that begin so (the last one, where `last_is_begun`); the others are the operators; `exception` stands between what is wanted and
    what is not. A Not is only understood beside something wanted: without, NotImplementedError.
    """

    def written(part):
        if isinstance(part, PlainText):
            joint = conjunction if part.operator == "and" else disjunction
            *tokens, last = part.query_string.split()
            return (
                "(" + joint.join([*(term(each, False) for each in tokens), term(last, last_is_begun)]) + ")"
            )
        parts = [each for each in part.subqueries if not isinstance(each, Not)]
        unwanted = [each.subquery for each in part.subqueries if isinstance(each, Not)]
        if not parts or (unwanted and not isinstance(part, And)):
            raise NotImplementedError("a search of guides for what they do not contain")
        joint = conjunction if isinstance(part, And) else disjunction
        said = "(" + joint.join(map(written, parts)) + ")"
        for each in unwanted:
            said = f"({said}{exception}{written(each)})"
        return said

    if isinstance(query, Not):
        raise NotImplementedError("a search of guides for what they do not contain")
    return written(query)


class GuideQueryCompiler(BaseSearchQueryCompiler):
    """Relies on: `search()` of modelsearch's results classes calls `search(config, start, stop, score_field)`."""

    DEFAULT_OPERATOR = "and"
    LAST_TERM_IS_PREFIX = False
    # Only these of the matching guides, none of them scored (GuideResults.at_most).
    keys: list[int] | None = None
    HANDLES_ORDER_BY_EXPRESSIONS = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.query = in_tokens(self.query)

    @property
    def columns(self) -> tuple[str, ...]:
        if not self.fields:
            return WORDS
        return tuple(column for column in COLUMNS if f"{column}_tokens" in self.fields)

    def matching(self):
        """(SQL condition on the index's table, its parameters)."""
        raise NotImplementedError

    def keys_of_matches(self):
        """(SQL that selects the keys of the matching guides from the index alone, its parameters)."""
        condition, params = self.matching()
        index = self.index_class
        return f"SELECT {index.table}.{index.key} FROM {index.table} WHERE {condition}", params

    def with_matches(self, queryset):
        """The guides of `queryset` that match, with `_score`: the more the better."""
        raise NotImplementedError

    def search(self, start, stop, score_field=None):
        if isinstance(self.query, MatchAll):
            return self.queryset[start:stop]
        if isinstance(self.query, Not) and isinstance(self.query.subquery, MatchAll):
            return self.queryset.none()
        if self.keys is None:
            queryset = self.with_matches(self.queryset)
        else:
            unscored = Value(0.0, output_field=FloatField())
            queryset = self.queryset.filter(pk__in=self.keys).annotate(_score=unscored)
        if score_field and score_field != "_score":
            raise FieldError("the score of a guide is called _score")
        if self.order_by_relevance:
            queryset = queryset.order_by("-_score", "-pk")
        elif not queryset.query.order_by:
            queryset = queryset.order_by("-pk")
        return queryset[start:stop]


class GuideResults(BaseSearchResults):
    supports_facet = True

    def get_queryset(self):
        return self.query_compiler.search(self.start, self.stop, self._score_field)

    def matching_keys(self) -> set[int]:
        """Keys of all that match, whatever the queryset leaves out: one statement, the index alone."""
        if isinstance(self.query_compiler.query, MatchAll | Not):
            return set(self.get_queryset().values_list("pk", flat=True))
        return set(self._keys(*self.query_compiler.keys_of_matches()))

    @staticmethod
    def first_to_match(searches: "list[GuideResults]") -> dict[int, int]:
        """{key: the place in `searches` of the first that matches it}, whatever the querysets leave out: one statement,
        the index alone."""
        statements, params = [], []
        for place, results in enumerate(searches):
            sql, given = results.query_compiler.keys_of_matches()
            statements.append(f"SELECT {place}, {sql.removeprefix('SELECT ')}")
            params += given
        found = {}
        with searches[0].planned(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), params)
            for place, key in cursor.fetchall():
                found[key] = min(place, found.get(key, place))
        return found

    def at_most(self, limit: int) -> "GuideResults":
        """The best `limit` of these. Where so many match that none would be scored (MOST_RANKED) they are the
        last added, and what the queryset leaves out of those is not made up for: then it costs two
        statements and the same time, however many match."""
        compiler = self.query_compiler
        if isinstance(compiler.query, MatchAll | Not):
            return self[:limit]
        sql, params = compiler.keys_of_matches()
        key = f"{compiler.index_class.table}.{compiler.index_class.key}"
        keys = self._keys(f"{sql} ORDER BY {key} DESC LIMIT {max(limit, MOST_RANKED + 1)}", params)
        if len(keys) <= MOST_RANKED:
            return self[:limit]
        some = self._clone()
        some.query_compiler = copy(compiler)
        some.query_compiler.keys = keys[:limit]
        return some

    def _keys(self, sql, params):
        with self.planned(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [key for (key,) in cursor.fetchall()]

    def rows(self, *fields) -> list[tuple]:
        """The named fields of all that match, unordered (of a slice: of its best), as the database returns them: booleans may be
        0 and 1. One statement, and no object for each of 20,000 hits."""
        queryset = self.get_queryset()
        if self.stop is None:
            queryset = queryset.order_by()
        queryset = queryset.values_list(*fields)
        sql, params = queryset.query.sql_with_params()
        with self.planned(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def planned(self):
        return self.query_compiler.index_class.planned()

    def _do_search(self):
        with self.planned():
            return list(self.get_queryset())

    def _do_count(self):
        with self.planned():
            return self.get_queryset().order_by().count()

    def facet(self, field_name):
        from django.db.models import Count

        counted = self.get_queryset().order_by().values_list(field_name).annotate(count=Count("pk"))
        with self.planned():
            return dict(counted.order_by("-count"))


class GuidesApart:
    """For a subclass of one of modelsearch's database backends: guides have an index of their own."""

    guide_index_class: type[GuideIndex]
    guide_compiler_class: type[GuideQueryCompiler]

    def get_index_for_model(self, model):
        return self.guide_index_class(self) if is_guide(model) else super().get_index_for_model(model)

    def _search(self, query_compiler_class, query, model_or_queryset, **kwargs):
        model = getattr(model_or_queryset, "model", model_or_queryset)
        if not is_guide(model):
            return super()._search(query_compiler_class, query, model_or_queryset, **kwargs)
        queryset = model.objects.all() if model is model_or_queryset else model_or_queryset
        compiler = self.guide_compiler_class(queryset, query, **kwargs)
        compiler.LAST_TERM_IS_PREFIX = query_compiler_class is self.autocomplete_query_compiler_class
        compiler.check()
        return GuideResults(self, compiler)
