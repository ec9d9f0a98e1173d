"""The one table of fields: who may see each field of a service item and which office signs for it.

The editor's arrangement, the public page, the search index, the forms and the review read this
table and nothing else. `path` is the model field, or `field.sub` for a value inside its blocks
(whatever block type it stands in) or its child rows. A field or sub-field that is not listed fails
tests/servicepages/test_fields.py: nobody can add one and forget to say who may see it.

Source: the confirmation sheet (流程確認單), whose lines say 互聯網公示 or 內部使用不公開, and part
three (二) 4 of the plan, which gives each office its fields.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache


class Visibility(Enum):
    PUBLIC = "public"
    INTERNAL = "internal"


class Signer(Enum):
    """Who signs for a field. The value of an office is the name of its city group."""

    EDITORIAL = "Editorial"
    LEGAL_AFFAIRS = "Legal Affairs"
    GENERAL_OFFICE = "General Office"
    BOOKKEEPING = "bookkeeping"


OFFICES = (Signer.EDITORIAL, Signer.LEGAL_AFFAIRS, Signer.GENERAL_OFFICE)


@dataclass(frozen=True)
class Field:
    path: str
    visibility: Visibility
    signer: Signer

    @property
    def name(self) -> str:
        """The model field that it is or is part of."""
        return self.path.partition(".")[0]

    @property
    def is_public(self) -> bool:
        return self.visibility is Visibility.PUBLIC


def _public(signer, *paths):
    return [Field(path, Visibility.PUBLIC, signer) for path in paths]


def _internal(signer, *paths):
    return [Field(path, Visibility.INTERNAL, signer) for path in paths]


_TABLE = [
    # 市編辦: name, number, implementing body, type, basis; the national codes
    *_public(
        Signer.EDITORIAL,
        "title",
        "serial_number",
        "department",
        "item_type",
        "basic_code",
        "implementation_code",
        "legal_bases",
        "legal_bases.law",
        "legal_bases.document_number",
        "legal_bases.article",
        "legal_bases.quotation",
        "legal_bases.link",
    ),
    # 市政府法制辦: fee basis, conditions, legality of the procedure
    *_public(
        Signer.LEGAL_AFFAIRS,
        "fees",
        "fees.item",
        "fees.amount",
        "fees.unit",
        "fees.standard",
        "fees.basis",
        "fees.note",
        "conditions",
        "conditions.text",
        "procedure",
        "procedure.name",
        "procedure.description",
    ),
    # 市政府辦公室: everything else
    *_public(
        Signer.GENERAL_OFFICE,
        "who_may_apply",
        "case_kind",
        "acceptance_days",
        "review_days",
        "promised_limit",
        "promised_limit_unit",
        "statutory_limit",
        "statutory_limit_unit",
        "time_limit_note",
        "visits_required",
        "visit_reason",
        "periodic_inspection",
        "approval_steps",
        "approval_steps.name",
        "approval_steps.working_days",
    ),
    *_internal(
        Signer.GENERAL_OFFICE,
        "approval_steps.section",
        "approval_steps.handler",
        "approval_steps.post",
        "approval_steps.mobile",
    ),
    *_public(
        Signer.GENERAL_OFFICE,
        "flow_chart",
        "materials",
        "materials.name",
        "materials.blank_form",
        "materials.filled_in_sample",
        "materials.notes",
        "materials.file_kinds",
        "materials.upload_required",
        "materials.original_required",
        "materials.copies",
        "materials.note",
        "result",
        "result.name",
        "result.kind",
        "result.sample",
        "topics",
        "other_topics",
        "other_topics.audience",
        "other_topics.text",
        "online",
        "service_level",
        "online_address",
        "service_points",
        "service_points.hall",
        "service_points.window",
        "service_points.note",
        "consultation_phone",
        "consultation_email",
        "mailing_address",
        "complaint_phone",
        "questions",
        "questions.question",
        "questions.answer",
    ),
    *_internal(
        Signer.GENERAL_OFFICE,
        "own_hall",
        "public_hall",
        "on_provincial_platform",
        "offline_reason",
        "offline_decision",
        "offline_decision.decided_by",
        "offline_decision.document",
        "offline_decision.decided_on",
        "offline_decision.scan",
    ),
    *_internal(
        Signer.BOOKKEEPING,
        "filled_in_by",
        "filled_in_phone",
        "filled_in_on",
        "legal_bases.entry",
    ),
    # What Wagtail keeps of a page. The public sees a page's address and when it was published.
    *_public(
        Signer.BOOKKEEPING,
        "id",
        "page_ptr",
        "slug",
        "url_path",
        "first_published_at",
        "last_published_at",
        "content_type",
        "locale",
        "live",
        "path",
        "depth",
        "numchild",
    ),
    *_internal(
        Signer.BOOKKEEPING,
        "draft_title",
        "seo_title",
        "search_description",
        "show_in_menus",
        "has_unpublished_changes",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
        "owner",
        "latest_revision",
        "latest_revision_created_at",
        "live_revision",
        "alias_of",
        "translation_key",
        "wagtail_admin_comments",
        "service_points.id",
        "service_points.page",
        "service_points.sort_order",
    ),
]

TABLE: dict[str, Field] = {field.path: field for field in _TABLE}
if len(TABLE) != len(_TABLE):  # a path listed twice would let the laxer line win unseen
    raise RuntimeError("servicepages.fields lists a path twice")


def is_public(path: str) -> bool:
    """Whether the internet may show it. KeyError for a path that is not in the table."""
    return TABLE[path].is_public


@cache
def content_fields() -> tuple[Field, ...]:
    """The fields people fill in, sub-fields left out, in the order of the table."""
    return tuple(
        field
        for field in _TABLE
        if "." not in field.path
        and (field.signer is not Signer.BOOKKEEPING or field.path.startswith("filled_in_"))
    )


@cache
def public_content() -> tuple[str, ...]:
    """Names of the filled-in fields that the internet may show."""
    return tuple(field.path for field in content_fields() if field.is_public)


@cache
def internal_subfields(name: str) -> frozenset[str]:
    """Keys inside the blocks of field `name` that never leave the staff side."""
    return frozenset(
        field.path.partition(".")[2]
        for field in _TABLE
        if field.path.startswith(f"{name}.") and not field.is_public
    )


def signed_by(office: Signer) -> tuple[str, ...]:
    """Paths that `office` signs for, sub-fields included."""
    return tuple(field.path for field in _TABLE if field.signer is office)
