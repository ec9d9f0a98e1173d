"""Review offices, review rounds and the exceptions of the calendar as lists in the admin (wagtail-modeladmin), for coordination."""

from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.forms import CheckboxSelectMultiple
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup
from wagtail_modeladmin.views import DeleteView, EditView

from reviewflow.admin_laws import CheckIntervalAdmin, LawAdmin
from reviewflow.deadlines import known_until
from reviewflow.deletion import is_protected
from reviewflow.models import CalendarException, ReviewOffice, ReviewRound, Submission
from reviewflow.rounds import (
    PUBLISHED_AT_ONCE,
    ReviewRoundForm,
    publish_filed,
    publish_filed_later,
    sentences,
    waiting_for_filing,
)
from servicepages.background import to_worker_on_commit


class ReviewOfficeForm(WagtailAdminModelForm):
    """People are chosen by their names, with the user name beside, since two people may share a name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("leader", "deputy"):
            chosen = getattr(self.instance, f"{name}_id")
            self.fields[name].queryset = (
                get_user_model()
                .objects.filter(Q(is_active=True) | Q(pk=chosen))
                .order_by("last_name", "first_name", "username")
            )
            self.fields[name].label_from_instance = lambda person: f"{person} ({person.get_username()})"
        self.fields["group"].queryset = self.fields["group"].queryset.order_by("name")


class KeepsWhatIsReferredTo(DeleteView):
    """Says why a row stays, in a sentence: what refers to it may be thousands of submissions."""

    def post(self, request, *args, **kwargs):
        if not is_protected(self.instance):
            return super().post(request, *args, **kwargs)
        messages.error(
            request,
            gettext("“%(row)s” stays: items were submitted to it or decided by it.") % {"row": self.instance},
        )
        return redirect(self.index_url)


class ReviewOfficeAdmin(ModelAdmin):
    model = ReviewOffice
    menu_label = _("Review offices")
    menu_icon = "group"
    list_display = ("__str__", "group", "leader", "deputy", "deputy_from", "deputy_until")
    list_filter = ("office",)
    list_select_related = ("region", "group", "leader", "deputy")
    delete_view_class = KeepsWhatIsReferredTo
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("office"), FieldPanel("region")]),
            FieldRowPanel([FieldPanel("group"), FieldPanel("leader")]),
            MultiFieldPanel(
                [
                    FieldPanel("deputy"),
                    FieldRowPanel([FieldPanel("deputy_from"), FieldPanel("deputy_until")]),
                ],
                heading=_("During an absence"),
            ),
        ],
        base_form_class=ReviewOfficeForm,
    )


class ReviewRoundEditView(EditView):
    """Recording the filing publishes what waited for it; saving again tries again what was refused."""

    def form_valid(self, form):
        response = super().form_valid(form)
        round = self.instance
        waiting = 0 if round.holds_back else waiting_for_filing(round).count()
        if waiting > PUBLISHED_AT_ONCE:
            to_worker_on_commit(publish_filed_later, round.pk, self.request.user.pk)
            messages.success(
                self.request,
                gettext(
                    "%(count)d items that waited for the filing are being published. The report of the "
                    "rounds shows how far that is."
                )
                % {"count": waiting},
            )
        elif waiting:
            published, refusals = sentences(publish_filed(round, self.request.user))
            messages.success(self.request, published)
            for refusal in refusals:
                messages.warning(self.request, refusal)
        return response


class ReviewRoundAdmin(ModelAdmin):
    model = ReviewRound
    menu_label = _("Review rounds")
    menu_icon = "calendar-alt"
    list_display = (
        "name",
        "opens_on",
        "closes_on",
        "number_of_departments",
        "waits_for_filing",
        "filed_on",
        "number_waiting",
    )
    search_fields = ("name", "approval_number", "filing_number")
    edit_view_class = ReviewRoundEditView
    delete_view_class = KeepsWhatIsReferredTo
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")]),
            FieldPanel("departments", widget=CheckboxSelectMultiple),
            MultiFieldPanel(
                [
                    FieldPanel("approval_document"),
                    FieldRowPanel([FieldPanel("approval_number"), FieldPanel("approved_on")]),
                ],
                heading=_("Approval (报批)"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("waits_for_filing"),
                    HelpPanel(template="reviewflow/admin/filing_help.html"),
                    FieldPanel("filing_document"),
                    FieldRowPanel([FieldPanel("filing_number"), FieldPanel("filed_on")]),
                ],
                heading=_("Filing (报备)"),
            ),
        ],
        base_form_class=ReviewRoundForm,
    )

    def get_queryset(self, request):
        waiting = Q(submissions__outcome=Submission.Outcome.WAITING_FOR_FILING)
        return (
            super()
            .get_queryset(request)
            .annotate(
                departments_in_it=Count("departments", distinct=True),
                waiting=Count("submissions", filter=waiting, distinct=True),
            )
        )

    def number_of_departments(self, round):
        return round.departments_in_it

    number_of_departments.short_description = _("departments")

    def number_waiting(self, round):
        return round.waiting

    number_waiting.short_description = _("wait for the filing")


class CalendarExceptionAdmin(ModelAdmin):
    model = CalendarException
    menu_label = _("Calendar exceptions")
    menu_icon = "date"
    list_display = ("date", "works", "reason")
    list_filter = ("works",)
    search_fields = ("reason",)
    edit_handler = ObjectList(
        [
            HelpPanel(
                format_lazy(
                    _(
                        "The official calendar is known until the end of {year}. Beyond that, and where the city "
                        "decides otherwise, enter the days that differ from it; what is due is counted anew at once."
                    ),
                    year=known_until(),
                )
            ),
            FieldRowPanel([FieldPanel("date"), FieldPanel("works")]),
            FieldPanel("reason"),
        ]
    )


class ReviewGroup(ModelAdminGroup):
    menu_label = _("Review")
    menu_icon = "tasks"
    menu_order = 240
    items = (ReviewOfficeAdmin, ReviewRoundAdmin, CalendarExceptionAdmin, LawAdmin, CheckIntervalAdmin)
