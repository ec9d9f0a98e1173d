"""A page is made in few queries, however much it holds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from servicepages.models import DepartmentPage, RegionPage, Topic
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    ServiceHallFactory,
    TopicFactory,
    complete_item,
    material,
    publish,
)
from tests.servicepages.public_pages.planted import Planted

pytestmark = pytest.mark.django_db


QUERIES_OF_A_GUIDE = 16


def count_queries(client, url) -> int:
    """On the second visit: the first may fill caches."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def materials(department, number):
    return [
        (
            "material",
            material(
                f"材料{position}",
                blank_form=AttachmentFactory(department=department),
                filled_in_sample=AttachmentFactory(department=department),
            ),
        )
        for position in range(number)
    ]


@pytest.mark.usefixtures("rendered_each_time")
def test_queries_of_a_guide_do_not_depend_on_what_it_holds(client):
    department = DepartmentFactory()
    hall = ServiceHallFactory(region=department.region)
    few = publish(complete_item(department, materials=materials(department, 1)))
    many = publish(
        complete_item(
            department,
            materials=materials(department, 25),
            topics=list(Topic.objects.all()),
            service_points=[hall, *hall.windows.all()],
            questions=[("question", {"question": f"问{n}", "answer": "答"}) for n in range(20)],
        )
    )
    assert count_queries(client, many.url) == count_queries(client, few.url)


@pytest.mark.usefixtures("rendered_each_time")
@pytest.mark.parametrize("as_sub_item", [False, True])
def test_no_guide_uses_more_queries_than_allowed(client, as_sub_item):
    item = Planted(as_sub_item=as_sub_item).item
    Page.objects.filter(pk=item.pk).update(alias_of=None)  # for an alias Wagtail asks once more
    assert count_queries(client, item.url) <= QUERIES_OF_A_GUIDE


@pytest.mark.usefixtures("rendered_each_time")
def test_queries_of_a_guide_with_sub_items_do_not_depend_on_their_number(client):
    department = DepartmentFactory()
    few, many = (publish(complete_item(department)) for _ in range(2))
    for parent, number in ((few, 1), (many, 8)):
        for _ in range(number):
            publish(complete_item(department, parent=parent))
    used = count_queries(client, many.url)
    assert used == count_queries(client, few.url)
    assert used <= QUERIES_OF_A_GUIDE


def test_queries_of_a_list_do_not_depend_on_the_number_of_items(client):
    department = DepartmentFactory()
    hall = ServiceHallFactory(region=department.region)
    topic = TopicFactory(name="主题", code="the-topic")
    urls = (
        DepartmentPage.objects.get(department=department).url,
        RegionPage.objects.get(region=department.region).url,
        topic.get_absolute_url(),
        hall.get_absolute_url(),
        "/",
    )

    def add_family():
        there = {"topics": [topic], "service_points": [hall]}
        parent = publish(complete_item(department, **there))
        for _ in range(2):
            publish(complete_item(department, parent=parent, **there))
        publish(complete_item(department, **there))

    add_family()
    before = [count_queries(client, url) for url in urls]
    for _ in range(4):
        add_family()
    assert [count_queries(client, url) for url in urls] == before
