"""Milestones and reporting periods as lists in the admin (wagtail-modeladmin), for coordination."""

from django.db.models import Count, F, Q
from django.forms import CheckboxSelectMultiple
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup

from reviewflow.models import Milestone, ReportingPeriod
from reviewflow.rounds import departments_by_region


class DepartmentsForm(WagtailAdminModelForm):
    """Departments are offered by region, so that people find their way among a hundred boxes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "departments" in self.fields:
            self.fields["departments"].choices = departments_by_region()


class MilestoneAdmin(ModelAdmin):
    model = Milestone
    menu_label = _("Milestones")
    menu_icon = "calendar-check"
    list_display = ("title", "stage", "due_on", "how_many_are_done")
    list_filter = ("stage",)
    search_fields = ("title", "task")
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldRowPanel([FieldPanel("stage"), FieldPanel("due_on")]),
            FieldPanel("task"),
            FieldPanel("departments", widget=CheckboxSelectMultiple),
        ],
        base_form_class=DepartmentsForm,
    )

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                concerned=Count("departments", distinct=True),
                done_by=Count(
                    "departments", filter=Q(departments__milestones_done__milestone=F("pk")), distinct=True
                ),
            )
        )

    def how_many_are_done(self, milestone):
        return f"{milestone.done_by} / {milestone.concerned}"

    how_many_are_done.short_description = _("departments that are done")


class ReportingPeriodAdmin(ModelAdmin):
    model = ReportingPeriod
    menu_label = _("Reporting periods")
    menu_icon = "calendar-alt"
    list_display = ("name", "from_month", "until_month", "number_of_departments")
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldRowPanel([FieldPanel("first_month"), FieldPanel("last_month")]),
            FieldPanel("departments", widget=CheckboxSelectMultiple),
        ],
        base_form_class=DepartmentsForm,
    )

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(reporting=Count("departments"))

    def from_month(self, period):
        return date_format(period.first_month, "YEAR_MONTH_FORMAT")

    from_month.short_description = _("first month")
    from_month.admin_order_field = "first_month"

    def until_month(self, period):
        return date_format(period.last_month, "YEAR_MONTH_FORMAT")

    until_month.short_description = _("last month")

    def number_of_departments(self, period):
        return period.reporting

    number_of_departments.short_description = _("departments")


class CampaignGroup(ModelAdminGroup):
    menu_label = _("Campaign")
    menu_icon = "calendar-check"
    menu_order = 245
    items = (MilestoneAdmin, ReportingPeriodAdmin)
