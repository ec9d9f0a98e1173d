"""The public pages in a browser: legible to everybody, on a phone, on a desk and on paper."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from servicepages.models import DepartmentPage, HomePage, RegionPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    RegionFactory,
    ServiceHallFactory,
    TopicFactory,
    complete_item,
    material,
    publish,
)
from tests.shared import shared

pytestmark = pytest.mark.any_database

LONGEST_NAME = "建设用地（含临时用地）规划许可证核发及城乡规划主管部门对乡村建设规划许可的变更延续补办注销"


@shared
def city():
    """The address of a page of each kind, by name."""
    region = RegionFactory()
    RegionFactory(name="密山市", code="230382", parent=region)
    department = DepartmentFactory(region=region, name="市自然资源和规划局")
    topic = TopicFactory(name="建设管理", code="the-topic")
    hall = ServiceHallFactory(
        region=region,
        name="市政务服务中心",
        latitude=Decimal("45.3"),
        longitude=Decimal("130.97"),
        directions="乘6路车",
    )
    HomePage.objects.update(lead="一页说清楚。", notice="<p>窗口工作时间调整。</p>")
    form = AttachmentFactory(department=department)
    there = {"topics": [topic], "service_points": [*hall.windows.all()]}
    guide = publish(
        complete_item(
            department,
            title=LONGEST_NAME,
            implementation_code="11230300002390517A3000111007002",
            materials=[
                (
                    "material",
                    material(
                        "申请表",
                        blank_form=form,
                        filled_in_sample=form,
                        notes="双面打印",
                        file_kinds=["text", "picture", "archive", "media"],
                    ),
                ),
                ("material", material("身份证", original_required=False, upload_required=False)),
            ],
            fees=[
                (
                    "fee",
                    {
                        "item": "工本费",
                        "amount": Decimal("20"),
                        "unit": "证",
                        "standard": "",
                        "basis": "发改价格〔2003〕2322号",
                    },
                )
            ],
            consultation_phone="0467-2345678、0467-2345679转801",
            consultation_email="someone@example.org",
            mailing_address="鸡冠区文化路9号",
            periodic_inspection="每年一次。",
            questions=[("question", {"question": "可以代办吗？", "answer": "可以，凭委托书。"})],
            other_topics=[("topic", {"audience": "organisation", "text": "社会组织"})],
            **there,
        )
    )
    offline = publish(
        complete_item(
            department,
            title="现场办理的事项",
            online=False,
            online_address="",
            service_level="",
            materials=[("none_needed", {"note": ""})],
            **there,
        )
    )
    parent = publish(complete_item(department, title="有子项的事项", **there))
    publish(complete_item(department, parent=parent, title="子项", **there))
    withdrawn = publish(complete_item(department, title="已取消的事项"))
    withdrawn.unpublish()
    return {
        "home": "/",
        "region": RegionPage.objects.get(region=region).url,
        "department": DepartmentPage.objects.get(department=department).url,
        "topics": "/topics/",
        "topic": topic.get_absolute_url(),
        "halls": "/halls/",
        "hall": hall.get_absolute_url(),
        "guide": guide.url,
        "offline guide": offline.url,
        "family": parent.url,
        "search": "/search/?q=事项",
        "nothing found": "/search/?q=qqqq",
        "not found": "/no/such/page/",
        "withdrawn": withdrawn.url,
    }


@pytest.fixture
def tolerate():
    return ["404 (Not Found)", "410 (Gone)"]


def test_axe_finds_nothing_on_a_desk(city, live, desk, axe):
    for url in city.values():
        desk.goto(live.url + url)
        axe(desk)


def test_axe_finds_nothing_on_a_phone(city, live, phone, axe):
    for url in city.values():
        phone.goto(live.url + url)
        axe(phone)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(city, live, desk, width):
    desk.set_viewport_size({"width": width, "height": 800})
    for name, url in city.items():
        desk.goto(live.url + url)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, name


def test_what_one_presses_is_large_enough(city, live, phone):
    """44 CSS pixels, but for links inside a sentence."""
    small = """() => [...document.querySelectorAll("a, button, input, summary")]
        .filter(each => each.checkVisibility() && !each.matches(".skip-link, dd a, .basis a"))
        .filter(each => each.getBoundingClientRect().height < 43.5)
        .map(each => each.outerHTML)"""
    for name, url in city.items():
        phone.goto(live.url + url)
        assert phone.evaluate(small) == [], name


def test_the_first_tab_leads_to_the_content(city, live, desk):
    desk.goto(live.url + city["guide"])
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.className") == "skip-link"
    desk.keyboard.press("Enter")
    assert desk.evaluate("document.activeElement.id") == "main"


def test_materials_stay_a_table_on_a_phone(city, live, phone):
    """Browsers forget that a table is one when its rows are laid out as cards."""
    phone.goto(live.url + city["guide"])
    table = phone.get_by_role("table")
    assert table.get_by_role("columnheader").count() == 4
    assert table.get_by_role("rowheader").count() == 2
    assert table.get_by_role("link").count() == 2


def test_contents_stay_in_sight(city, live, desk):
    desk.goto(live.url + city["guide"])
    desk.locator(".toc a[href='#contact']").click()
    expect(desk.locator("#contact h2")).to_be_in_viewport()
    expect(desk.locator(".toc a").first).to_be_in_viewport()


def test_everything_works_without_javascript(city, live, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live.url)
    page.locator("main input[name=q]").fill("现场办理")
    page.locator("main form[role=search] button").click()
    page.locator("main").get_by_role("link", name="现场办理的事项").click()
    expect(page.locator("h1")).to_have_text("现场办理的事项")
    expect(page.locator("[data-print]")).to_be_hidden()
    context.close()


def test_the_guide_prints_whole_and_without_what_paper_cannot_do(city, live, desk):
    desk.goto(live.url + city["guide"])
    assert desk.locator("[data-print]").is_visible()
    assert not desk.get_by_text("可以，凭委托书。").is_visible()
    desk.emulate_media(media="print")
    assert desk.get_by_text("可以，凭委托书。").bounding_box()["height"] > 0
    assert desk.get_by_text("https://zwfw.example.org/apply").is_visible()
    assert desk.get_by_text(live.url + city["guide"]).is_visible()
    for gone in (".site-nav", ".toc", ".breadcrumbs", ".site-footer", "[data-print]"):
        assert not desk.locator(gone).is_visible(), gone


def test_the_page_keeps_its_shape_in_forced_colours(city, live, desk):
    """Boxes that only a background draws would be gone."""
    desk.emulate_media(forced_colors="active")
    desk.goto(live.url + city["guide"])
    for box in (".online", ".button--primary", ".glance__facts", ".tag"):
        width = desk.locator(box).first.evaluate("each => getComputedStyle(each).borderTopWidth")
        assert float(width.removesuffix("px")) >= 1, box
