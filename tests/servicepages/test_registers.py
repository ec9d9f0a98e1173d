"""The registers in the admin: lists, filters, search and forms, for those who keep them."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.users.models import UserProfile

from servicepages.models import Department, Region, ServiceHall, Topic
from tests.factories import DepartmentFactory, RegionFactory, ServiceHallFactory, UserFactory

pytestmark = pytest.mark.django_db

REGISTERS = [Region, Department, ServiceHall, Topic]


def address(model, action="index", *args):
    return reverse(f"servicepages_{model._meta.model_name}_modeladmin_{action}", args=args)


@pytest.fixture
def coordination():
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Coordination")]))
    return client


@pytest.mark.parametrize("model", REGISTERS)
def test_coordination_keeps_every_register(model, coordination):
    department = DepartmentFactory()
    ServiceHallFactory(region=department.region)
    row = model.objects.first()
    assert str(row.name) in coordination.get(address(model)).content.decode()
    assert coordination.get(address(model), {"q": row.name[:2]}).status_code == 200
    assert coordination.get(address(model, "create")).status_code == 200
    assert coordination.get(address(model, "edit", row.pk)).status_code == 200


def test_departments_are_filtered_by_region(coordination):
    here = DepartmentFactory(name="市水务局")
    county = RegionFactory(code="230321", name="鸡东县", parent=here.region)
    DepartmentFactory(name="县林业局", region=county)
    html = coordination.get(address(Department), {"region__id__exact": county.pk}).content.decode()
    assert "县林业局" in html
    assert "市水务局" not in html


@pytest.mark.parametrize("model", REGISTERS)
def test_others_do_not_get_in(model):
    department = DepartmentFactory()
    for group in (department.editors, department.legal_officers, Group.objects.get(name="Editorial")):
        client = Client()
        client.force_login(UserFactory(groups=[group]))
        assert client.get(address(model)).status_code == 302


def test_a_department_added_in_the_admin_brings_its_section(coordination):
    region = RegionFactory()
    empty = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    response = coordination.post(
        address(Department, "create"),
        {
            "region": region.pk,
            "kind": "government",
            "name": "市新设局",
            "sort_order": 0,
            **{f"contacts-{key}": value for key, value in empty.items()},
        },
    )
    assert response.status_code == 302
    department = Department.objects.get(name="市新设局")
    assert department.page.live
    assert department.editors.page_permissions.exists()


def test_queries_of_a_list_do_not_grow_with_it(coordination):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            coordination.get(address(Department))
        return len(captured)

    DepartmentFactory()
    queries()
    few = queries()
    DepartmentFactory.create_batch(8)
    assert queries() == few


def test_the_admin_speaks_the_language_of_the_person():
    user = UserFactory(is_superuser=True)
    client = Client()
    client.force_login(user)
    titles = set()
    for language in ("zh-hans", "zh-hant", "en"):
        profile = UserProfile.get_for_user(user)
        profile.preferred_language = language
        profile.save()
        html = client.get(address(Department)).content.decode()
        assert {"zh-hans": "部门", "zh-hant": "部門", "en": "epartment"}[language] in html
        titles.add(html.partition("<title>")[2].partition("</title>")[0].strip())
    assert len(titles) == 3
