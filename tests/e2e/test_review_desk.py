"""Three reviewers handle ten items each without a mouse; a corrected fee asks Legal Affairs alone again."""

import pytest
from playwright.sync_api import expect

from reviewflow.models import Decision, OfficeReview, Remark
from reviewflow.signatories import OFFICES, Signatory
from reviewflow.submission import submit
from servicepages.models import ServiceItemPage
from tests.e2e.test_main_job import log_in, next_page
from tests.factories import DepartmentFactory, UserFactory, complete_item, reviewer, sign_off
from tests.shared import shared

pytestmark = pytest.mark.any_database
ITEMS = 10
LEGAL = Signatory.LEGAL_AFFAIRS
USERNAMES = {office: office.name.lower().replace("_", "-") for office in OFFICES}


@shared
def editor():
    department = DepartmentFactory(name="市民政局")
    for office, username in USERNAMES.items():
        reviewer(office, username=username)
    return UserFactory(groups=[department.editors], home_department=department)


@shared
def items(editor):
    items = [complete_item(editor.home_department, title=f"示例事项{number}") for number in range(ITEMS)]
    for item in items:
        sign_off(item.save_revision().as_object(), Signatory.DEPARTMENT_LEGAL)
        submit(item, editor)
    return items


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def open_queue_by_keyboard(page):
    """From the dashboard: Tab leads to the queue's own line in the menu, Enter follows it."""
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "/admin/review/":
            break
    with next_page(page):
        page.keyboard.press("Enter")


def open_first_sheet_by_keyboard(page):
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('td.title') !== null"):
            break
    with next_page(page):
        page.keyboard.press("Enter")


def shortcuts_are_ready(page):
    """Until then a key would go to nobody."""
    page.locator("body.ready").wait_for()
    page.wait_for_load_state("load")


def sign_by_keyboard(page):
    shortcuts_are_ready(page)
    page.keyboard.press("s")
    expect(page.locator("#sign")).to_be_focused()
    with next_page(page):
        page.keyboard.press("Enter")


@pytest.fixture
def mouse_is_away(desk):
    """Fails the test where a mouse was used on a sheet or the queue."""
    desk.add_init_script(
        "addEventListener('mousedown', () => { if (location.pathname.startsWith('/admin/review')) console.error('a mouse!') }, true)"
    )


def test_three_reviewers_by_keyboard_only_and_one_corrected_fee(
    live, editor, items, desk, axe, mouse_is_away
):
    for office, username in USERNAMES.items():
        log_in(desk, live, username)
        open_queue_by_keyboard(desk)
        expect(desk.locator("td.title a")).to_have_count(ITEMS)
        if office is LEGAL:
            axe(desk, within="main")
        open_first_sheet_by_keyboard(desk)
        if office is LEGAL:
            axe(desk, within="main")
        for _item in range(ITEMS):
            expect(desk.locator("#sign")).to_be_visible()
            sign_by_keyboard(desk)
        desk.wait_for_url("**/admin/review/")
        expect(desk.locator("td.title a")).to_have_count(0)
    assert all(fresh(item).live for item in items)
    assert Decision.objects.filter(submission__isnull=False).count() == 3 * ITEMS

    item = fresh(items[0])
    item.fees[0].value["note"] = "财税〔2018〕1号"
    item.save_revision(user=editor)
    submit(item, editor)
    assert [review.signatory for review in OfficeReview.objects.waiting()] == [LEGAL]
    for office, username in USERNAMES.items():
        log_in(desk, live, username)
        open_queue_by_keyboard(desk)
        expect(desk.locator("td.title a")).to_have_count(1 if office is LEGAL else 0)
    log_in(desk, live, USERNAMES[LEGAL])
    open_queue_by_keyboard(desk)
    open_first_sheet_by_keyboard(desk)
    expect(desk.locator("ins.review-ins").first).to_contain_text("2018")
    sign_by_keyboard(desk)
    assert fresh(items[0]).fees[0].value["note"] == "财税〔2018〕1号"


def test_changes_are_requested_on_a_line_by_keyboard(live, editor, items, desk, mouse_is_away):
    log_in(desk, live, USERNAMES[LEGAL])
    open_queue_by_keyboard(desk)
    open_first_sheet_by_keyboard(desk)
    shortcuts_are_ready(desk)
    desk.keyboard.press("j")  # the field, then its first line
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator(".review-remark__text:focus")).to_be_visible()
    desk.keyboard.type("single keys: s n q")  # only typed, while a field has the cursor
    desk.keyboard.press("Tab")
    while desk.evaluate("document.activeElement.id") != "id_remark":
        desk.keyboard.press("Tab")
    desk.keyboard.type("请改")
    while desk.evaluate("document.activeElement.value") != "request-changes":
        desk.keyboard.press("Tab")
    with next_page(desk):
        desk.keyboard.press("Enter")
    remark = Remark.objects.get()
    assert (remark.field, remark.text) == ("fees", "single keys: s n q")
    assert remark.block
    decision = Decision.objects.get(signatory=LEGAL)
    assert (decision.kind, decision.remark) == (Decision.Kind.CHANGES_REQUESTED, "请改")
    expect(desk.locator("#sign")).to_be_visible()  # of the next item

    desk.keyboard.press("n")
    desk.wait_for_load_state("load")
    shortcuts_are_ready(desk)
    desk.keyboard.press("q")
    desk.wait_for_url("**/admin/review/")


def test_it_works_without_a_script(live, editor, items, browser):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live.url}/admin/login/")
    page.fill("[name=username]", USERNAMES[LEGAL])
    page.fill("[name=password]", "password")
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")
    page.goto(f"{live.url}/admin/review/")
    page.click("td.title a >> nth=0")
    page.click(".review-remark__summary >> nth=0")
    page.fill(".review-remark__text >> nth=0", "依据不全")
    page.click("[value=request-changes]")
    page.locator(".messages .success").wait_for()
    assert Remark.objects.get().text == "依据不全"
    context.close()
