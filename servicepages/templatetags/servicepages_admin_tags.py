from django import template

from servicepages.models import ServiceItemPage
from servicepages.panels import Checklist

register = template.Library()


@register.simple_tag
def item_checklist(page):
    """The checklist of a service item as it was just saved; None for any other page."""
    return Checklist(page) if isinstance(page, ServiceItemPage) else None
