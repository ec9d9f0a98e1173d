"""A guide, as it is read."""

import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from servicepages.models import DepartmentPage
from servicepages.vocabulary import ServiceLevel
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    complete_item,
    material,
    publish,
)
from tests.servicepages.public_pages.planted import token, working_days
from tests.servicepages.public_pages.reading import html_of, soup_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_the_online_way_comes_first_and_says_that_there_is_no_other(client):
    html = html_of(client, publish(complete_item(DepartmentFactory())).url)
    soup = BeautifulSoup(html, "html.parser")
    button = soup.select_one("main .button--primary")
    assert button["href"] == "https://zwfw.example.org/apply"
    assert soup.select_one(".online__rule").get_text(strip=True)
    for later in ('class="glance"', 'id="materials"', 'id="where"'):
        assert html.index("button--primary") < html.index(later)


@pytest.mark.parametrize("level", [ServiceLevel.INFORMATION, ServiceLevel.APPOINTMENT])
def test_a_guide_that_takes_nothing_in_online_does_not_send_people_away(client, level):
    item = publish(complete_item(DepartmentFactory(), service_level=level))
    soup = soup_of(client, item.url)
    assert soup.select_one("main .button--primary")["href"] == item.online_address
    assert not soup.select(".online__rule")


def test_an_item_that_is_not_online_offers_no_online_way(client):
    item = complete_item(DepartmentFactory(), online=False, online_address="", service_level="")
    soup = soup_of(client, publish(item).url)
    assert not soup.select(".online, .button--primary")


def test_no_fee_is_said_at_a_glance(client):
    soup = soup_of(client, publish(complete_item(DepartmentFactory())).url)
    assert soup.select_one(".glance__good")
    assert soup.select_one("#fees .stated")


def test_a_single_fee_stands_at_a_glance(client):
    fee = {"item": "工本费", "amount": Decimal("20.00"), "unit": "证", "standard": "", "basis": "发改价格"}
    soup = soup_of(client, publish(complete_item(DepartmentFactory(), fees=[("fee", fee)])).url)
    assert re.fullmatch(r"20\D+证", soup.select_one(".glance .amount").get_text(" ", strip=True))


def test_contents_lead_to_every_section(client, planted):
    soup = soup_of(client, planted.item.url)
    links = [link["href"][1:] for link in soup.select(".toc a")]
    assert links == [section["id"] for section in soup.select(".guide__section")]
    for section in soup.select(".guide__section"):
        assert soup.find(id=section["aria-labelledby"]).get_text(strip=True)


def test_ids_are_unique(client, planted):
    for name, url in planted.addresses().items():
        if name == "sitemap":
            continue
        soup = BeautifulSoup(client.get(url).content, "html.parser")
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids)), name


def test_the_flow_chart_is_also_a_list(client):
    item = publish(complete_item(DepartmentFactory()))
    section = soup_of(client, item.url).select_one("#flow-chart")
    assert section.select_one("svg[aria-hidden=true]")
    assert [step.get_text(strip=True) for step in section.select("ol > li")] == [
        f"{name}，{working_days(days)}" for name, days in (("受理", 1), ("审查", 3), ("决定", 1))
    ]


def test_a_picture_takes_the_place_of_the_drawn_flow_chart(client):
    picture = PictureFactory(description="先受理，再审查")
    section = soup_of(client, publish(complete_item(DepartmentFactory(), flow_chart=picture)).url).select_one(
        "#flow-chart"
    )
    assert section.select_one("img")["alt"] == "先受理，再审查"
    assert not section.select("svg")
    assert len(section.select("ol > li")) == 3
    assert client.get(section.select_one("img")["src"]).status_code == 200


def test_a_material_names_its_files_with_kind_and_size(client):
    department = DepartmentFactory()
    form = AttachmentFactory(department=department, filename="biao.docx")
    item = complete_item(department, materials=[("material", material("申请表", blank_form=form))])
    table = soup_of(client, publish(item).url).select_one("#materials table")
    assert len(table.select("thead th[scope=col]")) == len(table.select("tbody tr > *"))
    assert table.select_one("tbody th[scope=row]").get_text(strip=True) == "申请表"
    link = table.select_one("a.download")
    assert link["href"] == form.url
    text = link.get_text(" ", strip=True)
    assert "申请表" in text
    assert re.search(r"DOCX, \d+", text)


def test_no_material_needed_is_said(client):
    item = complete_item(DepartmentFactory(), materials=[("none_needed", {"note": "现场核验"})])
    section = soup_of(client, publish(item).url).select_one("#materials")
    assert "现场核验" in section.get_text()
    assert not section.select("table")


def test_phones_can_be_dialled(client):
    item = complete_item(DepartmentFactory(), consultation_phone="0467-2345678、0467-2345679转801")
    links = soup_of(client, publish(item).url).select("#contact a[href^=tel]")
    assert [link["href"] for link in links] == ["tel:04672345678", "tel:04672345679;ext=801", "tel:12345"]


def test_an_item_with_sub_items_shows_them_and_files_no_sheet(client):
    department = DepartmentFactory()
    parent = publish(complete_item(department, title="社会团体登记", who_may_apply="zsheet"))
    child = publish(complete_item(department, parent=parent, title="成立登记"))
    complete_item(department, parent=parent, title="起草中的子项")
    soup = soup_of(client, parent.url)
    assert [link["href"] for link in soup.select(".guide__sub-items a")] == [child.url]
    assert [section["id"] for section in soup.select(".guide__section")] == ["legal-bases", "about"]
    assert not soup.select(".glance, .online")
    assert "zsheet" not in str(soup)
    assert "社会团体登记" in soup_of(client, child.url).select_one(".breadcrumbs").get_text()


def test_a_guide_says_when_it_was_published_and_describes_itself(client):
    item = publish(complete_item(DepartmentFactory(name="民政局")))
    soup = soup_of(client, item.url)
    published = timezone.localtime(item.last_published_at)
    assert soup.select_one("#about time")["datetime"] == f"{published:%Y-%m-%d}"
    assert "民政局" in soup.select_one("meta[name=description]")["content"]
    assert soup.select_one("link[rel=canonical]")["href"] == f"http://testserver{item.url}"
    assert soup.html["lang"] == "zh-Hans"


def test_a_draft_is_not_found(client):
    item = complete_item(DepartmentFactory())
    assert client.get(item.url).status_code == 404


def test_a_withdrawn_guide_says_whom_to_ask(client):
    department = DepartmentFactory(name="民政局", phone="0467-7654321")
    item = publish(complete_item(department, title="已取消的事项"))
    item.unpublish()
    soup = soup_of(client, item.url, 410)
    main = soup.select_one("main")
    assert main.h1.get_text(strip=True) == "已取消的事项"
    assert main.select_one("a[href^=tel]")["href"] == "tel:04677654321"
    assert main.find("a", href=DepartmentPage.objects.get(department=department).url)
    assert not soup.select("link[rel=canonical]")


def test_the_preview_of_a_draft_renders(admin_client, planted):
    response = admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[planted.item.pk]))
    assert response.status_code == 200
    assert token("draft_title") in response.content.decode()
