"""The guides follow what changes around an item: what it is part of, where it stands, who else is writing."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backend

from search import following, making, turns
from search.following import follow
from search.log import chosen, searched
from search.models import EverydayName, EverydayNameItem, Guide, GuideText
from servicepages.models import ServiceItemPage
from servicepages.vocabulary import ItemType
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    RegionFactory,
    ServiceHallFactory,
    TopicFactory,
    add_item,
    approval_step,
    material,
    publish,
    section_of,
)
from tests.shared import shared
from tests.somebody import Somebody

CODE = "990000001000"


@shared
def whole(department):
    """An item with a sheet, before it has sub-items."""
    steps = [("step", approval_step("受理", "1"))]
    return publish(add_item(department, title="婚姻登记", approval_steps=steps))


@shared
def part(whole):
    return publish(add_item(whole, title="补领证件"))


def subject(item):
    return GuideText.objects.get(pk=item.pk).subject.splitlines()


def body(item):
    return GuideText.objects.get(pk=item.pk).body


def renamed(item, title):
    item.title = title
    return publish(item)


# What an item is part of


def test_sub_items_go_by_the_new_name_of_what_they_are_part_of(whole, part):
    assert subject(part)[0] == "婚姻登记"
    renamed(whole, "结婚登记")
    assert subject(part)[0] == "结婚登记"
    assert not Guide.objects.search("婚姻").count()


def test_sub_items_are_not_found_by_an_item_that_is_down(whole, part):
    whole.unpublish()
    assert "婚姻登记" not in subject(part)
    publish(ServiceItemPage.objects.get(pk=whole.pk))
    assert "婚姻登记" in subject(part)


def test_nor_by_one_that_the_clock_took_down(whole, part):
    Page.objects.get(pk=whole.pk).unpublish(set_expired=True)
    assert not Guide.objects.filter(pk=whole.pk).exists()
    assert "婚姻登记" not in subject(part)


def test_an_item_is_found_by_its_sheet_until_its_first_sub_item_is_published(whole):
    assert "受理" in body(whole)
    part = publish(add_item(whole, title="补领证件"))
    assert "受理" not in body(whole)
    part.unpublish()
    assert "受理" in body(whole)


def test_a_sub_item_that_is_moved_changes_both_items(whole, part, department):
    steps = [("step", approval_step("审查", "1"))]
    other = publish(add_item(department, title="收养登记", approval_steps=steps))
    ServiceItemPage.objects.get(pk=part.pk).move(Page.objects.get(pk=other.pk), pos="last-child")
    assert subject(part)[0] == "收养登记"
    assert "受理" in body(whole)
    assert "审查" not in body(other)


# What belongs to an item


def test_topics_that_are_published_with_an_item_are_found_at_once(whole):
    """They are rows of another table, written after the item's own."""
    whole.topics = [TopicFactory(name="人生大事")]
    publish(whole)
    assert "人生大事" in subject(whole)


def test_whoever_publishes_in_english_publishes_chinese(whole):
    whole.item_type = ItemType.LICENCE
    with translation.override("en"):
        publish(whole)
    assert "行政许可" in subject(whole)


def test_an_item_that_comes_back_was_chosen_as_often_as_before(whole):
    for text in ("婚姻", "结婚"):
        searched(text, 1, "all")
        chosen(text, whole.pk, 1)
    assert Guide.objects.get(pk=whole.pk).chosen == 2
    whole.unpublish()
    publish(ServiceItemPage.objects.get(pk=whole.pk))
    assert Guide.objects.get(pk=whole.pk).chosen == 2


def test_an_item_that_comes_to_another_place_was_chosen_as_often_as_elsewhere(guide, city):
    here = guide("户口登记", basic_code=CODE)
    Guide.objects.filter(pk=here.pk).update(chosen=7)  # more than the log still knows
    county = DepartmentFactory(region=RegionFactory(name="鸡东县", code="230321", parent=city))
    there = guide("户口登记", basic_code=CODE, department=county)
    assert Guide.objects.get(pk=there.pk).chosen == 7


# How much work it is


def test_guides_are_followed_in_a_constant_number_of_statements(guide, department):
    topic, hall = TopicFactory(), ServiceHallFactory(region=department.region, windows=1)

    def whole_item(number):
        form = AttachmentFactory(department=department)
        return guide(
            f"登记{number}",
            topics=[topic],
            service_points=[hall, hall.windows.get()],
            materials=[("material", material("申请表", blank_form=form, filled_in_sample=form))],
        )

    first = whole_item("零")
    keys = [first.pk]
    with CaptureQueriesContext(connection) as one:
        follow(keys)
    before = body(first)
    assert hall.name in before
    keys += [whole_item(number).pk for number in range(12)]
    with CaptureQueriesContext(connection) as many:
        follow(keys)
    assert len(many) == len(one), [each["sql"][:150] for each in many]
    assert body(first) == before


def test_a_publication_makes_each_guide_once(whole, part, monkeypatch):
    made = []
    monkeypatch.setattr(following, "guides_of", lambda keys: [made.extend(keys), making.guides_of(keys)][1])
    publish(part)
    assert made == [part.pk]
    made.clear()
    renamed(whole, "结婚登记")
    assert sorted(made) == [whole.pk, part.pk]
    made.clear()
    add_item(whole, title="草稿").save_revision()
    assert made == []


def few_at_once(monkeypatch):
    owed = []
    monkeypatch.setattr(following, "FOLLOWED_AT_ONCE", 1)
    monkeypatch.setattr("servicepages.background.async_task", lambda *task: owed.append(task))
    return owed


def test_a_section_that_is_closed_is_gone_at_once_and_the_worker_does_the_rest(
    guide, department, monkeypatch, django_capture_on_commit_callbacks
):
    keys = [guide(title).pk for title in ("甲登记", "乙登记", "丙登记")]
    elsewhere = guide("丁登记", department=DepartmentFactory(region=department.region))
    section = section_of(department).page_ptr
    owed = few_at_once(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as queries:
        closed = PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.LOGIN)
    deletions = [each for each in queries if each["sql"].startswith("DELETE")]
    assert len(deletions) == 2
    assert list(Guide.objects.values_list("pk", flat=True)) == [elsewhere.pk]
    assert [guide.pk for guide in Guide.objects.search("登记")] == [elsewhere.pk]
    assert owed == [(following.follow, keys)]
    owed.clear()
    assert follow(keys) == 0
    with connection.cursor() as cursor:
        index = get_search_backend().get_index_for_model(Guide)
        cursor.execute(f"SELECT count(*) FROM {index.table}")  # noqa: S608
        assert cursor.fetchone() == (1,)
    with django_capture_on_commit_callbacks(execute=True):
        closed.delete()
    assert owed == [(following.follow, keys)]
    assert follow(keys) == 3
    assert Guide.objects.search("登记").count() == 4


def test_an_item_that_changes_places_with_its_neighbour_stays_as_it_is(guide, monkeypatch):
    first, second = guide("甲登记"), guide("乙登记")
    monkeypatch.setattr(following, "guides_of", None)
    first.move(second, pos="right")


# Two at once


def test_a_turn_is_of_a_transaction(django_db_blocker):
    with django_db_blocker.unblock():
        other = connection.copy()
    assert not other.in_atomic_block
    turns_of_other = pytest.MonkeyPatch()
    with turns_of_other.context() as patch:
        patch.setattr(turns, "connection", other)
        with pytest.raises(transaction.TransactionManagementError):
            turns.one_at_a_time()


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_who_follows_in_another_order_waits_for_no_deadlock():
    department = DepartmentFactory()
    first, second = (publish(add_item(department, title=title)).pk for title in ("甲登记", "乙登记"))
    register = Somebody(lambda: follow([first, second]))
    with transaction.atomic():
        follow([second])
        register.start_and_wait()
        follow([first])
    register.end()


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_an_item_and_its_sub_item_are_published_at_the_same_moment():
    """Wagtail's index has a row of the item, which both of them write."""
    whole = publish(add_item(DepartmentFactory(), title="婚姻登记"))
    part = publish(add_item(whole, title="补领证件"))
    whole.refresh_from_db()
    editor = Somebody(lambda: renamed(whole, "结婚登记"))
    with transaction.atomic():
        follow([part.pk])
        editor.start_and_wait()
        publish(part)
    editor.end()
    assert subject(part)[0] == "结婚登记"


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_a_name_that_is_entered_while_an_item_is_published_is_found():
    item = add_item(DepartmentFactory(), title="婚姻登记")

    def enter():
        name = EverydayName(phrase="扯证")
        name.items = [EverydayNameItem(page=item)]
        name.save()

    coordinator = Somebody(enter)
    with transaction.atomic():
        publish(item)
        coordinator.start_and_wait()
    coordinator.end()
    assert GuideText.objects.get(pk=item.pk).everyday == "扯证"
