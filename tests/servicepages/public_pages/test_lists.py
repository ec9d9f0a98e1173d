"""What leads to the guides: departments, topics, halls, the home page."""

from decimal import Decimal

import pytest
from django.urls import reverse
from wagtail.models import Page

from servicepages.models import ContentPage, DepartmentPage, HomePage, RegionPage, Topic
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    ServiceHallFactory,
    TopicFactory,
    complete_item,
    publish,
)
from tests.servicepages.public_pages.planted import working_days
from tests.servicepages.public_pages.reading import soup_of

pytestmark = pytest.mark.django_db


def names_on(soup, selector=".item-list > li > .item-line > .item-line__name"):
    return [name.get_text(strip=True) for name in soup.select(selector)]


def test_a_department_lists_its_items_by_number_with_their_sub_items(client):
    department = DepartmentFactory()
    publish(complete_item(department, title="乙", serial_number="10"))
    parent = publish(complete_item(department, title="甲", serial_number="2"))
    publish(complete_item(department, parent=parent, title="甲一", serial_number="2-1"))
    publish(complete_item(DepartmentFactory(), title="别的部门的"))
    complete_item(department, title="草稿")
    soup = soup_of(client, DepartmentPage.objects.get(department=department).url)
    assert names_on(soup) == ["甲", "乙"]
    assert names_on(soup, ".item-line__sub-items .item-line__name") == ["甲一"]


def test_a_sub_item_whose_item_is_withdrawn_stays_on_the_list(client):
    department = DepartmentFactory()
    parent = publish(complete_item(department, title="甲"))
    publish(complete_item(department, parent=parent, title="甲一"))
    Page.objects.get(pk=parent.pk).unpublish()
    assert names_on(soup_of(client, DepartmentPage.objects.get(department=department).url)) == ["甲一"]


def test_a_line_says_what_people_ask_first(client):
    department = DepartmentFactory()
    publish(complete_item(department, title="甲", visits_required=0, visit_reason=""))
    line = soup_of(client, DepartmentPage.objects.get(department=department).url).select_one(".item-line")
    facts = [fact.get_text(strip=True) for fact in line.select(".item-line__facts > li")]
    assert len(facts) == 4
    assert working_days(5) in facts


def test_a_sub_item_is_listed_with_the_item_it_is_part_of(client):
    department = DepartmentFactory()
    topic = TopicFactory(name="主题", code="the-topic")
    parent = publish(complete_item(department, title="社会团体登记", topics=[]))
    publish(complete_item(department, parent=parent, title="成立登记", topics=[topic]))
    for url in (topic.get_absolute_url(), "/"):
        names = names_on(soup_of(client, url))
        assert "社会团体登记›成立登记" in [name.replace(" ", "") for name in names], url


def test_a_topic_is_listed_with_the_number_of_its_items(client):
    department = DepartmentFactory()
    topic = Topic.objects.get(code="marriage")
    for _ in range(3):
        publish(complete_item(department, topics=[topic]))
    complete_item(department, topics=[topic])
    link = soup_of(client, "/topics/").find("a", href=topic.get_absolute_url())
    assert link.select_one(".topic-links__count").get_text(strip=True).endswith("3")


def test_a_long_list_comes_in_pages(client, monkeypatch):
    monkeypatch.setattr("servicepages.listings.ITEMS_A_PAGE", 3)
    department = DepartmentFactory()
    for number in range(7):
        publish(complete_item(department, title=f"事项{number}", serial_number=str(number + 1)))
    url = DepartmentPage.objects.get(department=department).url
    first, second = soup_of(client, url), soup_of(client, f"{url}?page=2")
    assert names_on(second) == ["事项3", "事项4", "事项5"]
    assert second.select_one(".item-list")["start"] == "4"
    assert first.select_one("a[rel=next]")["href"] == "?page=2"
    assert second.select_one("a[rel=prev]")["href"] == "?page=1"
    assert second.select_one("link[rel=canonical]")["href"].endswith("?page=2")
    assert soup_of(client, f"{url}?page=nonsense").select_one("[aria-current=page]").get_text() == "1"


def test_home_leads_to_topics_departments_places_and_what_is_new(client):
    department = DepartmentFactory(name="民政局")
    county = RegionFactory(name="密山市", code="230382", parent=department.region)
    item = publish(complete_item(department, topics=[Topic.objects.get(code="marriage")]))
    soup = soup_of(client, "/")
    links = {link["href"] for link in soup.select("main a")}
    assert {
        "/topics/marriage/",
        "/topics/bankruptcy/",
        DepartmentPage.objects.get(department=department).url,
        RegionPage.objects.get(region=county).url,
        item.url,
    } <= links
    assert soup.select_one("main form[role=search]")["action"] == reverse("search:search")
    assert soup.select_one("main input[type=search]")["name"] == "q"


def test_a_hall_shows_where_it_is_and_what_is_done_there(client):
    hall = ServiceHallFactory(name="市民大厦", latitude=Decimal("45.3"), longitude=Decimal("130.97"))
    plain = ServiceHallFactory(name="无坐标的大厅", region=hall.region)
    publish(complete_item(DepartmentFactory(region=hall.region), title="甲", service_points=[hall]))
    main = soup_of(client, hall.get_absolute_url()).main
    assert names_on(main) == ["甲"]
    assert hall.address in main.get_text()
    assert main.select("a[href*='45.3']")
    assert not soup_of(client, plain.get_absolute_url()).main.select("a[href*='marker']")
    assert plain.name in soup_of(client, "/halls/").main.get_text()


def test_a_page_of_text_shows_its_text(client):
    page = HomePage.objects.get().add_child(
        instance=ContentPage(title="关于本站", slug="about", lead="由谁编写", body="<p>由各部门编写。</p>")
    )
    text = soup_of(client, page.url).main.get_text()
    assert "由谁编写" in text
    assert "由各部门编写。" in text


def test_a_missing_page_helps_on(client):
    soup = soup_of(client, "/no/such/page/", 404)
    assert soup.select_one("main form[role=search]")
    assert not soup.select("link[rel=canonical]")
