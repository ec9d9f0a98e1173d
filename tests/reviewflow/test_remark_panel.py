"""Remarks beside their fields, answered where they stand; nobody outside sees a word of them."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from reviewflow.deciding import NewRemark, request_changes
from reviewflow.models import OfficeReview, Remark
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer
from tests.reviewflow.test_joint_review import review_by, signs
from tests.shared import shared

pytestmark = pytest.mark.django_db

SAID = "收费标准请写到分"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@shared
def item():
    item = complete_item(DepartmentFactory(), fees=[("fee", {"item": "工本费"}), ("fee", {"item": "检测费"})])
    item.fees[0].value.update(amount=5, unit="证", basis="某文件")
    item.fees[1].value.update(amount=6, unit="次", basis="某文件")
    item.save_revision()
    return item


@shared
def editor(item):
    return UserFactory(groups=[item.department.editors])


@shared
def people(item):
    return {signatory: reviewer(signatory, item.department) for signatory in Signatory}


@shared
def remark(item, people, editor):
    """Of Legal Affairs, on the second fee, while the others have not decided."""
    submit(item, editor)
    signs(item, people, Signatory.DEPARTMENT_LEGAL)
    review = review_by(item, Signatory.LEGAL_AFFAIRS)
    line = item.get_latest_revision_as_object().fees[1].id
    remarks = [NewRemark("fees", SAID, block=line)]
    request_changes(review, people[Signatory.LEGAL_AFFAIRS], seen=review.digest, remarks=remarks)
    return Remark.objects.get()


def editor_page(item, user) -> str:
    return client_of(user).get(reverse("wagtailadmin_pages:edit", args=[item.pk])).content.decode()


def post(user, remark, **answer):
    return client_of(user).post(reverse("answer_remark", args=[remark.pk]), answer)


def test_the_editor_sees_it_at_once_beside_the_line_it_is_about(item, editor, remark):
    html = editor_page(item, editor)
    panel = BeautifulSoup(html, "html.parser").select_one("section:has([data-contentpath=fees])")
    remark_beside = panel.select_one(".remark")
    assert SAID in remark_beside.text
    assert "第2行" in remark_beside.text
    assert html.count(SAID) == 2  # there, and on the checklist


def test_answering_shows_the_answer_and_clears_the_checklist(item, editor, remark):
    response = post(editor, remark, answer="corrected")
    told = response.json()
    assert response.status_code == 200
    assert str(editor) in told["remark"]
    assert SAID not in told["checklist"]
    remark.refresh_from_db()
    assert (remark.answer, remark.answered_by) == ("corrected", editor)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"answer": "kept", "text": " "}, 400),
        ({"answer": "nonsense"}, 400),
        ({}, 400),
        ({"answer": "kept", "text": "收费文件如此"}, 200),
    ],
)
def test_keeping_it_needs_a_reason(editor, remark, answer, status):
    response = post(editor, remark, **answer)
    assert response.status_code == status
    assert bool(response.json().get("error")) is (status != 200)


def test_only_who_may_change_the_item_answers(item, people, remark):
    elsewhere = UserFactory(groups=[DepartmentFactory().editors])
    for person in (elsewhere, people[Signatory.LEGAL_AFFAIRS], people[Signatory.EDITORIAL]):
        assert post(person, remark, answer="corrected").status_code != 200
    assert (
        Client().post(reverse("answer_remark", args=[remark.pk]), {"answer": "corrected"}).status_code == 302
    )
    remark.refresh_from_db()
    assert remark.answer == ""


def test_the_reviewer_sees_it_and_gets_no_answer_form(item, people, remark):
    html = editor_page(item, people[Signatory.LEGAL_AFFAIRS])
    assert SAID in html
    assert "data-remark-answer" not in html


def test_the_public_sees_nothing_of_it(item, people, editor, remark):
    signs(item, people, Signatory.LEGAL_AFFAIRS)  # the office takes it back and signs
    signs(item, people, Signatory.EDITORIAL, Signatory.GENERAL_OFFICE)
    item = ServiceItemPage.objects.get(pk=item.pk)
    assert item.live
    html = Client().get(item.get_url()).content.decode()
    assert SAID not in html
    for signatory, person in people.items():
        assert str(person) not in html or signatory.label not in html
    assert SAID not in editor_page(item, editor)


def test_a_form_with_many_remarks_asks_no_more_queries(
    item, people, editor, remark, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            editor_page(item, editor)
        return len(captured)

    queries()
    before = queries()
    for field in ("conditions", "procedure", "fees") * 5:
        Remark.objects.create(
            page_id=item.pk,
            submission=remark.submission,
            signatory=Signatory.LEGAL_AFFAIRS,
            author=remark.author,
            field=field,
            text="再看一看",
        )
    assert queries() <= before
    assert OfficeReview.objects.exists()
