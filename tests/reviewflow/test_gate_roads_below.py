"""The roads below Wagtail: rows saved in code, fixtures, querysets, plain SQL. Each is first shown open with
the gate switched off, then held with it on."""

import json
from dataclasses import dataclass

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from wagtail.models import Page, Revision

from reviewflow.gate import NoRevision, NotCleared
from reviewflow.models import Clearance, Decision
from servicepages.models import ServiceItemPage, Topic
from tests.factories import DepartmentFactory, complete_item, publish, section_of, sign_off
from tests.reviewflow.gate_switch import gate_off, unsigned_live
from tests.shared import shared

pytestmark = pytest.mark.django_db


@dataclass
class Department:
    """A draft that nobody signed, and a live guide that everybody did."""

    draft: ServiceItemPage
    guide: ServiceItemPage
    fixture: object


@shared
def items():
    department = DepartmentFactory()
    guide = publish(complete_item(department, title="已发布事项"))
    draft = complete_item(department, title="未签事项")
    draft.save_revision()
    return {"draft": draft, "guide": guide}


@pytest.fixture
def department(items, tmp_path):
    return Department(**items, fixture=tmp_path / "site.json")


def add_child(department):
    section_of(department.draft.department).add_child(instance=ServiceItemPage(title="直接新增"))


def saved_live(department):
    department.draft.live = True
    department.draft.live_revision = department.draft.latest_revision
    department.draft.save()


def base_row_saved_live(department):
    page = Page.objects.get(pk=department.draft.pk)
    page.live, page.live_revision_id = True, page.latest_revision_id
    page.save()


def live_among_the_update_fields(department):
    department.draft.live = True
    department.draft.live_revision = department.draft.latest_revision
    department.draft.save(update_fields=["live", "live_revision"])


def live_among_the_update_fields_of_the_base_row(department):
    page = Page.objects.get(pk=department.draft.pk)
    page.live = True
    page.save(update_fields=["live"])


def base_row_of_another_type(department):
    """The item's own row makes it an item, whatever the base row says."""
    page = Page.objects.get(pk=department.draft.pk)
    page.live, page.content_type = True, ContentType.objects.get_for_model(Page)
    page.save()


def changed_guide_saved(department):
    department.guide.fees = []
    department.guide.save()


def changed_guide_saved_in_part(department):
    department.guide.conditions = []
    department.guide.save(update_fields=["conditions"])


def other_topics_saved_in_part(department):
    department.guide.topics = [Topic.objects.last()]
    department.guide.save(update_fields=["topics"])


def other_service_points_saved_in_part(department):
    department.guide.service_points = []
    department.guide.save(update_fields=["service_points"])


def renamed_base_row(department):
    page = Page.objects.get(pk=department.guide.pk)
    page.title = "改过的名称"
    page.save()


def topic_of_a_guide_deleted(department):
    department.guide.topics.first().delete()


def moved_to_another_department(department):
    Page.objects.get(pk=department.guide.pk).move(section_of(DepartmentFactory()), "last-child")


def section_above_moved(department):
    """Below the section of another department, which no admin offers."""
    section = Page.objects.get(pk=section_of(department.guide.department).pk)
    section.move(section_of(DepartmentFactory()), "first-child")


def load(department, *rows):
    department.fixture.write_text(json.dumps(rows))
    call_command("loaddata", department.fixture, verbosity=0)


def rows_of(item):
    """Its own row first, as `dumpdata` has them."""
    page = Page.objects.get(pk=item.pk)
    return [json.loads(serializers.serialize("json", [row]))[0] for row in (item, page)]


def fixture_with_a_live_draft(department):
    own, base = rows_of(department.draft)
    base["fields"] |= {"live": True, "live_revision": department.draft.latest_revision_id}
    load(department, own, base)


def fixture_with_a_new_live_item(department):
    own, base = rows_of(department.draft)
    own["pk"] = base["pk"] = 999_999
    base["fields"] |= {
        "live": True,
        "live_revision": department.draft.latest_revision_id,
        "path": base["fields"]["path"][:-4] + "000Z",
        "slug": "from-a-fixture",
        "translation_key": "00000000-0000-4000-8000-000000000000",
        "latest_revision": None,
    }
    load(department, own, base)


def fixture_with_a_changed_guide(department):
    own, _base = rows_of(department.guide)
    own["fields"]["fees"] = "[]"
    load(department, own)


def queryset_update(department):
    pages = ServiceItemPage.objects.filter(pk=department.draft.pk)
    pages.update(live=True, live_revision=department.draft.latest_revision_id)


def queryset_update_of_base_rows(department):
    Page.objects.filter(pk=department.draft.pk).update(live=True)


def bulk_update(department):
    page = Page.objects.get(pk=department.draft.pk)
    page.live = True
    Page.objects.bulk_update([page], ["live"])


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def sql_update(department):
    run("UPDATE wagtailcore_page SET live = %s WHERE id = %s", True, department.draft.pk)


def sql_update_of_live_and_type(department):
    other = ContentType.objects.get_for_model(Page).pk
    sql = "UPDATE wagtailcore_page SET live = %s, content_type_id = %s WHERE id = %s"
    run(sql, True, other, department.draft.pk)


def _copied_row(table, key, item, **values):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [item.pk])  # noqa: S608
        row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True)) | values
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608


def _sql_insert(department, **values):
    _copied_row(
        "wagtailcore_page",
        "id",
        department.draft,
        id=999_999,
        live=True,
        path=department.draft.path[:-4] + "000Z",
        slug="by-sql",
        translation_key="00000000000040008000000000000000",
        latest_revision_id=None,
        **values,
    )
    _copied_row("servicepages_serviceitempage", "page_ptr_id", department.draft, page_ptr_id=999_999)


def sql_insert(department):
    _sql_insert(department)


def sql_insert_below_a_live_page_of_another_type(department):
    _sql_insert(department, content_type_id=ContentType.objects.get_for_model(Page).pk)


def old_clearance(department):
    """A guide is taken down, its row takes in a new draft, and the old clearance is to bring it back."""
    published = department.guide.live_revision_id
    department.guide.unpublish()
    item = ServiceItemPage.objects.get(pk=department.guide.pk)
    item.fees = []
    item.save()
    assert Clearance.objects.filter(page=item.pk, revision=published).exists()
    Page.objects.filter(pk=item.pk).update(live=True, live_revision=published)


ROADS = {
    add_child: NotCleared,
    saved_live: NotCleared,
    base_row_saved_live: NotCleared,
    live_among_the_update_fields: NotCleared,
    live_among_the_update_fields_of_the_base_row: NotCleared,
    base_row_of_another_type: NotCleared,
    changed_guide_saved: NotCleared,
    changed_guide_saved_in_part: NotCleared,
    other_topics_saved_in_part: NotCleared,
    other_service_points_saved_in_part: NotCleared,
    renamed_base_row: NotCleared,
    topic_of_a_guide_deleted: DatabaseError,
    moved_to_another_department: NotCleared,
    section_above_moved: NotCleared,
    fixture_with_a_live_draft: NotCleared,
    fixture_with_a_new_live_item: NotCleared,
    fixture_with_a_changed_guide: NotCleared,
    queryset_update: DatabaseError,
    queryset_update_of_base_rows: DatabaseError,
    bulk_update: DatabaseError,
    sql_update: DatabaseError,
    sql_update_of_live_and_type: DatabaseError,
    sql_insert: DatabaseError,
    sql_insert_below_a_live_page_of_another_type: DatabaseError,
    old_clearance: DatabaseError,
}


def named(roads):
    return [pytest.param(road, id=road.__name__) for road in roads]


@pytest.mark.parametrize("road", named(ROADS))
def test_the_road_is_open_without_the_gate(road, department):
    with gate_off():
        road(department)
        assert unsigned_live()


@pytest.mark.parametrize("road", named(ROADS))
def test_the_gate_holds_the_road(road, department):
    with pytest.raises(ROADS[road]), transaction.atomic():
        road(department)
    assert not unsigned_live()
    assert ServiceItemPage.objects.live().get() == department.guide


def test_a_live_guide_is_not_pointed_at_another_revision_by_sql(department):
    other = department.guide.save_revision()
    with pytest.raises(DatabaseError), transaction.atomic():
        Page.objects.filter(pk=department.guide.pk).update(live_revision=other)


def test_a_live_guide_is_not_pointed_at_a_revision_that_says_something_else(department):
    guide = department.guide
    changed = ServiceItemPage.objects.get(pk=guide.pk)
    changed.fees = []
    guide.live_revision = changed.save_revision()
    with pytest.raises(NoRevision), transaction.atomic():
        guide.save()
    page = Page.objects.get(pk=guide.pk)
    page.live_revision = changed.latest_revision
    with pytest.raises(NoRevision), transaction.atomic():
        page.save()


def test_the_revision_of_another_page_is_no_revision_of_this_one(department):
    sign_off(department.draft)
    department.draft.live, department.draft.live_revision = True, department.guide.live_revision
    with pytest.raises(NoRevision), transaction.atomic():
        department.draft.save()


def test_an_item_goes_live_through_a_revision_even_when_all_have_signed(department):
    sign_off(department.draft)
    department.draft.live = True
    with pytest.raises(NoRevision), transaction.atomic():
        department.draft.save()


def test_what_nobody_signs_is_saved_on_a_live_guide(department):
    guide = department.guide
    guide.slug, guide.expire_at, guide.filled_in_by = "another-address", None, "赵强"
    guide.save()
    page = Page.objects.get(pk=guide.pk)
    page.slug = "a-third-address"
    page.save()
    Page.objects.filter(pk=guide.pk).update(locked=True)
    assert not unsigned_live()


def test_the_published_revision_is_not_overwritten_and_a_draft_is(department):
    """Its author's autosave could, and a withdrawn guide shows the public the title that stands there."""
    published = department.guide.live_revision
    item = published.as_object()
    item.filled_in_by = "赵强"
    item.save_revision(overwrite_revision=published)
    item.title = "没有人签过的名称"
    with pytest.raises(PermissionDenied), transaction.atomic():
        item.save_revision(overwrite_revision=published)
    assert Revision.objects.get(pk=published.pk).content["title"] == department.guide.title
    item.save_revision(overwrite_revision=item.save_revision())


def test_a_clearance_is_used_up_by_the_publication_it_was_given_for(department):
    assert Clearance.objects.filter(page=department.guide.pk).exists()
    assert not Clearance.objects.filter(page=department.guide.pk, used_at=None).exists()


def test_a_sign_off_that_was_revoked_counts_no_more_although_the_content_is_the_same(department):
    guide = department.guide
    revision = guide.live_revision
    guide.unpublish()
    signed = Decision.objects.filter(page=guide.pk).last()
    Decision.objects.create(
        page_id=guide.pk,
        signatory=signed.signatory,
        person=signed.person,
        kind=Decision.Kind.REVOKED,
        digest=signed.digest,
        content=signed.content,
        content_version=signed.content_version,
    )
    with pytest.raises(NotCleared) as refusal, transaction.atomic():
        revision.publish()
    assert [each.value for each in refusal.value.missing] == [signed.signatory]


def test_a_refused_publication_leaves_the_tree_as_it_was(department):
    section = section_of(department.draft.department)
    before = section.numchild
    with pytest.raises(NotCleared):
        add_child(department)
    section.refresh_from_db()
    assert section.numchild == before
