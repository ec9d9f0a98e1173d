"""What anybody on the internet gets to read: everything public, nothing internal, in few queries."""

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import StreamField
from wagtail.models import Comment, Page

from servicepages import fields
from servicepages.fields import Signer
from servicepages.law_chooser import LawChooserBlock
from servicepages.models import (
    ContactPerson,
    ContentPage,
    DepartmentPage,
    HomePage,
    Law,
    RegionPage,
    ServiceItemPage,
    Topic,
)
from servicepages.public import PublicGuide
from servicepages.time_limits import TimeLimit
from servicepages.vocabulary import ContactRole, ServiceLevel, TimeUnit
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    RegionFactory,
    ServiceHallFactory,
    ServiceWindowFactory,
    TopicFactory,
    UserFactory,
    add_item,
    complete_item,
    material,
    publish,
)

pytestmark = pytest.mark.django_db

QUERIES_OF_A_GUIDE = 16


def token(path) -> str:
    """A word that stands nowhere but where it was planted."""
    return "z" + hashlib.sha256(path.encode()).hexdigest()[:9]


def year(path) -> int:
    """A year that stands nowhere but where it was planted."""
    return 2100 + sorted(fields.TABLE).index(path)


def traces_of_date(path):
    return [f"{year(path)}年", f"{year(path)}-", f"{year(path)}/"]


def working_days(number):
    return str(TimeLimit(number, TimeUnit.WORKING_DAYS))


# What a reader sees of a value that is no text. The last in each line must be on the page.
SHOWN_OTHERWISE = {
    "acceptance_days": (11, working_days(11)),
    "review_days": (12, working_days(12)),
    "promised_limit": (31, working_days(31)),
    "promised_limit_unit": (TimeUnit.WORKING_DAYS, working_days(31)),
    "statutory_limit": (47, str(TimeLimit(47, TimeUnit.CALENDAR_DAYS))),
    "statutory_limit_unit": (TimeUnit.CALENDAR_DAYS, str(TimeLimit(47, TimeUnit.CALENDAR_DAYS))),
    "visits_required": (53, "53"),
    "online": (True, "glance__good"),
    "fees.amount": (Decimal("61.50"), "61.5"),
    "approval_steps.working_days": (Decimal("7.5"), working_days(Decimal("7.5"))),
    "materials.copies": (71, "71"),
    "materials.upload_required": (True, ""),
    "materials.original_required": (True, ""),
}

# Internal, and nothing that could be told apart on a page: numbers of rows, and yes or no.
# That a page is the same whatever they say is tested below for those that people set.
NOTHING_TO_PLANT = {
    "on_provincial_platform",
    "offline_decision",  # its values are planted one by one
    "show_in_menus",
    "has_unpublished_changes",
    "expired",
    "locked",
    "latest_revision",
    "live_revision",
    "service_points.id",
    "service_points.page",
    "service_points.sort_order",
}


def choices_of(kind):
    if isinstance(kind, models.Field):
        return kind.choices
    return kind.field.choices if isinstance(kind, blocks.ChoiceBlock | blocks.MultipleChoiceBlock) else None


class Planted:
    """A published item with every field of the table filled in, each with a trace of its own.

    Built from the table: a field that is new there is planted by its kind, and a kind that is new
    here fails until somebody says what its trace is.
    """

    def __init__(self, *, as_sub_item=False):
        self.traces = {}
        self.region = RegionFactory()
        self.department = DepartmentFactory(region=self.region, name=token("department"))
        self.trace("department", token("department"))
        ContactPerson.objects.create(
            department=self.department, role=ContactRole.LIAISON, name="zcontactname", mobile="zcontactmobile"
        )
        parent = publish(add_item(self.department, title="有子项的事项")) if as_sub_item else self.department
        self.item = add_item(parent, **self.values())
        self.plant_bookkeeping()

    def trace(self, path, *texts):
        self.traces.setdefault(path, []).extend(texts)

    def values(self):
        values = {}
        for field in fields.content_fields():
            if field.path in ("department", "topics", "service_points"):
                continue
            model_field = ServiceItemPage._meta.get_field(field.path)
            if isinstance(model_field, StreamField):
                values[field.path] = [
                    (name, self.struct(field.path, block))
                    for name, block in model_field.stream_block.child_blocks.items()
                ]
            elif field.path not in NOTHING_TO_PLANT:
                values[field.path] = self.value(field.path, model_field)
        return values | {
            "topics": [self.topic()],
            "service_points": [],
            "on_provincial_platform": True,
            "slug": "planted",
        }

    def struct(self, path, block):
        return {key: self.value(f"{path}.{key}", child) for key, child in block.child_blocks.items()}

    def value(self, path, kind):
        if path in SHOWN_OTHERWISE:
            value, text = SHOWN_OTHERWISE[path]
            self.trace(path, text)
            return value
        if choices := choices_of(kind):
            value, label = next((value, label) for value, label in choices if value not in (None, ""))
            self.trace(path, str(label))
            return [value] if isinstance(kind, blocks.MultipleChoiceBlock) else value
        if isinstance(kind, models.DateField | blocks.DateBlock):
            self.trace(path, *traces_of_date(path))
            return date(year(path), 2, 3)
        if isinstance(kind, DocumentChooserBlock):
            self.trace(path, token(path))
            return AttachmentFactory(
                department=self.department, title=f"{token(path)} file", filename=f"{token(path)}.docx"
            )
        if isinstance(kind, LawChooserBlock):
            self.trace(path, token(path))
            return Law.objects.create(name=f"{token(path)} law", note=f"{token(path)} note")
        if isinstance(kind, models.ForeignKey):
            self.trace(path, token(path))
            return PictureFactory(description=token(path))
        self.trace(path, token(path))
        if isinstance(kind, models.EmailField):
            return f"{token(path)}@example.org"
        if isinstance(kind, models.URLField | blocks.URLBlock):
            return f"https://example.org/{token(path)}"
        assert isinstance(kind, models.CharField | models.TextField | blocks.CharBlock | blocks.TextBlock), (
            path
        )
        return token(path)

    def topic(self):
        self.trace("topics", token("topics"))
        return TopicFactory(name=token("topics"), code="planted")

    def plant_bookkeeping(self):
        item = self.item
        hall = ServiceHallFactory(region=self.region, name=token("service_points.hall"), slug="planted")
        window = ServiceWindowFactory(hall=hall, name=token("service_points.window"))
        item.service_points.create(hall=hall, window=window, note=token("service_points.note"))
        for path in ("service_points.hall", "service_points.window", "service_points.note"):
            self.trace(path, token(path))
        for path in ("seo_title", "search_description"):
            setattr(item, path, token(path))
            self.trace(path, token(path))
        item = self.item = publish(item)

        draft = ServiceItemPage.objects.get(pk=item.pk)
        draft.title = token("draft_title")
        draft.who_may_apply = "znewerdraft"
        draft.save_revision()
        self.trace("draft_title", token("draft_title"), "znewerdraft")

        people = {
            path: UserFactory(
                username=token(path), first_name=f"{token(path)}first", email=f"{token(path)}@example.org"
            )
            for path in ("owner", "locked_by")
        }
        twin = add_item(self.department, title=token("alias_of"), slug="twin")
        moments = ("go_live_at", "expire_at", "locked_at", "latest_revision_created_at")
        Page.objects.filter(pk=item.pk).update(
            **people,
            **{path: timezone.make_aware(datetime(year(path), 2, 3)) for path in moments},
            locked=True,
            alias_of=twin,
            show_in_menus=True,
        )
        for path in (*people, "alias_of"):
            self.trace(path, token(path))
        for path in moments:
            self.trace(path, *traces_of_date(path))
        self.trace("translation_key", str(item.translation_key))
        Comment.objects.create(
            page=item, user=people["owner"], text=token("wagtail_admin_comments"), contentpath="title"
        )
        self.trace("wagtail_admin_comments", token("wagtail_admin_comments"))

    def of_fields(self, *, public):
        """[(path, trace)] of the planted fields that the table calls public, or internal."""
        return [
            (path, text)
            for path, texts in self.traces.items()
            if fields.is_public(path) is public
            for text in texts
            if text
        ]

    def addresses(self):
        region_page = RegionPage.objects.get(region=self.region)
        return {
            "guide": self.item.url,
            "home": "/",
            "region": region_page.url,
            "department": DepartmentPage.objects.get(department=self.department).url,
            "topics": "/topics/",
            "topic": "/topics/planted/",
            "halls": "/halls/",
            "hall": "/halls/planted/",
            "search": f"{reverse('search:search')}?q={self.item.title}",
            "search by body": f"{reverse('search:search')}?q={token('who_may_apply')}",
            "nothing found": f"{reverse('search:search')}?q=qqqq",
            "sitemap": "/sitemap.xml",
            "not found": "/no/such/page/",
        }


@pytest.fixture(autouse=True)
def no_cache_of_other_tests():
    """Wagtail remembers renditions by the number of their picture, which the next test gives again."""
    cache.clear()


@pytest.fixture
def rendered_each_time(monkeypatch):
    """Nothing kept from an earlier request (servicepages.freshness)."""
    monkeypatch.setattr("servicepages.freshness.KEPT_SECONDS", 0)


@pytest.fixture
def planted():
    return Planted()


def html_of(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


def soup_of(client, url, status=200):
    return BeautifulSoup(html_of(client, url, status), "html.parser")


# Nothing internal, everything public


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


# How many queries


def count_queries(client, url) -> int:
    """On the second visit: the first may fill caches."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def materials(department, number):
    return [
        (
            "material",
            material(
                f"材料{position}",
                blank_form=AttachmentFactory(department=department),
                filled_in_sample=AttachmentFactory(department=department),
            ),
        )
        for position in range(number)
    ]


@pytest.mark.usefixtures("rendered_each_time")
def test_queries_of_a_guide_do_not_depend_on_what_it_holds(client):
    department = DepartmentFactory()
    hall = ServiceHallFactory(region=department.region)
    few = publish(complete_item(department, materials=materials(department, 1)))
    many = publish(
        complete_item(
            department,
            materials=materials(department, 25),
            topics=list(Topic.objects.all()),
            service_points=[hall, *hall.windows.all()],
            questions=[("question", {"question": f"问{n}", "answer": "答"}) for n in range(20)],
        )
    )
    assert count_queries(client, many.url) == count_queries(client, few.url)


@pytest.mark.usefixtures("rendered_each_time")
@pytest.mark.parametrize("as_sub_item", [False, True])
def test_no_guide_uses_more_queries_than_allowed(client, as_sub_item):
    item = Planted(as_sub_item=as_sub_item).item
    Page.objects.filter(pk=item.pk).update(alias_of=None)  # for an alias Wagtail asks once more
    assert count_queries(client, item.url) <= QUERIES_OF_A_GUIDE


@pytest.mark.usefixtures("rendered_each_time")
def test_queries_of_a_guide_with_sub_items_do_not_depend_on_their_number(client):
    department = DepartmentFactory()
    few, many = (publish(complete_item(department)) for _ in range(2))
    for parent, number in ((few, 1), (many, 8)):
        for _ in range(number):
            publish(complete_item(department, parent=parent))
    used = count_queries(client, many.url)
    assert used == count_queries(client, few.url)
    assert used <= QUERIES_OF_A_GUIDE


def test_queries_of_a_list_do_not_depend_on_the_number_of_items(client):
    department = DepartmentFactory()
    hall = ServiceHallFactory(region=department.region)
    topic = TopicFactory(name="主题", code="the-topic")
    urls = (
        DepartmentPage.objects.get(department=department).url,
        RegionPage.objects.get(region=department.region).url,
        topic.get_absolute_url(),
        hall.get_absolute_url(),
        "/",
    )

    def add_family():
        there = {"topics": [topic], "service_points": [hall]}
        parent = publish(complete_item(department, **there))
        for _ in range(2):
            publish(complete_item(department, parent=parent, **there))
        publish(complete_item(department, **there))

    add_family()
    before = [count_queries(client, url) for url in urls]
    for _ in range(4):
        add_family()
    assert [count_queries(client, url) for url in urls] == before


# The guide


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


# Lists


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


# The block chooser


def _blocks_of_an_item():
    return [
        pytest.param(block, id=f"{field.name}.{name}")
        for field in ServiceItemPage._meta.get_fields()
        if isinstance(field, StreamField)
        for name, block in field.stream_block.child_blocks.items()
    ]


@pytest.mark.parametrize("block", _blocks_of_an_item())
def test_a_block_has_a_preview_that_looks_like_the_guide(admin_client, block):
    response = admin_client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.select_one("link[href*='cms/site.css']")
    assert soup.main.get_text(strip=True)
