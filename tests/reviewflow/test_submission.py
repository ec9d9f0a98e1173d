"""Nothing incomplete enters the review, by whatever road; what is approved is what is published."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import WorkflowState

from reviewflow.submission import IncompleteItem, submit
from servicepages.fields import OFFICES
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@pytest.fixture
def editor(item):
    return UserFactory(groups=[item.department.editors])


def approve(item, office):
    state = ServiceItemPage.objects.get(pk=item.pk).current_workflow_task_state
    person = UserFactory(groups=[Group.objects.get(name=office.value)])
    assert {name: label for name, label, _modal in state.task.specific.get_actions(item, person)}
    state.task.specific.on_action(state, person, "approve")


def test_the_three_offices_approve_one_after_another(item, editor):
    submit(item, editor)
    for office in OFFICES:
        item.refresh_from_db()
        assert not item.live
        assert item.current_workflow_task.name == office.value
        approve(item, office)
    item.refresh_from_db()
    assert item.live


def test_an_incomplete_item_is_not_submitted_by_code(item, editor):
    item.visits_required = None
    item.save_revision()
    with pytest.raises(IncompleteItem) as error:
        submit(item, editor)
    assert [finding.field for finding in error.value.findings] == ["visits_required"]
    with pytest.raises(IncompleteItem):
        item.get_workflow().start(item, editor)
    assert not WorkflowState.objects.exists()


def test_a_returned_item_is_not_resubmitted_incomplete(item, editor):
    state = submit(item, editor)
    reviewer = UserFactory(groups=[Group.objects.get(name=OFFICES[0].value)])
    task_state = state.current_task_state
    task_state.task.specific.on_action(task_state, reviewer, "reject", comment="请补充")
    item = ServiceItemPage.objects.get(pk=item.pk)
    item.fees.clear()
    item.save_revision()
    with pytest.raises(IncompleteItem):
        submit(item, editor)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES


def test_what_was_approved_is_published_and_not_a_later_draft(item, editor):
    submit(item, editor)
    for office in OFFICES[:2]:
        approve(item, office)
    later = ServiceItemPage.objects.get(pk=item.pk)
    later.title = "评审期间另存的名称"
    later.save_revision()
    approve(item, OFFICES[2])
    item.refresh_from_db()
    assert item.live
    assert item.title != "评审期间另存的名称"
    assert item.has_unpublished_changes


def test_the_workflow_covers_the_whole_tree(item):
    assert item.get_workflow().name == "Joint review"
    assert item.department.page.get_workflow().name == "Joint review"


def test_setting_up_twice_changes_nothing(item):
    from reviewflow.site_setup import set_up_site

    def counts():
        return [model.objects.count() for model in (Group, ServiceItemPage, WorkflowState)] + [
            group.permissions.count() for group in Group.objects.order_by("name")
        ]

    before = counts()
    set_up_site()
    assert counts() == before


def test_the_button_names_the_review_in_the_readers_language(item, editor):
    client = Client()
    client.force_login(editor)
    html = client.get(f"/admin/pages/{item.pk}/edit/").content.decode()
    button = html.partition('name="action-submit"')[2].partition("</button>")[0]
    assert "联合审核" in button
    assert "Joint review" not in button
