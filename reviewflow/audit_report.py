"""The audit in the reports menu: run on demand, by the city's coordination team."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from django_q.models import Task
from django_q.tasks import async_task
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reviewflow.audit import Audit, audit
from reviewflow.coordination import coordinates_everything
from servicepages.models import ServiceItemPage

# A thousand items take some seconds. More than these are examined by the background worker, so that no request
# is cut off halfway.
EXAMINED_AT_ONCE = 1000
IN_BACKGROUND = "reviewflow.audit.audit_in_background"
NIGHTLY = "reviewflow.audit.audit_nightly"
_ASKED = "reviewflow.audit"  # key of the session: the background task that this person asked for


class AuditReport(WagtailAdminTemplateMixin, TemplateView):
    """What was found last, by night or on demand, and a button to examine everything now."""

    template_name = "reviewflow/admin/audit.html"
    page_title = gettext_lazy("Audit of live items")
    header_icon = "clipboard-list"

    def dispatch(self, request, *args, **kwargs):
        if not coordinates_everything(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if ServiceItemPage.objects.live().count() <= EXAMINED_AT_ONCE:
            return self.render_to_response(self.get_context_data(result=audit()))
        request.session[_ASKED] = async_task(IN_BACKGROUND)
        return HttpResponseRedirect(reverse("audit_report"))

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, result=None, **kwargs):
        """With `result` where it was just found; otherwise with what the background worker found last."""
        context = {"number_live": ServiceItemPage.objects.live().count(), "result": result, **kwargs}
        if result is None:
            asked = self.request.session.get(_ASKED)
            task = Task.objects.filter(pk=asked).first() if asked else None
            context["is_running"] = bool(asked) and task is None
            context["has_failed"] = task is not None and not task.success
            if last := self.last_result():
                context["result"], context["examined_at"] = Audit.from_data(last.result), last.stopped
        return super().get_context_data(**context)

    def last_result(self):
        """The newest result that the background worker keeps; it keeps none for long."""
        return (
            Task.objects.filter(func__in=(NIGHTLY, IN_BACKGROUND), success=True).order_by("-stopped").first()
        )


class AuditMenuItem(MenuItem):
    def is_shown(self, request):
        return coordinates_everything(request.user)


def admin_urls():
    return [path("reports/audit/", AuditReport.as_view(), name="audit_report")]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return AuditMenuItem(
        _("Audit of live items"),
        reverse("audit_report"),
        name="audit-of-live-items",
        icon_name="clipboard-list",
        order=420,
    )
