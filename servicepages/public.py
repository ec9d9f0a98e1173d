"""The public side of a service item: the only way by which templates, the index and feeds read one.

`PublicGuide` knows the table of fields. A field that the table does not call public cannot be read
through it, and blocks arrive without their internal values, so that a template cannot leak by mistake.
"""

from django.conf import settings
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from wagtail.blocks import StreamValue, StructValue

from servicepages import fields
from servicepages.flow_chart import FlowChart


class NotPublic(AttributeError):
    """Something tried to show the public a field that the table of fields calls internal."""


class PublicGuide:
    def __init__(self, item):
        self._item = item
        self._values = {}

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name.startswith("get_") and name.endswith("_display"):
            _check(name[4:-8])
            return getattr(self._item, name)
        _check(name)
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def _read(self, name):
        value = getattr(self._item, name)
        if isinstance(value, StreamValue):
            return [public_block(name, child) for child in value]
        if name == "topics":
            return list(value.all())
        if name == "service_points":
            return [point for point in value.select_related("hall__region", "window") if point.hall_id]
        return value

    @property
    def url(self):
        return self._item.url

    @property
    def promised(self):
        return self._item.promised

    @property
    def statutory(self):
        return self._item.statutory

    @property
    def files_no_sheet(self):
        return self._item.files_no_sheet

    @cached_property
    def flow(self) -> FlowChart:
        return FlowChart(
            (step.value["name"], step.value["working_days"])
            for step in self.approval_steps
            if step.value["name"]
        )

    @cached_property
    def is_free(self) -> bool:
        return bool(self.fees) and all(fee.block_type == "no_fee" for fee in self.fees)

    @cached_property
    def listed_materials(self):
        return [material for material in self.materials if material.block_type == "material"]


def _check(name):
    try:
        public = fields.is_public(name)
    except KeyError as error:
        raise AttributeError(name) from error
    if not public:
        raise NotPublic(f"{name} is internal (servicepages.fields)")


def public_block(field: str, child):
    """A stream child of `field` whose internal values are gone, not merely hidden."""
    internal = fields.internal_subfields(field)
    value = child.value
    if internal and isinstance(value, StructValue):
        value = StructValue(
            value.block, [(key, None if key in internal else each) for key, each in value.items()]
        )
    return StreamValue.StreamChild(child.block, value, id=child.id)


def plain_text(item) -> str:
    """Every public value of `item` as plain text, one a line; what a search may find it by."""
    guide = PublicGuide(item)
    names = fields.public_content()
    if item.files_no_sheet:
        names = (
            "serial_number",
            "department",
            "item_type",
            "basic_code",
            "implementation_code",
            "legal_bases",
        )
    lines = []
    # the words of the site, whatever language the person who saves the item reads
    with translation.override(settings.LANGUAGE_CODE):
        for name in names:
            if name == "title":
                continue
            value = getattr(guide, name)
            if isinstance(value, str) and hasattr(item, f"get_{name}_display"):
                value = getattr(guide, f"get_{name}_display")()
            if name == "service_points":
                value = [
                    text for point in value for text in (point.hall.name, str(point.window or ""), point.note)
                ]
            lines += _texts(value)
    return "\n".join(lines)


def _texts(value):
    if value is None or isinstance(value, bool) or value == "":
        return
    if isinstance(value, StreamValue.StreamChild):
        yield from _texts(value.value)
    elif isinstance(value, StructValue):
        for key, block in value.block.child_blocks.items():
            each = value.get(key)
            # only of words and lists of words: the choices of a file chooser are all files there are
            has_words = isinstance(each, str | list) and hasattr(block, "field")
            choices = dict(getattr(block.field, "choices", ()) or ()) if has_words else {}
            if isinstance(each, list):
                yield from (str(choices.get(one, one)) for one in each)
            else:
                yield from _texts(choices.get(each, each) if isinstance(each, str) else each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    else:
        text = strip_tags(str(value)).strip()
        if text:
            yield text


def description(guide: PublicGuide) -> str:
    """One sentence for search engines and link previews, derived: body, time, fee, visits."""
    parts = [str(guide.title), str(guide.department or "")]
    if guide.promised and not guide.files_no_sheet:
        parts.append(str(guide.promised))
    return " · ".join(part for part in parts if part)
