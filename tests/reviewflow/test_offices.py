"""Review offices in the admin: coordination says who acts for an office, and who stands in."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from reviewflow.models import ReviewOffice
from reviewflow.signatories import OFFICES, Signatory
from servicepages.models import User
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, sign_off
from tests.shared import shared

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reviewflow/reviewoffice/"


@shared
def county():
    return RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())


@shared
def coordination():
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Coordination")]))
    return client


def values(**changes):
    return {
        "office": Signatory.LEGAL_AFFAIRS.value,
        "region": "",
        "group": Group.objects.get(name="Legal Affairs").pk,
        "leader": "",
        "deputy": "",
        "deputy_from": "",
        "deputy_until": "",
        **changes,
    }


def test_the_city_has_three_offices_from_the_first_day():
    rows = {row.office: row.group.name for row in ReviewOffice.objects.filter(region=None)}
    assert rows == {office.value: office.value for office in OFFICES}


def test_a_county_gets_an_office_of_its_own(coordination, county):
    group = Group.objects.create(name="鸡东县 Legal Affairs")
    response = coordination.post(ADDRESS + "create/", values(region=county.pk, group=group.pk))
    assert response.status_code == 302
    department = DepartmentFactory(region=county)
    responsible = ReviewOffice.objects.responsible_for(department)
    assert responsible[Signatory.LEGAL_AFFAIRS].group == group
    assert responsible[Signatory.EDITORIAL].region is None


def test_a_second_row_for_the_same_office_is_refused_in_a_sentence(coordination, county):
    response = coordination.post(ADDRESS + "create/", values())
    assert response.status_code == 200
    assert response.context["form"].errors
    coordination.post(ADDRESS + "create/", values(region=county.pk))
    response = coordination.post(ADDRESS + "create/", values(region=county.pk))
    assert response.context["form"].errors
    assert ReviewOffice.objects.count() == 4


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({}, "deputy_from"),
        ({"deputy_from": "2018-08-06"}, "deputy_from"),
        ({"deputy_from": "2018-08-10", "deputy_until": "2018-08-06"}, "deputy_until"),
    ],
)
def test_a_deputy_needs_a_first_and_a_last_day(coordination, dates, field):
    office = ReviewOffice.objects.get(office=Signatory.LEGAL_AFFAIRS.value)
    deputy = UserFactory()
    response = coordination.post(f"{ADDRESS}edit/{office.pk}/", values(deputy=deputy.pk, **dates))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert str(response.context["form"]["deputy"].value()) == str(deputy.pk)
    office.refresh_from_db()
    assert office.deputy is None


def test_people_are_shown_by_name_and_those_who_left_are_not_offered(coordination):
    UserFactory(username="wangfang", last_name="王", first_name="芳")
    UserFactory(username="gone", last_name="赵", first_name="离", is_active=False)
    office = ReviewOffice.objects.get(office=Signatory.LEGAL_AFFAIRS.value)
    html = coordination.get(f"{ADDRESS}edit/{office.pk}/").content.decode()
    assert "王芳 (wangfang)" in html
    assert "赵离" not in html


def test_a_leader_who_left_stays_until_another_is_named(coordination):
    office = ReviewOffice.objects.get(office=Signatory.LEGAL_AFFAIRS.value)
    office.leader = UserFactory(is_active=False)
    office.save()
    response = coordination.post(f"{ADDRESS}edit/{office.pk}/", values(leader=office.leader.pk))
    assert response.status_code == 302


def test_only_the_citys_coordination_keeps_them(county):
    for group in ("Editorial", "鸡东县 Coordination"):
        client = Client()
        client.force_login(UserFactory(groups=[Group.objects.get(name=group)]))
        for model in ("reviewoffice", "reviewround"):
            for view in ("", "create/"):
                assert client.get(f"/admin/reviewflow/{model}/{view}").status_code == 302
        assert "/admin/reviewflow/" not in client.get("/admin/").content.decode()


def test_coordination_sees_them_in_the_menu_and_deletes_none(coordination):
    html = coordination.get("/admin/").content.decode()
    assert ADDRESS in html
    assert "/admin/reviewflow/reviewround/" in html
    office = ReviewOffice.objects.first()
    coordination.post(f"{ADDRESS}delete/{office.pk}/")
    assert ReviewOffice.objects.filter(pk=office.pk).exists()


def test_an_office_that_has_decided_stays_and_a_sentence_says_so(county):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    item = complete_item(DepartmentFactory())
    item.save_revision()
    used = ReviewOffice.objects.get(office=Signatory.LEGAL_AFFAIRS.value)
    sign_off(item, Signatory.EDITORIAL)
    from reviewflow.models import Decision

    Decision.objects.create(
        page=item,
        signatory=Signatory.LEGAL_AFFAIRS,
        person=User.objects.first(),
        office=used,
        kind=Decision.Kind.SIGNED,
        digest="0" * 64,
        content={},
        content_version=1,
    )
    response = client.post(f"{ADDRESS}delete/{used.pk}/", follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert ReviewOffice.objects.filter(pk=used.pk).exists()
    unused = ReviewOffice.objects.create(office=used.office, region=county, group=used.group)
    client.post(f"{ADDRESS}delete/{unused.pk}/")
    assert not ReviewOffice.objects.filter(pk=unused.pk).exists()


def test_queries_of_the_list_do_not_grow_with_it(coordination, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    coordination.get(ADDRESS)
    with CaptureQueriesContext(connection) as before:
        coordination.get(ADDRESS)
    city = RegionFactory()
    for number in range(4):
        region = RegionFactory(name=f"第{number}县", code=f"23039{number}", parent=city)
        ReviewOffice.objects.create(
            office=Signatory.EDITORIAL.value,
            region=region,
            group=Group.objects.create(name=f"group {number}"),
            leader=UserFactory(),
            deputy=UserFactory(),
        )
    with CaptureQueriesContext(connection) as after:
        coordination.get(ADDRESS)
    assert len(after) == len(before)
