"""A renamed register row is found under its new name once the worker has been."""

import pytest
from django_q.models import OrmQ

from search.models import Guide
from search.queries import find_guides
from servicepages.indexing import index_items_showing
from tests.factories import DepartmentFactory, complete_item, publish
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def guide():
    return publish(complete_item(DepartmentFactory(name="文旅局")))


def found_by(words):
    return [Guide.objects.get(pk=hit.key).page for hit in find_guides(words).hits]


def test_a_renamed_department_is_found_by_its_new_name(
    guide, monkeypatch, django_capture_on_commit_callbacks
):
    owed = []
    monkeypatch.setattr("servicepages.background.async_task", lambda *task: owed.append(task))
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        guide.department.name = "广电体育局"
        guide.department.save()
    assert callbacks
    assert (index_items_showing, "Department", guide.department_id) in owed
    for _function, *arguments in owed:
        index_items_showing(*arguments)
    assert found_by("广电体育局") == [guide]
    assert found_by("文旅局") == []


@pytest.mark.parametrize("model", ["ServiceHall", "Topic", "Region"])
def test_whatever_the_item_shows(guide, model):
    row = {
        "ServiceHall": lambda: guide.service_points.first().hall,
        "Topic": lambda: guide.topics.first(),
        "Region": lambda: guide.department.region,
    }[model]()
    assert index_items_showing(model, row.pk) == 1


def test_nothing_is_owed_when_the_change_is_rolled_back(guide):
    before = OrmQ.objects.count()
    guide.department.save()  # in a test's transaction, which never commits
    assert OrmQ.objects.count() == before
