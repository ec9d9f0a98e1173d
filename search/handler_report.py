"""The report of handlers: in which items somebody, a section or a mobile number stands, for those who may change
the items."""

from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.permissions import page_permission_policy

from search.handlers import FEWEST_CHARACTERS, find, say_lines, words_of
from servicepages.models import ServiceItemPage
from servicepages.reports import Report

LABELS = {
    "title": gettext_lazy("Service item"),
    "department": gettext_lazy("Department"),
    "step": gettext_lazy("Step name"),
    "section": gettext_lazy("Section in charge"),
    "handler": gettext_lazy("Handler"),
    "post": gettext_lazy("Handler's post"),
    "mobile": gettext_lazy("Mobile number"),
}


class HandlerReport(Report):
    page_title = gettext_lazy("Handlers")
    header_icon = "group"
    index_url_name = "handler_report"
    index_results_url_name = "handler_report_results"
    permission_policy = page_permission_policy
    any_permission_required = ["change"]
    is_searchable = True
    columns = [
        TitleColumn(
            "title",
            label=LABELS["title"],
            get_url=lambda row: reverse("wagtailadmin_pages:edit", args=[row.item_id]),
        ),
        *(
            # A name of three characters is not broken.
            Column(name, label=label, classname="w-whitespace-nowrap" if name == "handler" else None)
            for name, label in LABELS.items()
            if name != "title"
        ),
    ]
    list_export = list(LABELS)
    export_headings = LABELS

    def get_search_form(self):
        asked = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchForm(asked, placeholder=_("Name, section, mobile…"))

    def get_filtered_queryset(self):
        return find(self.request.user, self.search_query)

    def decorate_paginated_queryset(self, rows):
        say_lines(rows)
        filler = capfirst(ServiceItemPage._meta.get_field("filled_in_by").verbose_name)
        for row in rows:
            if row.position == 0:
                row.step = filler
        return rows

    @cached_property
    def no_results_message(self):
        if not words_of(self.search_query):
            return _(
                "Enter a name, a section, a post or a mobile number, at least %(number)d characters of it."
            ) % {"number": FEWEST_CHARACTERS}
        return _(
            "Nothing found in the items that you may change. "
            "What a newer draft of a published item says is not searched."
        )

    def get_filename(self):
        return f"handlers-{timezone.localdate():%Y-%m-%d}"


class HandlerReportMenuItem(MenuItem):
    def is_shown(self, request):
        return page_permission_policy.user_has_permission(request.user, "change")


def admin_urls():
    return [
        path("reports/handlers/", HandlerReport.as_view(), name="handler_report"),
        path(
            "reports/handlers/results/",
            HandlerReport.as_view(results_only=True),
            name="handler_report_results",
        ),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return HandlerReportMenuItem(
        _("Handlers"), reverse("handler_report"), name="handlers", icon_name="group", order=440
    )
