"""From the mail to the decision, and from the dashboard to the monthly report that is filed."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reviewflow import mailing
from reviewflow.alerts import scan
from reviewflow.deciding import sign
from reviewflow.models import OfficeReview, ProgressReport
from reviewflow.models.messages import Notice
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from tests.e2e.test_main_job import log_in, next_page
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer
from tests.reviewflow.campaign_plan import period
from tests.reviewflow.test_mail_faults import server  # noqa: F401 (a fixture)
from tests.shared import shared

LEGAL = Signatory.LEGAL_AFFAIRS
DUE, LATE, DAY_AFTER = (
    date(2025, 9, 30),
    date(2025, 10, 10),
    date(2025, 10, 11),
)  # both of the latter are worked
DECIDED, LEFT = "结婚登记", "离婚登记"


@pytest.fixture
def mails(live, server, settings):  # noqa: F811
    """Has the worker send what is owed; the mails that a person has got so far, as the mail server read them."""
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.WAGTAILADMIN_BASE_URL = live.url

    def delivered(person):
        mailing.send_owed()
        return [mail for mail in server.accepted() if mail["to"] == person.email]

    return delivered


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def member():
    return reviewer(LEGAL, username="legal-affairs", email="legal-affairs@example.org")


@shared
def asked(department, member):
    """Both items are before the office."""
    editor = UserFactory(groups=[department.editors])
    officer = reviewer(Signatory.DEPARTMENT_LEGAL, department)
    for title in (DECIDED, LEFT):
        item = complete_item(department, title=title)
        item.save_revision(user=editor, log_action=True)
        submit(item, editor)
    for check in OfficeReview.objects.filter(signatory=Signatory.DEPARTMENT_LEGAL):
        sign(check, officer, seen=check.digest)
    OfficeReview.objects.exclude(signatory=LEGAL).update(due_on=None)
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=DUE)
    return [*OfficeReview.objects.filter(signatory=LEGAL)]


def links_of(mail):
    return [line for line in mail["text"].splitlines() if line.startswith("http") and "/review/" in line]


def test_a_member_follows_the_mails_link_and_decides(asked, member, mails, live, phone, axe):
    [at_once] = mails(member)
    assert DECIDED in at_once["text"]
    assert LEFT in at_once["text"]

    scan.run(LATE)
    *_before, digest = mails(member)
    assert DECIDED in digest["text"]
    assert LEFT in digest["text"]
    phone.set_content(digest["html"])
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    [link] = [link for link in links_of(digest) if link.endswith(f"/review/{asked[0].pk}/")]
    phone.goto(link)  # as a link in the mail that is pressed: not logged in, so the login page comes first
    phone.fill("[name=username]", member.username)
    phone.fill("[name=password]", "password")
    phone.click("[type=submit]")
    expect(phone.locator("h1")).to_contain_text(DECIDED)
    with next_page(phone):
        phone.click("#sign")
    assert OfficeReview.objects.get(pk=asked[0].pk).status == OfficeReview.Status.SIGNED

    scan.run(DAY_AFTER)
    *before, next_digest = mails(member)
    assert len(before) == 2
    assert LEFT in next_digest["text"]
    assert DECIDED not in next_digest["text"] + next_digest["html"]
    assert not Notice.objects.filter(mail=None).exists()


@pytest.mark.any_database
def test_a_department_files_its_monthly_report(department, live, desk, axe):
    """Three pages and one text: no more than a minute's work."""
    month = timezone.localdate().replace(day=1)
    period(department, first=month, last=month)
    UserFactory(username="editor", groups=[department.editors])
    log_in(desk, live, "editor")
    with next_page(desk):
        desk.click(f"a[href$='/{month.year}/{month.month}/']")
    axe(desk, within="main")
    desk.fill("[name=what_was_done]", "梳理了十二个事项")
    with next_page(desk):
        desk.click("[name=file]")
    report = ProgressReport.objects.get()
    assert (report.department, report.month, report.is_filed) == (department, month, True)
    assert report.what_was_done == "梳理了十二个事项"
    log_in(desk, live, "editor")
    expect(desk.locator(f"a[href$='/{month.year}/{month.month}/']")).to_have_count(0)
