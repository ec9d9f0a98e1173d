"""“Checked, nothing changed”: the page to which the editor's button and the links of the mails lead."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from reviewflow.check_report import sees_checks
from reviewflow.desk.queue import Lights
from reviewflow.desk.record import may_read
from reviewflow.guide_checks import Intervals, may_check, record_unchanged
from reviewflow.models.checks import GuideCheck
from servicepages.models import ServiceItemPage

LAST_CHECKS = 10


class CheckView(WagtailAdminTemplateMixin, View):
    """Who hears of a check that others owe (their leader, a coordination team) reads it, and answers nothing."""

    page_title = gettext_lazy("Check the guide")
    header_icon = "tasks"
    template_name = "reviewflow/admin/check.html"

    def dispatch(self, request, item_id):
        self.item = get_object_or_404(
            ServiceItemPage.objects.select_related("department__region"), pk=item_id
        )
        self.may_check = may_check(request.user, self.item)
        if not self.may_check and (request.method != "GET" or not may_read(request.user, self.item)):
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        return self.show()

    def post(self, request):
        seen = {int(key) for key in request.POST.getlist("check") if key.isdecimal()}
        try:
            record_unchanged(self.item, request.user, seen, request.POST.get("note", ""))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self.show()
        due = GuideCheck.objects.open().filter(page=self.item.pk).earliest("due_on").due_on
        messages.success(
            request,
            _("“%(title)s” is checked. The next check is due on %(date)s.")
            % {"title": self.item.title, "date": formats.date_format(due, "SHORT_DATE_FORMAT")},
        )
        return redirect("check_report")

    def show(self):
        checks = GuideCheck.objects.filter(page=self.item.pk)
        lights = Lights()
        rows = [
            {"check": check, "state": lights.of(check), "bases": self.bases_on(check)}
            for check in checks.open().select_related("law").order_by("-law", "due_on")
        ]
        context = self.get_context_data(
            item=self.item,
            rows=rows,
            last_checks=checks.done()
            .select_related("law", "checked_by")
            .order_by("-checked_at", "-pk")[:LAST_CHECKS],
            may_check=self.may_check,
            next_due=Intervals().due(self.item.item_type, timezone.localdate()),
            note=self.request.POST.get("note", ""),
        )
        return TemplateResponse(self.request, self.template_name, context)

    def bases_on(self, check) -> list:
        """The published citations of the law that a check is about."""
        if check.law_id is None:
            return []
        return [
            basis.value
            for basis in self.item.legal_bases
            if basis.value.get("entry") and basis.value["entry"].pk == check.law_id
        ]

    def report_breadcrumb(self):
        if sees_checks(self.request.user):
            yield {"url": reverse("check_report"), "label": _("Checks of guides")}

    def get_page_subtitle(self):
        return self.item.title

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            *self.report_breadcrumb(),
            {"url": "", "label": _("Check the guide"), "sublabel": self.item.title},
        ]


def admin_urls():
    return [path("service-items/<int:item_id>/check/", CheckView.as_view(), name="check_guide")]


def header_buttons(page, user, view_name, next_url=None):
    """`register_page_header_buttons`"""
    page = page.specific_deferred
    if isinstance(page, ServiceItemPage) and page.live and may_check(user, page):
        yield Button(
            gettext_lazy("Checked, nothing changed"),
            reverse("check_guide", args=[page.pk]),
            icon_name="tasks",
            priority=57,
        )
