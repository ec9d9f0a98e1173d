"""How the fields of a service item are called, wherever the review speaks of one."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from servicepages.models import ServiceItemPage

LABELS = {"title": gettext_lazy("Item name"), "service_points": gettext_lazy("Halls and windows")}
_FIELDS = {each.name for each in ServiceItemPage._meta.get_fields()}


def label_of(name: str) -> str:
    """How a model field is called; the name itself where the software no longer has it."""
    if name in LABELS:
        return str(LABELS[name])
    verbose_name = getattr(model_field(name), "verbose_name", None)
    return capfirst(verbose_name or name.replace("_", " "))


def model_field(name: str):
    """The field or relation; None where the software no longer has it."""
    return ServiceItemPage._meta.get_field(name) if name in _FIELDS else None
