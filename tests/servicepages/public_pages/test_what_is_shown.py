"""What anybody on the internet gets to read: everything public, nothing internal."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from servicepages import fields
from servicepages.fields import Signer
from servicepages.models import ContentPage, HomePage, ServiceItemPage
from servicepages.public import PublicGuide
from tests.factories import DepartmentFactory, complete_item, publish
from tests.servicepages.public_pages.planted import NOTHING_TO_PLANT
from tests.servicepages.public_pages.reading import html_of, soup_of

pytestmark = pytest.mark.django_db


def test_every_internal_field_is_planted(planted):
    """A field that is new in the table gets a trace, or a line that says why there is none."""
    internal = {path for path, field in fields.TABLE.items() if not field.is_public}
    planted_paths = {path for path, _text in planted.of_fields(public=False)}
    assert planted_paths | NOTHING_TO_PLANT == internal
    assert not planted_paths & NOTHING_TO_PLANT


def test_every_public_field_is_planted(planted):
    streams = {path.partition(".")[0] for path in fields.TABLE if "." in path}
    public = {
        path
        for path, field in fields.TABLE.items()
        if field.is_public and field.signer is not Signer.BOOKKEEPING and path not in streams
    }
    assert public <= set(planted.traces)


def test_no_public_page_shows_anything_internal(client, planted):
    forbidden = [
        *planted.of_fields(public=False),
        ("contacts.name", "zcontactname"),
        ("contacts.mobile", "zcontactmobile"),
    ]
    surfaces = {
        name: html_of(client, url, 404 if name == "not found" else 200)
        for name, url in planted.addresses().items()
    }
    surfaces["flow chart"] = PublicGuide(planted.item).flow.svg
    planted.item.unpublish()
    surfaces["withdrawn"] = html_of(client, planted.item.url, 410)
    for name in ("guide", "department", "topic", "hall", "search", "search by body", "withdrawn"):
        assert planted.item.title in surfaces[name], f"{name} does not show the item at all"
    leaks = [
        f"{path} on {name}" for name, html in surfaces.items() for path, text in forbidden if text in html
    ]
    assert not leaks


def test_search_finds_nothing_by_an_internal_word(client, planted):
    for path, text in planted.of_fields(public=False):
        html = html_of(client, f"{reverse('search:search')}?q={text}")
        assert planted.item.title not in html, path


def test_an_internal_file_is_not_served(client, planted):
    decision = planted.item.offline_decision[0].value
    assert client.get(decision["scan"].url).status_code == 404
    assert client.get(planted.item.materials[0].value["blank_form"].url).status_code == 200


def test_the_guide_shows_everything_public(client, planted):
    html = html_of(client, planted.item.url)
    missing = [path for path, text in planted.of_fields(public=True) if text not in html]
    assert not missing


@pytest.mark.usefixtures("rendered_each_time")
@pytest.mark.parametrize("name", ["on_provincial_platform", "show_in_menus", "locked"])
def test_an_internal_yes_or_no_changes_no_page(client, name):
    item = publish(complete_item(DepartmentFactory()))
    urls = [item.url, "/", item.get_parent().url]
    pages = []
    for value in (True, False):
        ServiceItemPage.objects.filter(pk=item.pk).update(**{name: value})
        pages.append([html_of(client, url) for url in urls])
    assert pages[0] == pages[1]


def test_no_page_has_anything_inline(client, planted):
    """The content security policy would not run it, and the page would be broken for everybody."""
    for name, url in planted.addresses().items():
        if name == "sitemap":
            continue
        soup = BeautifulSoup(client.get(url).content, "html.parser")
        assert not soup.select("[style], style, script:not([src])"), name
        assert not [tag for tag in soup.find_all() if any(key.startswith("on") for key in tag.attrs)], name
        for tag in soup.select("link[href], script[src], img[src]"):
            address = tag.get("href") or tag.get("src")
            own = address.startswith("/") or tag.get("rel") == ["canonical"]
            assert own, f"{name} asks for {address}"


def test_the_home_page_leads_to_the_pages_of_text(client):
    """About this site, announcements: what nobody can find helps nobody."""
    home = HomePage.objects.get()
    home.add_child(instance=ContentPage(title="网站声明"))
    home.add_child(instance=ContentPage(title="没有公布的公告", live=False))
    links = {link.get_text(strip=True): link["href"] for link in soup_of(client, "/").select("footer a")}
    assert client.get(links["网站声明"]).status_code == 200
    assert "没有公布的公告" not in links
