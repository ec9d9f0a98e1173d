"""The editor of a service item, arranged by the offices that review it, and the checklist beside it."""

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    ObjectList,
    TabbedInterface,
)

from servicepages import fields
from servicepages.completeness import checklist, stopping
from servicepages.fields import Signer

# Two or three short fields that are read together stand in one row.
ROWS = (
    ("serial_number", "item_type"),
    ("basic_code", "implementation_code"),
    ("acceptance_days", "review_days"),
    ("promised_limit", "promised_limit_unit"),
    ("statutory_limit", "statutory_limit_unit"),
    ("visits_required", "visit_reason"),
    ("online", "service_level"),
    ("consultation_phone", "consultation_email"),
    ("own_hall", "public_hall"),
    ("filled_in_by", "filled_in_phone", "filled_in_on"),
)
ROW_LABELS = {
    "serial_number": _("Number and type"),
    "basic_code": _("Item codes"),
    "acceptance_days": _("Acceptance and review"),
    "promised_limit": _("Promised time limit"),
    "statutory_limit": _("Statutory time limit"),
    "visits_required": _("Visits"),
    "online": _("Online handling"),
    "consultation_phone": _("Consultation"),
    "own_hall": _("Reception halls"),
    "filled_in_by": _("Filled in by"),
}
SHOWN_ELSEWHERE = {"department"}  # follows the section of the tree, nothing to fill in


# What other rooms say beside a field, such as the remarks of a review: each is asked with
# (item, name of the field, request) and answers with safe HTML, or "" for nothing.
FIELD_NOTES = []


def notes_on(item, field_names, request):
    """What all of FIELD_NOTES say about these fields."""
    notes = (note(item, name, request) for name in field_names for note in FIELD_NOTES)
    return format_html_join("", "{}", ((note,) for note in notes))


class NotedBoundPanel:
    """A panel with the notes on its field above it: some fields are longer than a screen."""

    @property
    def noted_field(self):
        return getattr(self.panel, "field_name", None) or self.panel.relation_name

    def render_html(self, parent_context=None):
        notes = notes_on(self.instance, [self.noted_field], self.request)
        return notes + super().render_html(parent_context)


class ItemFieldPanel(FieldPanel):
    class BoundPanel(NotedBoundPanel, FieldPanel.BoundPanel):
        pass


class ItemInlinePanel(InlinePanel):
    class BoundPanel(NotedBoundPanel, InlinePanel.BoundPanel):
        pass


def _panel(name):
    if name == "title":
        return ItemFieldPanel(
            "title", heading=_("Item name"), help_text=_("The sub-item's name, or the item's own.")
        )
    if name == "topics":
        return ItemFieldPanel("topics", widget=forms.CheckboxSelectMultiple)
    if name == "service_points":
        return ItemInlinePanel(
            "service_points",
            heading=_("Halls and windows"),
            label=_("Service point"),
            panels=[FieldRowPanel([FieldPanel("hall"), FieldPanel("window")]), FieldPanel("note")],
        )
    return ItemFieldPanel(name)


def _panels(names):
    names = [name for name in names if name not in SHOWN_ELSEWHERE]
    row_of = {row[0]: row for row in ROWS}
    inside = {name for row in ROWS for name in row[1:]}
    for name in names:
        if name in row_of:
            yield FieldRowPanel([_panel(each) for each in row_of[name]], heading=ROW_LABELS[name])
        elif name not in inside:
            yield _panel(name)


def _names(office=None):
    """Filled-in fields of an office that the public may see; without an office, the internal ones."""
    return [
        field.path
        for field in fields.content_fields()
        if (field.is_public and field.signer is office if office else not field.is_public)
    ]


def service_item_editor():
    """The tabs of the editor: one for each office, then what stays internal."""
    return ChecklistInterface(
        [
            ObjectList(list(_panels(_names(Signer.EDITORIAL))), heading=_("Editorial")),
            ObjectList(list(_panels(_names(Signer.LEGAL_AFFAIRS))), heading=_("Legal Affairs")),
            ObjectList(list(_panels(_names(Signer.GENERAL_OFFICE))), heading=_("General Office")),
            ObjectList(
                [
                    HelpPanel(
                        content=_("Nothing on this tab is ever published. The General Office reviews it.")
                    ),
                    *_panels(_names()),
                ],
                heading=_("Internal"),
            ),
        ]
    )


class ChecklistInterface(TabbedInterface):
    """Tabs with the checklist beside them.

    After each autosave Wagtail sends the partials of the page; ours
    (templates/wagtailadmin/pages/edit_partials.html) bring the checklist anew.
    """

    class BoundPanel(TabbedInterface.BoundPanel):
        template_name = "servicepages/admin/checklist_interface.html"

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            context["checklist"] = Checklist(self.instance)
            context["notes"] = notes_on(self.instance, SHOWN_ELSEWHERE, self.request)
            return context

        class Media:
            css = {"all": ["servicepages/admin/item_editor.css"]}


class Checklist:
    """The findings on `item`, as the editor shows them."""

    def __init__(self, item):
        self.findings = checklist(item)
        self.stopping = stopping(self.findings)
        self.notices = [finding for finding in self.findings if not finding.stops_submission]
