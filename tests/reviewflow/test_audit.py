"""The audit finds what no gate could hold: content that plain SQL changed, and triggers that are gone."""

import io
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule, Task

from reviewflow import audit_report, triggers
from reviewflow.audit import CHUNK, Audit, Finding, audit, audit_in_background, audit_nightly
from reviewflow.models import Decision
from reviewflow.schedules import SCHEDULES, ensure_schedules, next_night
from reviewflow.signatories import Signatory
from servicepages.models import Attachment, ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish
from tests.mailbox import delivered
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def department():
    return DepartmentFactory()


@shared
def item(department):
    return publish(complete_item(department, title="残疾人证办理"))


@shared
def coordinator():
    return UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")])


def tamper(item, **values):
    """As plain SQL would: the gate does not see it."""
    ServiceItemPage.objects.filter(pk=item.pk).update(**values)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_what_all_have_signed_is_clean(item, department):
    complete_item(department, title="草稿").save_revision()
    result = audit()
    assert result.is_clean
    assert result.examined == 1


@pytest.mark.parametrize(
    ("changed", "signatory"),
    [
        ({"consultation_phone": "0467-9999999"}, Signatory.GENERAL_OFFICE),
        ({"title": "另一个名称"}, Signatory.EDITORIAL),
        ({"own_hall": "三楼大厅"}, Signatory.GENERAL_OFFICE),
        ({"serial_number": "99"}, Signatory.EDITORIAL),
    ],
)
def test_changed_content_is_found_and_names_who_has_not_signed_it(item, changed, signatory):
    tamper(item, **changed)
    [finding] = audit().findings
    assert finding.page_id == item.pk
    assert finding.missing == [signatory.value]
    assert str(signatory.label) in str(finding)


def test_a_renamed_file_a_removed_topic_and_a_removed_hall_are_found(item):
    Attachment.objects.filter(pk=item.materials[1].value["blank_form"].pk).update(title="换过的表")
    assert [finding.missing for finding in audit().findings] == [[Signatory.GENERAL_OFFICE.value]]
    other = publish(complete_item(item.department))
    ServiceItemPage.topics.through.objects.filter(serviceitempage=other.pk).delete()
    third = publish(complete_item(item.department))
    third.service_points.model.objects.filter(page=third.pk).delete()
    assert {finding.page_id for finding in audit().findings} == {item.pk, other.pk, third.pk}


def test_a_revoked_sign_off_of_live_content_is_found(item, coordinator):
    last = Decision.objects.filter(page=item.pk, signatory=Signatory.LEGAL_AFFAIRS).latest("pk")
    Decision.objects.create(
        page_id=item.pk,
        signatory=last.signatory,
        person=coordinator,
        kind=Decision.Kind.REVOKED,
        digest=last.digest,
        content=last.content,
        content_version=last.content_version,
    )
    assert [finding.missing for finding in audit().findings] == [[Signatory.LEGAL_AFFAIRS.value]]


def test_another_items_sign_off_covers_nothing(item, department):
    """Two items with the same conditions: each is signed by itself."""
    other = publish(complete_item(department))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviewflow_decision WHERE page_id = %s AND signatory = %s",
            [other.pk, Signatory.LEGAL_AFFAIRS.value],
        )
    assert [finding.page_id for finding in audit().findings] == [other.pk]
    assert item.pk != other.pk


def test_a_missing_trigger_is_found(item):
    connection.check_constraints()  # PostgreSQL drops no trigger of a table with checks to come
    triggers.drop(connection)
    try:
        result = audit()
    finally:
        triggers.make(connection)
    assert not result.is_clean
    assert set(result.absent) == {trigger.name for trigger in triggers.TRIGGERS}
    assert audit().is_clean


def test_every_item_is_examined_whatever_the_size_of_a_chunk(department, monkeypatch):
    items = [publish(complete_item(department)) for _number in range(5)]
    monkeypatch.setattr("reviewflow.audit.CHUNK", 2)
    for item in items[1:4]:
        tamper(item, own_hall="三楼")
    result = audit()
    assert result.examined == 5
    assert [finding.page_id for finding in result.findings] == [item.pk for item in items[1:4]]


def test_queries_do_not_grow_with_the_items_apart_from_files(department, django_assert_num_queries):
    def make():
        return publish(complete_item(department, materials=[("none_needed", {"note": ""})]))

    def queries():
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            audit()
        return len(captured)

    assert CHUNK > 10
    make()
    one = queries()
    for _number in range(4):
        make()
    assert queries() == one


def test_the_command_lists_what_is_not_covered_and_exits_with_one(item):
    output = io.StringIO()
    call_command("audit_live_items", stdout=output)
    tamper(item, consultation_phone="0467-9999999")
    with pytest.raises(SystemExit) as ended:
        call_command("audit_live_items", stdout=output)
    assert ended.value.code == 1
    assert "残疾人证办理" in output.getvalue()
    assert str(item.pk) in output.getvalue()


def test_by_night_coordination_is_told_what_is_found(item, coordinator):
    audit_nightly()
    assert delivered() == []
    tamper(item, consultation_phone="0467-9999999")
    result = audit_nightly()
    assert [message.to for message in delivered()] == [["coordinator@example.org"]]
    assert "残疾人证办理" in delivered()[0].body
    assert Audit.from_data(result) == audit()


FINDING = Finding(1, "残疾人证办理", "市残联", [Signatory.LEGAL_AFFAIRS.value])


@pytest.mark.parametrize(
    ("findings", "absent", "said", "unsaid"),
    [
        ([FINDING], [], ["not signed by all"], ["triggers"]),
        ([], ["gate_update"], ["triggers"], ["not signed"]),
        ([FINDING], ["gate_update"], ["not signed by all", "triggers"], []),
    ],
)
def test_the_subject_of_the_mail_says_what_was_found(
    findings, absent, said, unsaid, coordinator, monkeypatch, settings
):
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setattr("reviewflow.audit.audit", lambda: Audit(1, findings, absent))
    audit_nightly()
    [message] = delivered()
    assert all(words in message.subject for words in said)
    assert not any(words in message.subject for words in unsaid)


def test_the_audit_is_among_what_the_worker_does_by_the_clock():
    schedule = Schedule.objects.get(name="audit live items")
    assert schedule.func == "reviewflow.audit.audit_nightly"
    assert schedule.schedule_type == Schedule.DAILY
    assert timezone.localtime(schedule.next_run).hour == 3


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-03-01 02:59:59", "2026-03-01 03:00"),
        ("2026-03-01 03:00:00", "2026-03-02 03:00"),
        ("2026-03-01 23:30:00", "2026-03-02 03:00"),
    ],
)
def test_the_next_night_is_ahead_at_every_hour(now, night, monkeypatch):
    local = timezone.get_default_timezone()
    moment = datetime.fromisoformat(now).replace(tzinfo=local)
    monkeypatch.setattr("servicepages.schedules.timezone.localtime", lambda: moment)
    assert next_night() == datetime.fromisoformat(night).replace(tzinfo=local)


def test_what_an_earlier_version_scheduled_is_brought_up_to_date():
    rows = Schedule.objects.filter(name__in=SCHEDULES)
    rows.filter(name="audit live items").delete()
    due = timezone.now() - timedelta(minutes=3)
    rows.update(args="'publish_scheduled_pages'", kwargs=None, minutes=5, next_run=due)
    ensure_schedules()
    publishing = Schedule.objects.get(name="publish scheduled pages")
    assert (publishing.args, publishing.minutes) == ("'publish_scheduled'", 1)
    assert publishing.kwargs == "q_options={'save': False}"
    assert set(rows.values_list("name", flat=True)) == set(SCHEDULES)


def test_setting_up_again_puts_no_task_off():
    due = timezone.now() - timedelta(minutes=3)
    Schedule.objects.update(next_run=due)
    ensure_schedules()
    assert set(Schedule.objects.values_list("next_run", flat=True)) == {due}


# In the reports


def test_coordination_examines_on_demand(item, coordinator):
    tamper(item, consultation_phone="0467-9999999")
    client = client_of(coordinator)
    assert reverse("audit_report") in client.get("/admin/").content.decode()
    assert "残疾人证办理" not in client.get(reverse("audit_report")).content.decode()
    html = client.post(reverse("audit_report")).content.decode()
    assert "残疾人证办理" in html
    assert f"/admin/service-items/{item.pk}/take-down/" in html


def test_a_clean_result_looks_like_one(item, coordinator):
    """Wagtail draws a block of a status that it does not know as a large warning."""
    html = client_of(coordinator).post(reverse("audit_report")).content.decode()
    assert "help-info" in html


def test_many_items_are_examined_by_the_worker(item, coordinator, monkeypatch):
    monkeypatch.setattr(audit_report, "EXAMINED_AT_ONCE", 0)
    asked = []
    monkeypatch.setattr(audit_report, "async_task", lambda func: asked.append(func) or "a" * 32)
    tamper(item, consultation_phone="0467-9999999")
    client = client_of(coordinator)
    response = client.post(reverse("audit_report"), follow=True)
    assert asked == ["reviewflow.audit.audit_in_background"]
    assert response.context["is_running"]
    now = timezone.now()
    Task.objects.create(
        id="a" * 32,
        name="audit",
        func=asked[0],
        result=audit_in_background(),
        started=now,
        stopped=now,
        success=True,
    )
    response = client.get(reverse("audit_report"))
    assert not response.context["is_running"]
    assert "残疾人证办理" in response.content.decode()


def test_an_audit_that_failed_says_so(item, coordinator, monkeypatch):
    monkeypatch.setattr(audit_report, "EXAMINED_AT_ONCE", 0)
    monkeypatch.setattr(audit_report, "async_task", lambda func: "b" * 32)
    client = client_of(coordinator)
    client.post(reverse("audit_report"))
    now = timezone.now()
    Task.objects.create(
        id="b" * 32, name="audit", func="x", result="Traceback", started=now, stopped=now, success=False
    )
    response = client.get(reverse("audit_report"))
    assert response.context["has_failed"]
    assert "Traceback" not in response.content.decode()


def test_nobody_else_examines(item):
    RegionFactory(name="鸡东县", code="230321", parent=RegionFactory())
    for group in ("Editorial", "鸡东县 Coordination"):
        client = client_of(UserFactory(groups=[Group.objects.get(name=group)]))
        assert client.get(reverse("audit_report")).status_code == 302
        assert reverse("audit_report") not in client.get("/admin/").content.decode()
