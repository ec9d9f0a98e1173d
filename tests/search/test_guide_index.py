"""The index of guides on both databases, through Wagtail's search API: what matches, how it is read, that it
follows its rows."""

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText
from wagtail.search.backends import get_search_backend

from search import turns
from search.following import begin, follow
from search.models import Guide, GuideText
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory
from tests.search.conftest import published
from tests.shared import shared


@shared
def guides(department):
    published(department, "婚姻登记", who_may_apply="男女双方自愿")
    published(department, "收养登记", who_may_apply="收养人和婚姻中的双方")
    published(department, "食品经营许可", who_may_apply="经营者")


def names(query, **options):
    return sorted(guide.name for guide in Guide.objects.search(query, **options))


def test_words_and_fields(guides):
    assert names("登记") == ["婚姻登记", "收养登记"]
    assert names("婚姻 双方") == ["婚姻登记", "收养登记"]
    assert names("婚姻", fields=["name_tokens"]) == ["婚姻登记"]
    assert names("婚姻", fields=["body_tokens"]) == ["收养登记"]
    assert names("婚姻 食品", operator="or", fields=["name_tokens", "everyday_tokens"]) == [
        "婚姻登记",
        "食品经营许可",
    ]
    assert names("2hunyin", fields=["sound_tokens"]) == ["婚姻登记"]
    assert names("2hunyin") == []


def test_combined_queries(guides):
    assert names(And([PlainText("登记"), Not(PlainText("婚姻"))])) == []
    assert names(And([PlainText("登记"), Not(PlainText("自愿"))])) == ["收养登记"]
    assert names(Or([PlainText("食品"), And([PlainText("婚姻"), PlainText("自愿")])])) == [
        "婚姻登记",
        "食品经营许可",
    ]
    assert names(Boost(PlainText("食品"), 2)) == names(Phrase("食品经营")) == ["食品经营许可"]
    assert len(names(MATCH_ALL)) == 3
    assert names(Not(MATCH_ALL)) == []


def test_the_last_word_may_be_begun(guides):
    begun = Guide.objects.autocomplete("2huny", fields=["sound_tokens"])
    assert [guide.name for guide in begun] == ["婚姻登记"]


def test_results_can_be_counted_cut_and_narrowed(guides, city):
    results = Guide.objects.search("登记")
    assert results.count() == len(results) == 2
    assert len(results[:1]) == len(results[1:]) == 1
    assert results.facet("region") == {city.pk: 2}
    assert list(Guide.objects.filter(region=city).search("食品"))
    assert not list(Guide.objects.exclude(region=city).search("食品"))
    assert {pk for (pk,) in results.rows("pk")} == results.matching_keys()


def test_a_name_scores_more_than_a_text(guides):
    scores = dict(Guide.objects.search("婚姻").rows("name", "_score"))
    assert scores["婚姻登记"] > scores["收养登记"] > 0


def test_how_often_words_stand_in_names(guides):
    index = get_search_backend().get_index_for_model(Guide)
    with CaptureQueriesContext(connection) as queries:
        counts = index.frequencies(["登记", "婚姻", "没有"], ["name_tokens"])
    assert counts == {"登记": 2, "婚姻": 1, "没有": 0}
    assert len([query for query in queries if "count(*)" in query["sql"]]) == 1
    assert index.frequencies([], ["name_tokens"]) == {}


def test_an_entry_goes_with_its_guide(guides, guide):
    Guide.objects.get(name="婚姻登记").delete()
    assert names("自愿") == []
    page = guide("中国公民登记")
    assert names("公民") == ["中国公民登记"]
    ServiceItemPage.objects.filter(pk=page.pk).update(live=False)
    assert follow([page.pk]) == 0
    assert names("公民") == []


def test_entries_of_guides_that_went_without_telling_go_after_a_migration(guides):
    index = get_search_backend().get_index_for_model(Guide)
    GuideText.objects.all()._raw_delete(using="default")
    Guide.objects.all()._raw_delete(using="default")
    index.delete_stale_entries()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {index.table}")  # noqa: S608
        assert cursor.fetchone() == (0,)
    begin()  # and what is published is found again
    assert len(names("登记")) == 2


def test_an_interrupted_start_is_finished_by_the_next_migration(guides):
    Guide.objects.get(name="收养登记").delete()
    begin()
    assert names("登记") == ["婚姻登记", "收养登记"]


def test_half_a_database_is_left_alone(guides):
    """`migrate search zero`, or of one app alone: the tables may not be there."""
    recorder = MigrationRecorder(connection)
    for app, name in recorder.applied_migrations():
        if app == "search":
            recorder.record_unapplied(app, name)
    Guide.objects.get(name="收养登记").delete()
    begin()
    assert names("登记") == ["婚姻登记"]


def test_update_index_writes_everything_anew(guides, capsys):
    GuideText.objects.update(body="", subject="")
    get_search_backend().reset_indexes()
    assert names("登记") == []
    Guide.objects.filter(name="食品经营许可").delete()
    call_command("update_index")
    assert names("登记") == ["婚姻登记", "收养登记"]
    assert names("经营者") == ["食品经营许可"]
    assert "(3 of 3)" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_nobody_publishes_between_reading_and_writing_of_update_index(monkeypatch):
    """Or what is older would be written over it."""
    published(DepartmentFactory(), "婚姻登记")
    index = type(get_search_backend().get_index_for_model(Guide))
    write, free = index.write, []

    def look_and_write(self, rows):
        free.append(somebody_elses_turn())
        write(self, rows)

    monkeypatch.setattr(index, "write", look_and_write)
    call_command("update_index", verbosity=0)
    assert free == [False]
    assert somebody_elses_turn()


def somebody_elses_turn():
    """Whether somebody else could write guides now, without waiting."""
    other = connection.copy()
    try:
        if connection.vendor == "postgresql":
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [turns.GUIDES])
                return cursor.fetchone()[0]
        other.settings_dict["OPTIONS"] = other.settings_dict["OPTIONS"] | {"timeout": 0}
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
        except OperationalError:
            return False
        return True
    finally:
        other.close()


@pytest.mark.postgres_only
def test_postgresql_reads_its_gin_indexes(guides):
    index = get_search_backend().get_index_for_model(Guide)
    with index.planned(), connection.cursor() as cursor:
        for fields, index in (
            (None, "search_guide_vectors_words"),
            (["name_tokens"], "search_guide_vectors_head"),
            (
                ["name_tokens", "everyday_tokens", "subject_tokens", "matter_tokens"],
                "search_guide_vectors_matter",
            ),
            (["sound_tokens"], "search_guide_vectors_sound"),
        ):
            results = Guide.objects.search("登记", fields=fields)
            sql, params = results.get_queryset().query.sql_with_params()
            cursor.execute(f"EXPLAIN {sql}", params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert f"Bitmap Index Scan on {index}" in plan, plan


@pytest.mark.postgres_only
def test_a_transaction_around_a_search_goes_on_as_it_was(guides):
    def setting():
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            return cursor.fetchone()[0]

    before = setting()
    assert Guide.objects.search("登记").count() == 2
    assert setting() == before == "on"


@pytest.mark.sqlite_only
def test_sqlite_joins_its_full_text_table_once(guides):
    sql, params = Guide.objects.search("登记").get_queryset().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = [row[-1] for row in cursor.fetchall()]
    # Once for the guides, and once to count them, which decides whether they are scored.
    assert len([line for line in plan if "VIRTUAL TABLE" in line]) == 2, plan
    assert any("search_guide USING INTEGER PRIMARY KEY" in line for line in plan), plan
    assert not any("CORRELATED" in line for line in plan)


@pytest.mark.sqlite_only
def test_sqlite_joins_the_admins_full_text_table_once(guides):
    sql, params = (
        ServiceItemPage.objects.live().public().search("登记").get_queryset().query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = [row[-1] for row in cursor.fetchall()]
    assert len([line for line in plan if "VIRTUAL TABLE" in line]) == 1, plan
    assert not any("SUBQUERY" in line for line in plan), plan


def test_wagtails_own_search_of_the_pages_finds_chinese(guides):
    found = ServiceItemPage.objects.live().public().search("登记")
    assert sorted(page.title for page in found) == ["婚姻登记", "收养登记"]
    assert found.count() == 2
    assert ServiceItemPage.objects.live().search("婚姻")[0].title == "婚姻登记"
