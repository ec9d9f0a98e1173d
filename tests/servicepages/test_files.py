"""Attachments by their content, and files that never change under a reference."""

import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from servicepages import file_contents
from servicepages.file_contents import WORD_OR_EXCEL, check_attachment, kind_of
from servicepages.models import Attachment
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    UserFactory,
    complete_item,
    docx_bytes,
    material,
    publish,
)
from tests.shared import shared

DOCX = docx_bytes()


def xlsx_bytes():
    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


def picture_bytes(kind):
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, kind)
    return stream.getvalue()


def compound_file(stream_name):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream_name.encode("utf-16-le") + b"\0" * 200


def zip_bytes(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def upload(content, name="form.docx"):
    return ContentFile(content, name=name)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (docx_bytes(), "docx"),
        (xlsx_bytes(), "xlsx"),
        (compound_file("WordDocument"), "doc"),
        (compound_file("Workbook"), "xls"),
        (b"%PDF-1.7\n", "pdf"),
        (picture_bytes("PNG"), "png"),
        (picture_bytes("JPEG"), "jpg"),
        (picture_bytes("GIF"), None),
        (b"MZ\x90\0program", None),
        (b"<html><script>", None),
        (b"", None),
        (b"PK\x03\x04broken", None),
        (zip_bytes("readme.txt"), None),
        (zip_bytes("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (compound_file("Something"), None),
    ],
)
def test_a_file_is_what_its_content_says(content, kind):
    assert kind_of(io.BytesIO(content)) == kind


def test_a_program_with_the_name_of_a_form_is_refused():
    with pytest.raises(ValidationError):
        check_attachment(upload(b"MZ\x90\0program"))


def test_a_pdf_is_no_blank_form():
    pdf = upload(b"%PDF-1.7\n", "form.pdf")
    assert check_attachment(pdf) == "pdf"
    with pytest.raises(ValidationError):
        check_attachment(pdf, WORD_OR_EXCEL)


def test_the_name_must_fit_the_content():
    with pytest.raises(ValidationError, match="docx"):
        check_attachment(upload(docx_bytes(), "form.xlsx"))
    assert check_attachment(upload(picture_bytes("JPEG"), "SAMPLE.JPEG")) == "jpg"


def test_20_mb_is_the_most(monkeypatch):
    monkeypatch.setattr(file_contents, "MAX_BYTES", 100)
    with pytest.raises(ValidationError):
        check_attachment(upload(docx_bytes()))


@pytest.mark.django_db
def test_an_upload_through_the_admin_is_checked_by_content():
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    response = client.post("/admin/documents/add/", {"title": "x", "file": upload(b"MZ\x90", "a.docx")})
    assert not Attachment.objects.exists()
    response = client.post(
        "/admin/documents/multiple/add/", {"title": "x", "files[]": upload(b"MZ\x90", "a.docx")}
    )
    assert not Attachment.objects.exists()
    response = client.post(
        "/admin/documents/chooser/create/",
        {
            "document-chooser-upload-title": "x",
            "document-chooser-upload-file": upload(b"MZ\x90", "a.docx"),
            "document-chooser-upload-collection": "1",
        },
    )
    assert response.json()["step"] != "chosen"
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_a_stored_file_is_never_replaced():
    attachment = AttachmentFactory()
    attachment.title = "新标题"
    attachment.save()
    attachment.file = upload(docx_bytes("另一份"), "other.docx")
    with pytest.raises(ValidationError):
        attachment.save()


@pytest.mark.django_db
def test_the_admin_does_not_replace_a_stored_file():
    attachment = AttachmentFactory()
    before = attachment.file.read()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    client.post(
        f"/admin/documents/edit/{attachment.pk}/",
        {"title": "新标题", "file": upload(docx_bytes("替换"), "x.docx"), "collection": "1", "tags": ""},
    )
    attachment = Attachment.objects.get(pk=attachment.pk)
    assert attachment.title == "新标题"
    assert attachment.file.read() == before


@pytest.mark.django_db
def test_a_cited_file_stays():
    department = DepartmentFactory()
    attachment = AttachmentFactory(department=department)
    item = complete_item(department)
    item = publish(item)
    item.materials = [("material", material("申请表", blank_form=attachment))]
    item.save_revision()  # cited by the draft only
    with pytest.raises(PermissionDenied), transaction.atomic():
        attachment.delete()
    item.materials = [("none_needed", {"note": ""})]
    item.save_revision()
    attachment.delete()
    assert not Attachment.objects.filter(title=attachment.title).exists()


@given(
    st.binary(max_size=300),
    st.sampled_from([b"PK\x03\x04", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"%PDF-", b""]),
)
def test_no_file_is_too_odd_to_be_judged(content, beginning):
    assert kind_of(io.BytesIO(beginning + content)) in {None, *file_contents.SAMPLE}


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
def test_a_damaged_form_is_judged_too(position, byte):
    content = bytearray(DOCX)
    content[position % len(content)] = byte
    assert kind_of(io.BytesIO(bytes(content))) in {None, "docx"}


@pytest.mark.django_db
def test_an_address_with_a_nul_is_not_found(client):
    assert client.get("/media/a%00b.png").status_code == 404


@shared
def shown():
    """A form that a live guide shows."""
    department = DepartmentFactory()
    attachment = AttachmentFactory(department=department, title="残疾人证申请表")
    publish(complete_item(department, materials=[("material", material("申请表", blank_form=attachment))]))
    return attachment


def test_a_file_that_a_live_guide_shows_keeps_its_name(shown):
    shown.title = "另一个名字"
    with pytest.raises(ValidationError) as refusal:
        shown.full_clean()
    assert list(refusal.value.message_dict) == ["title"]
    with pytest.raises(ValidationError):
        shown.save()
    shown.refresh_from_db()
    shown.tags.add("表格")
    shown.save()


def test_the_admin_says_why_the_name_stays_and_lets_the_rest_change(shown):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    address = f"/admin/documents/edit/{shown.pk}/"
    collection = shown.collection_id
    response = client.post(address, {"title": "另一个名字", "collection": collection, "tags": ""})
    assert response.status_code == 200
    assert response.context["form"].errors["title"]
    assert 'value="另一个名字"' in response.content.decode()
    response = client.post(address, {"title": "残疾人证申请表", "collection": collection, "tags": "表格"})
    assert response.status_code == 302
    shown.refresh_from_db()
    assert shown.tags.names().get() == "表格"


def test_an_internal_file_of_a_live_item_keeps_its_name_too(db):
    department = DepartmentFactory()
    scan = AttachmentFactory(department=department)
    decision = {"decided_by": "市领导", "document": "情况说明", "decided_on": "2018-08-01", "scan": scan}
    publish(complete_item(department, offline_decision=[("decision", decision)]))
    scan.title = "另一个名字"
    with pytest.raises(ValidationError):
        scan.save()


def test_once_the_guide_is_taken_down_the_name_may_change(db):
    department = DepartmentFactory()
    attachment = AttachmentFactory(department=department)
    item = publish(
        complete_item(department, materials=[("material", material("申请表", blank_form=attachment))])
    )
    item.unpublish()
    attachment.title = "另一个名字"
    attachment.full_clean()
    attachment.save()


@pytest.mark.parametrize("name", ["title", "description"])
def test_a_picture_that_a_live_guide_shows_keeps_what_is_read_of_it(db, name):
    department = DepartmentFactory()
    picture = PictureFactory(collection=department.collection)
    publish(complete_item(department, flow_chart=picture))
    setattr(picture, name, "另一个说法")
    with pytest.raises(ValidationError) as refusal:
        picture.full_clean()
    assert list(refusal.value.message_dict) == [name]
    with pytest.raises(ValidationError):
        picture.save()
