"""What the public templates need and a template cannot say by itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django import template
from django.utils.translation import gettext_lazy as _

from servicepages import public
from servicepages.phones import phones_in
from servicepages.time_limits import TimeLimit
from servicepages.vocabulary import ServiceLevel, TimeUnit

register = template.Library()

HOME_DEPTH = 2


@dataclass(frozen=True)
class Section:
    """A part of a guide: its anchor, its heading, and whether a guide has anything to say there.

    Its template is servicepages/guide/<anchor>.html.
    """

    anchor: str
    heading: str
    is_filled: Callable[[public.PublicGuide], bool]
    for_items_with_sub_items: bool = False

    @property
    def template(self) -> str:
        return f"servicepages/guide/{self.anchor}.html"


def _has_time_limits(guide):
    numbers = (guide.promised, guide.statutory, guide.time_limit_note)
    return any(numbers) or guide.acceptance_days is not None or guide.review_days is not None


def _has_contact(guide):
    return any(
        (guide.consultation_phone, guide.consultation_email, guide.mailing_address, guide.complaint_phone)
    )


# The order of the page and of its table of contents.
SECTIONS = (
    Section("who-may-apply", _("Who may apply"), lambda guide: guide.who_may_apply),
    Section("conditions", _("Conditions"), lambda guide: guide.conditions),
    Section("materials", _("Application materials"), lambda guide: guide.materials),
    Section("procedure", _("Procedure"), lambda guide: guide.procedure),
    Section("flow-chart", _("Flow chart"), lambda guide: guide.flow or guide.flow_chart),
    Section("time-limits", _("Time limits"), _has_time_limits),
    Section("fees", _("Fees"), lambda guide: guide.fees),
    Section("legal-bases", _("Legal basis"), lambda guide: guide.legal_bases, for_items_with_sub_items=True),
    Section("result", _("Result"), lambda guide: guide.result),
    Section("where", _("Where and when"), lambda guide: guide.service_points),
    Section("contact", _("Contact"), _has_contact),
    Section("questions", _("Common questions"), lambda guide: guide.questions),
    Section("inspection", _("Periodic inspection"), lambda guide: guide.periodic_inspection),
    Section("about", _("About this guide"), lambda guide: True, for_items_with_sub_items=True),
)


@register.filter
def sections(guide) -> list[Section]:
    """The parts of the page for this guide, in order."""
    return [
        section
        for section in SECTIONS
        if (section.for_items_with_sub_items or not guide.files_no_sheet) and section.is_filled(guide)
    ]


@register.filter
def is_taken_in_online(guide) -> bool:
    """Whether one applies online. Where only information or an appointment is online, the window is
    the only way to apply, and a guide that said nothing is taken in there would shut people out."""
    return guide.online and guide.service_level not in (ServiceLevel.INFORMATION, ServiceLevel.APPOINTMENT)


@register.filter
def description(guide) -> str:
    return public.description(guide)


@register.filter
def full_name(department) -> str:
    """The register holds 民政局 and its place; people know it as 鸡西市民政局."""
    place = department.region.name
    return department.name if place in department.name else f"{place}{department.name}"


@register.simple_tag
def trail(page) -> list:
    """The public pages above `page`, from the home page down. Those that the address was found by
    (servicepages.routing) are at hand; the others cost one query."""
    above = []
    while page.depth > HOME_DEPTH and hasattr(page, "_cached_parent_obj"):
        page = page._cached_parent_obj
        above.append(page)
    if page.depth > HOME_DEPTH:
        above += page.get_ancestors().filter(depth__gte=HOME_DEPTH).order_by("-path")
    return [each for each in reversed(above) if each.live]


@register.simple_tag(takes_context=True)
def canonical_url(context) -> str:
    """The address of this page without what a link may have added to it, but for the page of a list.

    From the request and not from Wagtail's record of the site, which nobody has to keep.
    """
    request = context.get("request")
    if request is None:
        return ""
    page = request.GET.get("page", "")
    # a number of thousands of digits is one that int() refuses
    is_number = page.isascii() and page.isdigit() and len(page) < 9
    query = f"?page={page}" if is_number and int(page) > 1 else ""
    return request.build_absolute_uri(request.path) + query


@register.filter
def choice_labels(value, key) -> list[str]:
    """Words for what was chosen in `key` of a block's value: one choice or several."""
    chosen = value.get(key) or []
    labels = dict(value.block.child_blocks[key].field.choices)
    return [str(labels.get(each, each)) for each in (chosen if isinstance(chosen, list) else [chosen])]


@register.filter
def working_days(number) -> TimeLimit:
    return TimeLimit(number, TimeUnit.WORKING_DAYS)


@register.filter
def as_list(value) -> list:
    return [value]


@register.filter
def phones(text) -> list[dict]:
    """The numbers in a field that may hold several, each as written and as a telephone dials it."""
    return [{"text": number, "uri": f"tel:{_dialled(number)}"} for number in phones_in(text or "")]


def _dialled(number):
    line, *extension = (re.sub(r"[^\d+]", "", part) for part in re.split(r"转|轉|ext\.?", number, maxsplit=1))
    return f"{line};ext={extension[0]}" if extension else line
