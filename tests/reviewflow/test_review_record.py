"""The review record: who signed what, when, over which content; and who may read it."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.models import Decision, OfficeReview, Remark
from reviewflow.remarks import answer
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, reviewer
from tests.shared import shared

pytestmark = pytest.mark.django_db
LEGAL = Signatory.LEGAL_AFFAIRS


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def editor(department):
    return UserFactory(groups=[department.editors], last_name="王", first_name="芳")


@shared
def people(department):
    return {
        signatory: reviewer(signatory, department, last_name="签", first_name=str(number))
        for number, signatory in enumerate(Signatory)
    }


def review_for(item, signatory):
    return OfficeReview.objects.get(submission__page=item.pk, submission__outcome="", signatory=signatory)


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


@shared
def item(department, editor, people):
    """Handed in, sent back for its fee, answered, handed in again, signed by all and published."""
    item = complete_item(department, title="结婚登记")
    item.save_revision()
    submit(item, editor)
    for signatory in (Signatory.DEPARTMENT_LEGAL, Signatory.EDITORIAL, Signatory.GENERAL_OFFICE):
        review = review_for(item, signatory)
        sign(review, people[signatory], seen=review.digest)
    review = review_for(item, LEGAL)
    request_changes(
        review, people[LEGAL], seen=review.digest, remarks=[NewRemark("fees", "文号有误")], remark="请改"
    )
    answer(Remark.objects.get(), editor, kind=Remark.Answer.CORRECTED, text="已改正")
    revised = fresh(item).get_latest_revision_as_object()
    revised.fees[0].value["note"] = "财税〔2018〕1号"
    revised.save_revision(user=editor)
    submit(fresh(item), editor)
    review = review_for(item, LEGAL)
    sign(review, people[LEGAL], seen=review.digest)
    return fresh(item)


def record(client, item):
    return client.get(reverse("review_record", args=[item.pk]))


def reader(person):
    client = Client()
    client.force_login(person)
    return client


def test_it_says_who_signed_what_when_and_over_which_content(item, editor, people):
    assert item.live
    html = record(reader(editor), item).content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for decision in Decision.objects.filter(page=item.pk):
        assert decision.short_digest in text
        assert str(decision.person) in text
    for said in ("文号有误", "已改正", "请改", str(editor)):
        assert said in text, said
    recorded = record(reader(editor), item).context["record"]
    first, second = recorded.submissions
    assert [each.decision.kind for each in first.decisions] == ["signed"] * 3 + ["changes_requested"]
    assert [each.text for each in first.remarks] == ["文号有误"]
    assert {Signatory.EDITORIAL, Signatory.GENERAL_OFFICE} <= {
        review.signatory for review in second.carried_over
    }
    assert [each.decision.signatory for each in second.decisions] == [LEGAL]
    assert recorded.publications


def test_the_content_of_each_decision_can_be_read_years_later(item, editor):
    """From what is stored with the decision, whatever the page says by then."""
    html = record(reader(editor), item).content.decode()
    assert "财税〔2017〕20号" in html, "what was objected to"
    assert "财税〔2018〕1号" in html, "what was signed"
    assert "行政许可法" in html


def test_queries_do_not_grow_with_the_reviews(item, editor, people):
    client = reader(editor)
    record(client, item)
    with CaptureQueriesContext(connection) as short:
        record(client, item)
    for number in range(3):
        revised = fresh(item).get_latest_revision_as_object()
        revised.fees[0].value["note"] = f"第{number}版"
        revised.save_revision()
        submit(fresh(item), editor)
        review = review_for(item, LEGAL)
        sign(review, people[LEGAL], seen=review.digest)
    with CaptureQueriesContext(connection) as longer:
        record(client, item)
    assert len(longer) == len(short)


@pytest.mark.parametrize("kind", ["coordination", "legal officer", *OFFICES])
def test_who_had_to_do_with_it_reads_it(item, people, department, kind):
    if kind == "coordination":
        person = UserFactory(groups=[Group.objects.get(name="Coordination")])
    else:
        person = people[Signatory.DEPARTMENT_LEGAL if kind == "legal officer" else kind]
    assert record(reader(person), item).status_code == 200


@pytest.mark.parametrize("kind", ["other editor", "other legal officer", "county coordination", "seconded"])
def test_others_do_not(item, department, kind):
    elsewhere = DepartmentFactory()
    county = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    person = {
        "other editor": lambda: UserFactory(groups=[elsewhere.editors]),
        "other legal officer": lambda: reviewer(Signatory.DEPARTMENT_LEGAL, elsewhere),
        "county coordination": lambda: UserFactory(
            groups=[Group.objects.get(name=f"{county.name} Coordination")]
        ),
        "seconded": lambda: reviewer(LEGAL, home_department=department),
    }[kind]()
    response = record(reader(person), item)
    assert response.status_code == 302
    assert "结婚登记" not in reader(person).get(response["Location"]).content.decode()


def test_nobody_anonymous_reads_it(item):
    response = record(Client(), item)
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_the_page_of_the_item_and_the_sheet_lead_to_it(item, editor, people):
    link = reverse("review_record", args=[item.pk])
    edit = reader(editor).get(reverse("wagtailadmin_pages:edit", args=[item.pk])).content.decode()
    assert link in edit
    review = OfficeReview.objects.filter(submission__page=item.pk, signatory=LEGAL).last()
    sheet = reader(people[LEGAL]).get(reverse("review_sheet", args=[review.pk])).content.decode()
    assert link in sheet
