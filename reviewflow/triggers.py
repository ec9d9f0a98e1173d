"""The gate in the database: triggers that refuse to make a service item live without a clearance.

They hold what no code of ours sees: `QuerySet.update`, `bulk_update`, plain SQL. Altering a table on SQLite
rebuilds it and silently drops its triggers, and a trigger that names a rebuilt table can make a later rename
fail. So they are dropped before every migration and made and verified after it; a system check and the
audit say when one is absent, or is not the one that stands here.
"""

from dataclasses import dataclass

from django.core.checks import Error
from django.db import connections, router

from reviewflow.models.decisions import Clearance
from servicepages.models import ServiceItemPage

PAGES = "wagtailcore_page"
ITEMS = ServiceItemPage._meta.db_table
REFUSAL = "a service item goes live only with a clearance (docs/review-gate.md)"

# An item is known by its own row as well: a page that claims to be of another type would be listed all
# the same.
_IS_LIVE_ITEM = """NEW.live AND (
    NEW.content_type_id IN (
        SELECT id FROM django_content_type WHERE app_label = 'servicepages' AND model = 'serviceitempage')
    OR EXISTS (SELECT 1 FROM servicepages_serviceitempage WHERE page_ptr_id = NEW.id))"""
# Publishing sets `live` and `live_revision` in one UPDATE of the page's table.
_NO_CLEARANCE = """NOT EXISTS (
    SELECT 1 FROM reviewflow_clearance
    WHERE page_id = NEW.id AND revision_id = NEW.live_revision_id AND used_at IS NULL)"""
_WAS_LIVE_AS_THAT = """OLD.live AND OLD.id = NEW.id AND OLD.content_type_id = NEW.content_type_id
    AND OLD.live_revision_id {same} NEW.live_revision_id"""
# An item is made as a draft. Only a fixture brings its own row before the base row, which is then asked.
_BECOMES_ITEM = "EXISTS (SELECT 1 FROM wagtailcore_page WHERE id = NEW.page_ptr_id AND live)"
_SAME_PAGE = "OLD.page_ptr_id = NEW.page_ptr_id"


@dataclass(frozen=True)
class Trigger:
    """`condition` says when it refuses; "{same}" in it is the database's equality of two nulls."""

    name: str
    table: str
    event: str
    condition: str

    def statements(self, vendor) -> list[str]:
        if vendor == "sqlite":
            return [
                f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} "
                f"WHEN {self.condition.format(same='IS')} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            ]
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $gate${self.body}$gate$",
            f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]

    @property
    def body(self) -> str:
        """Of the function behind it on PostgreSQL."""
        return (
            f"BEGIN IF {self.condition.format(same='IS NOT DISTINCT FROM')} THEN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END"
        )

    def is_as_made(self, connection) -> bool:
        """Whether the database has it, switched on, and as it stands here."""
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(
                    "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s AND tbl_name = %s",
                    [self.name, self.table],
                )
                expected = self.statements("sqlite")[0]
            else:
                cursor.execute(
                    "SELECT prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
                    "WHERE tgname = %s AND tgrelid = to_regclass(%s) AND tgenabled IN ('O', 'A')",
                    [self.name, self.table],
                )
                expected = self.body
            return cursor.fetchall() == [(expected,)]


TRIGGERS = (
    Trigger("reviewflow_gate_insert", PAGES, "INSERT", f"{_IS_LIVE_ITEM} AND {_NO_CLEARANCE}"),
    Trigger(
        "reviewflow_gate_update",
        PAGES,
        "UPDATE",
        f"{_IS_LIVE_ITEM} AND NOT ({_WAS_LIVE_AS_THAT}) AND {_NO_CLEARANCE}",
    ),
    Trigger("reviewflow_gate_item_insert", ITEMS, "INSERT", _BECOMES_ITEM),
    Trigger("reviewflow_gate_item_update", ITEMS, "UPDATE", f"NOT ({_SAME_PAGE}) AND {_BECOMES_ITEM}"),
)
NEEDED_TABLES = {PAGES, ITEMS, Clearance._meta.db_table, "django_content_type"}


class TriggersMissing(RuntimeError):
    """The database does not hold the gate, although its triggers have just been made."""


def missing(connection) -> list[str]:
    """Names of the triggers that the database has not, or has otherwise than they stand here."""
    return [trigger.name for trigger in TRIGGERS if not trigger.is_as_made(connection)]


def drop(connection):
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            if trigger.table in tables:
                on = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def make(connection):
    """Makes them anew. TriggersMissing where the database has not kept them."""
    drop(connection)
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)
    if absent := missing(connection):
        raise TriggersMissing(", ".join(absent))


def drop_before_migrating(using="default", **kwargs):
    """`pre_migrate`"""
    drop(connections[using])


def make_after_migrating(using="default", **kwargs):
    """`post_migrate`: as soon as the tables that the triggers name are there."""
    connection = connections[using]
    if set(connection.introspection.table_names()) >= NEEDED_TABLES:
        make(connection)


def check_triggers(app_configs=None, databases=None, **kwargs):
    """A system check of the database (`manage.py check --database default`)."""
    errors = []
    for alias in databases or []:
        if not router.allow_migrate_model(alias, Clearance):
            continue
        connection = connections[alias]
        if Clearance._meta.db_table not in connection.introspection.table_names():
            continue  # nothing is migrated yet
        errors += [
            Error(
                f"The trigger {name} is missing or altered: SQL could publish what nobody signed.",
                hint="Run `manage.py migrate`, which makes the triggers of the gate.",
                id="reviewflow.E001",
            )
            for name in missing(connection)
        ]
    return errors
