"""What is kept of a search: a text, a day and counts; nothing of the person."""

import logging
import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django_q.models import Schedule

from search import log
from search.log import as_logged, chosen, forget, searched
from search.models import ChosenGuide, Guide, SearchedText
from search.queries import How
from tests.factories import DepartmentFactory, RegionFactory, add_item, publish
from tests.reviewflow.test_concurrent_decisions import database_address
from tests.shared import shared

BASIC_CODE = "990000001000"


def counted(model):
    return list(model.objects.order_by("pk").values_list("text", "times"))


@pytest.mark.django_db
def test_a_text_is_counted_by_day_however_it_is_written():
    searched("營業執照  辦理\n", 3, How.ALL)
    searched("营业执照 办理", 5, How.SOUND)
    [row] = SearchedText.objects.all()
    assert (row.text, row.times, row.found, row.how) == ("营业执照 办理", 2, 5, "sound")
    assert row.day == timezone.localdate()
    SearchedText.objects.update(day=timezone.localdate() - timedelta(days=1))
    searched("营业执照 办理", 5, How.ALL)
    assert counted(SearchedText) == [("营业执照 办理", 2), ("营业执照 办理", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   ", "???", "\x00", "\ud800", "😀"])
def test_nothing_is_kept_of_a_query_that_says_nothing(text):
    searched(text, 0, How.NOTHING)
    chosen(text, 1, 1)
    assert not SearchedText.objects.exists()


@pytest.mark.django_db
def test_a_query_without_end_is_kept_short():
    searched("办证" * 50_000, 0, How.NOTHING)
    assert SearchedText.objects.get().text == "办证" * 100


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800000000 办证", "××××××××××× 办证"),
        ("我的电话138 0000-0000", "我的电话××× ××××-××××"),
        ("+8613800000000", "+×××××××××××××"),
        ("１３８００００００００", "×××××××××××"),
        ("身份证230302199001011234补办", "身份证××××××××××××××××××补办"),
        ("23030219900101123X", "×××××××××××××××××x"),
        ("230302 19900101 1234", "×××××× ×××××××× ××××"),
        ("230302900101123", "×××××××××××××××"),
        ("Zhang.San@example.org 办理", "×@× 办理"),
        # what is nobody's
        (BASIC_CODE, BASIC_CODE),
        ("11230300MB0L12345X4990000001000", "11230300mb0l12345x4990000001000"),
        ("〔2018〕55号", "〔2018〕55号"),
        ("0467-2345678", "0467-2345678"),
        ("12345热线", "12345热线"),
    ],
)
def test_numbers_and_addresses_of_people_are_not_kept(typed, kept):
    assert as_logged(typed) == kept


def test_no_number_survives_because_it_stands_where_the_text_is_cut():
    assert as_logged("办" * 195 + "13800000000") == "办" * 195 + "×" * 5


def test_no_column_could_hold_a_person_an_address_or_a_time_of_day():
    kinds = (models.BigAutoField, models.CharField, models.DateField, models.PositiveIntegerField)
    for model in (SearchedText, ChosenGuide):
        for field in model._meta.get_fields():
            assert type(field) in kinds, field


@shared
def places():
    """The same guide in two places, and another one."""
    city = RegionFactory()
    county = RegionFactory(name="鸡东县", code="230321", parent=city)
    return [
        publish(add_item(DepartmentFactory(region=city), title="结婚登记", basic_code=BASIC_CODE)),
        publish(add_item(DepartmentFactory(region=county), title="结婚登记", basic_code=BASIC_CODE)),
        publish(add_item(DepartmentFactory(region=city), title="离婚登记")),
    ]


@pytest.fixture
def searched_often(places):
    for _time in range(3):
        searched("扯证", 3, How.ANY)
    return places


def test_a_choice_counts_for_the_guide_in_every_place(searched_often):
    city, county, other = searched_often
    chosen("扯证", city.pk, 1)
    chosen("扯證", county.pk, 4)
    chosen("扯证", other.pk, 2)
    rows = ChosenGuide.objects.order_by("times").values_list("text", "fold", "times", "ranks")
    assert list(rows) == [("扯证", f"page {other.pk}", 1, 2), ("扯证", BASIC_CODE, 2, 5)]
    assert dict(Guide.objects.values_list("page", "chosen")) == {city.pk: 2, county.pk: 2, other.pk: 1}


@pytest.mark.parametrize(("rank", "kept"), [(-1, 1), (0, 1), (10**12, log.MAX_RANK)])
def test_a_rank_that_somebody_made_up_does_no_harm(searched_often, rank, kept):
    chosen("扯证", searched_often[0].pk, rank)
    assert ChosenGuide.objects.get().ranks == kept


@pytest.mark.parametrize("key", [-1, 0, 10**9])
def test_what_is_no_guide_is_not_counted(searched_often, key):
    chosen("扯证", key, 1)
    assert not ChosenGuide.objects.exists()


def test_a_choice_after_no_search_of_today_is_not_counted(places):
    """Anybody can ask for the address that counts choices."""
    chosen("扯证", places[0].pk, 1)
    SearchedText.objects.create(text="扯证", day=timezone.localdate() - timedelta(days=1), times=9)
    chosen("扯证", places[0].pk, 1)
    assert not ChosenGuide.objects.exists()
    assert not Guide.objects.filter(chosen__gt=0).exists()


def test_a_guide_is_not_chosen_more_often_than_its_text_was_searched(searched_often):
    city, _county, other = searched_often
    for _time in range(10):
        chosen("扯证", city.pk, 1)
    chosen("扯证", other.pk, 2)
    assert dict(ChosenGuide.objects.values_list("fold", "times")) == {BASIC_CODE: 3, f"page {other.pk}": 1}
    assert Guide.objects.get(pk=city.pk).chosen == 3


def test_a_day_has_a_ceiling(places, monkeypatch):
    monkeypatch.setattr(log, "MAX_CHOICES_A_DAY", 2)
    monkeypatch.setattr(log, "MAX_TEXTS_A_DAY", 3)
    city, county, other = places
    for number in range(5):
        searched(f"胡话{number}", 3, How.ANY)
        chosen(f"胡话{number}", (city, county)[number % 2].pk, 1)
    assert Guide.objects.get(pk=city.pk).chosen == 2
    for number in range(5):
        chosen(f"胡话{number}", other.pk, 1)
    assert ChosenGuide.objects.count() == 3


@pytest.mark.django_db
def test_the_visitor_never_sees_an_error_of_the_database_but_the_log_does(monkeypatch, caplog):
    monkeypatch.setattr(log, "_COUNT_SEARCH", "INSERT INTO no_such_table VALUES (%s, %s, %s, %s)")
    with caplog.at_level(logging.ERROR, logger="search.log"):
        searched("办证", 1, How.ALL)
    assert "no_such_table" in caplog.text
    assert SearchedText.objects.count() == 0  # and the connection can be used


@pytest.mark.django_db
def test_an_error_of_ours_is_not_hidden():
    with pytest.raises(TypeError):
        searched(None, 1, How.ALL)


@pytest.mark.django_db
def test_counting_costs_the_same_however_much_was_counted(places, django_assert_max_num_queries):
    for number in range(20):
        searched(f"办证{number}", 1, How.ALL)
    with django_assert_max_num_queries(6):
        searched("办证3", 1, How.ALL)
    with django_assert_max_num_queries(11):
        chosen("办证3", places[0].pk, 1)


def test_a_job_that_is_writing_does_not_hold_up_a_visitor(transactional_db, monkeypatch, caplog):
    """The count of this search is lost, and the program's log says so."""
    monkeypatch.setattr(log, "PATIENCE", 50)
    searched("办证", 1, How.ALL)
    is_writing, may_end = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            SearchedText.objects.update(times=7)
            is_writing.set()
            may_end.wait(timeout=30)
        connection.close()

    job = threading.Thread(target=write)
    job.start()
    try:
        assert is_writing.wait(timeout=30)
        searched("办证", 1, How.ALL)
    finally:
        may_end.set()
        job.join()
    assert "not counted" in caplog.text
    assert counted(SearchedText) == [("办证", 7)]
    searched("办证", 1, How.ALL)
    assert counted(SearchedText) == [("办证", 8)]


# A visitor in a process of its own: says that it is ready, waits for a line, and searches the same text.
VISITOR = """
import sys
import django
django.setup()
from search.log import searched
from search.models import SearchedText
SearchedText.objects.exists()
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    searched(f"办证{number}", number, "all")
"""


def test_two_processes_count_every_search_of_the_same_new_texts(transactional_db):
    environment = os.environ | database_address()
    environment |= {"DATA_DIR": str(settings.MEDIA_ROOT.parent), "DJANGO_SETTINGS_MODULE": "cms.settings.dev"}
    visitors = [
        subprocess.Popen(
            [sys.executable, "-c", VISITOR],
            cwd=settings.BASE_DIR,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _number in range(2)
    ]
    assert [visitor.stdout.readline() for visitor in visitors] == ["ready\n"] * 2
    for visitor in visitors:
        visitor.stdin.write("\n")
        visitor.stdin.flush()
    assert [visitor.communicate(timeout=60)[1] for visitor in visitors] == ["", ""]
    assert sorted(counted(SearchedText)) == sorted((f"办证{number}", 2) for number in range(20))


# By night


@pytest.mark.django_db
def test_what_was_seldom_searched_is_forgotten_and_what_is_searched_all_the_time_is_not():
    today = timezone.localdate()
    old = today - timedelta(days=log.KEPT_DAYS + 1)
    for text, days in (
        ("张三的案子", [old]),
        ("营业执照", [old, *(today - timedelta(days=n) for n in range(log.KEPT_IF_SEARCHED_ON - 1))]),
        ("宠物证", [today - timedelta(days=log.KEPT_DAYS)]),
    ):
        for day in days:
            SearchedText.objects.create(text=text, day=day, times=2)
        ChosenGuide.objects.create(text=text, fold="page 1", day=days[0], times=1, ranks=1)
    assert forget() == 2
    assert set(SearchedText.objects.values_list("text", flat=True)) == {"营业执照", "宠物证"}
    assert set(ChosenGuide.objects.values_list("text", flat=True)) == {"营业执照", "宠物证"}


@pytest.mark.django_db
def test_a_flood_of_nonsense_leaves_what_was_searched_twice(monkeypatch):
    monkeypatch.setattr(log, "MAX_TEXTS_A_DAY", 5)
    for number in range(6):
        searched(f"胡话{number}", 0, How.NOTHING)
    searched("胡话3", 0, How.NOTHING)
    yesterday = timezone.localdate() - timedelta(days=1)
    for number in range(2, 4):
        for day, fold in ((timezone.localdate(), "page 1"), (yesterday, "page 2")):
            ChosenGuide.objects.create(text=f"胡话{number}", fold=fold, day=day, times=number - 1, ranks=9)
    forget()
    assert counted(SearchedText) == [("胡话3", 2)]
    left = ChosenGuide.objects.order_by("fold", "text").values_list("text", "fold")
    assert list(left) == [("胡话3", "page 1"), ("胡话2", "page 2"), ("胡话3", "page 2")]


@pytest.mark.django_db
def test_the_worker_forgets_every_night():
    schedule = Schedule.objects.get(func="search.log.forget")
    assert (schedule.schedule_type, timezone.localtime(schedule.next_run).hour) == (Schedule.DAILY, 3)
