"""An item with a trace of its own in every field, to be looked for wherever the public can look."""

import hashlib
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils import timezone
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import StreamField
from wagtail.models import Comment, Page

from servicepages import fields
from servicepages.law_chooser import LawChooserBlock
from servicepages.models import ContactPerson, DepartmentPage, Law, RegionPage, ServiceItemPage
from servicepages.time_limits import TimeLimit
from servicepages.vocabulary import ContactRole, TimeUnit
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
    publish,
)


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
# That a page is the same whatever they say is tested beside this for those that people set.
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
