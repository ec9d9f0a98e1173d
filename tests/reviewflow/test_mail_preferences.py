"""What a person may switch off is not owed to them, and what nobody may switch off always is."""

from datetime import date
from io import StringIO
from itertools import product
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

from reviewflow.alerts import scan
from reviewflow.models import Mail, MailPreferences, Notice
from reviewflow.notices import tell
from reviewflow.preferences import as_wanted
from reviewflow.signatories import OFFICES
from servicepages.models import User
from tests.factories import DepartmentFactory, UserFactory, reviewer
from tests.mailbox import delivered
from tests.reviewflow.campaign_plan import client_of, milestone
from tests.shared import shared

pytestmark = pytest.mark.django_db
Kind, Urgency = Notice.Kind, Notice.Urgency
SWITCHES = ("at_once", "ahead", "news")


@shared
def department():
    return DepartmentFactory(name="民政局")


@shared
def person(department):
    return UserFactory(username="person", groups=[department.editors])


def wants(person, **switches):
    MailPreferences.objects.update_or_create(person=person, defaults=switches)


# What each switch is for, written down by hand (docs/alerts.md)

NOT_OWED = {
    "news": {(Kind.APPROVED, Urgency.NEW)},
    "ahead": {
        (Kind.REVIEW_DUE, Urgency.SOON),
        (Kind.CORRECTION_DUE, Urgency.SOON),
        (Kind.MILESTONE_DUE, Urgency.SOON),
        (Kind.REPORT_DUE, Urgency.SOON),
    },
    "at_once": set(),
}
IN_THE_DIGEST = {
    "news": set(),
    "ahead": set(),
    "at_once": {(Kind.ASKED, Urgency.NEW), (Kind.RETURNED, Urgency.NEW)},
}
OF_NO_DEADLINE = {
    Kind.ASKED,
    Kind.RETURNED,
    Kind.APPROVED,
    Kind.NOT_PUBLISHED,
    Kind.TAKEN_DOWN,
    Kind.AUDIT,
    Kind.DEACTIVATED,
}


def every_notice(person):
    """One of each kind and urgency that there is."""
    for kind, urgency in product(Kind, Urgency):
        if (kind in OF_NO_DEADLINE) == (urgency == Urgency.NEW):
            yield Notice(kind=kind, urgency=urgency, person=person, about="x", day=date(2026, 9, 1))


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_does_what_it_says_and_nothing_else(person, switch):
    wants(person, **{switch: False})
    before = {(each.kind, each.urgency) for each in every_notice(person)}
    after = {(each.kind, each.urgency): each.immediate for each in as_wanted(every_notice(person))}
    assert before - set(after) == NOT_OWED[switch]
    assert {each for each, immediate in after.items() if not immediate} == IN_THE_DIGEST[switch]


def test_who_has_switched_nothing_is_told_everything_at_once(person):
    for _saved in range(2):
        wanted = as_wanted(every_notice(person))
        assert len(wanted) == len(list(every_notice(person)))
        assert all(notice.immediate for notice in wanted)
        wants(person)


# Where notices are written


def test_news_that_somebody_does_not_want_is_owed_to_the_others_only(person):
    other = UserFactory(username="other")
    wants(person, news=False)
    tell([person, other], "已通过", [], kind=Kind.APPROVED, about="submission:1:published")
    assert [notice.person for notice in Notice.objects.all()] == [other]
    tell([person, other], "已下架", [], kind=Kind.TAKEN_DOWN, about="page:1:taken_down")
    assert person.notices.get().kind == Kind.TAKEN_DOWN


def test_what_is_not_wanted_at_once_is_a_line_of_the_digest(person):
    wants(person, at_once=False)
    tell([person], "请审核：收养登记", ["请在三日内审核。"], kind=Kind.ASKED, about="review:1:asked:0")
    assert delivered() == []
    scan.run(timezone.localdate())
    [digest] = delivered()
    assert "请审核：收养登记" in digest.body
    assert "请在三日内审核。" in digest.body
    assert not Notice.objects.waiting().exists(), "never into nothing"


def told_on(day, person):
    scan.Scan.objects.all().delete()
    scan.run(date.fromisoformat(day))
    return set(person.notices.filter(day=day).values_list("urgency", flat=True))


def test_without_reminders_ahead_one_is_told_on_the_day_and_when_it_has_passed(person, department):
    milestone(department, due_on=date(2025, 9, 30))
    wants(person, ahead=False)
    assert told_on("2025-09-28", person) == set()
    assert told_on("2025-09-30", person) == {Urgency.TODAY}
    assert told_on("2025-10-07", person) == {Urgency.OVERDUE}
    wants(person, ahead=True)
    assert told_on("2025-09-28", person) == {Urgency.SOON}


def test_a_dry_run_says_what_would_be_written(person, department):
    milestone(department, due_on=date(2025, 9, 30))
    UserFactory(username="colleague", groups=[department.editors])
    wants(person, ahead=False)
    out = StringIO()
    call_command("alerts", "--dry-run", "--on", "2025-09-28", stdout=out)
    assert "colleague\t" in out.getvalue()
    assert "person\t" not in out.getvalue()


def test_one_query_asks_what_everybody_wants():
    def queries(*people):
        with CaptureQueriesContext(connection) as asked:
            tell(people, "请审核", [], kind=Kind.ASKED, about=f"review:{len(people)}:asked:0")
        return len(asked)

    people = UserFactory.create_batch(9)
    for each in people:
        wants(each, news=False)
    assert queries(people[0]) == queries(*people)


# In the account


@shared
def everybody(department):
    """A person of each kind who can log in."""
    groups = {
        "editor": department.editors,
        "officer": department.legal_officers,
        "coordinator": Group.objects.get(name="Coordination"),
    }
    found = {name: UserFactory(username=name, groups=[group]) for name, group in groups.items()}
    found |= {office: reviewer(office, username=office) for office in OFFICES}
    return found | {"superuser": UserFactory(username="superuser", is_superuser=True)}


def account_form(client) -> SimpleNamespace:
    """What a browser would post from the account as it stands, and what the tab says."""
    page = BeautifulSoup(client.get(reverse("wagtailadmin_account")).content, "html.parser")
    form = page.find("form", enctype="multipart/form-data")
    posted = {}
    for field in form.select("input[name], select[name]"):
        if field.get("type") == "checkbox":
            posted |= {field["name"]: "on"} if field.has_attr("checked") else {}
        elif field.name == "select":
            chosen = field.find("option", selected=True)
            posted[field["name"]] = chosen["value"] if chosen else ""
        elif field.get("type") not in ("file", "submit"):
            posted[field["name"]] = field.get("value", "")
    return SimpleNamespace(posted=posted, tab=page.find(id="tab-reminders"), text=page.get_text())


def test_everybody_has_the_switches(everybody):
    for name, each in everybody.items():
        form = account_form(client_of(each))
        assert form.tab, name
        assert {key for key, value in form.posted.items() if value == "on"} >= {
            f"mail_preferences-{switch}" for switch in SWITCHES
        }, name


def test_a_switch_is_kept_and_changes_nothing_else(everybody, person):
    wants(person, news=False)
    client = client_of(everybody["editor"])
    form = account_form(client)
    del form.posted["mail_preferences-news"]
    for _saved in range(2):
        assert client.post(reverse("wagtailadmin_account"), form.posted).status_code == 302
        mine = MailPreferences.objects.get(person=everybody["editor"])
        assert (mine.at_once, mine.ahead, mine.news) == (True, True, False)
    assert "mail_preferences-news" not in account_form(client).posted
    assert MailPreferences.objects.count() == 2


def test_the_address_in_the_mails_leads_to_the_tab_through_a_login(client, person):
    address = reverse("reminders")
    response = client.get(address)
    assert response.url == f"{reverse('wagtailadmin_login')}?next={address}"
    response = client.post(response.url, {"username": "person", "password": "password", "next": address})
    assert response.url == address
    assert client.get(address).url == f"{reverse('wagtailadmin_account')}#tab-reminders"


def test_wagtails_own_switches_are_shown_where_they_do_something(everybody):
    """The joint review sends none of Wagtail's mails; another workflow would."""
    client = client_of(everybody["coordinator"])
    assert "notifications-submitted_notifications" not in account_form(client).posted
    task = GroupApprovalTask.objects.create(name="News")
    WorkflowTask.objects.create(workflow=Workflow.objects.create(name="News"), task=task, sort_order=0)
    assert "notifications-submitted_notifications" in account_form(client).posted


def test_a_deleted_person_takes_the_preferences_along(person):
    wants(person, news=False)
    User.objects.get(pk=person.pk).delete()
    assert not MailPreferences.objects.exists()
    assert not Mail.objects.exists()
