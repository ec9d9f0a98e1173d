"""What a browser posts when the editor of an item is sent as it stands."""

from django.db.models import Model
from wagtail.admin.panels import get_edit_handler
from wagtail.blocks import StreamValue

from servicepages.models import ServiceItemPage


def filled_form(item, user) -> dict:
    form_class = get_edit_handler(ServiceItemPage).get_form_class()
    form = form_class(instance=item, parent_page=item.get_parent(), for_user=user)
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, StreamValue):
            data |= _stream(bound.html_name, value)
        else:
            data |= _value(bound.html_name, value)
    for name, formset in form.formsets.items():
        rows = formset.initial_forms
        data |= {
            f"{name}-TOTAL_FORMS": len(rows),
            f"{name}-INITIAL_FORMS": len(rows),
            f"{name}-MIN_NUM_FORMS": 0,
            f"{name}-MAX_NUM_FORMS": 1000,
        }
        for row in rows:
            for bound in row:
                data |= _value(bound.html_name, bound.value())
            data[f"{row.prefix}-id"] = row.instance.pk
    return data


def _stream(prefix, stream):
    data = {f"{prefix}-count": len(stream)}
    for number, child in enumerate(stream):
        line = f"{prefix}-{number}"
        data |= {
            f"{line}-deleted": "",
            f"{line}-order": number,
            f"{line}-type": child.block_type,
            f"{line}-id": child.id or "",
        }
        for key, value in child.value.items():
            data |= _value(f"{line}-value-{key}", value)
    return data


def _value(name, value):
    """An empty field and a box without its tick are not posted, or empty; both read the same."""
    if value is None or value is False or value == "":
        return {}
    if isinstance(value, list | tuple):
        return {name: [each.pk if isinstance(each, Model) else each for each in value]}
    return {name: value.pk if isinstance(value, Model) else value}
