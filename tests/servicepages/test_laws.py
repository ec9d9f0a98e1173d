"""The register of laws: who keeps it, how a citation points to it, and that the public never sees that it does."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from reviewflow.canonical import signed_contents
from servicepages.adoption import adopt
from servicepages.blocks import LegalBasisBlock
from servicepages.citations import cited_laws, law_changed, live_items_citing
from servicepages.models import Law, ServiceItemPage
from servicepages.public import PublicGuide, plain_text
from servicepages.vocabulary import LawStatus
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish, section_of
from tests.reviewflow.item_form import filled_form
from tests.shared import shared

pytestmark = pytest.mark.django_db
LIST = "/admin/servicepages/law/"
TYPED = {"law": "婚姻登记条例", "document_number": "", "article": "第七条", "quotation": "", "link": ""}


@shared
def law():
    return Law.objects.create(name="登记册里的名称", document_number="国务院令第387号", note="内部备注")


@shared
def department():
    return DepartmentFactory()


@shared
def guide(department, law):
    """A live item whose typed citation reads otherwise than the entry it points to."""
    return publish(complete_item(department, legal_bases=[("legal_basis", {**TYPED, "entry": law})]))


@shared
def draft(department):
    return complete_item(department)


@shared
def editor(department):
    return client_of(UserFactory(groups=[department.editors]))


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def member_of(name):
    return client_of(UserFactory(groups=[Group.objects.get(name=name)]))


def values(**changes):
    return {
        "name": "社会保险法",
        "document_number": "",
        "status": "in_force",
        "version_date": "",
        "link": "",
        "note": "",
        **changes,
    }


# Who keeps it


@pytest.mark.parametrize("group", ["Legal Affairs", "Coordination"])
def test_legal_affairs_and_coordination_keep_it(group, law):
    client = member_of(group)
    client.post(f"{LIST}create/", values())
    added = Law.objects.get(name="社会保险法")
    client.post(f"{LIST}edit/{added.pk}/", values(document_number="主席令第35号"))
    added.refresh_from_db()
    assert added.document_number == "主席令第35号"
    actions = ModelLogEntry.objects.filter(object_id=str(added.pk), content_type__model="law")
    assert set(actions.values_list("action", flat=True)) == {"wagtail.create", "wagtail.edit"}
    assert client.get(f"{LIST}delete/{added.pk}/").status_code == 302
    assert Law.objects.filter(pk=added.pk).exists()


def test_editors_read_it(editor, law):
    assert "登记册里的名称" in editor.get(LIST).content.decode()
    assert "内部备注" in editor.get(f"{LIST}inspect/{law.pk}/").content.decode()
    for action in ("create/", f"edit/{law.pk}/", f"delete/{law.pk}/"):
        assert editor.get(f"{LIST}{action}").status_code == 302


@pytest.mark.parametrize("group", ["Editorial", "General Office"])
def test_the_other_offices_have_no_list_of_it(group):
    assert member_of(group).get(LIST).status_code == 302


def test_a_law_is_found_by_a_piece_of_its_name(law):
    Law.objects.create(name="护士条例")
    client = member_of("Legal Affairs")
    html = client.get(LIST, {"q": "里的名"}).content.decode()
    assert "登记册里的名称" in html
    assert "护士条例" not in html


def test_a_law_is_entered_once(law):
    with pytest.raises(ValidationError):
        Law(name=law.name, document_number=law.document_number).full_clean()


def test_an_entry_that_is_cited_stays(guide, law):
    with pytest.raises(ProtectedError):
        law.delete()


# A citation points to it


def test_the_chooser_finds_a_law_and_says_its_name_and_number(editor, law):
    Law.objects.create(name="护士条例")
    found = editor.get("/admin/law-chooser/results/", {"q": "387"}).content.decode()
    assert law.name in found
    assert "护士条例" not in found
    result = editor.get(f"/admin/law-chooser/chosen/{law.pk}/").json()["result"]
    assert (result["name"], result["document_number"]) == (law.name, law.document_number)


def test_an_entry_fills_an_empty_citation(draft, editor, law):
    data = filled_form(draft, UserFactory())
    data |= {"legal_bases-0-value-law": "", "legal_bases-0-value-entry": law.pk}
    editor.post(f"/admin/pages/{draft.pk}/edit/", data)
    basis = ServiceItemPage.objects.get(pk=draft.pk).get_latest_revision_as_object().legal_bases[0].value
    assert (basis["law"], basis["document_number"]) == (law.name, law.document_number)
    assert basis["entry"] == law


@pytest.mark.parametrize("typed", [{"law": "婚姻登记条例"}, {"document_number": "国务院令第804号"}])
def test_what_was_typed_stays(typed, law):
    citation = {**TYPED, "law": "", **typed}
    cleaned = LegalBasisBlock().clean({**citation, "entry": law})
    assert dict(cleaned) == {**citation, "entry": law}


def test_a_citation_word_for_word_as_in_the_register_points_to_it(law):
    block = LegalBasisBlock()
    citation = {**TYPED, "entry": None, "law": law.name}
    assert block.clean({**citation, "document_number": law.document_number})["entry"] == law
    assert block.clean({**citation, "document_number": ""})["entry"] is None
    assert block.clean({**TYPED, "law": "", "entry": None})["entry"] is None


def test_who_cites_a_law_is_known_from_what_is_published(guide, draft, law):
    """A draft that cites it, and a draft of a live item that no longer does, change nothing."""
    draft.legal_bases = [("legal_basis", {**TYPED, "entry": law})]
    draft.save()
    newer = guide.get_latest_revision_as_object()
    newer.legal_bases = [("legal_basis", {**TYPED, "entry": None})]
    newer.save_revision()
    assert list(live_items_citing(law)) == [guide]
    assert cited_laws(newer) == []


# Nothing that was signed, nothing that is public


def test_an_entry_changes_nothing_that_anybody_signs(draft, law):
    before = signed_contents(draft)
    draft.legal_bases[0].value["entry"] = law
    assert signed_contents(draft) == before
    assert "entry" not in str(before)


def test_content_from_before_the_register_reads_as_it_did(draft):
    """What was stored before the block had an entry has no key for it."""
    before = signed_contents(draft)
    stored = draft.legal_bases.get_prep_value()
    for line in stored:
        del line["value"]["entry"]
    draft.legal_bases = draft.legal_bases.stream_block.to_python(stored)
    assert draft.legal_bases[0].value["entry"] is None
    assert signed_contents(draft) == before


def test_the_public_never_sees_the_entry(guide, law):
    html = Client().get(guide.url).content.decode()
    assert TYPED["law"] in html
    text = plain_text(guide)
    for secret in (law.name, law.document_number, law.note):
        assert secret not in html
        assert secret not in text
    assert PublicGuide(guide).legal_bases[0].value["entry"] is None


def test_the_public_finds_no_guide_by_its_entry(guide, law):
    assert guide.title in Client().get("/search/", {"q": guide.title}).content.decode()
    assert guide.url not in Client().get("/search/", {"q": law.name}).content.decode()


def test_another_department_starts_without_the_entry(guide):
    other = DepartmentFactory()
    adopted = adopt(guide, section_of(other), UserFactory(groups=[other.editors]))
    assert adopted.legal_bases[0].value["law"] == TYPED["law"]
    assert adopted.legal_bases[0].value["entry"] is None


# It changes


@pytest.fixture
def told():
    """The laws that were said to have changed."""
    laws = []

    def receive(instance, **kwargs):
        laws.append(instance)

    law_changed.connect(receive)
    yield laws
    law_changed.disconnect(receive)


def test_marking_it_is_told_once(law, told):
    law.note = "只改了备注"
    law.save()
    assert told == []
    for status, version in (
        (LawStatus.AMENDED, date(2025, 5, 10)),
        (LawStatus.AMENDED, date(2025, 5, 10)),
        (LawStatus.AMENDED, date(2026, 1, 1)),
        (LawStatus.IN_FORCE, date(2026, 1, 1)),
        (LawStatus.REPEALED, date(2026, 1, 1)),
    ):
        law.status, law.version_date = status, version
        law.save()
    assert told == [law] * 3  # amended, amended again, repealed
    assert law.changed_at is not None


def test_a_list_of_laws_takes_the_same_queries_however_long(law):
    client = member_of("Legal Affairs")
    counts = []
    for number in (1, 20):
        Law.objects.bulk_create(Law(name=f"第{number}组第{each}法") for each in range(number))
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]
