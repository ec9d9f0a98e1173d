"""An editor of another department gets at a draft and its files by no road: list, URL, chooser, API."""

import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from wagtail.models import Page

from servicepages.models import ServiceItemPage
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    UserFactory,
    complete_item,
    publish,
)

SECRET = "未发布的秘密事项"
FILE_SECRET = "未发布的秘密表格"

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return DepartmentFactory(name="市民政局")


@pytest.fixture
def draft(department):
    item = complete_item(department, title=SECRET)
    item.owner = UserFactory(groups=[department.editors])
    item.save()
    return item


@pytest.fixture
def attachment(department):
    return AttachmentFactory(title=FILE_SECRET, collection=department.collection)


@pytest.fixture
def stranger():
    """Logged in as an editor of another department."""
    user = UserFactory(groups=[DepartmentFactory(name="市公安局").editors])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def colleague(department):
    client = Client()
    client.force_login(UserFactory(groups=[department.editors]))
    return client


def _named_urls(patterns, namespaces=(), kwargs=frozenset()):
    for pattern in patterns:
        found = kwargs | set(pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _named_urls(pattern.url_patterns, inner, found)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*namespaces, pattern.name)), found


def admin_urls_about_a_page():
    """Every URL of the admin that takes the id of a page, with the names of its arguments."""
    ids = {"page_id", "parent_page_id", "page_to_move_id", "destination_id", "root_page_id", "root_id"}
    admin = [resolver for resolver in get_resolver().url_patterns if str(resolver.pattern) == "admin/"]
    return sorted(
        (name, tuple(sorted(arguments)))
        for name, arguments in {(name, frozenset(arguments)) for name, arguments in _named_urls(admin)}
        if arguments & ids
    )


def _arguments(names, item, page_class):
    values = {
        "content_type_app_name": "servicepages",
        "content_type_app_label": "servicepages",
        "content_type_model_name": "serviceitempage",
        "destination_id": item.get_parent().pk,
        "parent_page_id": item.pk,
        "revision_id": item.latest_revision_id or 0,
        "revision_id_a": "live",
        "revision_id_b": "latest",
        "action_name": "approve",
        "task_state_id": 0,
        "app_label": "wagtailcore",
        "model_name": "page",
        "object_id": item.pk,
        "session_id": 0,
    }
    return {name: values.get(name, item.pk) for name in names}


def text_of(response) -> str:
    """The body as a person would read it: JSON hides Chinese behind escapes."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    if response.headers.get("Content-Type", "").startswith("application/json"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return text


def test_no_url_of_the_admin_shows_the_draft(draft, stranger):
    draft.save_revision(user=draft.owner)
    urls = admin_urls_about_a_page()
    assert len(urls) > 20, "the walk over the admin's URLs found too few to mean anything"
    for name, arguments in urls:
        response = stranger.get(reverse(name, kwargs=_arguments(arguments, draft, ServiceItemPage)))
        assert SECRET not in text_of(response), name


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/pages/",
        "/admin/pages/search/?q=秘密",
        "/admin/reports/site-history/",
        "/admin/reports/aging-pages/",
        "/admin/reports/workflow/",
        "/admin/reports/workflow_tasks/",
        "/admin/reports/locked/",
        "/admin/choose-page/",
        "/admin/choose-page/search/?q=秘密",
        "/admin/choose-page/?page_type=servicepages.serviceitempage",
        "/admin/api/main/pages/",
        "/admin/api/main/pages/?search=秘密",
        "/admin/api/main/pages/?type=servicepages.ServiceItemPage&fields=*",
        "/admin/documents/",
        "/admin/documents/chooser/",
        "/admin/documents/chooser/results/",
        "/admin/api/main/documents/",
        "/admin/images/",
        "/admin/images/chooser/",
        "/admin/api/main/images/",
    ],
)
def test_no_list_shows_the_draft_or_its_file(address, draft, attachment, stranger, department):
    PictureFactory(title=FILE_SECRET, collection=department.collection)
    draft.save_revision(user=draft.owner, log_action=True)
    draft.get_workflow().start(draft, draft.owner)
    text = text_of(stranger.get(address, follow=True))
    for secret in (SECRET, FILE_SECRET):
        assert secret not in text


def test_the_owner_department_does_see_them(draft, attachment, colleague):
    """The test above could not fail if nobody saw anything."""
    draft.save_revision(user=draft.owner, log_action=True)
    section = draft.get_parent()
    assert SECRET in text_of(colleague.get(f"/admin/pages/{section.pk}/"))
    assert SECRET in text_of(colleague.get(f"/admin/pages/{draft.pk}/edit/"))
    assert FILE_SECRET in text_of(colleague.get("/admin/documents/"))
    assert SECRET in text_of(colleague.get(f"/admin/choose-page/{section.pk}/"))


def test_the_file_of_a_draft_is_served_to_its_department_only(attachment, stranger, colleague, client):
    assert stranger.get(attachment.url).status_code == 404
    assert client.get(attachment.url).status_code == 404
    assert colleague.get(attachment.url).status_code == 200


@pytest.mark.parametrize("group", ["Editorial", "Legal Affairs", "General Office", "Coordination"])
def test_reviewing_offices_open_the_files_of_a_draft(attachment, group):
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name=group)]))
    assert client.get(attachment.url).status_code == 200


def test_a_file_is_public_while_a_live_guide_shows_it(department, attachment, client):
    item = complete_item(department)
    item.materials.append(("material", {"name": "申请表", "blank_form": attachment}))
    item = publish(item)
    assert client.get(attachment.url).status_code == 200
    item.unpublish()
    assert client.get(attachment.url).status_code == 404


def test_the_scan_of_an_internal_decision_is_never_public(department, attachment, client):
    item = complete_item(department)
    item.offline_decision.append(
        ("decision", {"decided_by": "市政府", "document": "纪要", "scan": attachment})
    )
    item = publish(item)
    assert item.live
    assert client.get(attachment.url).status_code == 404


def test_a_picture_of_a_draft_is_held_back_with_its_renditions(department, stranger, colleague, client):
    picture = PictureFactory(collection=department.collection)
    rendition = picture.get_rendition("width-50")
    for url in (picture.file.url, rendition.url):
        assert client.get(url).status_code == 404
        assert stranger.get(url).status_code == 404
        assert colleague.get(url).status_code == 200
    item = complete_item(department, flow_chart=picture)
    item = publish(item)
    for url in (picture.file.url, rendition.url):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", ["../db.sqlite3", "documents/x.docx", "%2e%2e/secret_key", "nothing.png"])
def test_media_serves_nothing_else(path, client):
    assert client.get(f"/media/{path}").status_code == 404


def test_documents_are_not_reachable_under_media(attachment, colleague, client):
    assert client.get(f"/media/{attachment.file.name}").status_code == 404


def test_another_editor_changes_nothing(draft, stranger):
    for name in ("edit", "delete", "unpublish", "copy", "move"):
        response = stranger.post(reverse(f"wagtailadmin_pages:{name}", args=[draft.pk]), {"title": "改"})
        assert response.status_code in (302, 403)
    assert Page.objects.get(pk=draft.pk).title == SECRET
