"""The guides that cite a changed law, and the report of all checks."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow.models import GuideCheck
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish
from tests.reviewflow.guide_checks.checking import REPORT, Reason, amend, check, citing, client_of

pytestmark = pytest.mark.django_db


def test_whoever_marks_a_law_is_shown_the_guides(guide, law, legal_affairs):
    client = client_of(legal_affairs)
    edit = f"/admin/servicepages/law/edit/{law.pk}/"
    data = {
        "name": law.name,
        "document_number": law.document_number,
        "status": "amended",
        "version_date": "2026-01-01",
        "link": "",
        "note": "",
    }
    response = client.post(edit, data, follow=True)
    address = f"/admin/laws/{law.pk}/items/"
    assert address in response.content.decode()
    assert address in client.get(edit).content.decode()
    assert "特困人员供养" in client.get(address).content.decode()
    assert PageLogEntry.objects.get(page=guide.pk, action="reviewflow.law_changed").user == legal_affairs
    again = client.post(edit, {**data, "note": "补充"}, follow=True)
    assert address not in again.content.decode()


def test_the_list_is_for_those_who_keep_the_laws(guide, law, editor, coordinator):
    address = f"/admin/laws/{law.pk}/items/"
    assert client_of(editor).get(address).status_code == 302
    assert client_of(coordinator).get(address).status_code == 200


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_lists_take_the_same_queries_however_many_guides(department, law, legal_affairs, coordinator, editor):
    publish(complete_item(department, legal_bases=citing(law)))
    amend(law)
    screens = [
        (client_of(legal_affairs), f"/admin/laws/{law.pk}/items/"),
        (client_of(coordinator), REPORT),
        (client_of(editor), REPORT),
        (client_of(coordinator), f"{REPORT}?export=csv"),
    ]
    few = [queries_of(*screen) for screen in screens]
    for _number in range(3):
        publish(complete_item(department, legal_bases=citing(law)))
    amend(law, version_date=date(2026, 6, 1))
    assert [queries_of(*screen) for screen in screens] == few


# The report


def test_each_sees_the_checks_of_their_own_part(guide, editor, coordinator, legal_affairs):
    county = RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    local = publish(complete_item(DepartmentFactory(region=county), title="县里的事项"))
    team = UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])
    seen = {
        name: {
            item.title
            for item in (guide, local)
            if item.title in client_of(person).get(REPORT).content.decode()
        }
        for name, person in (("editor", editor), ("coordination", coordinator), ("county", team))
    }
    assert seen == {
        "editor": {"特困人员供养"},
        "coordination": {"特困人员供养", "县里的事项"},
        "county": {"县里的事项"},
    }
    assert client_of(legal_affairs).get(REPORT).status_code == 302


def test_the_report_is_filtered_and_exported(guide, law, editor, coordinator):
    amend(law)
    GuideCheck.objects.filter(reason=Reason.LAW).update(due_on=timezone.localdate() - timedelta(days=1))
    client = client_of(coordinator)

    def rows(**filters):
        answer = client.get(REPORT, {**filters, "export": "csv"})
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]

    assert len(rows()) == 2
    [overdue] = rows(state="overdue")
    assert "特困人员供养" in overdue
    assert "review-due--overdue" in client.get(REPORT).content.decode()
    assert rows(state="done") == []
    assert len(rows(reason="periodic")) == 1
    assert len(rows(law=law.pk)) == 1
    check(guide, editor, "一致")
    assert len(rows(state="done")) == 2
    assert len(rows(outcome="unchanged")) == 2
    assert len(rows(state="open")) == 1
