"""What a canonical form says, in words that a reviewer reads: labels instead of keys, names instead of
primary keys, a link to each file.

It reads canonical forms (reviewflow.canonical) and not pages, because what an office signed years ago is
only there as its form. What the software or a register no longer knows is shown under its key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modelcluster.fields import ParentalManyToManyField
from wagtail import blocks
from wagtail.blocks.field_block import BaseChoiceBlock
from wagtail.fields import StreamField

from reviewflow.gate import listed
from reviewflow.labels import model_field
from servicepages.models import (
    Attachment,
    Department,
    Picture,
    ServiceHall,
    ServiceWindow,
    Topic,
)

SHORT_HASH = 8
WEB = ("http://", "https://")


@dataclass(frozen=True)
class Leaf:
    """One value in words; `url` leads to the file or the page that it names."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a field: a block, a row, or the whole of a plain field, which has no `kind` and whose only
    value has no label."""

    kind: str
    heading: str
    values: dict[str, Leaf] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(leaf.text for leaf in self.values.values())


_ROWS = {"hall": ServiceHall, "window": ServiceWindow}


class Reader:
    """Reads any number of forms; what they name is looked up in a constant number of queries."""

    def __init__(self, forms: Iterable[dict | None]):
        self._keys = {model: set() for model in (Department, Topic, ServiceHall, ServiceWindow)}
        self._hashes = set()
        for form in forms:
            if form:
                self._gather(form["fields"])
        self._names = {model: self._look_up(model, keys) for model, keys in self._keys.items() if keys}
        self._files = self._look_up_files()

    def read(self, name: str, value) -> list[Line]:
        """The lines of the field `name` whose canonical value is `value`; none for an empty one."""
        if value is None:
            return []
        its_field = model_field(name)
        if isinstance(its_field, StreamField):
            return [self._block(its_field.stream_block, each) for each in value]
        if isinstance(its_field, models.ManyToOneRel):
            return [self._row(its_field.related_model, each) for each in value]
        return [Line("", "", {"": self._plain(its_field, value)})]

    # What is named

    def _gather(self, fields):
        self._keys[Department].update(_numbers(fields.get("department")))
        self._keys[Topic].update(_numbers(*fields.get("topics", ())))
        for point in fields.get("service_points", ()):
            for key, model in _ROWS.items():
                self._keys[model].update(_numbers(point.get(key)))
        self._gather_files(fields)

    def _gather_files(self, value):
        if isinstance(value, dict):
            if "hash" in value:
                self._hashes.add(value["hash"])
            for each in value.values():
                self._gather_files(each)
        elif isinstance(value, list):
            for each in value:
                self._gather_files(each)

    @staticmethod
    def _look_up(model, keys):
        rows = model.objects.filter(pk__in=keys)
        related = {Department: ("region",), ServiceWindow: ("hall",)}.get(model)
        return {row.pk: str(row) for row in (rows.select_related(*related) if related else rows)}

    def _look_up_files(self):
        if not self._hashes:
            return {}
        files = {}
        for attachment in Attachment.objects.filter(file_hash__in=self._hashes).order_by("pk"):
            files[attachment.file_hash, attachment.title] = files[attachment.file_hash, None] = attachment.url
        for picture in Picture.objects.filter(file_hash__in=self._hashes).order_by("pk"):
            files[picture.file_hash, picture.title] = files[picture.file_hash, None] = picture.file.url
        return files

    def _name(self, model, key) -> Leaf:
        name = self._names.get(model, {}).get(key)
        return Leaf(name if name is not None else _("no. %(number)s, no longer there") % {"number": key})

    def _file(self, value) -> Leaf:
        """Title, alternative text, and the beginning of the content's hash: a file that was exchanged under
        the same title is another one."""
        said = [value.get("title", ""), value.get("alternative", "")]
        text = " — ".join(each for each in said if each)
        url = self._files.get((value["hash"], value.get("title"))) or self._files.get(
            (value["hash"], None), ""
        )
        return Leaf(
            _("%(title)s [file %(hash)s]") % {"title": text, "hash": str(value["hash"])[:SHORT_HASH]}, url
        )

    # The kinds of field

    def _plain(self, its_field, value) -> Leaf:
        if isinstance(its_field, ParentalManyToManyField):
            names = [self._name(its_field.related_model, key).text for key in value]
            return Leaf(listed(names))
        if isinstance(value, dict) and "hash" in value:
            return self._file(value)
        if isinstance(its_field, models.ForeignKey):
            return self._name(its_field.related_model, value)
        if its_field is not None and its_field.choices:
            return Leaf(str(_choices(its_field.flatchoices).get(value, value)))
        if isinstance(its_field, models.DateField):
            return Leaf(_day(value))
        return _leaf(value)

    def _row(self, model, value) -> Line:
        values = {}
        for key, each in value.items():
            row_field = next((field for field in model._meta.concrete_fields if field.name == key), None)
            label = capfirst(row_field.verbose_name) if row_field else key
            values[str(label)] = self._name(_ROWS[key], each) if key in _ROWS else _leaf(each)
        return Line("row", "", values)

    def _block(self, stream_block, child) -> Line:
        block = stream_block.child_blocks.get(child["type"])
        heading = str(block.label) if block is not None else child["type"]
        content, values = child.get("value", {}), {}
        if not isinstance(content, dict) or "hash" in content:
            return Line(child["type"], heading, {"": self._value(block, content)})
        inside = getattr(block, "child_blocks", {})
        for key in [*inside, *(key for key in content if key not in inside)]:
            if key in content:
                label = str(inside[key].label) if key in inside else key
                values[label] = self._value(inside.get(key), content[key])
        return Line(child["type"], heading, values)

    def _value(self, block, value) -> Leaf:
        if isinstance(value, dict) and "hash" in value:
            return self._file(value)
        if value is True:
            return Leaf(_("yes"))
        if isinstance(block, BaseChoiceBlock):
            choices = _choices(block.field.choices)
            values = value if isinstance(value, list) else [value]
            return Leaf(listed([str(choices.get(str(each), each)) for each in values]))
        if isinstance(block, blocks.DateBlock):
            return Leaf(_day(value))
        return _leaf(value)


def _numbers(*values):
    return {value for value in values if isinstance(value, int)}


def _choices(choices) -> dict:
    """{canonical value: label}. A canonical form says "yes" and "no" where the field has three values."""
    canonical = {True: "yes", False: "no"}
    flat = {}
    for value, label in choices:
        if isinstance(label, list | tuple):
            flat.update(_choices(label))
        else:
            flat[canonical.get(value, value)] = label
    return flat


def _leaf(value) -> Leaf:
    text = str(value)
    is_address = text.startswith(WEB) and len(text.split()) == 1
    return Leaf(text, text if is_address else "")


def _day(text) -> str:
    try:
        return date_format(date.fromisoformat(text))
    except (TypeError, ValueError):
        return str(text)
