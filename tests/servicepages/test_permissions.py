"""Nobody but the workflow publishes a service item; coordination publishes the rest."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.fields import StreamField
from wagtail.models import Page

from servicepages.models import ContentPage, HomePage, ServiceItemPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    RegionFactory,
    UserFactory,
    complete_item,
    publish,
)

pytestmark = pytest.mark.django_db

GROUPS = ["Editorial", "Legal Affairs", "General Office", "Coordination"]


@pytest.fixture
def item():
    return complete_item(DepartmentFactory())


def everybody(department):
    yield UserFactory(is_superuser=True)
    yield UserFactory(groups=[department.editors])
    yield UserFactory(groups=[department.legal_officers])
    for name in GROUPS:
        yield UserFactory(groups=[Group.objects.get(name=name)])


def an_empty_form():
    """What the editor posts when nothing but the title is filled in."""
    streams = [field.name for field in ServiceItemPage._meta.get_fields() if isinstance(field, StreamField)]
    counts = {f"{name}-count": "0" for name in streams}
    formset = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    return {**counts, **{f"service_points-{key}": value for key, value in formset.items()}}


def test_nobody_may_publish_an_item_or_below_its_section(item):
    for user in everybody(item.department):
        assert not item.permissions_for_user(user).can_publish(), user
        assert not item.permissions_for_user(user).can_publish_subpage(), user
        assert not item.department.page.permissions_for_user(user).can_publish_subpage(), user


def test_there_is_no_publish_button_for_a_superuser(item):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    for address in (
        f"/admin/pages/{item.pk}/edit/",
        f"/admin/pages/add/servicepages/serviceitempage/{item.get_parent().pk}/",
    ):
        html = client.get(address).content.decode()
        assert "action-publish" not in html
        assert "action-submit" in html


def test_a_publish_request_of_a_superuser_publishes_nothing(item):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    response = client.post(
        f"/admin/pages/{item.pk}/edit/", {**an_empty_form(), "title": item.title, "action-publish": "1"}
    )
    assert response.status_code == 302, "the form was refused, so it shows nothing"
    client.post(f"/admin/bulk/wagtailcore/page/publish/?id={item.pk}", {"publish": "1"})
    item.refresh_from_db()
    assert not item.live


def test_coordination_publishes_pages_that_are_no_items():
    user = UserFactory(groups=[Group.objects.get(name="Coordination")])
    page = HomePage.objects.get().add_child(instance=ContentPage(title="通报", live=False))
    assert page.permissions_for_user(user).can_publish()
    assert HomePage.objects.get().permissions_for_user(user).can_publish()


def test_coordination_may_take_a_guide_down(item):
    item = publish(item)
    user = UserFactory(groups=[Group.objects.get(name="Coordination")])
    assert item.permissions_for_user(user).can_unpublish()
    for name in GROUPS[:3]:
        assert not item.permissions_for_user(
            UserFactory(groups=[Group.objects.get(name=name)])
        ).can_unpublish()


def test_editors_see_their_own_section_only(item):
    other = complete_item(DepartmentFactory(), title="别的部门的事项")
    user = UserFactory(groups=[item.department.editors])
    assert item.permissions_for_user(user).can_edit()
    assert not other.permissions_for_user(user).can_edit()
    assert not other.get_parent().permissions_for_user(user).can_add_subpage()
    client = Client()
    client.force_login(user)
    response = client.get("/admin/pages/", follow=True)
    assert "别的部门的事项" not in response.content.decode()


def test_legal_officers_write_no_new_items(item):
    user = UserFactory(groups=[item.department.legal_officers])
    assert not item.get_parent().permissions_for_user(user).can_add_subpage()


def test_an_item_has_one_level_of_sub_items(item):
    sub_item = complete_item(item.department, parent=item, serial_number="2")
    superuser = UserFactory(is_superuser=True)
    assert sub_item.is_sub_item
    assert not item.is_sub_item
    assert item.permissions_for_user(superuser).can_add_subpage()
    assert not sub_item.permissions_for_user(superuser).can_add_subpage()
    assert not ServiceItemPage.can_create_at(sub_item)
    assert sub_item.department == item.department


def test_the_tree_holds_its_shape():
    home = HomePage.objects.get()
    section = DepartmentFactory().page
    assert not ServiceItemPage.can_create_at(home)
    assert not ServiceItemPage.can_create_at(section.get_parent())
    assert ServiceItemPage.can_create_at(section)
    assert not ContentPage.can_create_at(section)
    assert not HomePage.can_create_at(Page.get_first_root_node())


def test_a_department_brings_its_section_collection_and_groups():
    department = DepartmentFactory(name="市水务局")
    page = department.page
    assert page.live
    assert page.get_parent().specific.region == department.region
    assert department.editors.name == f"{department.region.name} 市水务局 editors"
    assert department.legal_officers.name == f"{department.region.name} 市水务局 legal"
    assert department.collection.name == f"{department.region.name} 市水务局"
    department.save()
    assert type(page).objects.filter(department=department).count() == 1


def test_a_renamed_department_is_renamed_in_the_tree_at_once():
    department = DepartmentFactory(name="市旧名局")
    department.name = "市新名局"
    department.save()
    page = type(department.page).objects.get(department=department)
    assert page.title == page.draft_title == "市新名局"
    assert page.get_latest_revision_as_object().title == "市新名局"


def test_a_county_has_a_coordination_team_of_its_own():
    county = RegionFactory(code="230321", name="鸡东县", parent=RegionFactory())
    user = UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])
    assert county.page.permissions_for_user(user).can_publish()
    assert not RegionFactory().page.permissions_for_user(user).can_edit()
    item = complete_item(DepartmentFactory(region=county))
    assert not item.permissions_for_user(user).can_publish()


def test_a_new_department_never_inherits_the_people_of_another():
    old = DepartmentFactory(name="文化局")
    person = UserFactory(groups=[old.editors])
    old.name = "文旅局"
    old.save()
    new = DepartmentFactory(name="文化局", region=old.region)
    assert new.editors != old.editors
    assert new.collection != old.collection
    assert not new.page.permissions_for_user(person).can_edit()
    assert old.page.permissions_for_user(person).can_edit()
    old.refresh_from_db()
    assert old.editors.name.endswith("文旅局 editors")


def test_a_group_that_was_left_behind_is_not_taken_over():
    gone = DepartmentFactory(name="撤销局")
    region, person = gone.region, UserFactory(groups=[gone.editors])
    gone.page.delete()
    gone.delete()
    new = DepartmentFactory(name="撤销局", region=region)
    assert not new.page.permissions_for_user(person).can_edit()
    new.save()
    assert new.editors.name.endswith("撤销局 editors 2")


def test_a_department_keeps_its_region():
    department = DepartmentFactory()
    department.region = RegionFactory(code="230321", name="鸡东县", parent=department.region)
    with pytest.raises(ValidationError):
        department.full_clean()


def test_a_county_team_opens_the_files_of_its_county_only():
    city = DepartmentFactory()
    county = RegionFactory(code="230321", name="鸡东县", parent=city.region)
    department = DepartmentFactory(region=county)
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")]))
    assert client.get(AttachmentFactory(department=department).url).status_code == 200
    assert client.get(AttachmentFactory(department=city).url).status_code == 404


def test_a_renamed_county_keeps_its_team():
    county = RegionFactory(code="230321", name="鸡东县", parent=RegionFactory())
    team = Group.objects.get(name="鸡东县 Coordination")
    county.name = "鸡东市"
    county.save()
    team.refresh_from_db()
    assert team.name == "鸡东市 Coordination"
    assert Group.objects.filter(name__endswith=" Coordination").count() == 1
