"""Elasticsearch and OpenSearch, finding what the databases find.

modelsearch's own backends for them hand over text and leave it to the server to cut it. Here text is cut by
search.text before it is sent, as for the databases, and the server only splits at spaces: one place says
what counts as the same word, and a query is never taken apart in another way than the text was.
"""

from copy import deepcopy

from modelsearch.index import AutocompleteField, SearchField
from modelsearch.utils import deep_update

from search.backends.database.cutting import flat, in_tokens
from search.backends.database.guides import is_guide
from search.text import cut

# Merged into modelsearch's settings; INDEX_SETTINGS of the backend is merged into these.
ANALYSIS = {
    "settings": {
        "analysis": {
            "analyzer": {
                "default": {"type": "whitespace"},
                "edgengram_analyzer": {"tokenizer": "whitespace", "filter": ["edgengram"]},
            }
        }
    }
}


class CuttingMapping:
    """Relies on: documents are made of `_get_document_field_data`, nested ones too."""

    edgengram_analyzer_config = {"analyzer": "edgengram_analyzer", "search_analyzer": "whitespace"}

    def _get_document_field_data(self, field, obj):
        if not isinstance(field, SearchField | AutocompleteField):
            return super()._get_document_field_data(field, obj)
        text = flat(field.get_value(obj))
        tokens = text if is_guide(type(obj)) else " ".join(cut(text))
        return (
            self.get_field_column_name(field),
            tokens,
            [tokens] if isinstance(field, AutocompleteField) else [],
        )


class CuttingServerCompiler:
    """Relies on: nothing is made of `self.query` while the base class is constructed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.query = in_tokens(self.query)


def cutting(stock, prefix: str):
    """A SearchBackend that cuts, of the module `stock` of modelsearch whose classes begin with `prefix`."""

    def of(name, *mixins, **attributes):
        return type(name, (*mixins, getattr(stock, f"{prefix}{name}")), attributes)

    mapping = of("Mapping", CuttingMapping)
    return of(
        "SearchBackend",
        mapping_class=mapping,
        index_class=of("Index", mapping_class=mapping),
        query_compiler_class=of("SearchQueryCompiler", CuttingServerCompiler, mapping_class=mapping),
        autocomplete_query_compiler_class=of(
            "AutocompleteQueryCompiler", CuttingServerCompiler, mapping_class=mapping
        ),
        settings=deep_update(deepcopy(getattr(stock, f"{prefix}SearchBackend").settings), deepcopy(ANALYSIS)),
    )
