"""Which items cite a law, by the entry of the register that a line of their legal bases points to."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import IntegerField, ProtectedError
from django.db.models.functions import Cast
from django.dispatch import Signal
from django.utils.translation import gettext as _
from wagtail.models import Page, ReferenceIndex

# Sent with `instance`, in the transaction that marks a law as amended or repealed.
law_changed = Signal()


def _references(law):
    return ReferenceIndex.get_references_to(law).filter(
        base_content_type=ContentType.objects.get_for_model(Page)
    )


def live_items_citing(law):
    """Live items whose published bases point to `law`. Wagtail's index of references holds what the row of a page
    refers to, and the row of a live page is what is published."""
    from servicepages.models import ServiceItemPage

    citing = _references(law).annotate(citing=Cast("object_id", IntegerField())).values("citing")
    return ServiceItemPage.objects.live().filter(pk__in=citing)


def cited_laws(item) -> list:
    """The entries that the bases of `item`, as it is in memory, point to; each once."""
    return list(
        {law.pk: law for law in (basis.value.get("entry") for basis in item.legal_bases) if law}.values()
    )


def keep_cited_law(instance, **kwargs):
    """`pre_delete`: an entry stays while an item points to it."""
    if _references(instance).exists():
        raise ProtectedError(_("Service items cite this law."), {instance})
