"""Three offices sign the same items at the same instant, each in a process of its own: every decision is kept,
every item is published once, and no database lets one of them down."""

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from wagtail.models import PageLogEntry, TaskState

from reviewflow.audit import audit
from reviewflow.deciding import sign
from reviewflow.gate import give_clearance
from reviewflow.models import Decision, OfficeReview, Submission
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.site_setup import set_up_site
from reviewflow.submission import submit
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer

# A process of one office. It says that it is ready, waits for a line, and signs what it is told to, one item
# after the other; the others are at the same items.
OFFICE = """
import json, sys, traceback
import django
django.setup()
from reviewflow.deciding import sign
from reviewflow.models import OfficeReview
from servicepages.models import User

person = User.objects.get(username=sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    review = OfficeReview.objects.get(pk=int(line))
    try:
        sign(review, person, seen=review.digest)
    except Exception:
        print(json.dumps(traceback.format_exc()), flush=True)
    else:
        print("null", flush=True)
"""


def items_before_the_offices(count) -> list[Submission]:
    """Items that the department's legal officer has checked and the three offices have not."""
    set_up_site()
    department = DepartmentFactory()
    editor = UserFactory(groups=[department.editors])
    officer = reviewer(Signatory.DEPARTMENT_LEGAL, department)
    submissions = []
    for number in range(count):
        item = complete_item(department, serial_number=str(number + 1))
        item.save_revision()
        submit(item, editor)
        check = OfficeReview.objects.get(submission__page=item.pk, signatory=Signatory.DEPARTMENT_LEGAL)
        sign(check, officer, seen=check.digest)
        submissions.append(check.submission)
    return submissions


def database_address() -> dict:
    """What tells another process to use the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{database['NAME']}"}
    place = f"{database['HOST']}:{database['PORT']}" if database["PORT"] else database["HOST"]
    name = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    return {"DATABASE_URL": f"postgres://{name}@{place}/{database['NAME']}"}


def start(person) -> subprocess.Popen:
    environment = os.environ | database_address()
    environment |= {"DATA_DIR": str(settings.MEDIA_ROOT.parent), "DJANGO_SETTINGS_MODULE": "cms.settings.dev"}
    return subprocess.Popen(
        [sys.executable, "-c", OFFICE, person.username],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def sign_at_the_same_instant(submissions) -> list[str]:
    """Round after round, the three offices are given one item together. Returns what went wrong."""
    processes = {office: start(reviewer(office)) for office in OFFICES}
    failures = []
    try:
        for process in processes.values():
            assert process.stdout.readline() == "ready\n"
        for submission in submissions:
            for office, process in processes.items():
                process.stdin.write(f"{submission.reviews.get(signatory=office).pk}\n")
            for process in processes.values():
                process.stdin.flush()
            failures += [json.loads(process.stdout.readline()) for process in processes.values()]
    finally:
        for process in processes.values():
            process.stdin.close()
            process.wait(timeout=30)
            process.stdout.close()
    return [failure for failure in failures if failure]


def review_together(rounds):
    submissions = items_before_the_offices(rounds)
    assert sign_at_the_same_instant(submissions) == []
    pages = [submission.page_id for submission in submissions]
    decided = Counter(Decision.objects.signed().filter(page__in=pages).values_list("page", "signatory"))
    assert decided == Counter((page, signatory.value) for page in pages for signatory in Signatory)
    published = PageLogEntry.objects.filter(page__in=pages, action="wagtail.publish")
    assert Counter(published.values_list("page", flat=True)) == Counter(pages)
    assert Submission.objects.filter(outcome=Submission.Outcome.PUBLISHED).count() == rounds
    assert not TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).exists()
    assert audit().examined == rounds
    assert audit().is_clean


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.postgres_only
def test_on_postgresql_ten_rounds():
    review_together(10)


@pytest.mark.postgres_only
@pytest.mark.long
def test_on_postgresql_two_hundred_rounds():
    review_together(200)


@pytest.mark.sqlite_only
def test_on_sqlite_ten_rounds():
    review_together(10)


@pytest.mark.sqlite_only
@pytest.mark.long
def test_on_sqlite_fifty_rounds():
    review_together(50)


@pytest.mark.postgres_only
def test_a_sign_off_is_not_revoked_while_its_item_is_being_published():
    """Otherwise the item would go live on a sign-off that is revoked at the same instant."""
    set_up_site()
    guide = publish(complete_item(DepartmentFactory()))
    signed = Decision.objects.filter(page=guide.pk).last()

    def decide(kind):
        copied = ("page_id", "signatory", "person_id", "digest", "content", "content_version")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            with transaction.atomic():
                Decision.objects.create(kind=kind, **{name: getattr(signed, name) for name in copied})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        give_clearance(guide)
        other.submit(decide, Decision.Kind.SIGNED).result()
        with pytest.raises(OperationalError, match="lock timeout"):
            other.submit(decide, Decision.Kind.REVOKED).result()
    decide(Decision.Kind.REVOKED)
    assert Decision.objects.filter(page=guide.pk).last().kind == Decision.Kind.REVOKED
