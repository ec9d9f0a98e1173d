"""Choosing an entry of the register of laws, for a line of an item's legal bases."""

from django import forms
from django.db.models import Q
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet


class LawFilterForm(BaseFilterForm):
    q = forms.CharField(
        label=_("Search term"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Search")})
    )

    def filter(self, objects):
        """By any piece of the name or the number: a law is rarely known by its full name."""
        objects = super().filter(objects)
        if query := self.cleaned_data.get("q", "").strip():
            self.is_searching, self.search_query = True, query
            objects = objects.filter(Q(name__icontains=query) | Q(document_number__icontains=query))
        return objects


class ListsLaws:
    filter_form_class = LawFilterForm

    @property
    def columns(self):
        return [
            *super().columns,
            Column("version_date", label=_("Date of the version"), accessor="version_date"),
            Column("status", label=_("Status"), accessor="get_status_display"),
        ]


class ChooseLaw(ListsLaws, ChooseView):
    pass


class ChooseLawResults(ListsLaws, ChooseResultsView):
    pass


class LawChosen(ChosenView):
    """Says also what the empty fields of the citation are filled with (fill_citation.js)."""

    def get_chosen_response_data(self, item):
        return {
            **super().get_chosen_response_data(item),
            "name": item.name,
            "document_number": item.document_number,
        }


class LawChooserViewSet(ChooserViewSet):
    model = "servicepages.Law"
    icon = "openquote"
    choose_one_text = _("Choose from the register of laws")
    choose_another_text = _("Choose another")
    edit_item_text = _("Edit this entry")
    choose_view_class = ChooseLaw
    choose_results_view_class = ChooseLawResults
    chosen_view_class = LawChosen
    per_page = 20


law_chooser_viewset = LawChooserViewSet("law_chooser", url_prefix="law-chooser")
LawChooserBlock = law_chooser_viewset.get_block_class(
    name="LawChooserBlock", module_path="servicepages.law_chooser"
)


def register_viewset():
    """`register_admin_viewset`"""
    return law_chooser_viewset


def fill_citation():
    """`insert_editor_js`"""
    return format_html(
        '<script src="{}" data-chosen="{}"></script>',
        static("servicepages/admin/fill_citation.js"),
        reverse("law_chooser:chosen", args=["0"]),
    )
