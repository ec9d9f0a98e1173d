"""Milestones of the campaign: who marks what as done, with what evidence, and what is still open."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from reviewflow.campaign.milestones import mark_done, undo
from reviewflow.campaign.outstanding import milestones_open_on
from reviewflow.models import Milestone, MilestoneDone
from servicepages.models import ContactPerson
from tests.factories import AttachmentFactory, DepartmentFactory, RegionFactory, UserFactory
from tests.reviewflow.campaign_plan import client_of, milestone, milestone_page
from tests.shared import shared

pytestmark = pytest.mark.django_db
EVIDENCE = {"evidence_file": "", "evidence_link": "https://example.org/minutes", "note": ""}


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def other():
    return DepartmentFactory(name="市公安局")


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


@shared
def county(department):
    return DepartmentFactory(
        region=RegionFactory(name="鸡东县", code="230321", parent=department.region), name="鸡东县民政局"
    )


@shared
def county_coordinator(county):
    return UserFactory(groups=[Group.objects.get(name="鸡东县 Coordination")])


def form_of(*departments, **changes):
    return {
        "title": "动员培训",
        "stage": "concentrated_work",
        "due_on": "2026-07-31",
        "task": "召开部署会议",
        "departments": [each.pk for each in departments],
        **changes,
    }


# Kept by coordination


def test_coordination_makes_a_milestone(coordinator, department, other):
    response = client_of(coordinator).post("/admin/reviewflow/milestone/create/", form_of(department, other))
    assert response.status_code == 302
    made = Milestone.objects.get()
    assert (made.title, made.due_on) == ("动员培训", date(2026, 7, 31))
    assert set(made.departments.all()) == {department, other}


def test_a_form_that_fails_keeps_what_was_typed(coordinator, department):
    response = client_of(coordinator).post(
        "/admin/reviewflow/milestone/create/", form_of(department, due_on="soon")
    )
    html = response.content.decode()
    assert 'value="动员培训"' in html
    assert "召开部署会议" in html
    assert not Milestone.objects.exists()


def test_editors_do_not_keep_milestones(editor, department):
    client_of(editor).post("/admin/reviewflow/milestone/create/", form_of(department))
    assert not Milestone.objects.exists()


def test_the_list_counts_departments_that_are_done(coordinator, department, other, editor):
    mark_done(milestone(department, other), department, editor, note="已完成")
    assert "1 / 2" in client_of(coordinator).get("/admin/reviewflow/milestone/").content.decode()


def test_a_milestone_that_somebody_has_done_is_not_deleted(coordinator, department, editor):
    made, unused = milestone(department), milestone(department, title="另一项")
    mark_done(made, department, editor, note="已完成")
    client = client_of(coordinator)
    assert client.post(f"/admin/reviewflow/milestone/delete/{made.pk}/").status_code == 200
    client.post(f"/admin/reviewflow/milestone/delete/{unused.pk}/")
    assert list(Milestone.objects.all()) == [made]


# Marked as done


def test_an_editor_marks_the_own_department(editor, department, other):
    made = milestone(department, other)
    address = milestone_page(made, department)
    assert made.title in client_of(editor).get(address).content.decode()
    assert client_of(editor).post(address, EVIDENCE).status_code == 302
    done = MilestoneDone.objects.get()
    assert (done.department, done.done_by, done.evidence_link) == (
        department,
        editor,
        EVIDENCE["evidence_link"],
    )
    entry = ModelLogEntry.objects.get(action="reviewflow.milestone_done")
    assert (entry.user, entry.object_id) == (editor, str(made.pk))
    assert str(department) in entry.message
    html = client_of(editor).get(address).content.decode()
    assert EVIDENCE["evidence_link"] in html
    assert 'name="undo"' not in html


def test_a_contact_person_with_a_login_marks_it_too(department, other):
    person = UserFactory(groups=[other.editors])
    made = milestone(department)
    client = client_of(person)
    assert client.get(milestone_page(made, department)).status_code == 404
    ContactPerson.objects.create(department=department, role="liaison", name="王芳", user=person)
    assert client.post(milestone_page(made, department), EVIDENCE).status_code == 302
    assert MilestoneDone.objects.get().department == department


def test_another_departments_editor_sees_and_changes_nothing(editor, department, other):
    made = milestone(other)
    client = client_of(editor)
    assert client.get(milestone_page(made, other)).status_code == 404
    assert client.post(milestone_page(made, other), EVIDENCE).status_code == 404
    # nor for the own department, which it does not concern
    assert client.post(milestone_page(made, department), EVIDENCE).status_code == 404
    with pytest.raises(PermissionDenied):
        mark_done(made, other, editor, note="已完成")
    assert not MilestoneDone.objects.exists()


def test_coordination_marks_any_and_a_county_team_its_own(
    coordinator, county_coordinator, county, department
):
    made = milestone(department, county)
    assert client_of(county_coordinator).post(milestone_page(made, department), EVIDENCE).status_code == 404
    assert client_of(county_coordinator).post(milestone_page(made, county), EVIDENCE).status_code == 302
    assert client_of(coordinator).post(milestone_page(made, department), EVIDENCE).status_code == 302
    assert MilestoneDone.objects.count() == 2


def test_without_evidence_and_without_a_word_it_is_refused(editor, department):
    made = milestone(department)
    response = client_of(editor).post(milestone_page(made, department), {**EVIDENCE, "evidence_link": ""})
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert not MilestoneDone.objects.exists()


def test_a_link_that_is_none_keeps_the_note(editor, department):
    response = client_of(editor).post(
        milestone_page(milestone(department), department),
        {"evidence_link": "javascript:alert(1)", "note": "会议纪要已报送"},
    )
    assert "evidence_link" in response.context["form"].errors
    assert "会议纪要已报送" in response.content.decode()
    assert not MilestoneDone.objects.exists()


def test_evidence_is_a_file_that_the_editor_may_use(editor, department, other):
    made = milestone(department)
    own, foreign = AttachmentFactory(department=department), AttachmentFactory(department=other)
    form = {"evidence_file": foreign.pk, "evidence_link": "", "note": ""}
    response = client_of(editor).post(milestone_page(made, department), form)
    assert "evidence_file" in response.context["form"].errors
    assert foreign.title not in response.content.decode()
    client_of(editor).post(milestone_page(made, department), {**form, "evidence_file": own.pk})
    assert MilestoneDone.objects.get().evidence_file == own


def test_nothing_is_done_twice(editor, department):
    made = milestone(department)
    mark_done(made, department, editor, note="已完成")
    with pytest.raises(ValidationError):
        mark_done(made, department, editor, note="又完成")
    client_of(editor).post(milestone_page(made, department), EVIDENCE)
    assert MilestoneDone.objects.get().note == "已完成"


# Taken back


def test_coordination_takes_it_back_with_a_reason_that_is_logged(coordinator, editor, department):
    made = milestone(department)
    mark_done(made, department, editor, note="已完成")
    address = milestone_page(made, department)
    client_of(editor).post(address, {"undo": "", "reason": "误点"})
    refused = client_of(coordinator).post(address, {"undo": "", "reason": ""})
    assert "reason" in refused.context["form"].errors
    assert MilestoneDone.objects.exists()
    client_of(coordinator).post(address, {"undo": "", "reason": "材料不全"})
    assert not MilestoneDone.objects.exists()
    entry = ModelLogEntry.objects.get(action="reviewflow.milestone_undone")
    assert (entry.user, entry.comment) == (coordinator, "材料不全")
    assert entry.data["person"] == str(editor)


def test_a_county_team_takes_back_nothing_of_the_city(county_coordinator, editor, department):
    made = milestone(department)
    done = mark_done(made, department, editor, note="已完成")
    with pytest.raises(PermissionDenied):
        undo(done, county_coordinator, "不属实")
    assert MilestoneDone.objects.exists()


# Still open


def test_what_is_open_with_the_people_of_the_department(editor, department, other):
    leader = UserFactory()
    ContactPerson.objects.create(department=department, role="leader", name="李明", user=leader)
    ContactPerson.objects.create(department=department, role="liaison", name="王芳", user=editor)
    UserFactory(groups=[department.editors], is_active=False)
    stranger = UserFactory(groups=[other.editors])
    made = milestone(department, other, due_on=date(2026, 7, 31))
    mark_done(made, other, stranger, note="已完成")
    [owed] = milestones_open_on(timezone.localdate())
    assert (owed.milestone, owed.department, owed.due_on) == (made, department, date(2026, 7, 31))
    assert owed.people == [editor, leader]


def test_what_was_done_later_was_open_on_the_day(editor, department, other):
    early = milestone(department, due_on=date(2026, 6, 30), title="先")
    late = milestone(department, other, due_on=date(2026, 7, 31), title="后")
    done = mark_done(early, department, editor, note="已完成")
    today = timezone.localdate(done.done_at)
    still_open = [(owed.milestone, owed.department) for owed in milestones_open_on(today)]
    assert sorted(still_open, key=lambda each: each[1].name) == [(late, other), (late, department)]
    assert [owed.milestone for owed in milestones_open_on(today - timedelta(days=1))] == [early, late, late]


def test_queries_of_what_is_open_do_not_grow(department, other):
    milestone(department, other)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert list(milestones_open_on(timezone.localdate()))
        return len(captured)

    before = queries()
    more = [DepartmentFactory() for _number in range(3)]
    for each in more:
        UserFactory(groups=[each.editors])
    milestone(department, *more, title="另一项")
    assert queries() == before == 3
