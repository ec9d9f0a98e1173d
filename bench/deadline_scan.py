"""How the daily scan bears a hundred thousand items with open deadlines, of which a thousand are due today.

Run from the project's folder: `python -m bench.deadline_scan` (or `make bench`); `DATABASE_URL=postgres://…` has it
make a database of its own on that server, and drop it.
"""

import random
import statistics
import time
from datetime import timedelta

from bench.audit import peak_memory
from bench.figures import at_most, figure, finish
from bench.server import empty_site, own_database

FEW, MANY = 50_000, 100_000
DUE = 1_000
FOR_ONE_QUERY = 500
QUERIES_WHATEVER_IS_DUE = 40
TIME_RATIO, GROWTH, MEMORY_RATIO = 5, 2.5, 1.1
ROUNDS = 5
DEPARTMENTS = 40
ROWS_AT_ONCE = 1_000
# Of ten items in a row: how many wait for an office or a legal officer, are to be corrected, are to be checked.
WAITING, RETURNED = 6, 8


class Deadlines:
    """Items that each have one open deadline, written as rows: six of ten wait for a signatory (the legal officer
    and the three offices in turn), two are to be corrected, two are to be checked. (Their pages stay drafts, which a
    scan does not ask about.) None is due before `FREE_DAYS` from now, until `due_today` says which are."""

    FREE_DAYS = 60

    def __init__(self):
        from django.contrib.auth.models import Group

        from reviewflow.models import ReviewOffice
        from reviewflow.signatories import OFFICES
        from servicepages.models import ContactPerson
        from servicepages.vocabulary import ContactRole
        from tests.factories import DepartmentFactory, UserFactory, complete_item

        self.departments = DepartmentFactory.create_batch(DEPARTMENTS)
        self.editors = {}
        for department in self.departments:
            self.editors[department.pk], _other = UserFactory.create_batch(2, groups=[department.editors])
            UserFactory(groups=[department.legal_officers])
            for role in (ContactRole.LEADER, ContactRole.LIAISON):
                ContactPerson.objects.create(department=department, role=role, name=role, user=UserFactory())
        for office in OFFICES:
            UserFactory.create_batch(4, groups=[Group.objects.get(name=office.value)])
        UserFactory.create_batch(3, groups=[Group.objects.get(name="Coordination")])
        self.offices = {office.office: office for office in ReviewOffice.objects.all()}
        model = complete_item(self.departments[0], title="样本")
        self.revision = model.save_revision()
        self.model = type(model).objects.get(pk=model.pk)
        self.count = 0

    def reach(self, count):
        """Adds as many as are lacking to `count`."""
        while self.count < count:
            numbers = range(self.count, min(self.count + ROWS_AT_ONCE, count))
            self._add(numbers)
            self.count = numbers.stop

    def _add(self, numbers):
        from django.db import transaction

        with transaction.atomic():
            rows = list(zip(numbers, self._pages(numbers), strict=True))
            self._reviews([row for row in rows if row[0] % 10 < WAITING])
            self._corrections([row for row in rows if WAITING <= row[0] % 10 < RETURNED])
            self._checks([row for row in rows if row[0] % 10 >= RETURNED])

    def _department(self, number):
        return self.departments[number // 10 % DEPARTMENTS]

    def _free_day(self, number):
        from django.utils import timezone

        return timezone.localdate() + timedelta(days=self.FREE_DAYS + number % 30)

    def _pages(self, numbers):
        from django.db import connection
        from wagtail.models import Page

        pages = []
        base = Page.objects.get(pk=self.model.pk)
        values = {field.attname: getattr(base, field.attname) for field in Page._meta.concrete_fields}
        make_key = Page._meta.get_field("translation_key").get_default
        for number in numbers:
            section = self._department(number).page
            title, slug = f"有期限的事项{number}", f"deadline-{number}"
            own = {
                "id": None,
                "title": title,
                "draft_title": title,
                "slug": slug,
                "path": Page._get_path(section.path, section.depth + 1, 100 + number),
                "url_path": f"{section.url_path}{slug}/",
                "translation_key": make_key(),
                "latest_revision_id": None,
            }
            pages.append(Page(**{**values, **own}))
        pages = Page.objects.bulk_create(pages)
        quoted = connection.ops.quote_name
        own = ("page_ptr_id", "department_id")
        columns = [field.column for field in type(self.model)._meta.local_concrete_fields]
        copied = ", ".join(quoted(name) for name in columns if name not in own)
        table = type(self.model)._meta.db_table
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (page_ptr_id, department_id, {copied})"  # noqa: S608
                f" SELECT %s, %s, {copied} FROM {table} WHERE page_ptr_id = %s",
                [
                    (page.pk, self._department(number).pk, self.model.pk)
                    for number, page in zip(numbers, pages, strict=True)
                ],
            )
        return pages

    def _submission(self, number, page, **fields):
        from reviewflow.models import Submission

        return Submission(
            page_id=page.pk,
            title=page.title,
            revision=self.revision,
            submitted_by=self.editors[self._department(number).pk],
            **fields,
        )

    def _reviews(self, rows):
        from reviewflow.models import OfficeReview, Submission
        from reviewflow.signatories import Signatory

        submissions = Submission.objects.bulk_create(self._submission(*row) for row in rows)
        signatories = list(Signatory)
        OfficeReview.objects.bulk_create(
            OfficeReview(
                submission=submission,
                signatory=signatories[number % len(signatories)],
                office=self.offices.get(signatories[number % len(signatories)]),
                due_on=self._free_day(number),
            )
            for (number, _page), submission in zip(rows, submissions, strict=True)
        )

    def _corrections(self, rows):
        from django.utils import timezone

        from reviewflow.models import Submission

        Submission.objects.bulk_create(
            self._submission(
                *row,
                outcome=Submission.Outcome.RETURNED,
                closed_at=timezone.now(),
                correct_by=self._free_day(row[0]),
            )
            for row in rows
        )

    def _checks(self, rows):
        from reviewflow.models import GuideCheck

        GuideCheck.objects.bulk_create(
            GuideCheck(page_id=page.pk, reason=GuideCheck.Reason.PERIODIC, due_on=self._free_day(number))
            for number, page in rows
        )

    def due_today(self, count):
        """So many are told of today, of each kind its share, by chance; the others are as they were."""
        from django.utils import timezone

        today = timezone.localdate()
        free = today + timedelta(days=self.FREE_DAYS)
        for rows, name, told_on, share in self._kinds(today):
            rows.filter(**{name: told_on}).update(**{name: free})
            keys = list(rows.order_by("pk").values_list("pk", flat=True))
            chosen = random.Random(1).sample(keys, count * share // 10)
            rows.filter(pk__in=chosen).update(**{name: told_on})

    def _kinds(self, today):
        """Rows, the name of their day, the value of it with which they are told of today, their share in ten."""
        from reviewflow.models import GuideCheck, OfficeReview, Submission

        return [
            (OfficeReview.objects.waiting(), "due_on", today, WAITING),
            (Submission.objects.exclude(correct_by=None), "correct_by", today, RETURNED - WAITING),
            # A check is not told of on its day, but a week before.
            (GuideCheck.objects.open(), "due_on", today + timedelta(days=7), 10 - RETURNED),
        ]

    def iterate(self, only_days=False):
        """The rows alone: what no scan that reads them all could do without. Every column of them, or their key and
        their day."""
        from django.utils import timezone

        read = 0
        for rows, name, _told_on, _share in self._kinds(timezone.localdate()):
            columns = ("pk", name) if only_days else ()
            for _row in rows.values_list(*columns).iterator():
                read += 1
        assert read == self.count


def forget():
    """Everything that a scan has written, and what Django's broker was given."""
    from django_q.models import OrmQ

    from reviewflow.models.alerts import Escalation, Scan
    from reviewflow.models.messages import Mail, Notice

    for model in (Notice, Mail, Escalation, Scan, OrmQ):
        model.objects.all()._raw_delete("default")


def scan_today():
    from django.utils import timezone

    from reviewflow.alerts import scan

    assert scan.run(timezone.localdate()) == [timezone.localdate()]


def queries():
    """Statements of one scan, the beginnings and ends of transactions aside."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    forget()
    with CaptureQueriesContext(connection) as captured:
        scan_today()
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")
    return sum(not query["sql"].startswith(frame) for query in captured)


def timed(deadlines) -> dict[str, float]:
    """Seconds of a scan and of iterating the rows, in turns; medians."""
    compared = {
        "scan": scan_today,
        "rows": deadlines.iterate,
        "days": lambda: deadlines.iterate(only_days=True),
    }
    times = {name: [] for name in compared}
    for number in range(ROUNDS + 1):
        forget()
        for name, call in compared.items():
            start = time.perf_counter()
            call()
            if number:  # the first warms up
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def measured(deadlines, count) -> tuple[dict[str, float], int]:
    """Times and peak memory of a scan of so many items."""

    def memory():
        for _time in range(2):
            forget()
            yield peak_memory(scan_today)

    from django.db import connection

    from reviewflow.models.messages import Mail, Notice

    deadlines.reach(count)
    deadlines.due_today(DUE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    seconds = timed(deadlines)
    assert Notice.objects.values("about").distinct().count() == DUE
    assert not Notice.objects.waiting().exists()
    assert Mail.objects.exclude(digest_on=None).count() == Notice.objects.values("person").distinct().count()
    print(f"{count} items: {DUE} due, {Notice.objects.count()} notices, {Mail.objects.count()} mails")
    return seconds, min(memory())


def main():
    with own_database("deadline_scan") as url, empty_site(database_url=url):
        deadlines = Deadlines()
        few, memory_of_few = measured(deadlines, FEW)
        many, memory_of_many = measured(deadlines, MANY)
        at_most("deadline_scan.time_to_values_list", many["scan"] / many["rows"], TIME_RATIO)
        figure("deadline_scan.time_to_values_list_of_key_and_day", many["scan"] / many["days"], "-", True)
        at_most(f"deadline_scan.time_of_{MANY}_to_{FEW}", many["scan"] / few["scan"], GROWTH)
        at_most(f"deadline_scan.memory_of_{MANY}_to_{FEW}", memory_of_many / memory_of_few, MEMORY_RATIO)
        asked = {}
        for due in (10, DUE, 2 * DUE, 4 * DUE):
            deadlines.due_today(due)
            asked[due] = queries()
        at_most("deadline_scan.queries_with_next_to_nothing_due", asked[10], QUERIES_WHATEVER_IS_DUE)
        for due in (DUE, 2 * DUE, 4 * DUE):
            at_most(
                f"deadline_scan.queries_more_with_{due}_due", asked[due] - asked[10], due // FOR_ONE_QUERY
            )
        figure("deadline_scan.seconds", many["scan"], "-", True)
    finish()


if __name__ == "__main__":
    main()
