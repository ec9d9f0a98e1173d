"""Whoever is asked looks, and says that nothing changed."""

from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from wagtail.models import PageLogEntry

from reviewflow.guide_checks import open_missing, record_unchanged
from reviewflow.submission import submit
from reviewflow.taking_down import take_down
from servicepages.models import ContactPerson
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory
from tests.reviewflow.guide_checks.checking import (
    REPORT,
    Outcome,
    Reason,
    amend,
    at_noon,
    check,
    checks_of,
    client_of,
    fresh,
    open_of,
    page_as_it_is,
)

pytestmark = pytest.mark.django_db


def test_nothing_changed_closes_what_is_open_and_begins_the_next(guide, law, editor, monkeypatch):
    amend(law)
    at_noon(monkeypatch, (2026, 12, 1))
    response = client_of(editor).post(
        f"/admin/service-items/{guide.pk}/check/",
        {"check": [each.pk for each in open_of(guide)], "note": "与现行条文一致"},
    )
    assert response.url == REPORT
    done = checks_of(guide).done()
    assert set(done.values_list("outcome", "checked_by", "note")) == {
        (Outcome.UNCHANGED, editor.pk, "与现行条文一致")
    }
    assert done.count() == 2
    [following] = open_of(guide)
    assert (following.reason, following.due_on) == (Reason.PERIODIC, date(2027, 12, 1))
    entry = PageLogEntry.objects.get(page=guide.pk, action="reviewflow.check")
    assert (entry.user, entry.comment) == (editor, "与现行条文一致")


def test_the_page_is_not_touched(guide, law, editor):
    before = page_as_it_is(guide)
    amend(law)
    check(guide, editor)
    open_missing()
    assert page_as_it_is(guide) == before


def test_it_works_while_the_item_is_in_review(guide, editor):
    newer = fresh(guide).get_latest_revision_as_object()
    newer.consultation_phone = "0467-2000000"
    newer.save_revision(user=editor)
    submit(newer, editor)
    before = page_as_it_is(guide)
    check(guide, editor)
    assert page_as_it_is(guide) == before
    assert fresh(guide).workflow_in_progress


def test_the_departments_legal_officer_may_check(guide, officer):
    check(guide, officer)
    assert checks_of(guide, outcome=Outcome.UNCHANGED).exists()


def leader_of(department):
    """Known by the contact sheet alone, and in no group."""
    leader = UserFactory()
    ContactPerson.objects.create(department=department, role=ContactRole.LEADER, name="分管领导", user=leader)
    return leader


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("coordination", True),
        ("leader", True),
        ("office", False),
        ("other department", False),
        ("administrator", True),
    ],
)
def test_nobody_checks_in_the_departments_place(guide, department, coordinator, legal_affairs, who, reads):
    """Who is told that it is overdue reads what is to be checked, and finds no button."""
    person = {
        "coordination": lambda: coordinator,
        "leader": lambda: leader_of(department),
        "office": lambda: legal_affairs,
        "other department": lambda: UserFactory(groups=[DepartmentFactory().editors]),
        "administrator": partial(UserFactory, is_superuser=True),
    }[who]()
    with pytest.raises(PermissionDenied):
        check(guide, person)
    client, address = client_of(person), f"/admin/service-items/{guide.pk}/check/"
    response = client.get(address)
    assert (response.status_code == 200) is reads
    if reads:
        assert "<textarea" not in response.content.decode()
    data = {"check": [each.pk for each in open_of(guide)]}
    assert client.post(address, data).status_code in (302, 403)
    assert not checks_of(guide).done().exists()


def test_the_link_needs_a_login(guide):
    response = Client().get(f"/admin/service-items/{guide.pk}/check/")
    assert response.status_code == 302
    assert "/login/" in response.url


def test_one_sees_what_one_answers(guide, law, editor):
    """A law that changes between the page and the click is not answered by the click."""
    seen = [each.pk for each in open_of(guide)]
    amend(law)
    with pytest.raises(ValidationError):
        record_unchanged(fresh(guide), editor, seen)
    response = client_of(editor).post(
        f"/admin/service-items/{guide.pk}/check/", {"check": seen, "note": "一致"}
    )
    assert response.status_code == 200
    html = response.content.decode()
    assert "社会救助暂行办法" in html
    assert "一致</textarea>" in html
    assert not checks_of(guide).done().exists()


def test_a_click_twice_checks_once(guide, editor):
    client, data = client_of(editor), {"check": [each.pk for each in open_of(guide)]}
    for _click in range(2):
        client.post(f"/admin/service-items/{guide.pk}/check/", data)
    assert checks_of(guide).done().count() == 1
    assert len(open_of(guide)) == 1


def test_a_guide_that_is_not_live_cannot_be_checked(guide, editor, coordinator):
    take_down(guide, coordinator, "有误")
    with pytest.raises(ValidationError):
        record_unchanged(fresh(guide), editor, [])
    page = client_of(editor).get(f"/admin/service-items/{guide.pk}/check/")
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()


def test_the_page_names_the_law_what_is_cited_and_the_last_checks(guide, law, editor):
    check(guide, editor, "上一次的备注")
    amend(law, note="第十四条有修改")
    html = client_of(editor).get(f"/admin/service-items/{guide.pk}/check/").content.decode()
    for piece in ("特困人员供养", "社会救助暂行办法", "第十四条有修改", "上一次的备注"):
        assert piece in html


def test_the_button_is_in_the_editors_header(guide, editor, coordinator):
    address = f"/admin/service-items/{guide.pk}/check/"
    assert address in client_of(editor).get(f"/admin/pages/{guide.pk}/edit/").content.decode()
    assert address not in client_of(coordinator).get(f"/admin/pages/{guide.pk}/edit/").content.decode()
