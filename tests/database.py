"""The test database: migrated once, then only copied and rolled back.

Emptying it after a test that commits, as Django does, would also take away what the migrations bring, and the
site would have to be set up again. So a copy is kept, and such a test is followed by the copy.
"""

import sqlite3
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

MIGRATED = "migrated"


class Copies:
    """Of the test database, by name; `bring_back` takes the one that was kept last."""

    def __init__(self):
        self._names = []

    def keep(self, name):
        if connection.vendor == "sqlite":
            with _sqlite_file(name) as copy:
                connection.connection.backup(copy)
        else:
            _create(_name(name), _name())
        self._names.append(name)

    def bring_back(self, _test_case=None):
        """Also in place of `TransactionTestCase._fixture_teardown`."""
        name = self._names[-1]
        if connection.vendor == "sqlite":
            with _sqlite_file(name) as copy:
                copy.backup(connection.connection)
        else:
            _create(_name(), _name(name))
        ContentType.objects.clear_cache()

    def drop(self, name):
        self._names.remove(name)
        if connection.vendor != "sqlite":  # SQLite's goes with the folder that the run throws away
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{_name(name)}"')


copies = Copies()


def _name(copy=None) -> str:
    name = connection.settings_dict["NAME"]
    return f"{name}_{copy}" if copy else name


@contextmanager
def _sqlite_file(name):
    connection.ensure_connection()
    copy = sqlite3.connect(_name(name))
    try:
        yield copy
    finally:
        copy.close()


def _create(name, template):
    """PostgreSQL copies a database that nobody is connected to."""
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
