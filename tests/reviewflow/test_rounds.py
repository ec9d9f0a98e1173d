"""Review rounds: one at a time for a department, what the filing releases, and the report."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow import admin_offices
from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import Decision, OfficeReview, ReviewRound, Submission
from reviewflow.rounds import publish_filed, publish_filed_later, waiting_for_filing
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import Department, ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish, reviewer
from tests.shared import shared

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reviewflow/reviewround/"
Outcome = Submission.Outcome


@shared
def department():
    return DepartmentFactory()


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


@shared
def coordination(coordinator):
    return client_of(coordinator)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def open_round(*departments, name="第一轮", **fields):
    today = timezone.localdate()
    round = ReviewRound(
        name=name,
        **{
            "opens_on": today - timedelta(days=10),
            "closes_on": today + timedelta(days=10),
            "waits_for_filing": True,
            **fields,
        },
    )
    round.departments = departments
    round.save()
    return round


def values(round=None, **changes):
    """What the form of a round sends."""
    return {
        "name": round.name if round else "第一轮",
        "opens_on": str(round.opens_on if round else date(2018, 8, 6)),
        "closes_on": str(round.closes_on if round else date(2018, 8, 31)),
        "departments": [each.pk for each in round.departments.all()] if round else [],
        "waits_for_filing": "on",
        "approval_document": "",
        "approval_number": "",
        "approved_on": "",
        "filing_document": "",
        "filing_number": "",
        "filed_on": "",
        **changes,
    }


FILING = {"filing_document": "备案报告", "filing_number": "鸡政备〔2018〕3号", "filed_on": "2018-09-03"}


def file(round):
    round.filing_document, round.filing_number, round.filed_on = FILING.values()
    round.save()
    round.refresh_from_db()


def hand_in(item, **changes):
    item = ServiceItemPage.objects.get(pk=item.pk).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(item, name, value)
    if not item.live:
        item.save()
    item.save_revision()
    editor = UserFactory(groups=[item.department.editors])
    submit(item, editor)
    return Submission.objects.filter(page=item.pk).latest("pk")


def all_sign(submission):
    for signatory in Signatory:
        review = OfficeReview.objects.filter(
            submission=submission, signatory=signatory, status=OfficeReview.Status.WAITING
        ).first()
        if review is not None:
            sign(review, reviewer(signatory, submission.page.department), seen=review.digest)
    submission.refresh_from_db()
    return submission


def approved(item, **changes):
    return all_sign(hand_in(item, **changes))


def revoke(submission, signatory):
    last = Decision.objects.filter(page=submission.page_id, signatory=signatory).latest("pk")
    Decision.objects.create(
        page_id=last.page_id,
        signatory=signatory,
        person=UserFactory(),
        kind=Decision.Kind.REVOKED,
        digest=last.digest,
        content=last.content,
        content_version=last.content_version,
    )


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


# In the admin


def test_coordination_opens_a_round(coordination, department):
    response = coordination.post(ADDRESS + "create/", values(departments=[department.pk]))
    assert response.status_code == 302
    assert list(ReviewRound.objects.get().departments.all()) == [department]


def test_a_round_that_overlaps_is_refused_by_name_and_keeps_what_was_typed(coordination, department):
    other = DepartmentFactory()
    earlier = open_round(department, name="第一轮", opens_on=date(2018, 8, 1), closes_on=date(2018, 8, 20))
    response = coordination.post(
        ADDRESS + "create/", values(name="第二轮", departments=[department.pk, other.pk])
    )
    assert response.status_code == 200
    [sentence] = response.context["form"].errors["departments"]
    assert earlier.name in sentence
    assert department.name in sentence
    assert other.name not in sentence
    html = response.content.decode()
    assert 'value="第二轮"' in html
    assert not ReviewRound.objects.filter(name="第二轮").exists()
    # for another department, or afterwards, it may open
    coordination.post(ADDRESS + "create/", values(name="第二轮", departments=[other.pk]))
    coordination.post(
        ADDRESS + "create/",
        values(name="第三轮", opens_on="2018-08-21", closes_on="2018-08-31", departments=[department.pk]),
    )
    assert ReviewRound.objects.count() == 3


def test_a_round_does_not_overlap_itself(coordination, department):
    round = open_round(department)
    response = coordination.post(f"{ADDRESS}edit/{round.pk}/", values(round, name="第一轮集中审核"))
    assert response.status_code == 302


def test_a_round_that_closes_before_it_opens_is_refused(coordination, department):
    response = coordination.post(
        ADDRESS + "create/", values(closes_on="2018-08-01", departments=[department.pk])
    )
    assert "closes_on" in response.context["form"].errors


def test_a_filing_names_its_document_and_number(coordination, department):
    round = open_round(department)
    response = coordination.post(f"{ADDRESS}edit/{round.pk}/", values(round, filed_on="2018-09-03"))
    assert "filed_on" in response.context["form"].errors


def test_departments_are_offered_by_region(coordination, department):
    county = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    DepartmentFactory(region=county, name="鸡东县民政局")
    html = coordination.get(ADDRESS + "create/").content.decode()
    assert "<label>鸡东县</label>" in html or "鸡东县</" in html
    assert Department.objects.count() == 2


def test_queries_of_the_list_do_not_grow_with_it(coordination, department):
    open_round(department)
    coordination.get(ADDRESS)
    with CaptureQueriesContext(connection) as before:
        coordination.get(ADDRESS)
    for number in range(4):
        open_round(DepartmentFactory(), DepartmentFactory(), name=f"另一轮{number}")
    with CaptureQueriesContext(connection) as after:
        html = coordination.get(ADDRESS).content.decode()
    assert len(after) == len(before)
    assert "另一轮3" in html


def test_a_round_with_submissions_stays(department):
    round = open_round(department)
    hand_in(complete_item(department))
    client = client_of(UserFactory(is_superuser=True))
    response = client.post(f"{ADDRESS}delete/{round.pk}/", follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert ReviewRound.objects.filter(pk=round.pk).exists()


# The filing


def test_what_the_round_approved_waits_and_is_published_with_the_filing(coordination, department):
    round = open_round(department)
    items = [complete_item(department) for _number in range(2)]
    for item in items:
        assert approved(item).outcome == Outcome.WAITING_FOR_FILING
        assert not fresh(item).live
    response = coordination.post(f"{ADDRESS}edit/{round.pk}/", values(round, **FILING), follow=True)
    assert any("2" in str(message) for message in response.context["messages"])
    assert all(fresh(item).live for item in items)
    assert not waiting_for_filing(round).exists()
    assert set(Submission.objects.values_list("outcome", flat=True)) == {Outcome.PUBLISHED}


def test_nothing_is_published_before_the_filing(department):
    round = open_round(department)
    approved(complete_item(department))
    with pytest.raises(ValueError, match="filing"):
        publish_filed(round)


def test_a_refused_item_is_named_and_waits_and_holds_up_no_other(coordination, department):
    round = open_round(department)
    refused, good = complete_item(department, title="有问题的事项"), complete_item(department)
    revoke(approved(refused), Signatory.LEGAL_AFFAIRS)
    approved(good)
    response = coordination.post(f"{ADDRESS}edit/{round.pk}/", values(round, **FILING), follow=True)
    warnings = [str(each) for each in response.context["messages"] if each.level_tag == "warning"]
    assert len(warnings) == 1
    assert "有问题的事项" in warnings[0]
    assert str(Signatory.LEGAL_AFFAIRS.label) in warnings[0]
    assert fresh(good).live
    assert not fresh(refused).live
    assert [each.page_id for each in waiting_for_filing(round)] == [refused.pk]
    round.refresh_from_db()
    publish_filed(round)
    assert PageLogEntry.objects.filter(page=refused.pk, action="reviewflow.refuse").count() == 1


def test_a_later_version_that_went_live_is_not_published_over(department):
    round = open_round(department)
    item = complete_item(department)
    waiting = approved(item)
    round.departments = []
    round.save()
    later = approved(item, consultation_phone="0467-2000000")
    assert later.outcome == Outcome.PUBLISHED
    file(round)
    released = publish_filed(round)
    assert released.superseded == [waiting]
    assert fresh(item).consultation_phone == "0467-2000000"
    waiting.refresh_from_db()
    assert waiting.outcome == Outcome.WITHDRAWN


def test_of_two_versions_that_waited_the_later_one_is_published(department):
    round = open_round(department)
    item = complete_item(department)
    approved(item)
    approved(item, consultation_phone="0467-2000000")
    file(round)
    released = publish_filed(round)
    assert len(released.published) == len(released.superseded) == 1
    assert fresh(item).consultation_phone == "0467-2000000"


def test_the_filing_does_not_end_the_review_of_a_newer_version(department):
    round = open_round(department)
    item = complete_item(department)
    approved(item)
    newer = hand_in(item, consultation_phone="0467-2000000")
    file(round)
    publish_filed(round)
    assert fresh(item).live
    newer.refresh_from_db()
    assert newer.is_open


def test_many_items_are_published_by_the_worker(
    coordination, coordinator, department, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(admin_offices, "PUBLISHED_AT_ONCE", 0)
    monkeypatch.setattr("servicepages.background.async_task", lambda *args: asked.append(args))
    round = open_round(department)
    item = complete_item(department)
    approved(item)
    with django_capture_on_commit_callbacks(execute=True):
        coordination.post(f"{ADDRESS}edit/{round.pk}/", values(round, **FILING))
    assert (publish_filed_later, round.pk, coordinator.pk) in asked
    assert publish_filed_later(round.pk, coordinator.pk) == {"published": 1, "superseded": 0, "refused": 0}
    assert fresh(item).live


def test_filing_twice_publishes_once(department):
    round = open_round(department)
    approved(complete_item(department))
    file(round)
    assert len(publish_filed(round).published) == 1
    assert publish_filed(round).published == []


# The report


def test_the_report_says_where_each_item_stands(coordination, department):
    open_round(department)
    waiting = complete_item(department, title="等待中的事项")
    hand_in(waiting)
    filed = complete_item(department, title="待备案的事项")
    approved(filed)
    returned = complete_item(department, title="退回的事项")
    submission = hand_in(returned)
    legal = submission.reviews.get(signatory=Signatory.DEPARTMENT_LEGAL)
    request_changes(
        legal,
        reviewer(Signatory.DEPARTMENT_LEGAL, department),
        seen=legal.digest,
        remarks=[NewRemark("approval_steps", "请补充环节")],
        remark="环节不全",
    )
    html = coordination.get(reverse("round_report")).content.decode()
    for text in (
        "等待中的事项",
        str(Signatory.DEPARTMENT_LEGAL.label),
        "待备案的事项",
        str(Outcome.WAITING_FOR_FILING.label),
        "退回的事项",
        "环节不全",
    ):
        assert text in html


def listed_titles(response):
    return {submission.title for submission in response.context["object_list"]}


def test_the_report_is_filtered(coordination, department):
    other = DepartmentFactory()
    round = open_round(department)
    approved(complete_item(department, title="轮内事项"))
    hand_in(complete_item(other, title="日常事项"))
    address = reverse("round_report")
    assert listed_titles(coordination.get(address)) == {"轮内事项", "日常事项"}
    for query, title in (
        ({"round": round.pk}, "轮内事项"),
        ({"round": "null"}, "日常事项"),
        ({"department": other.pk}, "日常事项"),
        ({"outcome": "in_review"}, "日常事项"),
        ({"outcome": Outcome.WAITING_FOR_FILING}, "轮内事项"),
        ({"q": "日常"}, "日常事项"),
    ):
        assert listed_titles(coordination.get(address, query)) == {title}
    results = coordination.get(reverse("round_report_results"), {"round": "null"})
    assert "日常事项" in results.content.decode()


def test_an_item_is_listed_once_for_a_round_with_its_latest_submission(coordination, department):
    round = open_round(department)
    item = complete_item(department, title="两次提交")
    approved(item)
    approved(item, consultation_phone="0467-2000000")
    round.departments = []
    round.save()
    hand_in(item, consultation_phone="0467-2000001")
    rows = [
        (each.round, each.outcome)
        for each in coordination.get(reverse("round_report")).context["object_list"]
    ]
    assert sorted(rows, key=lambda row: row[1]) == [(None, ""), (round, Outcome.WAITING_FOR_FILING)]


def test_a_countys_team_sees_its_county_only(department):
    county = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    hand_in(complete_item(department, title="市级事项"))
    hand_in(complete_item(DepartmentFactory(region=county, name="县民政局"), title="县级事项"))
    client = client_of(UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")]))
    response = client.get(reverse("round_report"))
    assert listed_titles(response) == {"县级事项"}
    assert department.name not in response.content.decode()


def test_nobody_else_sees_the_report(department):
    hand_in(complete_item(department, title="市级事项"))
    for group in (department.editors, Group.objects.get(name="Editorial")):
        client = client_of(UserFactory(groups=[group]))
        assert client.get(reverse("round_report")).status_code == 302
        assert reverse("round_report") not in client.get("/admin/").content.decode()
    assert Client().get(reverse("round_report"), {"export": "csv"}).status_code == 302


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_report_is_exported(coordination, department, kind):
    round = open_round(department)
    approved(complete_item(department, title="轮内事项"))
    response = coordination.get(reverse("round_report"), {"export": kind})
    body = response.getvalue()
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    else:
        import openpyxl

        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 2
    for text in ("轮内事项", str(department), round.name, str(Outcome.WAITING_FOR_FILING.label)):
        assert text in rows[1]


def test_queries_of_the_report_do_not_grow_with_it(coordination, department):
    open_round(department)
    address = reverse("round_report")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            coordination.get(address)
        return len(captured)

    hand_in(complete_item(department))
    queries()
    one = queries()
    for _number in range(3):
        hand_in(complete_item(department))
    publish(complete_item(department))
    assert queries() == one
