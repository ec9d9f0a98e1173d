"""How the reviewer's queue bears ten thousand items in review, beside Wagtail's own report of workflow tasks.

Run from the project's folder: `python -m bench.review_queue` (or `make bench`).
"""

from datetime import timedelta

from bench.figures import at_most, figure, finish, medians
from bench.server import empty_site

FEW, MANY = 100, 10_000
RATIO = 1.5
DEPARTMENTS = 20
ROWS_AT_ONCE = 1000


class Reviews:
    """Items in review, written as rows: going through the review itself would take hours.

    Each has its page, revision, workflow, open task and submission, and asks the three offices.
    """

    def __init__(self):
        from tests.factories import DepartmentFactory, UserFactory, complete_item

        self.departments = DepartmentFactory.create_batch(DEPARTMENTS)
        self.editor = UserFactory()
        model = complete_item(self.departments[0], title="样本")
        self.revision = model.save_revision()
        self.model = type(model).objects.get(pk=model.pk)
        self.count = 0

    def reach(self, count):
        """Adds as many as are lacking to `count`."""
        while self.count < count:
            step = min(ROWS_AT_ONCE, count - self.count)
            self._add(range(self.count, self.count + step))
            self.count += step

    def _add(self, numbers):
        pages = self._pages(numbers)
        revisions = self._revisions(pages)
        states = self._states(pages, revisions)
        self._reviews(pages, revisions, states)

    def _pages(self, numbers):
        from django.db import connection
        from wagtail.models import Page

        pages = []
        for number in numbers:
            section = self.departments[number % DEPARTMENTS].page
            page = Page.objects.get(pk=self.model.pk)
            page.pk = page.id = None
            page._state.adding = True
            page.title = page.draft_title = f"在审事项{number}"
            page.slug = f"in-review-{number}"
            page.path = Page._get_path(section.path, section.depth + 1, 100 + number // DEPARTMENTS)
            page.url_path = f"{section.url_path}{page.slug}/"
            page.translation_key = None
            page.latest_revision = None
            pages.append(page)
        for page in pages:
            page.translation_key = Page._meta.get_field("translation_key").get_default()
        pages = Page.objects.bulk_create(pages)
        columns = [field.column for field in type(self.model)._meta.local_concrete_fields]
        copied = [
            connection.ops.quote_name(name)
            for name in columns
            if name not in ("page_ptr_id", "department_id")
        ]
        names = ", ".join(copied)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO servicepages_serviceitempage (page_ptr_id, department_id, {names})"  # noqa: S608
                f" SELECT %s, %s, {names} FROM servicepages_serviceitempage WHERE page_ptr_id = %s",
                [
                    (page.pk, self.departments[number % DEPARTMENTS].pk, self.model.pk)
                    for number, page in zip(numbers, pages, strict=True)
                ],
            )
        return pages

    def _revisions(self, pages):
        from wagtail.models import Page, Revision

        made = Revision.objects.bulk_create(
            Revision(
                content_type=self.revision.content_type,
                base_content_type=self.revision.base_content_type,
                object_id=str(page.pk),
                created_at=self.revision.created_at,
                object_str=page.title,
                content={**self.revision.content, "pk": page.pk, "title": page.title},
            )
            for page in pages
        )
        for page, revision in zip(pages, made, strict=True):
            page.latest_revision = revision
        Page.objects.bulk_update(pages, ["latest_revision"])
        return made

    def _states(self, pages, revisions):
        from wagtail.models import TaskState, WorkflowState

        from reviewflow.models import JointReviewTask

        workflow, task = self.model.get_workflow(), JointReviewTask.objects.get()
        states = WorkflowState.objects.bulk_create(
            WorkflowState(
                content_type=self.revision.content_type,
                base_content_type=self.revision.base_content_type,
                object_id=str(page.pk),
                workflow=workflow,
                requested_by=self.editor,
            )
            for page in pages
        )
        tasks = TaskState.objects.bulk_create(
            TaskState(workflow_state=state, task=task, revision=revision, content_type=_type_of(TaskState))
            for state, revision in zip(states, revisions, strict=True)
        )
        for state, task_state in zip(states, tasks, strict=True):
            state.current_task_state = task_state
        WorkflowState.objects.bulk_update(states, ["current_task_state"])
        return states

    def _reviews(self, pages, revisions, states):
        from django.utils import timezone

        from reviewflow.models import OfficeReview, ReviewOffice, Submission

        submissions = Submission.objects.bulk_create(
            Submission(
                page_id=page.pk,
                title=page.title,
                workflow_state=state,
                revision=revision,
                submitted_by=self.editor,
            )
            for page, revision, state in zip(pages, revisions, states, strict=True)
        )
        today = timezone.localdate()
        OfficeReview.objects.bulk_create(
            OfficeReview(
                submission=submission,
                signatory=office.office,
                office=office,
                first_time=submission.pk % 2 == 0,
                changed_fields=submission.pk % 7,
                due_on=today + timedelta(days=submission.pk % 12 - 3),
            )
            for submission in submissions
            for office in ReviewOffice.objects.all()
        )


def _type_of(model):
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model)


def main():
    with empty_site():
        from django.contrib.auth.models import Group
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext
        from django.urls import reverse
        from wagtail.models import TaskState

        from reviewflow.desk.queue import waiting_for
        from tests.factories import UserFactory

        reviews = Reviews()
        # Wagtail's report lists what one may edit, so the reader is both: a superuser and of the office.
        reader = UserFactory(is_superuser=True, groups=[Group.objects.get(name="Legal Affairs")])
        client = Client()
        client.force_login(reader)
        paths = {
            "queue": reverse("review_queue"),
            "report": reverse("wagtailadmin_reports:workflow_tasks"),
            "empty": "/bench/empty-admin/",
        }

        def get(path):
            response = client.get(path)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answered {response.status_code}")
            return response

        def queries():
            get(paths["queue"])
            with CaptureQueriesContext(connection) as captured:
                get(paths["queue"])
            return len(captured)

        reviews.reach(FEW)
        few = queries()
        reviews.reach(MANY)
        many = queries()
        assert waiting_for(reader).count() == TaskState.objects.count() == MANY
        figure("review_queue.queries", many, "-", True)
        at_most(f"review_queue.queries_more_for_{MANY}_than_for_{FEW}", many - few, 0)
        seconds = medians({name: lambda path=path: get(path) for name, path in paths.items()}, calls=2)
        net = {name: seconds[name] - seconds["empty"] for name in ("queue", "report")}
        at_most("review_queue.time_to_workflow_tasks_report_net", net["queue"] / net["report"], RATIO)
        figure("review_queue.time_to_empty_admin_page", seconds["queue"] / seconds["empty"], "-", True)
    finish()


if __name__ == "__main__":
    main()
