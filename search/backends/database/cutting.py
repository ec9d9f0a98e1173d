"""Cutting for both databases: of what goes into the index, and of what is asked.

Neither side needs to know the database. An index is handed objects whose search fields give their
values already cut, and a compiler is handed a query that consists of tokens only; modelsearch's own
code does the rest, and has nothing left to split, quote or trip over.
"""

from django.db.models import F, FloatField, Value
from django.db.models.functions import Cast, Length
from django.utils.encoding import force_str
from modelsearch.index import AutocompleteField, RelatedFields, SearchField
from modelsearch.query import MATCH_NONE, And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText
from modelsearch.utils import get_content_type_pk

from search.text import MAX_TERMS, cut, terms


def flat(value) -> str:
    """The text of a search field's value: lists and dicts by their items, nothing for None (which
    modelsearch would index as the word "None")."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(flat(item) for item in value.values())
    if isinstance(value, list | tuple):
        return " ".join(flat(item) for item in value)
    return force_str(value)


class _CutValue:
    """A search field whose value is its tokens, with spaces between them.

    modelsearch reads each field once for every column of the index; the last answer is kept, because
    the text of a guide is gathered from other tables.
    """

    def __init__(self, field):
        super().__init__(field.field_name, **field.kwargs)
        self.field = field
        self.boost = getattr(field, "boost", None)
        self.read, self.tokens = None, ""

    def get_value(self, obj):
        if self.read is not obj:
            self.read, self.tokens = obj, " ".join(cut(flat(self.field.get_value(_original(obj)))))
        return self.tokens


class _CutSearchField(_CutValue, SearchField):
    pass


class _CutAutocompleteField(_CutValue, AutocompleteField):
    pass


class _CutRelatedFields(RelatedFields):
    def get_value(self, obj):
        return super().get_value(_original(obj))


def _cutting(field):
    if isinstance(field, RelatedFields):
        return _CutRelatedFields(field.field_name, [_cutting(inner) for inner in field.fields])
    if isinstance(field, SearchField):
        return _CutSearchField(field)
    if isinstance(field, AutocompleteField):
        return _CutAutocompleteField(field)
    return field


class _CutObject:
    """Stands in for an object while it is indexed: its key, and its search fields, cutting."""

    def __init__(self, indexed):
        self.indexed = indexed
        self.pk = indexed.pk

    def get_search_fields(self):
        return [_cutting(field) for field in self.indexed.get_search_fields()]


def _original(obj):
    return obj.indexed if isinstance(obj, _CutObject) else obj


class CuttingIndexMixin:
    """For a subclass of modelsearch's SQLiteIndex or PostgresIndex.

    Relies on: `add_items` is the only way in (a save, a rebuild and `add_item` all call it), and
    its `ObjectIndexer` takes from an object nothing but `pk` and `get_search_fields()`, and from a
    field its class, `field_name`, `boost` and `get_value()`.
    """

    # Length of a usual title in the index, as the database counts it.
    usual_title: float

    def add_items(self, model, items):
        items = list(items)
        super().add_items(model, [_CutObject(item) for item in items])
        entries = self.entries.filter(
            content_type_id=get_content_type_pk(model), object_id__in=[str(item.pk) for item in items]
        )
        norm = Cast(Value(self.usual_title) / F("length"), FloatField())
        entries = entries.annotate(length=Length("title")).filter(length__gt=0)
        # Only what changes: on SQLite a trigger writes the full text anew with every update.
        entries.annotate(norm=norm).exclude(title_norm=F("norm")).update(title_norm=norm)

    def _refresh_title_norms(self, full=False):
        """Stock compares each title with the average of all, reading the whole index at every save. Here a
        short name has the same advantage over a long one whatever else is in the index."""


def in_tokens(query):
    """The same query in tokens of `search.text`, in a form that no compiler refuses.

    Returns a MatchAll, MATCH_NONE, or a tree of And, Or, Not and PlainText in which every PlainText
    has a term. A part that says nothing (punctuation, an emoji) is left out beside others, and
    finds nothing alone. A phrase asks for all its terms: the pairs keep most of the order of
    Chinese, and PostgreSQL's own phrases fail on long texts.
    """
    said = _in_tokens(query)
    return MATCH_NONE if said is None else said


def _in_tokens(query):
    if isinstance(query, PlainText | Fuzzy):
        return _plain(terms(query.query_string), query.operator)
    if isinstance(query, Phrase):
        return _plain(terms(query.query_string), "and")
    if isinstance(query, Boost):
        return _in_tokens(query.subquery)
    if isinstance(query, Not):
        subquery = _in_tokens(query.subquery)
        return subquery and Not(subquery)
    if isinstance(query, And | Or):
        return _combined(type(query), [_in_tokens(part) for part in query.subqueries])
    return query


def _plain(words, operator):
    return PlainText(" ".join(words), operator=operator) if words else None


def _combined(combinator, parts):
    said = [part for part in parts if part is not None]
    operator = "and" if combinator is And else "or"
    # The neutral part goes, the other of the two decides; the compilers know neither inside a tree.
    everything = [part for part in said if isinstance(part, MatchAll)]
    nothing = [part for part in said if isinstance(part, Not) and isinstance(part.subquery, MatchAll)]
    neutral, deciding = (everything, nothing) if combinator is And else (nothing, everything)
    if deciding:
        return deciding[0]
    rest = [part for part in said if part not in neutral]
    if not rest:
        return neutral[0] if neutral else None
    if len(rest) == 1:
        return rest[0]
    if all(isinstance(part, PlainText) and part.operator == operator for part in rest):
        # One PlainText: a tree of them is ranked worse by both databases, and may grow without end.
        words = dict.fromkeys(word for part in rest for word in part.query_string.split())
        return _plain(list(words)[:MAX_TERMS], operator)
    return combinator(rest)


class CuttingCompilerMixin:
    """For a subclass of one of modelsearch's database query compilers.

    Relies on: `self.query` holds the query as an object once the base class is constructed, and
    nothing has been made of it by then; `self.fields` names search fields.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.query = in_tokens(self.query)

    @property
    def columns(self):
        """The index's columns that `fields` means: "title" has one of its own, all others share one."""
        return list(dict.fromkeys("title" if name == "title" else "body" for name in self.fields or ()))
