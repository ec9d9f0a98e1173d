"""Monthly reports: filed once and then frozen, with figures that come out the same when they are counted again."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from reviewflow.campaign.figures import figures, figures_of
from reviewflow.campaign.months import begins_at, ends_at, last_working_day, months_between, next_month
from reviewflow.campaign.outstanding import owed_by, reports_open_on
from reviewflow.campaign.reports import reopen, write
from reviewflow.deadlines import Deadline, WorkingCalendar, known_until
from reviewflow.models import CalendarException, ProgressReport, Submission
from reviewflow.models.campaign import ReportIsFiled
from reviewflow.submission import submit
from servicepages.models import Department, ServiceItemPage
from servicepages.sample.clock import at
from servicepages.vocabulary import ItemType
from tests.factories import DepartmentFactory, RegionFactory, UserFactory, complete_item, publish
from tests.reviewflow.campaign_plan import client_of, milestone, period, report_page
from tests.shared import shared

pytestmark = pytest.mark.django_db
THIS_MONTH = timezone.localdate().replace(day=1)
LAST_MONTH = (THIS_MONTH - timedelta(days=1)).replace(day=1)
DONE, HINDERS = "梳理了十二个事项", "部分依据正在修订"
TYPED = {"what_was_done": DONE, "what_hinders": HINDERS}


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def other():
    return DepartmentFactory(name="市公安局")


@shared
def reporting(department, other):
    return period(department, other, first=LAST_MONTH, last=THIS_MONTH)


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


def filed(department, editor, month=THIS_MONTH):
    return write(department, month, editor, DONE, HINDERS, file=True)


# When it is due


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2018-04-01", "2018-04-28"),  # a Saturday that is worked; the 29th and 30th are holidays
        ("2018-06-01", "2018-06-29"),
        ("2025-01-01", "2025-01-27"),  # New Year's Eve and the days after it are holidays
        ("2026-02-01", "2026-02-28"),  # a Saturday that is worked
        ("2026-05-01", "2026-05-29"),
    ],
)
def test_it_is_due_on_the_last_working_day(month, day):
    due = last_working_day(date.fromisoformat(month), WorkingCalendar({}))
    assert due == Deadline(date.fromisoformat(day), is_provisional=False)


def test_the_city_decides_otherwise():
    CalendarException.objects.create(date=date(2026, 5, 29), works=False, reason="停电")
    assert last_working_day(date(2026, 5, 1)).day == date(2026, 5, 28)


def test_a_year_that_is_not_known_is_provisional():
    assert last_working_day(date(known_until() + 1, 6, 1)).is_provisional


def test_months():
    assert list(months_between(date(2025, 11, 15), date(2026, 1, 2))) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


# Writing and filing


def test_an_editor_files_the_report(editor, department, reporting):
    client = client_of(editor)
    response = client.post(report_page(department, THIS_MONTH), {**TYPED, "file": ""}, follow=True)
    report = ProgressReport.objects.get()
    assert (report.what_was_done, report.what_hinders, report.filed_by) == (DONE, HINDERS, editor)
    assert report.figures["draft"] == 0
    html = response.content.decode()
    assert DONE in html
    assert 'name="file"' not in html
    entry = ModelLogEntry.objects.get(action="reviewflow.report_filed")
    assert (entry.user, entry.object_id) == (editor, str(report.pk))


def test_the_screen_is_filled_with_figures(editor, department, reporting):
    complete_item(department)
    response = client_of(editor).get(report_page(department, THIS_MONTH))
    rows = {str(words): number for words, number in response.context["figures"]["rows"]}
    assert sum(rows.values()) == 1


def test_a_draft_keeps_what_was_typed(editor, department, reporting):
    client = client_of(editor)
    client.post(
        report_page(department, THIS_MONTH), {"what_was_done": "", "what_hinders": HINDERS, "keep": ""}
    )
    report = ProgressReport.objects.get()
    assert not report.is_filed
    assert report.figures is None
    assert HINDERS in client.get(report_page(department, THIS_MONTH)).content.decode()


def test_a_report_without_a_word_is_not_filed_and_keeps_the_rest(editor, department, reporting):
    response = client_of(editor).post(
        report_page(department, THIS_MONTH), {"what_was_done": " ", "what_hinders": HINDERS, "file": ""}
    )
    assert "what_was_done" in response.context["form"].errors
    assert HINDERS in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_another_departments_editor_sees_and_changes_nothing(editor, other, reporting):
    client = client_of(editor)
    assert client.get(report_page(other, THIS_MONTH)).status_code == 404
    assert client.post(report_page(other, THIS_MONTH), {**TYPED, "file": ""}).status_code == 404
    with pytest.raises(PermissionDenied):
        write(other, THIS_MONTH, editor, DONE, "")
    assert not ProgressReport.objects.exists()


def test_coordination_reads_what_is_filed_and_writes_nothing(coordinator, editor, department, reporting):
    address = report_page(department, THIS_MONTH)
    client = client_of(coordinator)
    write(department, THIS_MONTH, editor, "还没有写完", "")
    assert "还没有写完" not in client.get(address).content.decode()
    client.post(address, {**TYPED, "file": ""})
    assert not ProgressReport.objects.filed().exists()
    filed(department, editor)
    assert DONE in client.get(address).content.decode()


def test_a_county_team_does_not_read_the_citys(department, reporting):
    region = RegionFactory(name="鸡东县", code="230321", parent=department.region)
    person = UserFactory(groups=[Group.objects.get(name=f"{region.name} Coordination")])
    assert client_of(person).get(report_page(department, THIS_MONTH)).status_code == 404


@pytest.mark.parametrize("month", [(2026, 13), (1, 1), (99999, 1)])
def test_a_month_that_is_none_does_not_exist(editor, department, reporting, month):
    year, number = month
    address = f"/admin/campaign/reports/{department.pk}/{year}/{number}/"
    assert client_of(editor).get(address).status_code == 404


def test_nobody_reports_a_month_that_has_not_begun(editor, department):
    period(department, last=next_month(THIS_MONTH))
    assert client_of(editor).get(report_page(department, next_month(THIS_MONTH))).status_code == 404
    with pytest.raises(ValidationError):
        write(department, next_month(THIS_MONTH), editor, DONE, "")


# Frozen


def test_a_filed_report_is_changed_by_nobody(editor, coordinator, department, reporting):
    report = filed(department, editor)
    for person in (editor, coordinator):
        client_of(person).post(
            report_page(department, THIS_MONTH), {"what_was_done": "改过", "what_hinders": "", "file": ""}
        )
    with pytest.raises(ReportIsFiled):
        write(department, THIS_MONTH, editor, "改过", "")
    report.what_was_done = "改过"
    rows = ProgressReport.objects.filter(pk=report.pk)
    for change in (
        report.save,
        report.delete,
        rows.delete,
        lambda: rows.update(what_was_done="改过"),
        lambda: ProgressReport.objects.bulk_update([report], ["what_was_done"]),
    ):
        with pytest.raises(ReportIsFiled):
            change()
    assert ProgressReport.objects.get().what_was_done == DONE


def test_who_files_second_keeps_what_was_typed(editor, department, reporting):
    """Two editors have the form open."""
    filed(department, editor)
    response = client_of(editor).post(
        report_page(department, THIS_MONTH), {"what_was_done": "另一份", "what_hinders": "", "file": ""}
    )
    assert response.context["form"].non_field_errors()
    assert "另一份" in response.content.decode()
    assert DONE in response.content.decode()


def test_coordination_reopens_with_a_reason_that_is_logged(editor, coordinator, department, reporting):
    report = filed(department, editor)
    address = report_page(department, THIS_MONTH)
    client_of(editor).post(address, {"reopen": "", "reason": "想改"})
    client_of(coordinator).post(address, {"reopen": "", "reason": ""})
    assert ProgressReport.objects.filed().exists()
    client_of(coordinator).post(address, {"reopen": "", "reason": "漏报两项"})
    opened = ProgressReport.objects.get()
    assert not opened.is_filed
    assert opened.what_was_done == DONE
    entry = ModelLogEntry.objects.get(action="reviewflow.report_reopened")
    assert (entry.user, entry.comment) == (coordinator, "漏报两项")
    assert entry.data["figures"] == report.figures
    assert entry.data["what_was_done"] == DONE
    write(department, THIS_MONTH, editor, "补报两项", "", file=True)
    assert ProgressReport.objects.get().what_was_done == "补报两项"


def test_a_draft_is_not_reopened(editor, coordinator, department, reporting):
    report = write(department, THIS_MONTH, editor, DONE, "")
    with pytest.raises(ValidationError):
        reopen(report, coordinator, "漏报")


# Figures


def moment(day, hour=10):
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), datetime.min.time())) + timedelta(
        hours=hour
    )


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def begin(department, day, **fields):
    with at(moment(day)):
        item = complete_item(department, **fields)
        item.save_revision(log_action="wagtail.create")
    return item


def submitted(item, day, outcome="", closed=None):
    row = Submission.objects.create(
        page_id=item.pk, title=item.title, revision=fresh(item).latest_revision, outcome=outcome
    )
    Submission.objects.filter(pk=row.pk).update(
        submitted_at=moment(day), closed_at=moment(closed) if closed else None
    )


def published(item, day, **changes):
    item = fresh(item)
    for name, value in changes.items():
        setattr(item, name, value)
    with at(moment(day)):
        return publish(item)


@shared
def history(department, other):
    """A licence that went online in June, a benefit, a return, what waits for its filing, drafts, a take-down."""
    licence = begin(department, "2026-04-10", online=False)
    submitted(licence, "2026-05-04", "published", "2026-05-08")
    published(licence, "2026-05-08")
    published(licence, "2026-06-10", online=True)

    benefit = begin(department, "2026-05-05", item_type=ItemType.PAYMENT)
    submitted(benefit, "2026-05-06", "returned", "2026-05-12")
    submitted(benefit, "2026-05-20", "published", "2026-06-03")
    published(benefit, "2026-06-03")

    returned = begin(department, "2026-05-11")
    submitted(returned, "2026-05-15", "returned", "2026-05-25")

    approved = begin(department, "2026-05-11")
    submitted(approved, "2026-05-15", "waiting_for_filing", "2026-05-18")

    begin(department, "2026-05-12")
    begin(department, "2026-06-02")

    gone = begin(department, "2026-04-02")
    submitted(gone, "2026-04-03", "published", "2026-04-09")
    live = published(gone, "2026-04-09")
    with at(moment("2026-05-29")):
        live.unpublish()

    begin(other, "2026-04-02")
    return department


MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
IN_MAY = {
    "draft": 1,
    "in_review": 2,
    "returned": 1,
    "published": 1,
    "taken_down": 1,
    "submitted_in_month": 5,
    "returned_in_month": 2,
    "published_in_month": 1,
    "licences": 1,
    "licences_online": 0,
    "others": 0,
    "others_online": 0,
}


def numbers(counted):
    return {name: value for name, value in counted.items() if name != "as_of"}


def test_figures_at_the_end_of_the_month(history):
    assert numbers(figures(history, MAY)) == IN_MAY
    assert numbers(figures(history, JUNE)) == {
        **IN_MAY,
        "draft": 2,
        "in_review": 1,
        "published": 2,
        "submitted_in_month": 0,
        "returned_in_month": 0,
        "published_in_month": 2,
        "licences_online": 1,
        "others": 1,
        "others_online": 1,
    }


def test_figures_within_the_month(history):
    counted = numbers(figures(history, MAY, moment("2026-05-13")))
    assert counted["published"] == 2
    assert (counted["submitted_in_month"], counted["returned_in_month"]) == (2, 1)
    assert counted["returned"] == 1


def test_figures_before_there_was_anything(history):
    assert not any(numbers(figures(history, date(2026, 3, 1))).values())


def test_figures_come_out_the_same_after_everything_has_changed(history):
    """What waited for its filing goes live, which closes its submission a second time."""
    as_filed = figures(history, MAY, moment("2026-05-29", hour=15))
    approved = Submission.objects.get(outcome="waiting_for_filing")
    published(approved.page, "2026-07-02")
    Submission.objects.filter(pk=approved.pk).update(outcome="published", closed_at=moment("2026-07-02"))
    published(ServiceItemPage.objects.live().first(), "2026-07-03", online=False, item_type=ItemType.OTHER)
    begin(history, "2026-07-04")
    assert figures(history, MAY, datetime.fromisoformat(as_filed["as_of"])) == as_filed


def test_figures_of_many_departments_ask_as_many_queries_as_of_one(history, other, django_assert_num_queries):
    with django_assert_num_queries(4):
        figures(history, MAY)
    with django_assert_num_queries(4):
        counted = figures_of([history.pk, other.pk], MAY)
    assert (numbers(counted[history.pk]), counted[other.pk]["draft"]) == (IN_MAY, 1)


def test_of_an_item_with_sub_items_only_those_count(department):
    item = begin(department, "2026-05-05")
    begin(department, "2026-06-05", parent=item)
    begin(department, "2026-06-05", parent=item)
    assert figures(department, MAY)["draft"] == 1
    assert figures(department, JUNE)["draft"] == 2


def test_a_real_submission_is_counted(department, editor, reporting):
    item = complete_item(department)
    item.save_revision()
    submit(item, editor)
    report = filed(department, editor)
    assert (report.figures["in_review"], report.figures["submitted_in_month"]) == (1, 1)
    assert begins_at(THIS_MONTH) <= datetime.fromisoformat(report.figures["as_of"]) <= ends_at(THIS_MONTH)


# What is missing


def test_reports_that_are_open_with_their_people(editor, department, other, reporting):
    DepartmentFactory()  # owes none
    for month in (LAST_MONTH, THIS_MONTH):
        filed(other, UserFactory(groups=[other.editors]), month)
    filed(department, editor, LAST_MONTH)
    write(department, THIS_MONTH, editor, DONE, "")  # a draft is not filed
    [owed] = reports_open_on(THIS_MONTH)
    assert (owed.department, owed.month, owed.people) == (department, THIS_MONTH, [editor])
    assert owed.due_on == last_working_day(THIS_MONTH).day


def test_a_report_is_open_from_the_month_itself_on(department, reporting):
    def months(day):
        return sorted({owed.month for owed in reports_open_on(day)})

    assert months(THIS_MONTH) == [LAST_MONTH, THIS_MONTH]
    assert months(LAST_MONTH + timedelta(days=3)) == [LAST_MONTH]
    assert months(LAST_MONTH - timedelta(days=1)) == []
    assert months(next_month(THIS_MONTH)) == [LAST_MONTH, THIS_MONTH]


def test_what_a_department_owes_is_sorted_by_its_date(editor, department, other, reporting):
    early = milestone(department, due_on=LAST_MONTH, title="先")
    milestone(other, due_on=LAST_MONTH)
    late = milestone(department, due_on=next_month(THIS_MONTH), title="后")
    filed(department, editor, LAST_MONTH)
    mine = Department.objects.filter(pk=department.pk)
    assert [owed.milestone or owed.month for owed in owed_by(mine)] == [early, THIS_MONTH, late]


def test_queries_of_what_is_missing_do_not_grow(department, other, reporting):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert list(reports_open_on(THIS_MONTH))
            assert owed_by(Department.objects.all())
        return len(captured)

    before = queries()
    more = [DepartmentFactory() for _number in range(3)]
    for each in more:
        UserFactory(groups=[each.editors])
    period(*more, name="另一期")
    assert queries() == before == 9


def test_a_period_that_ends_before_it_begins_is_refused(coordinator, department):
    response = client_of(coordinator).post(
        "/admin/reviewflow/reportingperiod/create/",
        {
            "name": "月报",
            "first_month": "2026-06-15",
            "last_month": "2026-05-20",
            "departments": [department.pk],
        },
    )
    assert response.status_code == 200
    assert response.context["form"].errors
    assert 'value="月报"' in response.content.decode()


# On the dashboard


def test_the_dashboard_of_an_editor_leads_to_what_is_open(editor, department, other, reporting):
    made = milestone(department, title="动员培训")
    milestone(other, title="别家的节点")
    html = client_of(editor).get("/admin/").content.decode()
    for address in (
        f"/admin/campaign/milestones/{made.pk}/departments/{department.pk}/",
        report_page(department, THIS_MONTH),
        report_page(department, LAST_MONTH),
    ):
        assert f'href="{address}"' in html
    assert "别家的节点" not in html
    listed = client_of(editor).get("/admin/campaign/").content.decode()
    assert "动员培训" in listed
    assert "别家的节点" not in listed


def test_who_speaks_for_no_department_has_no_list(coordinator):
    assert client_of(coordinator).get("/admin/campaign/").status_code == 302
    assert "/admin/campaign/" not in client_of(coordinator).get("/admin/").content.decode()
