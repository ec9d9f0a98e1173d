"""The triggers: made with every migration, missed when they are gone, and in nobody's way."""

import io
import json

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_migrate, pre_migrate
from wagtail.models import Page

from reviewflow import triggers
from reviewflow.audit import audit
from reviewflow.gate import NotCleared
from reviewflow.models import Clearance, Decision
from reviewflow.site_setup import set_up_site
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, PictureFactory, complete_item, publish


def check_database():
    call_command("check", databases=["default"], stdout=io.StringIO())


def a_draft() -> ServiceItemPage:
    item = complete_item(DepartmentFactory())
    item.save_revision()
    connection.check_constraints()  # PostgreSQL alters no table while checks of foreign keys are pending
    return item


def holds(item) -> bool:
    try:
        with transaction.atomic():
            Page.objects.filter(pk=item.pk).update(live=True, live_revision=item.latest_revision_id)
    except DatabaseError as error:
        return triggers.REFUSAL in str(error)
    return False


@pytest.mark.django_db
def test_they_are_there_after_a_migration_and_the_check_says_nothing():
    assert triggers.missing(connection) == []
    check_database()


@pytest.mark.django_db
@pytest.mark.parametrize("trigger", triggers.TRIGGERS, ids=lambda trigger: trigger.name)
def test_the_check_and_the_audit_miss_each_of_them(trigger):
    on = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    assert triggers.missing(connection) == [trigger.name]
    with pytest.raises(SystemCheckError, match=trigger.name):
        check_database()
    assert audit().absent == [trigger.name]


@pytest.mark.django_db
def test_one_that_has_been_altered_is_missed_like_one_that_is_gone():
    first = triggers.TRIGGERS[0]
    harmless = triggers.Trigger(first.name, first.table, first.event, "1 = 0")
    triggers.drop(connection)
    with connection.cursor() as cursor:
        for statement in harmless.statements(connection.vendor):
            cursor.execute(statement)
    assert first.name in triggers.missing(connection)


@pytest.mark.django_db
@pytest.mark.postgres_only
def test_one_that_is_switched_off_is_missed_too():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE wagtailcore_page DISABLE TRIGGER reviewflow_gate_update")
    assert triggers.missing(connection) == ["reviewflow_gate_update"]


@pytest.mark.django_db
def test_making_them_twice_is_harmless():
    item = a_draft()
    triggers.make(connection)
    triggers.make(connection)
    assert triggers.missing(connection) == []
    assert holds(item)


@pytest.mark.django_db
def test_a_database_that_does_not_keep_them_is_an_error(monkeypatch):
    monkeypatch.setattr(triggers.Trigger, "is_as_made", lambda trigger, connection: False)
    with pytest.raises(triggers.TriggersMissing, match="reviewflow_gate_insert"):
        triggers.make(connection)


@pytest.mark.django_db
def test_a_database_before_its_first_migration_is_left_alone(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda *args: ["auth_user"])
    triggers.drop_before_migrating()
    triggers.make_after_migrating()
    assert triggers.check_triggers(databases=["default"]) == []


@pytest.mark.django_db
def test_signed_guides_are_published_changed_and_taken_down_through_them():
    guide = publish(complete_item(DepartmentFactory()))
    guide.title = "改过的名称"
    guide = publish(guide)
    assert guide.live
    assert guide.title == "改过的名称"
    guide.unpublish()
    guide = publish(guide)
    assert guide.live
    assert not Clearance.objects.filter(used_at=None).exists()


@pytest.mark.django_db
def test_sql_that_ignores_conflicts_is_held_too():
    """SQLite's `UPDATE OR IGNORE` overrides how a conflict is resolved, not what a trigger raises."""
    item = a_draft()
    either = "UPDATE OR IGNORE" if connection.vendor == "sqlite" else "UPDATE"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{either} wagtailcore_page SET live = %s WHERE id = %s", [True, item.pk])


# A migration of Wagtail, which rebuilds the table of pages


def emit(signal):
    for config in apps.get_app_configs():
        if config.models_module is not None:
            signal.send(
                sender=config,
                app_config=config,
                verbosity=0,
                interactive=False,
                using="default",
                apps=apps,
                plan=[],
                stdout=io.StringIO(),
            )


def alter_the_table_of_pages():
    """What an upgrade may do to it: a column is renamed, another may be empty from now on. And back again."""
    words, path = (Page._meta.get_field(name) for name in ("search_description", "url_path"))
    renamed, nullable = as_field(words, db_column="search_words"), as_field(path, null=True)
    with connection.schema_editor() as editor:
        for old, new in ((words, renamed), (renamed, words), (path, nullable), (nullable, path)):
            editor.alter_field(Page, old, new)


def as_field(field, **options):
    _name, _path, args, stated = field.deconstruct()
    changed = type(field)(*args, **{**stated, **options})
    changed.model = Page
    changed.set_attributes_from_name(field.name)
    return changed


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_of_wagtail_leaves_them_in_place():
    set_up_site()
    item = a_draft()
    emit(pre_migrate)
    assert triggers.missing(connection) == [trigger.name for trigger in triggers.TRIGGERS]
    alter_the_table_of_pages()
    emit(post_migrate)
    assert triggers.missing(connection) == []
    assert holds(item)
    check_database()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_a_table_rebuilt_outside_a_migration_is_noticed():
    """SQLite drops a table's triggers with the table that is rebuilt, and tells nobody. (Where one on another
    table names it, the rebuilding fails instead.)"""
    on_pages = [trigger.name for trigger in triggers.TRIGGERS if trigger.table == triggers.PAGES]
    with connection.cursor() as cursor:
        for trigger in triggers.TRIGGERS:
            if trigger.name not in on_pages:
                cursor.execute(f"DROP TRIGGER {trigger.name}")
    try:
        alter_the_table_of_pages()
        assert set(on_pages) <= set(triggers.missing(connection))
        with pytest.raises(SystemCheckError, match="reviewflow_gate_update"):
            check_database()
    finally:
        triggers.make(connection)


# Restoring a whole site, in the order of docs/review-gate.md

NOT_DUMPED = (
    "contenttypes",
    "sessions",
    "wagtailsearch",
    "wagtailcore.referenceindex",
    "django_q.ormq",
    "django_q.task",
)


def dump(folder):
    """The types by themselves, to be loaded first: making a task of a workflow would make its type anew."""
    types, site = folder / "types.json", folder / "site.json"
    call_command("dumpdata", "contenttypes", output=str(types), verbosity=0)
    call_command("dumpdata", exclude=list(NOT_DUMPED), output=str(site), verbosity=0)
    return types, site


def empty_the_database():
    """As `sqlflush` says; nothing is made anew after it."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    ContentType.objects.clear_cache()


def contents() -> dict:
    return {
        "live": set(ServiceItemPage.objects.live().values_list("pk", "title", "live_revision")),
        "drafts": set(ServiceItemPage.objects.not_live().values_list("pk", "title")),
        "decisions": set(Decision.objects.values_list("pk", "digest", "kind")),
        "pages": Page.objects.count(),
    }


@pytest.mark.django_db(transaction=True)
def test_a_site_is_restored_from_its_dump_and_a_forged_one_is_refused(tmp_path):
    empty_the_database()  # numbers begin with 1, as they will where the dump is loaded
    set_up_site()
    department = DepartmentFactory()
    for number in ("1", "2"):
        publish(publish(complete_item(department, serial_number=number)))
    draft = complete_item(department, flow_chart=PictureFactory())
    draft.save_revision()
    before = contents()
    types, site = dump(tmp_path)

    empty_the_database()
    assert not Page.objects.exists()
    call_command("loaddata", types, site, verbosity=0)
    assert contents() == before
    assert not Clearance.objects.filter(used_at=None).exists()
    assert audit().is_clean
    check_database()
    assert holds(draft)

    rows = json.loads(site.read_text())
    for row in rows:
        if row["model"] == "wagtailcore.page" and row["pk"] == draft.pk:
            row["fields"] |= {"live": True, "live_revision": draft.latest_revision_id}
    site.write_text(json.dumps(rows))
    empty_the_database()
    with pytest.raises(NotCleared):
        call_command("loaddata", types, site, verbosity=0)
    assert not Page.objects.exists()


def test_the_documentation_names_what_is_left_out():
    text = (settings.BASE_DIR / "docs" / "review-gate.md").read_text()
    for label in NOT_DUMPED:
        assert f"--exclude {label}" in text
