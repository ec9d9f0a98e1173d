"""Who signs for an item before it may be live: the three offices, each for its own fields, and before them
the legal officer of the item's own department for the internal approval flow (plan, part three (二) 4)."""

from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from servicepages import fields
from servicepages.fields import TABLE, Signer


class Signatory(models.TextChoices):
    """The values of the offices are those of servicepages.fields.Signer, which are their groups' names."""

    DEPARTMENT_LEGAL = "Department legal", _("Department legal officer")
    EDITORIAL = Signer.EDITORIAL.value, _("Editorial")
    LEGAL_AFFAIRS = Signer.LEGAL_AFFAIRS.value, _("Legal Affairs")
    GENERAL_OFFICE = Signer.GENERAL_OFFICE.value, _("General Office")

    @property
    def is_office(self) -> bool:
        return self is not Signatory.DEPARTMENT_LEGAL

    @property
    def paths(self) -> frozenset[str]:
        """Paths of servicepages.fields.TABLE that this one signs for."""
        return _paths(self)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Model fields among them, in the order of the table."""
        return _field_names(self)


@cache
def _paths(signatory):
    if signatory.is_office:
        return frozenset(fields.signed_by(Signer(signatory.value)))
    return frozenset(path for path, field in TABLE.items() if field.name in CHECKED_BY_DEPARTMENT)


@cache
def _field_names(signatory):
    return tuple(path for path in TABLE if path in signatory.paths and "." not in path)


# The flow, and whose it is: what one department's officer has checked says nothing of another's.
CHECKED_BY_DEPARTMENT = ("department", "approval_steps")
OFFICES = tuple(signatory for signatory in Signatory if signatory.is_office)


def signatories_of(field_name: str) -> list[Signatory]:
    """Who signs for a model field; empty for bookkeeping."""
    return [signatory for signatory in Signatory if field_name in signatory.field_names]
