"""The search in a browser: typed on a phone, narrowed, paged, and read without a mouse or without scripts."""

import re

import pytest
from playwright.sync_api import expect

from search.models import EverydayName, EverydayNameItem
from servicepages.models import Topic
from tests.factories import DepartmentFactory, RegionFactory, complete_item, publish
from tests.shared import shared


@pytest.fixture(autouse=True)
def three_guides_a_page(monkeypatch):
    monkeypatch.setattr("search.views.GUIDES_A_PAGE", 3)


@shared
def city():
    """Four guides of adoption, one more than a page has here: one of them online, in two places, with an
    everyday name."""
    city = RegionFactory()
    county = RegionFactory(name="密山市", code="230382", parent=city)
    department = DepartmentFactory(region=city, name="民政局")
    away = DepartmentFactory(region=county, name="民政局")

    def guide(title, department=department, **fields):
        return publish(complete_item(department, title=title, **{"online_address": "", **fields}))

    for number in range(3):
        guide(
            f"收养登记第{number:02}号",
            basic_code=f"0007110010{number:02}",
            online=False,
            service_level="",
            topics=[Topic.objects.get(code="birth-adoption" if number % 2 else "household")],
        )
    same = {"basic_code": "000711002000", "online_address": "https://zwfw.example.org/apply"}
    wedding = guide("结婚收养登记", **same)
    guide("结婚收养登记", department=away, **same)
    name = EverydayName(phrase="领养孩子")
    name.items = [EverydayNameItem(page=wedding)]
    name.save()
    return wedding


def box_of(page):
    return page.locator("input[role=combobox]")


def options(page):
    """Of the suggestions; the place's own list has some too."""
    return page.locator("[role=listbox] [role=option]")


def test_a_guide_is_found_on_a_phone(city, live, phone, axe):
    phone.goto(live.url)
    box = box_of(phone)
    box.press_sequentially("收养")
    expect(options(phone).first).to_be_visible()
    assert options(phone).count() <= 8
    axe(phone)
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options(phone).nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options(phone).nth(1).get_attribute("id"))
    expect(box).to_be_focused()
    box.press("Escape")
    expect(options(phone)).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.input_value() == "收养", "only looked at"

    box.press("Enter")
    expect(phone).to_have_url(re.compile(r"/search/\?q="))
    expect(phone.locator(".hit")).to_have_count(3)
    axe(phone)

    phone.locator(".filters__summary").click()
    phone.locator(".facet input[name=online][value=yes]").check()
    axe(phone)
    phone.locator(".filters__button").click()
    expect(phone.locator(".hit")).to_have_count(1)
    axe(phone)
    phone.locator(".chips--filters a").click()
    expect(phone.locator(".hit")).to_have_count(3)

    phone.locator(".pagination a[rel=next]").click()
    expect(phone.locator(".hit")).to_have_count(1)
    hit = phone.locator(".hit__title a")
    title = hit.inner_text()
    hit.click()
    expect(phone.locator("h1")).to_have_text(title)
    expect(phone).not_to_have_url(re.compile("/search/"))


@pytest.mark.any_database
def test_a_suggestion_is_chosen_by_keyboard_and_by_touch(city, live, phone):
    phone.goto(live.url)
    box = box_of(phone)
    box.press_sequentially("lingy")
    expect(options(phone).filter(has_text="领养孩子")).to_be_visible()
    box.press("ArrowUp")
    expect(options(phone).last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(options(phone).first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(phone.locator(".hit__title")).to_have_text("结婚收养登记")

    box = box_of(phone)
    box.fill("结婚")
    options(phone).filter(has_text="结婚收养登记").tap()
    expect(phone).to_have_url(re.compile(r"q=%E7%BB%93%E5%A9%9A%E6%94%B6%E5%85%BB"))
    phone.locator(".hit__places a").click()
    expect(phone.locator("h1")).to_have_text("结婚收养登记")
    expect(phone.locator(".guide__body")).to_contain_text("密山市")


@pytest.mark.any_database
def test_home_and_end_belong_to_the_text(city, live, desk):
    desk.goto(f"{live.url}/search/")
    box = box_of(desk)
    box.press_sequentially("收养")
    expect(options(desk).first).to_be_visible()
    box.press("ArrowDown")
    box.press("Home")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    assert box.evaluate("box => box.selectionStart") == 0
    box.press("End")
    assert box.evaluate("box => box.selectionStart") == 2


@pytest.mark.any_database
def test_what_a_screen_reader_is_told(city, live, desk):
    desk.goto(f"{live.url}/search/")
    box = box_of(desk)
    expect(box).to_have_attribute("aria-autocomplete", "list")
    status = desk.locator(".suggesting [role=status]")
    box.press_sequentially("收养")
    expect(status).to_contain_text(re.compile(r"\d"))
    box.fill("qqqqqqq")
    expect(options(desk)).to_have_count(0)
    expect(status).not_to_be_empty()
    expect(status).not_to_contain_text(re.compile(r"\d"))


@pytest.mark.any_database
def test_the_box_in_the_header_suggests_too(city, live, desk, axe):
    desk.goto(live.url + city.url)
    box = desk.locator("#site-search")
    box.press_sequentially("领养")
    expect(options(desk).first).to_be_visible()
    axe(desk)
    box.press("ArrowDown")
    box.press("Enter")
    expect(desk.locator(".hit__title")).to_have_text("结婚收养登记")


@pytest.mark.any_database
def test_the_filters_stand_beside_the_hits_on_a_desk(city, live, desk, axe):
    desk.goto(f"{live.url}/search/?q=收养")
    form, hits = desk.locator(".filters"), desk.locator(".hits")
    assert form.bounding_box()["x"] + form.bounding_box()["width"] <= hits.bounding_box()["x"]
    expect(desk.locator(".facet input[name=online][value=yes]")).to_be_visible()
    axe(desk)
    # By keyboard alone: from the box to a value, to the button.
    desk.locator(".facet input[name=online][value=yes]").focus()
    desk.keyboard.press("Space")
    desk.locator(".filters__button").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".hit")).to_have_count(1)
    axe(desk)


@pytest.mark.any_database
def test_nothing_moves_while_the_page_loads(city, live, phone):
    phone.add_init_script(
        "new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.shifted = (window.shifted ?? 0) + entry.value; }).observe({type: 'layout-shift', buffered: true})"
    )
    phone.goto(f"{live.url}/search/?q=收养")
    phone.wait_for_load_state("networkidle")
    assert not phone.evaluate("window.shifted")


@pytest.mark.any_database
def test_what_one_presses_is_large_enough(city, live, phone):
    """44 CSS pixels, with the filters open and suggestions below the box."""
    phone.goto(f"{live.url}/search/?q=收养&online=yes&visits=1")
    phone.locator(".filters__summary").click()
    box_of(phone).fill("登")
    expect(options(phone).first).to_be_visible()
    small = """() => [...document.querySelectorAll("a, button, select, summary, label, [role=option]")]
        .filter(each => each.checkVisibility() && !each.matches(".skip-link, .visually-hidden"))
        .filter(each => !each.matches(".filters__label"))
        .filter(each => each.getBoundingClientRect().height < 43.5)
        .map(each => each.outerHTML)"""
    assert phone.evaluate(small) == []


@pytest.mark.any_database
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(city, live, desk, width):
    desk.set_viewport_size({"width": width, "height": 800})
    desk.goto(f"{live.url}/search/?q=收养&online=yes&visits=1&department={'9' * 40}")
    box_of(desk).fill("登")
    expect(options(desk).first).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    desk.goto(f"{live.url}/search/?q=收养")
    assert desk.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.any_database
def test_without_javascript(city, live, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(live.url)
    page.locator("main input[name=q]").fill("收养")
    page.locator("main form[role=search] button").click()
    expect(page.locator(".hit")).to_have_count(3)
    page.locator(".filters__summary").click()
    page.locator(".facet input[name=online][value=no]").check()
    page.locator("select[name=place]").select_option(label="密山市")
    page.locator(".filters__button").click()
    expect(page.locator(".chips--filters a")).to_have_count(1)
    expect(page.locator(".hit")).to_have_count(3)
    page.locator(".chips--filters a").click()
    expect(page.locator(".chips--filters a")).to_have_count(0)
    page.locator(".orders a").nth(1).click()
    expect(page.locator(".orders a").nth(1)).to_have_attribute("aria-current", "true")
    page.locator(".pagination a[rel=next]").click()
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator("select[name=place] option:checked")).to_have_text("密山市")
    title = page.locator(".hit__title a").inner_text()
    page.locator(".hit__title a").click()
    expect(page.locator("h1")).to_have_text(title)
    context.close()
