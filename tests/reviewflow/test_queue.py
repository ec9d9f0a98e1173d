"""What waits for a person, and how the list of it is searched, filtered and sorted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reviewflow.deadlines import working_calendar
from reviewflow.deciding import sign
from reviewflow.desk.queue import DUE_SOON, IN_TIME, OVERDUE, Lights, next_review, waiting_for
from reviewflow.models import OfficeReview, ReviewOffice, ReviewRound
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from servicepages.vocabulary import ItemType
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, reviewer, sign_off
from tests.shared import shared

pytestmark = pytest.mark.django_db
LEGAL, EDITORIAL, GENERAL = Signatory.LEGAL_AFFAIRS, Signatory.EDITORIAL, Signatory.GENERAL_OFFICE


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


def in_review(department, editor, **fields):
    """An item whose approval flow the department has checked, before the three offices."""
    item = complete_item(department, **fields)
    revision = item.save_revision()
    sign_off(revision.as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(item, editor)
    return ServiceItemPage.objects.get(pk=item.pk)


def review_for(item, signatory) -> OfficeReview:
    return OfficeReview.objects.get(submission__page=item.pk, submission__outcome="", signatory=signatory)


def desk_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(client, **query):
    response = client.get(reverse("review_queue"), query)
    assert response.status_code == 200
    return [review.submission.title for review in response.context["object_list"]]


def test_an_office_sees_what_waits_for_it_and_nothing_else(department, editor):
    item = in_review(department, editor, title="结婚登记")
    legal = reviewer(LEGAL)
    client = desk_of(legal)
    assert listed(client) == ["结婚登记"]
    review = review_for(item, LEGAL)
    sign(review, legal, seen=review.digest)
    assert listed(client) == []
    assert listed(desk_of(reviewer(EDITORIAL))) == ["结婚登记"]


def test_the_row_says_where_it_comes_from_and_when_it_is_due(department, editor):
    item = in_review(department, editor, title="结婚登记")
    html = desk_of(reviewer(LEGAL)).get(reverse("review_queue")).content.decode()
    for said in ("结婚登记", "市民政局", "行政许可", str(editor)):
        assert said in html
    assert reverse("review_sheet", args=[review_for(item, LEGAL).pk]) in html


def test_the_legal_officer_of_a_department_has_a_queue(department, editor):
    item = complete_item(department, title="结婚登记")
    item.save_revision()
    submit(item, editor)
    assert listed(desk_of(reviewer(Signatory.DEPARTMENT_LEGAL, department))) == ["结婚登记"]
    elsewhere = reviewer(Signatory.DEPARTMENT_LEGAL, DepartmentFactory())
    assert listed(desk_of(elsewhere)) == []
    assert listed(desk_of(reviewer(LEGAL))) == []


def test_nobody_sees_items_of_the_department_they_come_from(department, editor):
    in_review(department, editor)
    assert listed(desk_of(reviewer(LEGAL, home_department=department))) == []


def test_who_acts_for_nobody_has_no_queue(department, editor):
    in_review(department, editor, title="秘密事项")
    for person in (editor, UserFactory(is_superuser=True)):
        client = desk_of(person)
        response = client.get(reverse("review_queue"), follow=True)
        assert response.redirect_chain
        html = response.content.decode()
        assert reverse("review_queue") not in html
    assert Client().get(reverse("review_queue")).status_code == 302


def test_it_is_what_the_reviews_themselves_say_is_asked_of_a_person(department, editor):
    """The queue asks in its own way, to be fast; it must not answer otherwise."""
    other = DepartmentFactory()
    for place in (department, other):
        in_review(place, UserFactory(groups=[place.editors]))
        unchecked = complete_item(place)
        unchecked.save_revision()
        submit(unchecked, UserFactory(groups=[place.editors]))
    deputy = UserFactory()
    today = timezone.localdate()
    ReviewOffice.objects.filter(office=EDITORIAL).update(deputy=deputy, deputy_from=today, deputy_until=today)
    several = reviewer(LEGAL)
    several.groups.add(other.legal_officers)
    people = [
        editor,
        deputy,
        several,
        reviewer(LEGAL),
        reviewer(LEGAL, home_department=department),
        reviewer(Signatory.DEPARTMENT_LEGAL, department),
        reviewer(LEGAL, is_active=False),
        UserFactory(is_superuser=True),
    ]
    counts = []
    for person in people:
        found = set(waiting_for(person))
        assert found == set(OfficeReview.objects.waiting().of_person(person).filter(submission__outcome=""))
        counts.append(len(found))
    assert counts == [0, 2, 3, 2, 1, 1, 0, 0]


def test_the_queue_is_in_the_menu_and_on_the_dashboard(department, editor):
    item = in_review(department, editor, title="结婚登记")
    html = desk_of(reviewer(LEGAL)).get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("review_queue") in html
    assert reverse("review_sheet", args=[review_for(item, LEGAL).pk]) in html


def test_it_is_searched_by_name(department, editor):
    in_review(department, editor, title="结婚登记")
    in_review(department, editor, title="离婚登记")
    client = desk_of(reviewer(LEGAL))
    assert listed(client, q="离婚") == ["离婚登记"]
    results = client.get(reverse("review_queue_results"), {"q": "离婚"}).content.decode()
    assert "离婚登记" in results
    assert "结婚登记" not in results


def test_it_is_filtered_by_department_type_and_change(department, editor):
    other = DepartmentFactory(name="市公安局")
    in_review(department, editor, title="甲")
    in_review(other, UserFactory(groups=[other.editors]), title="乙", item_type=ItemType.CONFIRMATION)
    changed = publish(complete_item(department, title="丙"))
    changed.fees[0].value["note"] = "财税〔2018〕1号"
    changed.save_revision()
    submit(changed, editor)
    client = desk_of(reviewer(LEGAL))
    assert sorted(listed(client)) == ["丙", "乙", "甲"]
    assert listed(client, department=other.pk) == ["乙"]
    assert listed(client, item_type=ItemType.CONFIRMATION) == ["乙"]
    assert listed(client, change="changed") == ["丙"]
    assert sorted(listed(client, change="first_time")) == ["乙", "甲"]
    assert listed(desk_of(reviewer(EDITORIAL)), change="changed") == [], "its sign-off carries over"


def test_it_is_filtered_by_round_and_upkeep(department, editor):
    in_review(department, editor, title="平时")
    today = timezone.localdate()
    review_round = ReviewRound(name="第一轮", opens_on=today, closes_on=today + timedelta(days=30))
    review_round.departments = [department]
    review_round.save()
    in_review(department, editor, title="本轮")
    client = desk_of(reviewer(LEGAL))
    assert listed(client, round=review_round.pk) == ["本轮"]
    assert listed(client, round="upkeep") == ["平时"]
    assert (
        "第一轮" in client.get(reverse("review_queue_results"), {"round": review_round.pk}).content.decode()
    )


def test_the_light_and_the_filter_mean_the_same_days(department, editor):
    review = review_for(in_review(department, editor), LEGAL)
    today = timezone.localdate()
    lights, seen = Lights(today), set()
    for days in range(-4, 12):
        review.due_on = today + timedelta(days=days)
        review.save()
        state = lights.of(review)
        seen.add(state)
        for each in (OVERDUE, DUE_SOON, IN_TIME):
            found = OfficeReview.objects.filter(lights.filter(each), pk=review.pk).exists()
            assert found is (each == state), (days, each)
    assert seen == {OVERDUE, DUE_SOON, IN_TIME}
    review.due_on = working_calendar().after(today, 2).day
    assert lights.of(review) == DUE_SOON


def test_it_is_sorted_by_due_date_unless_asked_otherwise(department, editor):
    today = timezone.localdate()
    for title, days in (("甲", 9), ("乙", 1), ("丙", 5)):
        review = review_for(in_review(department, editor, title=title), LEGAL)
        review.due_on = today + timedelta(days=days)
        review.save()
    client = desk_of(reviewer(LEGAL))
    assert listed(client) == ["乙", "丙", "甲"]
    assert listed(client, ordering="-due_on") == ["甲", "丙", "乙"]
    assert listed(client, ordering="password") == ["乙", "丙", "甲"]


def test_what_a_colleague_looks_at_is_said(department, editor):
    review = review_for(in_review(department, editor), LEGAL)
    first, second = reviewer(LEGAL, last_name="赵", first_name="一"), reviewer(LEGAL)
    desk_of(first).get(reverse("review_sheet", args=[review.pk]))
    assert "赵一" in desk_of(second).get(reverse("review_queue")).content.decode()
    OfficeReview.objects.update(looked_at_last=timezone.now() - timedelta(minutes=16))
    assert "赵一" not in desk_of(second).get(reverse("review_queue")).content.decode()


def queries_of_a_list(client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(reverse("review_queue"))
    return len(queries)


def test_queries_do_not_grow_with_the_length(department, editor):
    client = desk_of(reviewer(LEGAL))
    in_review(department, editor)
    client.get(reverse("review_queue"))  # permissions and content types are known from now on
    short = queries_of_a_list(client)
    for _number in range(5):
        other = DepartmentFactory()
        in_review(other, UserFactory(groups=[other.editors]))
    assert queries_of_a_list(client) == short
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("wagtailadmin_home"))
    in_review(department, editor)
    with CaptureQueriesContext(connection) as more:
        client.get(reverse("wagtailadmin_home"))
    assert len(more) == len(one)


def test_the_next_one_is_the_next_due_then_from_the_beginning(department, editor):
    person = reviewer(LEGAL)
    first, second, third = (review_for(in_review(department, editor), LEGAL) for _number in range(3))
    assert next_review(person) == first
    assert next_review(person, first) == second
    assert next_review(person, third) == first


def test_the_next_one_is_none_that_a_colleague_reads_nor_that_four_eyes_forbid(department, editor):
    person = reviewer(LEGAL)
    first, second, third = (in_review(department, editor) for _number in range(3))
    ServiceItemPage.objects.get(pk=first.pk).save_revision(user=person, log_action=True)
    desk_of(reviewer(LEGAL)).get(reverse("review_sheet", args=[review_for(second, LEGAL).pk]))
    assert next_review(person) == review_for(third, LEGAL)
    assert next_review(person, review_for(third, LEGAL)) == review_for(second, LEGAL), "better than none"
