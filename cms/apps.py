"""What concerns the site as a whole."""

import sqlite3

from django.apps import AppConfig
from django.db.backends.signals import connection_created

# What every SQLite since 3.32 (2020) takes unless it was built otherwise. Debian's takes more, which would make
# statements of more than SQLite's million bytes.
MOST_PARAMETERS = 32_766


class SiteConfig(AppConfig):
    name = "cms"

    def ready(self):
        connection_created.connect(_ask_sqlite_for_its_limit, dispatch_uid="sqlite_limit")


def _ask_sqlite_for_its_limit(connection, **kwargs):
    """Django 5.2 splits statements at 999 parameters, SQLite's limit until 2020; a newer Django asks for it itself
    (ticket 36143), and then this can go. A day's notices are 90 to a statement otherwise."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = min(limit, MOST_PARAMETERS)
