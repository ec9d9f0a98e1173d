"""modelsearch's database backends, made to find Chinese.

`SearchBackend` is what `WAGTAILSEARCH_BACKENDS` names. What differs from stock: text is cut by
`search.text` when indexed and when queried (`cutting`), and a hit in the name outranks one in the
text on both databases (`sqlite`, `postgres`). Everything else is modelsearch's own.
"""

from django.db import connection
from modelsearch.backends.database import SearchBackend as stock_search_backend


def SearchBackend(params):
    """The backend for the default connection, chosen as modelsearch chooses its own, which looks for
    this very name in the module that the setting names.

    Where modelsearch falls back to `icontains` (a SQLite without FTS5) and on MySQL, its own backend
    serves unchanged: it finds less, but works.
    """
    stock = stock_search_backend(params)
    # Each of ours can be imported on its own database only: modelsearch defines models by vendor.
    if connection.vendor == "postgresql":
        from search.backends.database.postgres import PostgresSearchBackend

        return PostgresSearchBackend(params)
    if type(stock).__name__ == "SQLiteSearchBackend":
        from search.backends.database.sqlite import SQLiteSearchBackend

        return SQLiteSearchBackend(params)
    return stock
