"""Everyday names: who may enter them, what is refused, and that the search follows at once."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry, PageLogEntry

from search import following, sample
from search.models import EverydayName, EverydayNameItem
from search.queries import find_guides
from search.text import key_of
from servicepages.indexing import index_items_showing
from servicepages.sample.ledger import Ledger
from tests.factories import DepartmentFactory, RegionFactory, TopicFactory, UserFactory, add_item, publish
from tests.shared import shared

pytestmark = pytest.mark.django_db
LIST = "/admin/search/everydayname/"
CODE = "990000001000"


@shared
def county_department(city):
    return DepartmentFactory(
        region=RegionFactory(name="鸡东县", code="230321", parent=city), name="鸡东县民政局"
    )


@shared
def wedding(department):
    return publish(add_item(department, title="内地居民婚姻登记", basic_code=CODE))


@shared
def wedding_elsewhere(county_department):
    return publish(add_item(county_department, title="内地居民婚姻登记", basic_code=CODE))


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


@shared
def coordination(coordinator):
    return client_of(coordinator)


def values(phrase, *items, topics=(), name=None):
    """What the form sends; with `name` as the form of one that is there."""
    stored = list(name.items.all()) if name else []
    sent = {
        "phrase": phrase,
        "topics": [topic.pk for topic in topics],
        "items-TOTAL_FORMS": len(items),
        "items-INITIAL_FORMS": len(stored),
        "items-MIN_NUM_FORMS": 0,
        "items-MAX_NUM_FORMS": 1000,
    }
    for number, item in enumerate(items):
        sent |= {
            f"items-{number}-id": stored[number].pk if number < len(stored) else "",
            f"items-{number}-page": item.pk if item else "",
            f"items-{number}-ORDER": number + 1,
            f"items-{number}-DELETE": "",
        }
    return sent


def enter(phrase, *items, topics=()):
    name = EverydayName(phrase=phrase)
    name.items = [EverydayNameItem(page=item) for item in items]
    name.topics = topics
    name.save()
    return name


def found(query):
    """Keys of the guides that were found as typed, whatever their place."""
    finding = find_guides(query)
    if finding.how != "all":
        return set()
    return {key for hit in finding.hits for key in (hit.key, *hit.others)}


# In the admin


def test_coordination_enters_a_name_and_it_is_found_at_once_in_every_place(
    coordination, coordinator, wedding, wedding_elsewhere
):
    assert found("扯证") == set()
    response = coordination.post(f"{LIST}create/", values("扯证", wedding))
    assert response.status_code == 302
    name = EverydayName.objects.get()
    assert (name.phrase, name.added_by) == ("扯证", coordinator)
    assert found("扯证") == found("扯證") == {wedding.pk, wedding_elsewhere.pk}
    html = coordination.get(LIST).content.decode()
    assert "扯证" in html
    assert "内地居民婚姻登记" in html
    assert ModelLogEntry.objects.filter(action="wagtail.create", user=coordinator, label="扯证").exists()


def test_who_changes_a_name_has_not_added_it(coordination, wedding):
    first = UserFactory()
    name = enter("扯证", wedding)
    EverydayName.objects.update(added_by=first)
    coordination.post(f"{LIST}edit/{name.pk}/", values("领证", wedding, name=name))
    assert EverydayName.objects.get().added_by == first


@pytest.mark.parametrize("group", ["editors", "legal", "Editorial", "鸡东县 Coordination"])
def test_nobody_else_gets_there(group, department, county_department, wedding):
    groups = {"editors": department.editors, "legal": department.legal_officers}
    client = client_of(UserFactory(groups=[groups.get(group) or Group.objects.get(name=group)]))
    name = enter("扯证", wedding)
    for address in ("", "create/", f"edit/{name.pk}/", f"delete/{name.pk}/"):
        assert client.get(LIST + address).status_code in (302, 403), address
        client.post(LIST + address, values("别的", wedding))
    assert list(EverydayName.objects.values_list("phrase", flat=True)) == ["扯证"]
    assert LIST not in client.get("/admin/").content.decode()
    assert Client().get(LIST).url.startswith("/admin/login/")


@pytest.mark.parametrize("phrase", ["……", "　", "﷽﷽﷽﷽﷽﷽"])
def test_a_phrase_that_cannot_be_one_is_refused(coordination, wedding, phrase):
    response = coordination.post(f"{LIST}create/", values(phrase, wedding))
    assert "phrase" in response.context["form"].errors


@pytest.mark.parametrize("again", ["结婚证", "結婚證", " 结婚 证 ", "“结婚证”"])
def test_a_phrase_is_entered_once_however_it_is_written(coordination, wedding, again):
    name = enter("结婚证", wedding)
    response = coordination.post(f"{LIST}create/", values(again, wedding))
    assert "phrase" in response.context["form"].errors
    assert (
        coordination.post(f"{LIST}edit/{name.pk}/", values("結婚證", wedding, name=name)).status_code == 302
    )
    assert EverydayName.objects.get().phrase == "結婚證"


def test_a_name_means_something_and_what_was_typed_stays(coordination):
    response = coordination.post(f"{LIST}create/", values("扯证"))
    assert response.context["form"].has_error("__all__", "means_nothing")
    assert 'value="扯证"' in response.content.decode()
    # an empty line is said at the line
    response = coordination.post(f"{LIST}create/", values("扯证", None))
    assert "page" in response.context["form"].formsets["items"].errors[0]
    assert not EverydayName.objects.exists()


def test_taking_the_last_meaning_away_is_refused(coordination, wedding):
    name = enter("扯证", wedding)
    sent = values("扯证", wedding, name=name) | {"items-0-DELETE": "1"}
    response = coordination.post(f"{LIST}edit/{name.pk}/", sent)
    assert response.context["form"].has_error("__all__", "means_nothing")
    topic = TopicFactory()
    assert coordination.post(f"{LIST}edit/{name.pk}/", sent | {"topics": [topic.pk]}).status_code == 302
    assert list(EverydayName.objects.get().topics.all()) == [topic]


def test_the_form_offers_service_items_only(coordination, wedding, department):
    section = wedding.get_parent()
    response = coordination.post(f"{LIST}create/", values("扯证", section))
    assert "page" in response.context["form"].formsets["items"].errors[0]


def test_the_list_is_searched_however_a_word_is_written_and_by_items(coordination, wedding):
    enter("领结婚证", wedding)
    enter("开饭店", topics=[TopicFactory(name="餐饮")])

    def listed(query):
        rows = coordination.get(LIST, {"q": query}).context["object_list"]
        return [name.phrase for name in rows]

    assert listed("結婚證") == listed("婚姻登记") == ["领结婚证"]
    assert listed("饭店") == ["开饭店"]
    assert listed("没有") == []
    assert len(listed("")) == 2


def test_a_name_of_what_is_not_published_says_so(coordination, department):
    enter("扯证", add_item(department, title="婚姻登记草稿"))
    html = coordination.get(LIST).content.decode()
    assert "婚姻登记草稿" in html
    assert "未发布" in html


def test_queries_of_the_list_do_not_grow_with_it(coordination, wedding, department):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            coordination.get(LIST)
        return len(captured)

    enter("扯证", wedding, topics=[TopicFactory()])
    queries()
    before = queries()
    for number in range(5):
        item = add_item(department, title=f"事项{number}")
        enter(f"说法{number}", item, wedding, topics=TopicFactory.create_batch(2))
    assert queries() == before


# From the report: filled in


def test_the_form_comes_filled_in(coordination, wedding):
    html = coordination.get(f"{LIST}create/", {"phrase": " 领养  小孩 ", "item": wedding.pk}).content.decode()
    assert 'value="领养 小孩"' in html
    assert "内地居民婚姻登记" in html
    assert not EverydayName.objects.exists()


@pytest.mark.parametrize("item", ["", "x", "-1", "9" * 30, "²", "٣"])
def test_an_address_that_somebody_made_up_fills_in_no_item(coordination, wedding, item):
    response = coordination.get(f"{LIST}create/", {"phrase": "办" * 500, "item": item})
    assert response.status_code == 200
    assert "办" * 41 not in response.content.decode()


def test_no_draft_is_named_by_its_number(department, wedding):
    """To somebody who may enter names and sees no drafts."""
    draft = add_item(department, title="未发布的秘密事项")
    user = UserFactory(groups=[Group.objects.get(name="Editorial")])
    coordination = Group.objects.get(name="Coordination")
    user.user_permissions.set(coordination.permissions.filter(codename="add_everydayname"))
    html = client_of(user).get(f"{LIST}create/", {"item": draft.pk}).content.decode()
    assert "phrase" in html
    assert draft.title not in html


# What follows


def test_a_changed_name_is_found_by_what_it_is_now(coordination, wedding, department):
    other = publish(add_item(department, title="收养登记"))
    name = enter("扯证", wedding)
    coordination.post(f"{LIST}edit/{name.pk}/", values("抱养", other, name=name))
    assert found("扯证") == set()
    assert found("抱养") == {other.pk}


def test_a_deleted_name_finds_nothing(coordination, wedding, wedding_elsewhere):
    name = enter("扯证", wedding)
    assert coordination.post(f"{LIST}delete/{name.pk}/").status_code == 302
    assert found("扯证") == set()
    enter("扯证", wedding_elsewhere)
    EverydayName.objects.filter(phrase="扯证").delete()
    assert found("扯证") == set()


def test_a_topic_stands_for_all_its_items(department, coordination):
    topic = TopicFactory(name="婚育")
    items = [publish(add_item(department, title=title, topics=[topic])) for title in ("甲事项", "乙事项")]
    coordination.post(f"{LIST}create/", values("人生大事", topics=[topic]))
    assert found("人生大事") == {item.pk for item in items}
    coordination.post(f"{LIST}delete/{EverydayName.objects.get().pk}/")
    assert found("人生大事") == set()


def test_a_page_that_is_deleted_takes_its_meaning_from_the_other_places(wedding, county_department):
    """Published pages are never deleted; a draft of the same item may have been what was chosen."""
    draft = add_item(county_department, title="内地居民婚姻登记", basic_code=CODE)
    enter("扯证", draft)
    assert found("扯证") == {wedding.pk}
    draft.delete()
    assert found("扯证") == set()
    assert found("婚姻登记") == {wedding.pk}


def test_a_code_that_comes_later_makes_it_the_same_item(department, wedding_elsewhere):
    item = publish(add_item(department, title="婚姻登记"))
    enter("扯证", item)
    assert found("扯证") == {item.pk}
    item.basic_code = CODE
    item = publish(item)
    assert found("扯证") == {item.pk, wedding_elsewhere.pk}
    item.basic_code = "990000002000"
    publish(item)
    assert found("扯证") == {item.pk}


def test_a_code_that_comes_while_it_is_down_takes_its_names_along(wedding, wedding_elsewhere):
    enter("扯证", wedding)
    wedding.unpublish()
    assert found("扯证") == {wedding_elsewhere.pk}
    wedding.refresh_from_db()
    wedding.basic_code = "990000002000"
    publish(wedding)
    assert found("扯证") == {wedding.pk}


def test_sub_items_are_found_by_the_everyday_names_of_what_they_are_part_of(wedding, wedding_elsewhere):
    part = publish(add_item(wedding, title="补领证件"))
    elsewhere = publish(add_item(wedding_elsewhere, title="出具证明"))
    name = enter("扯证", wedding)
    assert found("扯证") == {wedding.pk, wedding_elsewhere.pk, part.pk, elsewhere.pk}
    name.delete()
    assert found("扯证") == set()


def test_many_guides_are_left_to_the_worker(
    wedding, wedding_elsewhere, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(following, "FOLLOWED_AT_ONCE", 1)
    monkeypatch.setattr(following, "FOLLOWED_BY_A_TASK", 1)
    owed = []
    monkeypatch.setattr("servicepages.background.async_task", lambda *task: owed.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        enter("扯证", wedding)
        assert found("扯证") == set()
    assert owed == [(following.follow, [key]) for key in sorted([wedding.pk, wedding_elsewhere.pk])]
    for _function, keys in owed:
        following.follow(keys)
    assert found("扯证") == {wedding.pk, wedding_elsewhere.pk}


def test_nothing_follows_when_the_change_is_rolled_back(wedding, monkeypatch):
    def refuse(keys):
        raise RuntimeError

    monkeypatch.setattr(following, "follow", refuse)
    with pytest.raises(RuntimeError):
        enter("扯证", wedding)
    assert not EverydayName.objects.exists()


@pytest.mark.parametrize("register", ["Department", "Region", "Topic"])
def test_a_renamed_register_is_found_by_its_new_name(register, department):
    topic = TopicFactory(name="婚姻旧名")
    item = publish(add_item(department, title="登记", topics=[topic]))
    row = {"Department": department, "Region": department.region, "Topic": topic}[register]
    old, row.name = row.name, "穆棱河畔"
    row.save()
    index_items_showing(register, row.pk)  # what the worker is asked to do
    assert found("穆棱河畔") == {item.pk}
    assert found(old) == set()


# The sample


@pytest.fixture
def sample_items(department, settings):
    """Two of the sample's items, as its loader would have entered them."""
    settings.DEBUG = True
    ledger = Ledger()
    for title, code in (("内地居民婚姻登记", CODE), ("离婚登记", "990000002000")):
        item = publish(add_item(department, title=title, basic_code=code))
        ledger.enter(item, f"item:{title}", None)


def test_the_sample_has_its_everyday_names(sample_items):
    made = sample.load_everyday_names()
    assert made == EverydayName.objects.count() > 10
    assert found("扯证")
    for name in EverydayName.objects.all():
        assert name.items.exists() or name.topics.exists(), name


def test_what_people_changed_in_the_sample_stays(sample_items, wedding):
    own = enter("扯证", wedding)
    sample.load_everyday_names()
    EverydayName.objects.filter(phrase="领证").delete()
    changed = EverydayName.objects.get(phrase="结婚证")
    changed.phrase = "红本本"
    changed.save()
    before = set(EverydayName.objects.values_list("pk", "phrase"))
    assert sample.load_everyday_names() == 0
    assert set(EverydayName.objects.values_list("pk", "phrase")) == before
    assert own.pk in {pk for pk, _phrase in before}


def test_a_city_of_its_own_gets_none(wedding, sample_items, settings):
    settings.DEBUG = False
    assert sample.load_everyday_names() == 0
    settings.DEBUG = True
    PageLogEntry.objects.all().delete()
    assert sample.load_everyday_names() == 0


def test_every_line_of_the_sample_can_be_entered():
    lines = sample.read()
    keys = {key_of(phrase) for phrase, _wanted in lines}
    assert len(keys) == len(lines) > 200
    for phrase, wanted in lines:
        EverydayName(phrase=phrase).full_clean(exclude=["key"])
        assert all(wanted), phrase


def test_get_ready_brings_a_sample_that_was_loaded_before_up_to_date(
    sample_items, monkeypatch, tmp_path, settings
):
    from cms.management.commands import get_ready

    settings.ROOT_URLCONF = "tests.cms.test_mailbox"
    settings.DATA_DIR, settings.EMAIL_FILE_PATH = tmp_path, tmp_path / "mail"
    monkeypatch.setattr(get_ready, "call_command", lambda *args, **options: None)
    call_command("get_ready")
    assert EverydayName.objects.filter(phrase="扯证").exists()
