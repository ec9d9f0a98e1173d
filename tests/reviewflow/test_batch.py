"""Several items are signed together, after their changes were read; never unseen."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from reviewflow.models import Decision, OfficeReview
from reviewflow.signatories import Signatory
from reviewflow.submission import submit, withdraw
from servicepages.models import ServiceItemPage
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer, sign_off
from tests.shared import shared

pytestmark = pytest.mark.django_db
LEGAL = Signatory.LEGAL_AFFAIRS
Status = OfficeReview.Status


@shared
def department():
    return DepartmentFactory()


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@pytest.fixture
def client():
    client = Client()
    client.person = reviewer(LEGAL)
    client.force_login(client.person)
    return client


def corrected(department, editor, title, note="财税〔2018〕1号"):
    """Published, and the note on its fee corrected. Returns what Legal Affairs is asked."""
    item = publish(complete_item(department, title=title))
    item.fees[0].value["note"] = note
    item.save_revision()
    submit(item, editor)
    return OfficeReview.objects.get(submission__page=item.pk, signatory=LEGAL)


def new(department, editor, title):
    item = complete_item(department, title=title)
    sign_off(item.save_revision().as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(item, editor)
    return OfficeReview.objects.get(submission__page=item.pk, signatory=LEGAL)


def choose(client, *reviews):
    return client.get(reverse("review_batch"), {"review": [review.pk for review in reviews]})


def sent_back(html) -> dict:
    """What the page's form sends back by itself."""
    return {
        "review": re.findall(r'name="review" value="(\d+)"', html),
        **dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html)),
    }


def statuses(*reviews):
    return [OfficeReview.objects.get(pk=review.pk).status for review in reviews]


def test_the_page_shows_the_changes_of_all_and_signs_them(client, department, editor):
    reviews = [corrected(department, editor, title) for title in ("结婚登记", "离婚登记")]
    html = choose(client, *reviews).content.decode()
    for said in ("结婚登记", "离婚登记", "2018"):
        assert said in html
    assert [change.name for row in choose(client, *reviews).context["rows"] for change in row.changes] == [
        "fees",
        "fees",
    ]
    assert statuses(*reviews) == [Status.WAITING] * 2, "reading signs nothing"
    client.post(reverse("review_batch"), sent_back(html))
    assert statuses(*reviews) == [Status.SIGNED] * 2
    assert Decision.objects.filter(person=client.person, kind=Decision.Kind.SIGNED).count() == 2
    assert all(ServiceItemPage.objects.get(pk=each.submission.page_id).live for each in reviews)


def test_an_item_that_is_there_for_the_first_time_is_not_among_them(client, department, editor):
    first, second = new(department, editor, "结婚登记"), corrected(department, editor, "离婚登记")
    queue = client.get(reverse("review_queue")).content.decode()
    assert f'name="review" value="{second.pk}"' in queue
    assert f'name="review" value="{first.pk}"' not in queue
    html = choose(client, first, second).content.decode()
    assert sent_back(html)["review"] == [str(second.pk)]
    client.post(reverse("review_batch"), {"review": [first.pk], f"seen-{first.pk}": first.digest})
    assert statuses(first) == [Status.WAITING]


def test_nothing_is_signed_unseen(client, department, editor):
    review = corrected(department, editor, "结婚登记")
    client.post(reverse("review_batch"), {"review": [review.pk]})
    client.post(reverse("review_batch"), {"review": [review.pk], f"seen-{review.pk}": "0" * 64})
    assert statuses(review) == [Status.WAITING]


def test_one_that_is_refused_holds_up_none_of_the_others_and_is_named(client, department, editor):
    kept, gone, written = (corrected(department, editor, title) for title in ("甲事项", "乙事项", "丙事项"))
    data = sent_back(choose(client, kept, gone, written).content.decode())
    withdraw(gone.submission.page, editor)
    ServiceItemPage.objects.get(pk=written.submission.page_id).save_revision(
        user=client.person, log_action=True
    )
    response = client.post(reverse("review_batch"), data, follow=True)
    assert statuses(kept, gone, written) == [Status.SIGNED, Status.CLOSED, Status.WAITING]
    text = " ".join(str(message) for message in response.context["messages"])
    assert "乙事项" in text
    assert "丙事项" in text
    assert "甲事项" not in text


def test_who_may_not_sign_one_of_them_reads_why(client, department, editor):
    review = corrected(department, editor, "结婚登记")
    ServiceItemPage.objects.get(pk=review.submission.page_id).save_revision(
        user=client.person, log_action=True
    )
    response = choose(client, review)
    assert [row.review for row in response.context["refused"]] == [review]
    assert response.context["refused"][0].refusal in response.content.decode()
    assert 'name="seen-' not in response.content.decode()


def test_only_what_waits_for_oneself_can_be_chosen(department, editor, client):
    review = corrected(department, editor, "结婚登记")
    other = Client()
    other.force_login(reviewer(Signatory.EDITORIAL))
    response = choose(other, review)
    assert response.status_code == 302
    response = other.post(
        reverse("review_batch"), {"review": [review.pk], f"seen-{review.pk}": review.digest}, follow=True
    )
    assert "结婚登记" not in response.content.decode()
    assert statuses(review) == [Status.WAITING]
    stranger = Client()
    stranger.force_login(editor)
    assert choose(stranger, review)["Location"] == reverse("wagtailadmin_home")


@pytest.mark.parametrize("keys", [[], ["x"], [str(number) for number in range(1, 52)]])
def test_a_choice_that_is_none_or_too_many_is_answered_with_a_sentence(client, keys):
    response = client.get(reverse("review_batch"), {"review": keys}, follow=True)
    assert response.redirect_chain == [(reverse("review_queue"), 302)]
    assert len(list(response.context["messages"])) == 1
