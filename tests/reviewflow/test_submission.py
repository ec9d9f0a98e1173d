"""Nothing incomplete enters the review, by whatever road; only its department takes it out again."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, WorkflowState, WorkflowTask

from reviewflow.models import DepartmentLegalTask, JointReviewTask, OfficeReview, Submission
from reviewflow.offices import COORDINATION, ensure_joint_review
from reviewflow.submission import IncompleteItem, submit, withdraw
from servicepages.fields import OFFICES
from servicepages.models import HomePage, ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item
from tests.servicepages.test_item_form import form_of
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def item():
    item = complete_item(DepartmentFactory())
    item.save_revision()
    return item


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


def test_an_incomplete_item_is_not_submitted_by_code(item, editor):
    item.visits_required = None
    item.save_revision()
    with pytest.raises(IncompleteItem) as error:
        submit(item, editor)
    assert [finding.field for finding in error.value.findings] == ["visits_required"]
    with pytest.raises(IncompleteItem):
        item.get_workflow().start(item, editor)
    assert not WorkflowState.objects.exists()


def test_a_page_that_is_no_item_does_not_enter_the_joint_review(editor):
    home = HomePage.objects.get()
    home.save_revision()
    with pytest.raises(ValidationError):
        home.get_workflow().start(home, editor)
    assert not WorkflowState.objects.exists()


def test_the_workflow_covers_the_whole_tree(item):
    workflow = item.get_workflow()
    assert [type(task) for task in workflow.tasks.specific()] == [DepartmentLegalTask, JointReviewTask]
    assert item.department.page.get_workflow() == workflow


def test_setting_up_twice_changes_nothing(item):
    from reviewflow.site_setup import set_up_site

    def counts():
        return [model.objects.count() for model in (Group, ServiceItemPage, WorkflowState, WorkflowTask)] + [
            group.permissions.count() for group in Group.objects.order_by("name")
        ]

    before = counts()
    set_up_site()
    assert counts() == before


def test_what_waited_on_the_former_stock_tasks_goes_on_with_the_joint_review(item, editor):
    """The first version's workflow let one office approve after the other."""
    workflow = item.get_workflow()
    WorkflowTask.objects.filter(workflow=workflow).delete()
    for position, office in enumerate(OFFICES):
        task = GroupApprovalTask.objects.create(name=office.value)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=position)
    state = workflow.start(item, editor)
    assert state.current_task_state.task.name == "Editorial"
    ensure_joint_review()
    state.refresh_from_db()
    assert isinstance(state.current_task_state.task.specific, DepartmentLegalTask)
    assert not ServiceItemPage.objects.get(pk=item.pk).live
    assert not GroupApprovalTask.objects.filter(active=True).exists()


def test_the_button_names_the_review_in_the_sites_language(item, editor):
    client = Client()
    client.force_login(editor)
    html = client.get(f"/admin/pages/{item.pk}/edit/").content.decode()
    button = html.partition('name="action-submit"')[2].partition("</button>")[0]
    assert "联合审核" in button
    assert "Joint review" not in button


# Taking it out of the review


def people_of(item, editor):
    department, elsewhere = item.department, DepartmentFactory()
    return {
        "submitter": editor,
        "another editor": UserFactory(groups=[department.editors]),
        "legal officer": UserFactory(groups=[department.legal_officers]),
        "editor elsewhere": UserFactory(groups=[elsewhere.editors]),
        "reviewer": UserFactory(groups=[Group.objects.get(name="Editorial")]),
        "coordination": UserFactory(groups=[Group.objects.get(name=COORDINATION)]),
        "superuser": UserFactory(is_superuser=True),
    }


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("submitter", True),
        ("another editor", True),
        ("legal officer", True),
        ("editor elsewhere", False),
        ("reviewer", False),
        ("coordination", False),
        ("superuser", False),
    ],
)
def test_its_department_withdraws_it_and_nobody_else(item, editor, who, may):
    person = people_of(item, editor)[who]
    state = submit(item, editor)
    client = Client()
    client.force_login(person)
    client.post(reverse("withdraw_from_review", args=[item.pk]))
    state.refresh_from_db()
    assert (state.status == WorkflowState.STATUS_CANCELLED) is may
    submission = Submission.objects.get()
    assert submission.outcome == (Submission.Outcome.WITHDRAWN if may else "")
    assert OfficeReview.objects.waiting().exists() is not may


@pytest.mark.parametrize("who", ["reviewer", "coordination", "superuser"])
def test_no_road_of_wagtails_withdraws_it_for_others(item, editor, who):
    """Wagtail lets the owner of the page and whoever may approve cancel a workflow."""
    person = people_of(item, editor)[who]
    ServiceItemPage.objects.filter(pk=item.pk).update(owner=person)
    state = submit(ServiceItemPage.objects.get(pk=item.pk), editor)
    client = Client()
    client.force_login(person)
    client.post(f"/admin/pages/{item.pk}/edit/", {"action-cancel-workflow": "1"})
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS


def test_withdrawing_what_is_over_is_refused(item, editor):
    submit(item, editor)
    withdraw(item, editor)
    with pytest.raises(PermissionDenied):
        withdraw(item, editor)


@pytest.mark.parametrize("who", ["submitter", "legal officer", "reviewer", "coordination", "superuser"])
def test_nobody_edits_it_while_it_is_in_review(item, editor, who):
    person = people_of(item, editor)[who]
    # Somebody who has locked the page for themselves is still locked out by the review.
    ServiceItemPage.objects.filter(pk=item.pk).update(locked=True, locked_by=person)
    submit(ServiceItemPage.objects.get(pk=item.pk), editor)
    lock = ServiceItemPage.objects.get(pk=item.pk).get_lock()
    assert lock.for_user(person)
    client = Client()
    client.force_login(person)
    before = ServiceItemPage.objects.get(pk=item.pk).latest_revision_id
    client.post(f"/admin/pages/{item.pk}/edit/", form_of(item, title="改了的名称"))
    assert ServiceItemPage.objects.get(pk=item.pk).latest_revision_id == before


@pytest.mark.parametrize("model", [JointReviewTask, DepartmentLegalTask])
def test_the_tasks_are_offered_by_wagtails_workflow_editor(model):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    types = client.get(reverse("wagtailadmin_workflows:select_task_type")).content.decode()
    address = reverse("wagtailadmin_workflows:add_task", args=["reviewflow", model._meta.model_name])
    assert address in types
    client.post(address, {"name": "县级审核", "working_days": "4"})
    assert model.objects.get(name="县级审核").working_days == 4
