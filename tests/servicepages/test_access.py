"""An editor of another department gets at a draft and its files by no road: list, URL, chooser, API."""

import json
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Page

from reviewflow.deciding import sign
from reviewflow.models import Decision, OfficeReview
from reviewflow.signatories import Signatory
from servicepages.models import Attachment, ContactPerson, Department, Picture, ServiceItemPage
from servicepages.vocabulary import ContactRole
from tests.factories import (
    AttachmentFactory,
    DepartmentFactory,
    PictureFactory,
    UserFactory,
    complete_item,
    publish,
    reviewer,
)
from tests.shared import shared

SECRET = "未发布的秘密事项"
FILE_SECRET = "未发布的秘密表格"

pytestmark = pytest.mark.django_db


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def draft(department):
    item = complete_item(department, title=SECRET)
    item.owner = UserFactory(groups=[department.editors])
    item.save()
    return item


@shared
def attachment(department):
    AttachmentFactory()  # so that the first id is no secret's, nor the root page's
    return AttachmentFactory(title=FILE_SECRET, collection=department.collection)


@shared
def stranger():
    """Logged in as an editor of another department."""
    user = UserFactory(groups=[DepartmentFactory(name="市公安局").editors])
    client = Client()
    client.force_login(user)
    return client


@shared
def colleague(department):
    client = Client()
    client.force_login(UserFactory(groups=[department.editors]))
    return client


def _named_urls(patterns, namespaces=(), arguments=frozenset()):
    for pattern in patterns:
        found = arguments | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _named_urls(pattern.url_patterns, inner, found)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*namespaces, pattern.name)), frozenset(found)


def admin_urls():
    """Every named URL of the admin, with the names of its arguments."""
    admin = [resolver for resolver in get_resolver().url_patterns if str(resolver.pattern) == "admin/"]
    return sorted(set(_named_urls(admin)), key=lambda url: (url[0], sorted(url[1])))


# Logging out ends the walk; the other one is there to raise an exception.
NOT_WALKED = {"wagtailadmin_logout", "wagtailadmin_error_test"}


class Walk:
    """The addresses that name a page or a file, in every way that the admin knows."""

    def __init__(self, review, page, attachment, picture):
        """`review`: of the page whose task and revisions are named; `page`: the page itself."""
        task = review.current_task_state
        self.page, self.attachment, self.picture = page, attachment, picture
        self.values = {
            "content_type_app_name": "servicepages",
            "content_type_app_label": "servicepages",
            "content_type_model_name": "serviceitempage",
            "destination_id": page.get_parent().pk,
            "revision_id": task.revision_id,
            "action_name": "approve",
            "task_state_id": task.pk,
            "task_id": task.task_id,
            "workflow_state_id": review.pk,
            "app_label": "wagtailcore",
            "app_name": "servicepages",
            "model_name": "page",
            "session_id": 0,
            "document_id": attachment.pk,
            "doc_id": attachment.pk,
            "image_id": picture.pk,
            "filter_spec": "width-50",
            "collection_id": attachment.collection_id,
            "uploaded_file_id": 1,
            "redirect_id": 1,
            "query_id": 1,
            "workflow_pk": review.workflow_id,
            "uidb64": "MQ",
            "token": "x",
        }

    def address(self, name, arguments):
        if name == "wagtailadmin_pages:revisions_compare":
            return reverse(name, args=[self.page.pk, "earliest", "latest"])
        values = {argument: self.values.get(argument, self.page.pk) for argument in arguments}
        if "pk" in values and "documents" in reverse(name, kwargs=values):
            values["pk"] = self.attachment.pk
        elif "pk" in values and "images" in reverse(name, kwargs=values):
            values["pk"] = self.picture.pk
        return reverse(name, kwargs=values)

    def addresses(self, lists=True):
        """`lists`: also the addresses that name nothing."""
        for name, arguments in admin_urls():
            if name in NOT_WALKED:
                continue
            if name == "wagtail_bulk_action":
                yield from ((name, address) for address in self.bulk_actions(lists))
                continue
            address = self.address(name, arguments)
            if arguments or lists:
                yield name, address
            if lists and not arguments and "search" in name + address:
                yield name, f"{address}?q=秘密"
            if "choose" in name:
                for thing in (self.page, self.attachment, self.picture):
                    if thing.pk != Page.get_first_root_node().pk:  # for which the page chooser fails
                        yield name, f"{address}?id={thing.pk}"

    def bulk_actions(self, lists):
        """Of every model, with the ids themselves and with the listing that they stand in."""
        files = [(Attachment, self.attachment), (Picture, self.picture)]
        for model, thing in [(Page, self.page), *files]:
            parent = self.page.get_parent().pk if model is Page else thing.collection_id
            label, name = model._meta.app_label, model._meta.model_name
            for action in bulk_action_registry.get_bulk_actions_for_model(label, name):
                address = reverse("wagtail_bulk_action", args=[label, name, action.action_type])
                yield f"{address}?id={thing.pk}"
                if not lists:
                    continue
                yield f"{address}?id=all&childOf={parent}"
                yield f"{address}?id=all&childOf={parent}&q=秘密"
                yield f"{address}?id=all&childOf={Page.get_first_root_node().pk}&q=秘密"
                yield f"{address}?id=all"


def shown_by(client, addresses) -> list[str]:
    """Those of the addresses that show a secret."""
    shown = []
    for address in addresses:
        text = text_at_the_end(client, address)
        if SECRET in text or FILE_SECRET in text:
            shown.append(address)
    return shown


def text_at_the_end(client, address) -> str:
    """What a browser shows that goes to the address. Of the dashboard, to which a refusal leads, only the messages:
    it is an address of the walk itself, and takes longer than most."""
    for _redirect in range(5):
        response = client.get(address)
        if response.status_code not in (301, 302):
            return text_of(response)
        address = urljoin(address, response.url)
        if address == reverse("wagtailadmin_home"):
            client.cookies.pop("messages", None)  # read here, so they do not stand on the next page
            return " ".join(str(message) for message in get_messages(response.wsgi_request))
    raise AssertionError(f"redirects without end: {address}")


def text_of(response) -> str:
    """The body as a person would read it: JSON hides Chinese behind escapes."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    if response.headers.get("Content-Type", "").startswith("application/json"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return text


@shared
def review(draft):
    """The draft before the three offices."""
    draft.save_revision(user=draft.owner, log_action=True)
    state = draft.get_workflow().start(draft, draft.owner)
    check = OfficeReview.objects.get(submission__page=draft.pk)
    sign(check, reviewer(Signatory.DEPARTMENT_LEGAL, draft.department), seen=check.digest)
    state.refresh_from_db()
    return state


@shared
def renamed(department):
    """A live guide whose next draft has a new name, above a live sub-item."""
    guide = publish(complete_item(department, title="已发布的事项"))
    publish(complete_item(department, parent=guide, title="已发布的秘密子项", serial_number="9"))
    guide = ServiceItemPage.objects.get(pk=guide.pk)
    guide.title = SECRET
    guide.save_revision()
    return ServiceItemPage.objects.get(pk=guide.pk)


@shared
def picture(department):
    PictureFactory()  # as above
    return PictureFactory(title=FILE_SECRET, description=FILE_SECRET, collection=department.collection)


@shared
def office():
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Editorial")]))
    return client


def test_no_url_of_the_admin_shows_a_draft_or_a_file(review, renamed, attachment, picture, stranger):
    """To an editor of another department."""
    assert shown_by(stranger, walk_everywhere(review, renamed, attachment, picture)) == []


@pytest.mark.any_database
def test_nor_to_a_contact_person_of_another_department(review, renamed, attachment, picture, stranger):
    """Who is in no group, and gets in by that post."""
    department = Department.objects.get(name="市公安局")
    person = UserFactory()
    ContactPerson.objects.create(department=department, role=ContactRole.LEADER, name="分管领导", user=person)
    client = Client()
    client.force_login(person)
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
    assert shown_by(client, walk_everywhere(review, renamed, attachment, picture)) == []


def walk_everywhere(review, renamed, attachment, picture):
    """Every URL: with the ids of the draft, a live guide with a new name, their section, and the stranger's own page
    beside the task and the revision of the draft. Messages after a redirect count."""
    draft, own = review.content_object, complete_item(Department.objects.get(name="市公安局"))
    everywhere = {}  # as a set that keeps its order: many addresses do not name the page
    for page in (draft, renamed, own, draft.get_parent()):
        walk = Walk(review, page, attachment, picture)
        addresses = dict.fromkeys(address for _name, address in walk.addresses(lists=page == draft))
        assert len(addresses) > 150, "the walk over the admin's URLs found too few to mean anything"
        everywhere |= addresses
    return everywhere


@pytest.mark.parametrize("address", ["chooser", "chooserresults"])
def test_what_the_public_searched_for_is_shown_to_those_who_promote_results(address, stranger):
    address = reverse(f"wagtailsearchpromotions:{address}")
    assert stranger.get(address).status_code in (302, 403)
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Coordination")]))
    assert client.get(address).status_code == 200


@pytest.mark.any_database
def test_the_walk_would_find_them(review, renamed, attachment, picture, colleague):
    """The test above could not fail if its addresses led nowhere."""
    walk = Walk(review, review.content_object, attachment, picture)
    shown = shown_by(colleague, (address for _name, address in walk.addresses()))
    views = {resolve(urlsplit(address).path).view_name for address in shown}
    assert views >= {
        "wagtail_bulk_action",
        "wagtailadmin_pages:edit",
        "wagtailadmin_pages:history",
        "wagtailadmin_pages:view_draft",
        "wagtailadmin_pages:revisions_view",
        "wagtailadmin_pages:workflow_history_detail",
        "wagtailadmin_choose_page_chosen_multiple",
        "wagtailadmin_choose_page_search",
        "wagtaildocs:edit",
        "wagtaildocs_chooser:chosen",
        "wagtaildocs_chooser:chosen_multiple",
        "wagtailimages:edit",
        "wagtailimages_chooser:chosen",
        "wagtailimages_chooser:select_format",
    }


def test_the_walk_reads_the_message_of_a_refusal(draft, stranger):
    assert text_at_the_end(stranger, reverse("wagtailadmin_pages:edit", args=[draft.pk])).strip()


@pytest.mark.parametrize("action", ["delete", "move", "publish", "unpublish"])
def test_a_bulk_action_takes_a_listing_of_ones_own(action, draft, colleague, stranger):
    address = f"/admin/bulk/wagtailcore/page/{action}/?id=all&childOf={draft.get_parent().pk}"
    assert SECRET in text_of(colleague.get(address))
    assert stranger.get(address).status_code == 302
    above = f"/admin/bulk/wagtailcore/page/{action}/?id=all&childOf={draft.get_parent().get_parent().pk}"
    assert colleague.get(above).status_code == 302


def test_a_refused_form_does_not_name_what_was_chosen(draft, stranger):
    own = complete_item(Department.objects.get(name="市公安局"))
    for address, field in (
        (reverse("wagtailadmin_pages:copy", args=[own.pk]), "new_parent_page"),
        (reverse("wagtailadmin_pages:move", args=[own.pk]), "new_parent_page"),
        (f"/admin/bulk/wagtailcore/page/move/?id={own.pk}", "chooser"),
        ("/admin/pages/create/servicepages/serviceitempage", "parent_page"),
    ):
        response = stranger.post(address, {field: draft.pk, "new_title": "", "new_slug": ""}, follow=True)
        assert SECRET not in text_of(response), address


def test_the_office_of_the_task_reaches_the_draft(review, office, stranger):
    page, state = review.object_id, review.current_task_state
    addresses = [
        reverse("wagtailadmin_pages:edit", args=[page]),
        reverse("wagtailadmin_pages:view_draft", args=[page]),
        reverse("wagtailadmin_pages:workflow_preview", args=[page, state.task_id]),
    ]
    for address in addresses:
        assert office.get(address).status_code == 200, address
        assert stranger.get(address).status_code in (302, 403), address


def test_the_tasks_action_leads_to_the_review_sheet_and_decides_nothing(review, office, stranger):
    state = review.current_task_state
    for client, leads_there in ((office, True), (stranger, False)):
        for action in ("review", "approve", "reject"):
            address = reverse("wagtailadmin_pages:workflow_action", args=[review.object_id, action, state.pk])
            response = client.post(address, {"comment": "同意"})
            assert (response.url.startswith("/admin/review/") if response.status_code == 302 else False) is (
                leads_there and action == "review"
            ), action
    review.refresh_from_db()
    assert review.status == "in_progress"
    assert not Decision.objects.filter(signatory=Signatory.EDITORIAL).exists()


def test_a_colleague_reaches_every_road_to_the_draft(review, colleague):
    page = review.object_id
    for name in ("edit", "view_draft", "history", "workflow_history", "usage", "copy"):
        assert colleague.get(reverse(f"wagtailadmin_pages:{name}", args=[page])).status_code == 200, name


def test_the_explorer_leads_to_ones_own_part_of_the_tree(draft, colleague, stranger):
    for client, sees in ((colleague, True), (stranger, False)):
        response = client.get(f"/admin/pages/{Page.get_first_root_node().pk}/", follow=True)
        assert response.status_code == 200
        assert (SECRET in text_of(response)) is sees


def test_what_does_not_exist_is_not_found(stranger):
    for address in ("/admin/pages/99999/edit/", "/admin/documents/edit/99999/", "/admin/images/99999/"):
        assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("results", ["", "results/"])
def test_the_report_of_page_types_is_for_those_who_see_the_whole_site(results, draft, stranger):
    address = f"/admin/reports/page-types-usage/{results}"
    client = Client()
    client.force_login(UserFactory(groups=[Group.objects.get(name="Coordination")]))
    assert client.get(address).status_code == 200
    assert "page-types-usage" in text_of(client.get("/admin/"))
    assert stranger.get(address).status_code == 302
    assert "page-types-usage" not in text_of(stranger.get("/admin/"))


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
