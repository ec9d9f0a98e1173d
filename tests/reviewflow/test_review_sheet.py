"""The review sheet: what an office is shown, and its decision through the browser."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from reviewflow.deciding import NewRemark, request_changes, sign, withdraw_decision
from reviewflow.desk import claims
from reviewflow.models import Decision, OfficeReview, Remark
from reviewflow.models.decisions import DecisionQuerySet
from reviewflow.remarks import answer
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import submit, withdraw
from servicepages.models import ServiceItemPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    UserFactory,
    complete_item,
    material,
    publish,
    reviewer,
    sign_off,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db
LEGAL, EDITORIAL, GENERAL = Signatory.LEGAL_AFFAIRS, Signatory.EDITORIAL, Signatory.GENERAL_OFFICE
Status = OfficeReview.Status


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@shared
def item(department, editor):
    """New, before the three offices."""
    item = complete_item(
        department,
        title="结婚登记",
        fees=[("fee", {"item": "工本费", "amount": "9", "unit": "对", "standard": "", "basis": "甲号文"})],
    )
    revision = item.save_revision()
    sign_off(revision.as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(item, editor)
    return fresh(item)


@shared
def changed(department, editor):
    """Published, and its fee corrected from 9 to 12 yuan: only Legal Affairs is asked."""
    item = publish(
        complete_item(
            department,
            title="结婚登记",
            fees=[
                ("fee", {"item": "工本费", "amount": "9", "unit": "对", "standard": "", "basis": "甲号文"})
            ],
        )
    )
    item.fees[0].value["amount"] = 12
    item.save_revision()
    submit(item, editor)
    return fresh(item)


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def review_for(item, signatory) -> OfficeReview:
    return OfficeReview.objects.get(submission__page=item.pk, submission__outcome="", signatory=signatory)


def desk_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(review):
    return reverse("review_sheet", args=[review.pk])


def read(client, review):
    response = client.get(address(review))
    assert response.status_code == 200
    return response


def seen(response) -> dict:
    """What the sheet's form sends back by itself."""
    html = response.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', html)[1] for name in ("seen", "seen_content")}


def words(response) -> str:
    """What a person reads: without markup, and without what only screen readers say."""
    html = response.content.decode().partition('id="review-sheet"')[2]
    html = re.sub(r'<span class="w-sr-only">.*?</span>', "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# What is shown


def test_the_change_is_marked_within_the_text(changed):
    html = read(desk_of(reviewer(LEGAL)), review_for(changed, LEGAL)).content.decode()
    assert re.search(r'<del class="review-del">.*?9<span', html)
    assert re.search(r'<ins class="review-ins">.*?12<span', html)
    assert "工本费" in html


def test_fields_and_values_are_named_as_people_name_them(item, department):
    text = words(read(desk_of(reviewer(GENERAL)), review_for(item, GENERAL)))
    for said in ("居民身份证", "许可申请表", department.region.halls.get().name, "证照", "图片", "是"):
        assert said in text, said
    for raw in ("case_kind", "own_hall", "upload_required", "certificate", "picture"):
        assert raw not in text, raw


def test_an_office_reads_its_own_fields_first_and_the_others_folded(item):
    response = read(desk_of(reviewer(LEGAL)), review_for(item, LEGAL))
    sheet = response.context["sheet"]
    assert {change.name for change in sheet.changes} == set(LEGAL.field_names)
    html = response.content.decode()
    assert html.index('id="field-fees"') < html.index('id="others-heading"') < html.index("居民身份证")
    assert html.rindex("<details", 0, html.index("居民身份证")) > html.index('id="others-heading"')


def test_citations_are_at_hand_for_an_office_that_does_not_sign_them(item):
    assert "行政许可法" in words(read(desk_of(reviewer(LEGAL)), review_for(item, LEGAL)))


def test_files_are_linked(department, editor):
    form = AttachmentFactory(department=department, title="空白表")
    item = complete_item(department, materials=[("material", material("申请表", blank_form=form))])
    sign_off(item.save_revision().as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(item, editor)
    html = read(desk_of(reviewer(GENERAL)), review_for(item, GENERAL)).content.decode()
    assert form.url in html
    assert "空白表" in html


def test_what_carries_over_is_said_with_who_and_when(changed):
    decision = Decision.objects.get(page=changed.pk, signatory=EDITORIAL)
    text = words(read(desk_of(reviewer(LEGAL)), review_for(changed, LEGAL)))
    assert decision.short_digest in text
    assert str(decision.person) in text


def test_without_a_sign_off_what_is_live_stands_beside_it(changed, monkeypatch):
    """As for an item whose decisions a new version of the canonical form has made void."""
    monkeypatch.setattr(DecisionQuerySet, "last_sign_off", lambda decisions, page_id, signatory: None)
    sheet = read(desk_of(reviewer(LEGAL)), review_for(changed, LEGAL)).context["sheet"]
    assert [change.name for change in sheet.changed] == ["fees"]
    assert sheet.mine.baseline.published_at is not None


def test_a_sign_off_that_was_taken_back_is_nothing_to_compare_with(item):
    review, person = review_for(item, LEGAL), reviewer(LEGAL)
    sign(review, person, seen=review.digest)
    withdraw_decision(review_for(item, LEGAL), person)
    sheet = read(desk_of(person), review_for(item, LEGAL)).context["sheet"]
    assert not sheet.is_compared
    assert "fees" in [change.name for change in sheet.changed]


def test_earlier_remarks_are_shown_with_their_answers(item, editor):
    review, person = review_for(item, LEGAL), reviewer(LEGAL)
    request_changes(
        review, person, seen=review.digest, remarks=[NewRemark("fees", "请核对收费依据")], at_once=True
    )
    answer(Remark.objects.get(), editor, kind=Remark.Answer.KEPT, text="依据仍然有效")
    submit(fresh(item), editor)
    response = read(desk_of(person), review_for(item, LEGAL))
    text = words(response)
    standing = {other.signatory: other.carried_over for other in response.context["sheet"].others}
    assert standing[Signatory.DEPARTMENT_LEGAL] is not None, "it was not asked again, and its check counts"
    assert standing[EDITORIAL] is None
    assert "请核对收费依据" in text
    assert "依据仍然有效" in text


def test_the_preview_shows_what_was_handed_in(item):
    client = desk_of(reviewer(LEGAL))
    url = read(client, review_for(item, LEGAL)).context["sheet"].preview_url
    response = client.get(url)
    assert response.status_code == 200
    assert "工本费" in response.content.decode()


# Who may open it


@pytest.mark.parametrize("kind", ["editor", "other office", "superuser", "from the department"])
def test_others_do_not_open_it(item, editor, department, kind):
    person = {
        "editor": lambda: editor,
        "other office": lambda: reviewer(EDITORIAL),
        "superuser": lambda: UserFactory(is_superuser=True),
        "from the department": lambda: reviewer(LEGAL, home_department=department),
    }[kind]()
    review = review_for(item, LEGAL)
    client = desk_of(person)
    response = client.get(address(review))
    assert response.status_code == 302
    assert "结婚登记" not in response.content.decode()
    assert [str(message) for message in client.get(response["Location"], follow=True).context["messages"]]
    client.post(address(review), {"action": "sign", "seen": review.digest})
    review.refresh_from_db()
    assert review.status == Status.WAITING


def test_nobody_anonymous_opens_it(item):
    assert "login" in Client().get(address(review_for(item, LEGAL)))["Location"]


def test_who_worked_on_the_item_reads_a_sentence_in_place_of_the_buttons(item):
    person = reviewer(LEGAL)
    fresh(item).get_latest_revision_as_object().save_revision(user=person, log_action=True)
    html = read(desk_of(person), review_for(item, LEGAL)).content.decode()
    assert 'value="sign"' not in html
    assert 'value="request-changes"' not in html


def test_a_review_that_is_over_is_read_only(item, editor):
    review = review_for(item, LEGAL)
    withdraw(fresh(item), editor)
    html = read(desk_of(reviewer(LEGAL)), review).content.decode()
    assert 'name="action"' not in html
    submit(fresh(item), editor)
    html = read(desk_of(reviewer(LEGAL)), review).content.decode()
    assert address(review_for(item, LEGAL)) in html, "leads to the new sheet"


# Deciding


def test_signing_leads_to_the_next_item_and_at_last_to_the_queue(item, department, editor):
    second = complete_item(department)
    sign_off(second.save_revision().as_object(), Signatory.DEPARTMENT_LEGAL)
    submit(second, editor)
    person = reviewer(LEGAL)
    client = desk_of(person)
    review, next_one = review_for(item, LEGAL), review_for(second, LEGAL)
    response = client.post(
        address(review), {"action": "sign", "remark": "可以", **seen(read(client, review))}
    )
    assert response["Location"] == address(next_one)
    decision = Decision.objects.get(submission=review.submission, signatory=LEGAL)
    assert (decision.kind, decision.person, decision.remark) == (Decision.Kind.SIGNED, person, "可以")
    response = client.post(address(next_one), {"action": "sign", **seen(read(client, next_one))})
    assert response["Location"] == reverse("review_queue")


def test_the_third_signature_publishes(item):
    for office in OFFICES:
        client, review = desk_of(reviewer(office)), review_for(item, office)
        client.post(address(review), {"action": "sign", **seen(read(client, review))})
    assert fresh(item).live


def test_changes_are_requested_on_a_field_and_on_a_line(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    line = item.get_latest_revision_as_object().fees[0].id
    html = read(client, review).content.decode()
    assert f'name="on-fees-{line}"' in html
    client.post(
        address(review),
        {
            "action": "request-changes",
            "remark": "总的看尚可",
            "on-conditions": "条件不全",
            f"on-fees-{line}": "金额有误",
            **seen(read(client, review)),
        },
    )
    remarks = {(each.field, each.block): each.text for each in Remark.objects.all()}
    assert remarks == {("conditions", ""): "条件不全", ("fees", line): "金额有误"}
    review.refresh_from_db()
    assert review.status == Status.CHANGES_REQUESTED
    assert review.submission.is_open, "the others have not decided"


def test_it_is_sent_back_at_once_where_the_reviewer_says_so(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    data = {"action": "request-changes", "at_once": "on", "on-fees": "金额有误"}
    client.post(address(review), {**data, **seen(read(client, review))})
    review.submission.refresh_from_db()
    assert review.submission.outcome == "returned"


def test_a_decision_is_taken_back(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    client.post(address(review), {"action": "sign", **seen(read(client, review))})
    assert 'value="take-back"' in read(client, review).content.decode()
    response = client.post(address(review), {"action": "take-back"})
    assert response["Location"] == address(review)
    review.refresh_from_db()
    assert review.status == Status.WAITING
    assert 'value="sign"' in read(client, review).content.decode()


def test_what_is_refused_loses_nothing_that_was_typed(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    nothing_said = client.post(address(review), {"action": "request-changes", **seen(read(client, review))})
    assert nothing_said.status_code == 200
    assert list(nothing_said.context["messages"])
    response = client.post(
        address(review),
        {"action": "sign", "remark": "总的看", "on-fees": "金额有误", **seen(read(client, review))},
    )
    html = response.content.decode()
    assert list(response.context["messages"]), "remarks and a signature do not go together"
    assert ">总的看</textarea>" in html
    assert ">金额有误</textarea>" in html
    review.refresh_from_db()
    assert review.status == Status.WAITING


def overwrite(item, **values):
    """The content in review is changed under the reviewer, as no road of the admin can."""
    revision = fresh(item).latest_revision
    revised = revision.as_object()
    for name, value in values.items():
        setattr(revised, name, value)
    revision.content = revised.serializable_data()
    revision.save()


def test_a_decision_on_content_that_has_changed_shows_the_difference(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    before = read(client, review)
    line = item.get_latest_revision_as_object().fees[0].id
    overwrite(item, fees=[("no_fee", {"note": "已取消"})])
    typed = {"action": "request-changes", "remark": "总的看", f"on-fees-{line}": "金额有误"}
    response = client.post(address(review), {**typed, **seen(before)})
    assert response.status_code == 200
    assert not Decision.objects.filter(submission=review.submission).exists()
    assert [change.name for change in response.context["since"]] == ["fees"]
    html = response.content.decode()
    assert "已取消" in html
    assert "工本费" in html, "what was read"
    assert ">总的看</textarea>" in html
    assert ">金额有误</textarea>" in html, "the line is gone, its remark is not"
    # read again, it can be decided
    client.post(address(review), {"action": "sign", **seen(response)})
    review.refresh_from_db()
    assert review.status == Status.SIGNED


def test_a_decision_after_the_item_was_handed_in_anew_comes_with_the_difference(item, editor):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    before = read(client, review)
    withdraw(fresh(item), editor)
    revised = fresh(item).get_latest_revision_as_object()
    revised.fees[0].value["amount"] = 12
    revised.save_revision()
    submit(fresh(item), editor)
    response = client.post(address(review), {"action": "sign", "remark": "总的看", **seen(before)})
    assert [change.name for change in response.context["since"]] == ["fees"]
    assert response.context["review"] == review_for(item, LEGAL)
    assert ">总的看</textarea>" in response.content.decode()
    assert not Decision.objects.filter(signatory=LEGAL).exists()


def test_a_forged_account_of_what_was_seen_is_ignored(item):
    client, review = desk_of(reviewer(LEGAL)), review_for(item, LEGAL)
    response = client.post(
        address(review), {"action": "sign", "seen": "0" * 64, "seen_content": "forged:x:y"}
    )
    assert response.status_code == 200
    assert response.context["since"] == []
    review.refresh_from_db()
    assert review.status == Status.WAITING


def test_nothing_is_decided_without_the_token(item):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer(LEGAL))
    review = review_for(item, LEGAL)
    assert client.post(address(review), {"action": "sign", "seen": review.digest}).status_code == 403


# Looking at it


def test_opening_it_claims_it_until_it_is_put_aside(item):
    review, person = review_for(item, LEGAL), reviewer(LEGAL)
    client = desk_of(person)
    read(client, review)
    review.refresh_from_db()
    assert review.looked_at_by == person
    client.get(reverse("review_sheet_next", args=[review.pk]))
    review.refresh_from_db()
    assert review.looked_at_by is None


def test_a_colleagues_claim_is_shown_and_stays(item):
    review = review_for(item, LEGAL)
    first, second = reviewer(LEGAL, last_name="赵", first_name="一"), reviewer(LEGAL)
    read(desk_of(first), review)
    assert "赵一" in words(read(desk_of(second), review))
    review.refresh_from_db()
    assert review.looked_at_by == first
    OfficeReview.objects.update(looked_at_last=timezone.now() - claims.LASTS - timedelta(seconds=1))
    assert "赵一" not in words(read(desk_of(second), review))
    review.refresh_from_db()
    assert review.looked_at_by == second


def test_an_open_sheet_renews_its_claim(item):
    review, person = review_for(item, LEGAL), reviewer(LEGAL)
    client = desk_of(person)
    read(client, review)
    since = timezone.now() - timedelta(minutes=10)
    OfficeReview.objects.update(looked_at_since=since, looked_at_last=since)
    assert client.post(reverse("review_sheet_look", args=[review.pk])).status_code == 200
    review.refresh_from_db()
    assert review.looked_at_since == since
    assert review.looked_at_last > since
    assert client.get(reverse("review_sheet_look", args=[review.pk])).status_code == 405


def test_who_switched_shortcuts_off_is_offered_none(item):
    review, person = review_for(item, LEGAL), reviewer(LEGAL)
    client = desk_of(person)
    assert 'aria-keyshortcuts="s"' in read(client, review).content.decode()
    profile = UserProfile.get_for_user(person)
    profile.keyboard_shortcuts = False
    profile.save()
    html = read(client, review).content.decode()
    assert "aria-keyshortcuts" not in html.partition('id="review-sheet"')[2]
    assert 'value="sign"' in html
