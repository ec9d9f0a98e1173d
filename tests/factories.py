"""What tests are made of: a city with departments and halls, and service items in any state.

Rows of registers make their pages by themselves (servicepages.signal_handlers). An item is made as
the admin makes it: a draft below the department's section, published through a revision.
"""

import io
from datetime import date
from decimal import Decimal
from functools import cache

import docx
import factory
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils.text import slugify
from factory.django import DjangoModelFactory
from wagtail.models import Collection, Page
from wagtail_factories import ImageFactory

from reviewflow.canonical import signed_contents
from reviewflow.models import Decision
from reviewflow.signatories import Signatory
from servicepages.models import (
    Attachment,
    Department,
    DepartmentPage,
    Picture,
    Region,
    ServiceHall,
    ServiceItemPage,
    ServicePoint,
    ServiceWindow,
    Topic,
    User,
)
from servicepages.vocabulary import (
    Audience,
    CaseKind,
    FileKind,
    ItemType,
    RegionKind,
    ResultKind,
    ServiceLevel,
    TimeUnit,
)


class RegionFactory(DjangoModelFactory):
    """The city; `parent=` makes a county of it. Asking for a code again gives the same row."""

    class Meta:
        model = Region
        django_get_or_create = ("code",)

    name = "鸡西市"
    code = "230300"
    kind = factory.LazyAttribute(lambda region: RegionKind.COUNTY if region.parent else RegionKind.CITY)
    parent = None


class DepartmentFactory(DjangoModelFactory):
    """A department of the city, with its page, its collection and its two groups."""

    class Meta:
        model = Department

    region = factory.SubFactory(RegionFactory)
    name = factory.Sequence(lambda number: f"第{number + 1}局")
    phone = "0467-2345678"
    address = "鸡冠区文化路1号"


class ServiceWindowFactory(DjangoModelFactory):
    class Meta:
        model = ServiceWindow

    hall = factory.SubFactory("tests.factories.ServiceHallFactory", windows=0)
    name = factory.Sequence(lambda number: f"{number + 1}号窗口")
    floor = "一楼"
    phone = ""


class ServiceHallFactory(DjangoModelFactory):
    """A hall with two windows; `windows=0` for none."""

    class Meta:
        model = ServiceHall
        skip_postgeneration_save = True

    region = factory.SubFactory(RegionFactory)
    name = factory.Sequence(lambda number: f"第{number + 1}政务服务大厅")
    address = "鸡冠区兴国中路88号"
    opening_hours = "周一至周五 8:30—11:30，13:30—17:00"
    phone = "0467-2390000"

    @factory.post_generation
    def windows(hall, create, extracted, **kwargs):
        if create:
            ServiceWindowFactory.create_batch(2 if extracted is None else extracted, hall=hall, **kwargs)


class TopicFactory(DjangoModelFactory):
    """A topic beside those of the form, which every database has."""

    class Meta:
        model = Topic
        django_get_or_create = ("code",)

    audience = Audience.CITIZEN
    name = factory.Sequence(lambda number: f"主题{number + 1}")
    code = factory.LazyAttributeSequence(lambda topic, number: slugify(topic.name) or f"topic-{number + 1}")


class UserFactory(DjangoModelFactory):
    """Somebody who can log in with the password "password"; `groups=[…]` puts them into groups."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number + 1}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    last_name = "李"
    first_name = "明"
    password = factory.django.Password("password")

    @factory.post_generation
    def groups(user, create, extracted, **kwargs):
        if create and extracted:
            user.groups.set(extracted)


@cache
def docx_bytes(text="申请表") -> bytes:
    """A real Word file: attachments are told by their content."""
    document = docx.Document()
    document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


class AttachmentFactory(DjangoModelFactory):
    """A Word file, in the root collection unless `department=` names whose it is."""

    class Meta:
        model = Attachment

    class Params:
        department = None
        text = "申请表"
        filename = "form.docx"

    title = factory.Sequence(lambda number: f"申请表{number + 1}")
    collection = factory.LazyAttribute(
        lambda file: file.department.collection if file.department else Collection.get_first_root_node()
    )
    file = factory.LazyAttribute(lambda file: ContentFile(docx_bytes(file.text), name=file.filename))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        attachment = model_class(*args, **kwargs)
        attachment._set_document_file_metadata()
        attachment.save()
        return attachment


class PictureFactory(ImageFactory):
    class Meta:
        model = Picture

    title = factory.Sequence(lambda number: f"图{number + 1}")
    description = "申请、受理、审查、决定四步的流程图"
    collection = factory.LazyFunction(Collection.get_first_root_node)


def section_of(department) -> DepartmentPage:
    """The page below which the department's items stand, fresh from the database: adding a page
    through a stale parent would give it a path that is taken."""
    return DepartmentPage.objects.get(department=department)


def add_item(parent, **fields) -> ServiceItemPage:
    """A draft that was never published, below `parent`: a Department, or an item for a sub-item.

    `topics` and `service_points` (halls or windows) are given as lists.
    """
    page = section_of(parent) if isinstance(parent, Department) else Page.objects.get(pk=parent.pk)
    topics, points = fields.pop("topics", ()), fields.pop("service_points", ())
    item = ServiceItemPage(live=False, **fields)
    item.topics = list(topics)
    item.service_points = [_service_point(place, order) for order, place in enumerate(points)]
    page.add_child(instance=item)
    return item


def _service_point(place, order):
    window = place if isinstance(place, ServiceWindow) else None
    return ServicePoint(hall=window.hall if window else place, window=window, sort_order=order)


def complete_fields(department) -> dict:
    """The fields of an item that lacks nothing. Makes a form, a hall and a topic where there is none."""
    taken = ServiceItemPage.objects.of_department(department).count()
    hall = department.region.halls.first() or ServiceHallFactory(region=department.region)
    return {
        "title": f"示例事项{taken + 1}",
        "serial_number": str(taken + 1),
        "item_type": ItemType.LICENCE,
        "basic_code": "000111001000",
        "legal_bases": [
            (
                "legal_basis",
                {
                    "law": "行政许可法",
                    "document_number": "",
                    "article": "第十二条",
                    "quotation": "",
                    "link": "",
                },
            )
        ],
        "fees": [("no_fee", {"note": "财税〔2017〕20号"})],
        "conditions": [("condition", {"text": "年满十八周岁"})],
        "procedure": [
            ("step", {"name": "申请", "description": "在网上填写并提交"}),
            ("step", {"name": "决定", "description": "作出决定并送达"}),
        ],
        "who_may_apply": "公民",
        "case_kind": CaseKind.PROMISED,
        "acceptance_days": 1,
        "review_days": 4,
        "promised_limit": 5,
        "promised_limit_unit": TimeUnit.WORKING_DAYS,
        "statutory_limit": 20,
        "statutory_limit_unit": TimeUnit.WORKING_DAYS,
        "visits_required": 1,
        "visit_reason": "领取证件",
        "approval_steps": [
            ("step", approval_step("受理", "1")),
            ("step", approval_step("审查", "3")),
            ("step", approval_step("决定", "1")),
        ],
        "materials": [
            ("material", material("居民身份证")),
            ("material", material("许可申请表", blank_form=AttachmentFactory(department=department))),
        ],
        "result": [("result", {"name": "许可证", "kind": ResultKind.CERTIFICATE, "sample": None})],
        "topics": [Topic.objects.first() or TopicFactory()],
        "online": True,
        "service_level": ServiceLevel.WHOLE,
        "online_address": "https://zwfw.example.org/apply",
        "service_points": [hall],
        "consultation_phone": "0467-2345678",
        "complaint_phone": "12345",
        "on_provincial_platform": True,
        "filled_in_by": "王芳",
        "filled_in_phone": "0467-2345670",
        "filled_in_on": date(2018, 8, 1),
    }


def approval_step(name, working_days, **internal) -> dict:
    return {
        "name": name,
        "working_days": Decimal(working_days),
        "section": "",
        "handler": "",
        "post": "",
        "mobile": "",
        **internal,
    }


def material(name, **values) -> dict:
    return {
        "name": name,
        "blank_form": None,
        "filled_in_sample": None,
        "notes": "",
        "file_kinds": [FileKind.PICTURE.value],
        "upload_required": True,
        "original_required": True,
        "copies": 1,
        **values,
    }


def complete_item(department, *, parent=None, **overrides) -> ServiceItemPage:
    """A draft whose checklist is empty, as far as `overrides` leave it so; a sub-item of `parent`."""
    return add_item(parent or department, **{**complete_fields(department), **overrides})


def reviewer(signatory, department=None, **fields) -> User:
    """Somebody who acts for an office of the city, or for the legal check of `department`."""
    group = (
        Group.objects.get(name=Signatory(signatory).value)
        if Signatory(signatory).is_office
        else department.legal_officers
    )
    return UserFactory(groups=[group], **fields)


def sign_off(item, *signatories) -> dict:
    """Sign-offs (of all, unless some are named) for the item as it is in memory, as if it had been through
    a review: {Signatory: Decision}."""
    return {
        signatory: Decision.objects.create(
            page_id=item.pk,
            signatory=signatory,
            person=_signer(),
            kind=Decision.Kind.SIGNED,
            digest=content.digest,
            content=content.form,
            content_version=content.form["version"],
            revision=item.latest_revision,
        )
        for signatory, content in signed_contents(item).items()
        if signatory in (signatories or Signatory)
    }


def _signer():
    return User.objects.filter(username="signer").first() or UserFactory(username="signer")


def publish(item) -> ServiceItemPage:
    """Signs the item for everybody and publishes it as it is; returns it fresh."""
    revision = item.save_revision()
    sign_off(revision.as_object())
    revision.publish()
    return ServiceItemPage.objects.get(pk=item.pk)
