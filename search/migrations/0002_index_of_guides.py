"""The index's own tables. They belong to no model: what they look like depends on the database, and
search.backends.database is the only one who reads or writes them."""

from django.db import migrations


def _statements(vendor):
    if vendor == "postgresql":
        from search.backends.database.postgres_guides import CREATE, DROP

        return CREATE, DROP
    if vendor == "sqlite":
        from search.backends.database.sqlite_guides import CREATE, DROP

        return (CREATE,), DROP
    return (), None


def create(apps, schema_editor):
    for statement in _statements(schema_editor.connection.vendor)[0]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    statement = _statements(schema_editor.connection.vendor)[1]
    if statement:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
