"""The roads on which Wagtail makes a page live: each a function that tries to, of an office with a draft that
nobody signed and a live guide that everybody did."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.models import GroupApprovalTask, Locale, Page, Revision, WorkflowTask

from reviewflow.deciding import sign
from reviewflow.gate import NoAlias, NotCleared
from reviewflow.models import DepartmentLegalTask, JointReviewTask, OfficeReview
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer
from tests.reviewflow.item_form import filled_form


@dataclass
class Office:
    draft: ServiceItemPage
    guide: ServiceItemPage
    editor: object
    legal_officer: object
    superuser: object
    client: Client


def make_office() -> Office:
    department = DepartmentFactory()
    guide = publish(complete_item(department, title="已发布事项"))
    draft = complete_item(department, title="未签事项")
    draft.save_revision()
    superuser, client = UserFactory(is_superuser=True), Client()
    client.force_login(superuser)
    return Office(
        draft,
        guide,
        UserFactory(groups=[department.editors]),
        reviewer(Signatory.DEPARTMENT_LEGAL, department),
        superuser,
        client,
    )


def edit_view(office):
    form = filled_form(office.draft, office.superuser)
    return office.client.post(f"/admin/pages/{office.draft.pk}/edit/", form | {"action-publish": "1"})


def create_view(office):
    parent = office.draft.get_parent()
    form = filled_form(office.draft, office.superuser) | {
        "action-publish": "1",
        "title": "新事项",
        "slug": "new-item",
        "serial_number": "99",
        "service_points-INITIAL_FORMS": 0,
        "service_points-0-id": "",
    }
    return office.client.post(f"/admin/pages/add/servicepages/serviceitempage/{parent.pk}/", form)


def bulk_publish(office):
    return office.client.post(f"/admin/bulk/wagtailcore/page/publish/?id={office.draft.pk}", {"confirm": "1"})


def bulk_publish_without_a_user(office):
    PublishBulkAction.execute_action([office.draft])


def due_schedule(office):
    past = timezone.now() - timedelta(minutes=1)
    Revision.objects.filter(pk=office.draft.latest_revision_id).update(approved_go_live_at=past)
    with contextlib.suppress(NotCleared):  # of a stock command; what counts is what has become of the page
        call_command("publish_scheduled", verbosity=0)


def finished_workflow(office):
    submit(office.draft, office.editor).finish(user=office.superuser)


def finished_workflow_of_stock_tasks(office):
    """One that a superuser has put together: whoever may, approves, and no office has signed."""
    task = GroupApprovalTask.objects.create(name="Somebody approves")
    WorkflowTask.objects.all().delete()
    WorkflowTask.objects.create(workflow=office.draft.get_workflow(), task=task, sort_order=0)
    state = office.draft.get_workflow().start(office.draft, office.editor)
    state.current_task_state.approve(user=office.superuser)


def disabled_tasks(office):
    submit(office.draft, office.editor)
    for task in (*JointReviewTask.objects.all(), *DepartmentLegalTask.objects.all()):
        task.deactivate(user=office.superuser)


def task_removed_midway(office):
    submit(office.draft, office.editor)
    WorkflowTask.objects.filter(task__in=JointReviewTask.objects.all()).delete()
    review = OfficeReview.objects.get(signatory=Signatory.DEPARTMENT_LEGAL)
    sign(review, office.legal_officer, seen=review.digest)


def empty_workflow(office):
    WorkflowTask.objects.all().delete()
    office.draft.get_workflow().start(office.draft, office.editor)


def publish_in_code(office):
    office.draft.get_latest_revision().publish()


def changed_guide_published_in_code(office):
    office.guide.fees = []
    office.guide.save_revision().publish()


def api(office):
    return office.client.post(
        f"/admin/api/main/pages/{office.draft.pk}/action/publish/", headers={"accept": "application/json"}
    )


def copy_kept_live(office):
    office.guide.copy(update_attrs={"slug": "copy"}, keep_live=True)


def copy_view(office, **choice):
    return office.client.post(
        f"/admin/pages/{office.guide.pk}/copy/",
        {
            "new_title": "副本",
            "new_slug": "copy",
            "new_parent_page": office.guide.get_parent().pk,
            **choice,
        },
    )


def copy_view_published(office):
    return copy_view(office, publish_copies="on")


def copy_view_as_alias(office):
    return copy_view(office, alias="on")


def alias(office):
    office.guide.create_alias(update_slug="alias")


def alias_by_its_action(office):
    CreatePageAliasAction(Page.objects.get(pk=office.guide.pk), update_slug="alias").execute()


def translation_alias(office):
    """As `copy_for_translation(alias=True)` makes it below a translated section."""
    office.guide.create_alias(
        update_slug="alias",
        update_locale=Locale.objects.create(language_code="en"),
        reset_translation_key=False,
    )


NOTHING = "nothing goes live, without an error"

# What becomes of each with the gate on.
ROADS = {
    edit_view: NOTHING,
    create_view: NOTHING,
    bulk_publish: NOTHING,
    bulk_publish_without_a_user: NotCleared,
    due_schedule: NOTHING,
    finished_workflow: NOTHING,
    finished_workflow_of_stock_tasks: NOTHING,
    disabled_tasks: NOTHING,
    task_removed_midway: NOTHING,
    empty_workflow: NOTHING,
    publish_in_code: NotCleared,
    changed_guide_published_in_code: NotCleared,
    api: NOTHING,
    copy_kept_live: NotCleared,
    copy_view_published: NOTHING,
    copy_view_as_alias: NOTHING,
    alias: NoAlias,
    alias_by_its_action: NoAlias,
    translation_alias: NoAlias,
}
