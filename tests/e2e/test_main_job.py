"""The main job from end to end, in a real browser: an item is written, reviewed, published and found."""

import re
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import Group
from django.utils.translation import override
from playwright.sync_api import expect

from reviewflow.models import OfficeReview
from servicepages import blocks, fields
from servicepages.models import ServiceHall, ServiceItemPage
from tests.factories import DepartmentFactory, ServiceHallFactory, TopicFactory, UserFactory, docx_bytes
from tests.shared import shared

TITLE = "内地居民结婚登记"
REMARK = "请写明本人到场要做什么"
INTERNAL = {
    "approval_steps.section": ["婚登科甲", "婚登科乙", "婚登科丙"],
    "approval_steps.handler": ["经办甲某", "经办乙某", "经办丙某"],
    "approval_steps.post": ["科员壹", "副科长贰", "科长叁"],
    "approval_steps.mobile": ["13800000001", "13800000002", "13800000003"],
    "own_hall": ["自有厅内部编号七"],
    "public_hall": ["公共厅内部编号八"],
    "offline_reason": ["依法须双方亲自到场的内部说明"],
    "offline_decision.decided_by": ["分管市领导戊某"],
    "offline_decision.document": ["内部签批单第三号"],
    "offline_decision.decided_on": ["2026-02-01", "2026年2月1日"],
    "filled_in_by": ["填表人丁某"],
    "filled_in_phone": ["0467-5550199"],
    "filled_in_on": ["2026-03-09", "2026年3月9日"],
}
# What has no value of its own to look for: a yes or no, a stream whose values are listed, an empty file.
NOTHING_TO_LOOK_FOR = {
    "on_provincial_platform",
    "offline_decision",
    "offline_decision.scan",
    "legal_bases.entry",  # tests/servicepages/test_laws.py
    "service_points.id",
    "service_points.page",
    "service_points.sort_order",
}


TABS = ["editorial", "legal_affairs", "general_office", "internal"]


def label_of(block_class):
    with override("zh-hans"):
        return str(block_class._meta_class.label)


class Editor:
    """What an editor does with the form: opens a tab, types, adds a line, uploads a file."""

    def __init__(self, page):
        self.page = page
        # It opens a moment after its field was entered, be it left again or not; who sees it clicks beside it.
        calendar = page.locator(".xdsoft_datetimepicker:visible")
        page.add_locator_handler(calendar, lambda: page.locator("body").dispatch_event("mousedown"))

    def tab(self, name):
        self.page.get_by_role("tab").nth(TABS.index(name)).click()

    def type(self, name, value):
        control = self.page.locator(f"[name='{name}']")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
            control.press("Tab")

    def add_line(self, field, block_class=None, **values):
        container = self.page.locator(f"[data-contentpath='{field}']").first
        number = int(container.locator(f"[name='{field}-count']").input_value())
        # by keyboard, as many do; and a click can miss while the checklist beside it is brought up to date
        container.locator("button.c-sf-add-button").last.press("Enter")
        if block_class is not None:
            self.page.get_by_role("option", name=label_of(block_class), exact=True).click()
        for key, value in values.items():
            self.type(f"{field}-{number}-value-{key}", value)
        return f"{field}-{number}-value"

    def upload(self, name, file_name, content):
        self.page.locator(f"#{name}-chooser [data-chooser-action-choose]").first.click()
        modal = self.page.locator(".modal-dialog")
        modal.locator("#tab-label-upload").click()
        modal.locator("input[type=file]").set_input_files(
            {"name": file_name, "mimeType": "application/octet-stream", "buffer": content}
        )
        expect(modal.locator("input[name$='-title']")).not_to_have_value("")  # Wagtail fills it in
        modal.locator("form [type=submit]:visible").last.click()
        modal.wait_for(state="hidden")

    def submit(self):
        self.page.locator("footer [data-w-dropdown-target='toggle']").first.click()
        with next_page(self.page):
            self.page.locator("[name=action-submit]").click()


@contextmanager
def next_page(page):
    """Waits for another document. Saving by itself changes the address, too, but not the document."""
    page.evaluate("window.isTheOldPage = true")
    yield
    page.wait_for_function("!window.isTheOldPage && document.readyState === 'complete'")


def log_in(page, live, username):
    page.context.clear_cookies()
    page.goto(f"{live.url}/admin/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "password")
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")


@shared
def people():
    department = DepartmentFactory(name="市民政局", phone="0467-5550100")
    UserFactory(username="editor", groups=[department.editors])
    UserFactory(username="department-legal", groups=[department.legal_officers])
    for username, group in (
        ("editorial", "Editorial"),
        ("legal-affairs", "Legal Affairs"),
        ("general-office", "General Office"),
    ):
        UserFactory(username=username, groups=[Group.objects.get(name=group)])
    ServiceHallFactory(region=department.region, name="市政务服务中心", address="鸡冠区康新路92号")
    TopicFactory()
    return department


def write_the_item(editor, page):
    editor.type("title", TITLE)
    editor.type("serial_number", "MZ-001")
    editor.type("item_type", "confirmation")
    editor.add_line("legal_bases", law="婚姻登记条例", article="第七条")

    editor.tab("legal_affairs")
    editor.add_line(
        "fees", blocks.FeeBlock, item="婚姻证书工本费", amount="9", unit="对", basis="计价格〔2001〕523号"
    )
    editor.add_line("conditions", text="双方均达到法定婚龄，自愿结婚。")
    editor.add_line("procedure", name="受理", description="登记员当场核对证件。")

    editor.tab("general_office")
    editor.type("who_may_apply", "一方常住户口在本市的内地居民")
    editor.type("case_kind", "promised")
    editor.type("acceptance_days", "1")
    editor.type("review_days", "2")
    editor.type("promised_limit", "3")
    editor.type("promised_limit_unit", "working_days")
    editor.type("statutory_limit", "5")
    editor.type("statutory_limit_unit", "working_days")
    editor.type("visits_required", "1")
    editor.type("visit_reason", "双方须本人到场")
    for number, name in enumerate(("受理环节", "审查环节", "决定环节")):
        editor.add_line(
            "approval_steps",
            name=name,
            working_days="1",
            **{key.partition(".")[2]: INTERNAL[key][number] for key in INTERNAL if "approval_steps." in key},
        )
    form = editor.add_line("materials", blocks.MaterialBlock, name="申请结婚登记声明书")
    editor.upload(f"{form}-blank_form", "声明书.docx", docx_bytes("申请结婚登记声明书"))
    editor.add_line("materials", blocks.MaterialBlock, name="居民身份证", copies="1")
    editor.add_line("result", name="结婚证", kind="certificate")
    page.locator("[name=topics]").first.check()
    editor.type("online", "False")
    page.locator("#id_service_points-ADD").click()
    editor.type("service_points-0-hall", str(ServiceHall.objects.get().pk))
    editor.type("consultation_phone", "0467-5550101")
    editor.type("complaint_phone", "12345")


def finish_the_internal_tab(editor):
    editor.tab("internal")
    for name in (
        "own_hall",
        "public_hall",
        "offline_reason",
        "filled_in_by",
        "filled_in_phone",
        "filled_in_on",
    ):
        editor.type(name, INTERNAL[name][0])
    editor.type("on_provincial_platform", "True")
    decision = {
        path.partition(".")[2]: values[0]
        for path, values in INTERNAL.items()
        if path.startswith("offline_decision.")
    }
    editor.add_line("offline_decision", **decision)


def open_the_sheet(page, live, username):
    """As somebody finds it: on the list of what waits for them."""
    log_in(page, live, username)
    page.goto(f"{live.url}/admin/review/")
    page.locator("main").get_by_role("link", name=re.compile(TITLE)).first.click()
    page.locator("#review-sheet").wait_for()


def test_an_item_is_written_reviewed_published_and_found(live, people, desk, phone, axe):
    # The editor writes it from nothing.
    log_in(desk, live, "editor")
    section = people.page
    desk.goto(f"{live.url}/admin/pages/add/servicepages/serviceitempage/{section.pk}/")
    editor = Editor(desk)
    write_the_item(editor, desk)

    # It cannot be submitted while the checklist has lines, and nothing that was typed is lost.
    editor.submit()
    desk.locator(".messages .error").wait_for()
    assert not ServiceItemPage.objects.filter(live=True).exists()
    checklist = desk.locator("#service-item-checklist")
    assert checklist.locator(".checklist__finding--error").count() >= 5
    assert desk.locator("[name=title]").input_value() == TITLE
    assert desk.locator("[name='approval_steps-2-value-handler']").input_value() == "经办丙某"

    # A line of the checklist leads to its field, on whatever tab that is.
    editor.tab("editorial")
    checklist.locator("[data-w-focus-target-value*='offline_reason']").click()
    expect(desk.locator("[name=offline_reason]")).to_be_visible()

    finish_the_internal_tab(editor)
    editor.submit()
    desk.locator(".messages .success").wait_for()
    item = ServiceItemPage.objects.get(title=TITLE)
    assert item.workflow_in_progress
    assert not item.live

    # Before the last approval nobody outside sees it.
    path = item.get_url()
    assert phone.request.get(live.url + path).status == 404

    # The department's legal officer checks it, then the three offices at once; one asks for a change.
    for username in ("department-legal", "editorial", "legal-affairs"):
        open_the_sheet(desk, live, username)
        with next_page(desk):
            desk.locator("#sign").click()
        desk.locator(".messages .success").wait_for()
    open_the_sheet(desk, live, "general-office")
    field = desk.locator("tr", has=desk.locator("#field-visit_reason"))
    field.locator("summary").click()
    field.locator("textarea").fill(REMARK)
    with next_page(desk):
        desk.locator("[value=request-changes]").click()
    item.refresh_from_db()
    assert not item.live

    # The editor finds the remark beside its field, puts it right, says so, and hands it in again.
    log_in(desk, live, "editor")
    desk.goto(f"{live.url}/admin/pages/{item.pk}/edit/")
    editor.tab("general_office")
    remark = desk.locator(".remark", has_text=REMARK)
    remark.scroll_into_view_if_needed()
    axe(desk, ".remark")
    editor.type("visit_reason", "双方须本人到场，当场核对身份")
    remark.get_by_role("button").first.click()
    expect(desk.locator(".remark", has_text=REMARK).locator("[data-remark-answer]")).to_have_count(0)
    expect(desk.locator("#service-item-checklist")).not_to_contain_text(REMARK)
    editor.submit()
    desk.locator(".messages .success").wait_for()

    # Only the office whose field has changed is asked again.
    assert set(OfficeReview.objects.waiting().values_list("signatory", flat=True)) == {"General Office"}
    open_the_sheet(desk, live, "general-office")
    with next_page(desk):
        desk.locator("#sign").click()
    desk.locator(".messages .success").wait_for()

    item.refresh_from_db()
    assert item.live
    assert item.visit_reason == "双方须本人到场，当场核对身份"

    # A citizen finds it by a word from its middle.
    phone.goto(f"{live.url}/search/?q=居民结婚")
    phone.locator("main").get_by_role("link", name=re.compile(TITLE)).click()
    phone.wait_for_url(f"**{path}")
    expect(phone.locator("h1")).to_have_text(TITLE)
    text = phone.inner_text("main")
    for said in (
        TITLE,
        "婚姻登记条例",
        "第七条",
        "婚姻证书工本费",
        "双方均达到法定婚龄",
        "居民身份证",
        "结婚证",
        "0467-5550101",
    ):
        assert said in text
    assert phone.locator("main svg.flow-chart").count() == 1
    download = phone.locator("main a[href*='/documents/']").first.get_attribute("href")
    assert phone.request.get(live.url + download).status == 200
    axe(phone)

    html = phone.content()
    internal = {
        path
        for path, field in fields.TABLE.items()
        if not field.is_public and field.name in {content.path for content in fields.content_fields()}
    }
    assert internal - NOTHING_TO_LOOK_FOR <= set(INTERNAL), "an internal field that nobody looks for"
    for path_of_field, values in INTERNAL.items():
        for value in values:
            assert value not in html, path_of_field


@pytest.mark.any_database
def test_submitting_while_it_is_being_saved_makes_one_page(live, people, desk, settings):
    """Wagtail saves a new page by itself; a person who submits in that moment must not get two."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 100
    log_in(desk, live, "editor")
    held = []
    desk.goto(f"{live.url}/admin/pages/add/servicepages/serviceitempage/{people.page.pk}/")
    # the server is slow in answering the autosave (it accepts JSON), not the submission
    desk.route(
        "**/admin/pages/add/**",
        lambda route: (
            held.append(route)
            if "application/json" in route.request.headers.get("accept", "")
            else route.continue_()
        ),
    )
    # what is typed before the editor has taken stock of the form is no change to it
    for _ in range(10):
        desk.locator("[name=title]").press_sequentially("婚")
        for _ in range(20):
            desk.wait_for_timeout(100)
            if held:
                break
        if held:
            break
    assert held, "nothing was saved by itself"
    desk.locator("footer [data-w-dropdown-target='toggle']").first.click()
    desk.locator("[name=action-submit]").click()
    desk.wait_for_timeout(300)
    assert not ServiceItemPage.objects.exists(), "it did not wait"
    with next_page(desk):
        held[0].continue_()
    desk.locator(".messages .error").wait_for()
    assert ServiceItemPage.objects.count() == 1
    assert re.search(r"/admin/pages/\d+/edit/", desk.url)
