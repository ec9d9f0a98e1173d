"""The register of laws in the admin, for the Legal Affairs office and coordination; editors read it.

Marking a law as amended or repealed asks for a check of every live item that cites it; the list of them stands
beside the entry.
"""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail_modeladmin.helpers import ButtonHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import EditView, InspectView

from reviewflow.desk.queue import Lights
from reviewflow.models.checks import CheckInterval, GuideCheck
from servicepages.citations import live_items_citing
from servicepages.models import Law

ITEMS_A_PAGE = 50


def keeps_laws(user) -> bool:
    return user.has_perm("servicepages.change_law")


class LawEditView(EditView):
    def form_valid(self, form):
        before = self.instance.changed_at
        response = super().form_valid(form)
        if self.instance.changed_at != before:
            count = live_items_citing(self.instance).count()
            if count:
                messages.warning(self.request, _sentence(count), buttons=[_list_button(self.instance)])
            else:
                messages.info(self.request, _("No published guide cites it, so there is nothing to check."))
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(citing=live_items_citing(self.instance).count(), **kwargs)


def _sentence(count):
    return ngettext(
        "%(count)d published guide cites it. Its department is asked to check it within ten working days.",
        "%(count)d published guides cite it. Their departments are asked to check them within ten working days.",
        count,
    ) % {"count": count}


def _list_button(law):
    return messages.button(reverse("law_items", args=[law.pk]), _("Show the guides"))


class LawPermissions(PermissionHelper):
    def user_can_inspect_obj(self, user, obj):
        """Whoever may change an entry reads it in its form."""
        return super().user_can_inspect_obj(user, obj) and not self.user_can_edit_obj(user, obj)


class LawButtons(ButtonHelper):
    def inspect_button(self, *args, **kwargs):
        """Wagtail's word for it would be taken for a check."""
        return {**super().inspect_button(*args, **kwargs), "label": _("Read")}


class LawInspectView(InspectView):
    page_title = gettext_lazy("Law")


class LawAdmin(ModelAdmin):
    model = Law
    permission_helper_class = LawPermissions
    button_helper_class = LawButtons
    inspect_view_class = LawInspectView
    menu_label = gettext_lazy("Laws")
    menu_icon = "openquote"
    list_display = ("name", "document_number", "version_date", "status")
    list_filter = ("status",)
    search_fields = ("name", "document_number")
    list_per_page = 50
    inspect_view_enabled = True
    inspect_view_fields = ("name", "document_number", "version_date", "status", "link", "note")
    edit_view_class = LawEditView
    edit_template_name = "reviewflow/admin/law_edit.html"
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("document_number")]),
            FieldRowPanel([FieldPanel("status"), FieldPanel("version_date")]),
            FieldPanel("link"),
            FieldPanel("note"),
        ]
    )


class CheckIntervalAdmin(ModelAdmin):
    model = CheckInterval
    menu_label = gettext_lazy("Intervals of checks")
    menu_icon = "time"
    list_display = ("item_type", "months")
    edit_handler = ObjectList([FieldRowPanel([FieldPanel("item_type"), FieldPanel("months")])])


class LawItemsView(WagtailAdminTemplateMixin, View):
    """The live items that cite a law, each with the check that its last change asked for."""

    page_title = gettext_lazy("Guides that cite a law")
    header_icon = "openquote"
    template_name = "reviewflow/admin/law_items.html"

    def get(self, request, law_id):
        if not keeps_laws(request.user):
            raise PermissionDenied
        self.law = get_object_or_404(Law, pk=law_id)
        asked = GuideCheck.objects.filter(
            page=OuterRef("pk"), law=self.law, law_changed_at=self.law.changed_at
        ).order_by("-pk")
        items = (
            live_items_citing(self.law)
            .annotate(check_id=Subquery(asked.values("pk")[:1]))
            .select_related("department__region")
            .order_by("department__region__sort_order", "department__sort_order", "title", "pk")
        )
        page = Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("p"))
        checks = GuideCheck.objects.select_related("checked_by").in_bulk(
            [item.check_id for item in page if item.check_id]
        )
        lights = Lights()
        rows = []
        for item in page:
            check = checks.get(item.check_id)
            rows.append(
                {
                    "item": item,
                    "check": check,
                    "state": lights.of(check) if check and check.is_open else "",
                }
            )
        context = self.get_context_data(law=self.law, rows=rows, items=page)
        return TemplateResponse(request, self.template_name, context)

    def get_page_subtitle(self):
        return str(self.law)

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("servicepages_law_modeladmin_index"), "label": _("Laws")},
            {
                "url": reverse("servicepages_law_modeladmin_edit", args=[self.law.pk]),
                "label": str(self.law),
            },
            {"url": "", "label": _("Guides that cite it"), "sublabel": str(self.law)},
        ]


def admin_urls():
    return [path("laws/<int:law_id>/items/", LawItemsView.as_view(), name="law_items")]
