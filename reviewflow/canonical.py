"""What exactly a signatory signs: the canonical form of the fields it owns, and the form's digest.

Offices sign content, not pages: two versions whose canonical forms are equal are the same to the office,
whatever revision they stand in. The form leaves out what a reader cannot see (ids of blocks, order of keys,
invisible white space) and what is empty, so that a field added to the software later voids nothing.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from modelcluster.fields import ParentalManyToManyField
from wagtail.blocks import StreamValue, StructValue
from wagtail.blocks.list_block import ListValue
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from reviewflow.signatories import Signatory

# Raised whenever the same content would come out differently: sign-offs of another version do not count.
VERSION = 1

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_BLANKS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class SignedContent:
    """`form` is what is stored with a decision; `digest` is its SHA-256 as 64 hexadecimal digits."""

    signatory: Signatory
    form: dict
    digest: str

    @property
    def values(self) -> dict:
        """{name of a model field: canonical value}, empty ones left out."""
        return self.form["fields"]

    def changed_fields(self, earlier: dict | None) -> list[str]:
        """Names of the fields that differ from `earlier`, a stored form; without one, all that are filled."""
        before = (earlier or {}).get("fields", {})
        return [name for name in self.signatory.field_names if before.get(name) != self.values.get(name)]


def signed_content(item, signatory: Signatory) -> SignedContent:
    """The canonical content of `item`, a ServiceItemPage from a revision or from its live row alike."""
    return _content(signatory, {name: _field(item, name, signatory) for name in signatory.field_names})


def signed_contents(item) -> dict[Signatory, SignedContent]:
    """The same for every signatory."""
    return {signatory: signed_content(item, signatory) for signatory in Signatory}


def _content(signatory, values) -> SignedContent:
    form = {
        "version": VERSION,
        "signatory": signatory.value,
        "fields": {name: value for name, value in values.items() if not _is_empty(value)},
    }
    return SignedContent(signatory, form, digest(form))


def digest(form: dict) -> str:
    text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_empty(value) -> bool:
    """An unticked box is empty; a 0 is a statement."""
    return value is None or value is False or (not value and value != 0)


def _field(item, name, signatory):
    field = item._meta.get_field(name)
    if field.one_to_many:
        return [_child(row, name, field.related_model, signatory) for row in _in_order(getattr(item, name))]
    if isinstance(field, ParentalManyToManyField):
        return sorted(row.pk for row in getattr(item, name).all())
    if isinstance(field, models.ForeignKey):
        if issubclass(field.related_model, AbstractDocument | AbstractImage):
            return _value(getattr(item, name), name, signatory)
        return getattr(item, field.attname)
    value = getattr(item, name)
    if isinstance(value, bool) and field.null:
        # Three-valued: “no” is a statement, and only None is empty.
        return "yes" if value else "no"
    return _value(value, name, signatory)


def _in_order(manager):
    return sorted(manager.all(), key=lambda row: (row.sort_order is None, row.sort_order or 0))


def _child(row, name, model, signatory):
    values = {}
    for field in model._meta.concrete_fields:
        if f"{name}.{field.name}" in signatory.paths:
            related = isinstance(field, models.ForeignKey)
            values[field.name] = _value(
                getattr(row, field.attname if related else field.name), name, signatory
            )
    return {key: value for key, value in values.items() if not _is_empty(value)}


def _value(value, name, signatory):
    """The canonical form of one value: JSON of strings, numbers, lists and dictionaries.

    TypeError for a kind of value that nobody has thought about: better than signing its `repr`.
    """
    match value:
        case None | bool():
            return value
        case str():
            return normalised(value)
        case int():
            return value
        case Decimal():
            return format(value.normalize(), "f")
        case datetime() | date():
            return value.isoformat()
        case RichText():
            return normalised(value.source)
        case StreamValue():
            return [_block(child, name, signatory) for child in value]
        case ListValue():
            return [_value(each, name, signatory) for each in value]
        case StructValue():
            return _struct(value, name, signatory)
        case AbstractDocument():
            return {"title": normalised(value.title), "hash": value.get_file_hash()}
        case AbstractImage():
            return {
                "title": normalised(value.title),
                "alternative": normalised(value.description),
                "hash": value.get_file_hash(),
            }
        case list() | tuple():
            # The choices of a multiple choice; their order is the form's, not the editor's.
            return sorted((_value(each, name, signatory) for each in value), key=str)
    raise TypeError(f"no canonical form for {type(value).__name__} in {name}")


def _block(child, name, signatory):
    content = _value(child.value, name, signatory)
    return {"type": child.block_type} | ({} if _is_empty(content) else {"value": content})


def _struct(value, name, signatory):
    content = {}
    for key in value.block.child_blocks:
        if f"{name}.{key}" not in signatory.paths:
            continue
        each = _value(value.get(key), name, signatory)
        if not _is_empty(each):
            content[key] = each
    return content


def normalised(text: str) -> str:
    """Without the white space that nobody sees: blanks run together, ends of lines, empty lines at the
    ends, and more than one empty line between paragraphs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
