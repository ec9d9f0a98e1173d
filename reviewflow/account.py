"""The account's tab "Reminders": which mails a person gets, and the link to their calendar."""

from functools import cached_property

from django import forms
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import (
    AccountView,
    BaseSettingsPanel,
    NotificationsSettingsPanel,
    SettingsTab,
)
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets import SwitchInput
from wagtail.models import Workflow

from reviewflow.mailing import whole_address
from reviewflow.models import CalendarLink, MailPreferences
from reviewflow.submission import asks_signatories

tab = SettingsTab("reminders", gettext_lazy("Reminders"), order=150)


class MailPreferencesForm(forms.ModelForm):
    class Meta:
        model = MailPreferences
        fields = ["at_once", "ahead", "news"]
        widgets = dict.fromkeys(fields, SwitchInput)

    def save(self, commit=True):
        return MailPreferences.objects.update_or_create(
            person=self.instance.person, defaults=self.cleaned_data
        )[0]


class MailPreferencesPanel(BaseSettingsPanel):
    name = "mail_preferences"
    title = gettext_lazy("Mails")
    tab = tab
    order = 100
    template_name = "reviewflow/account/mails.html"
    form_class = MailPreferencesForm

    def get_form(self):
        mine = MailPreferences.objects.filter(person=self.user).first() or MailPreferences(person=self.user)
        data = self.request.POST if self.request.method == "POST" else None
        return self.form_class(data, instance=mine, prefix=self.name)


class CalendarPanel(BaseSettingsPanel):
    """Its buttons lead to pages of their own, because the account is one form."""

    name = "calendar_link"
    title = gettext_lazy("Calendar")
    tab = tab
    order = 200
    template_name = "reviewflow/account/calendar.html"
    form_class = forms.Form

    def get_form(self):
        return self.form_class()

    def get_context_data(self):
        link = CalendarLink.objects.filter(person=self.user).first()
        return super().get_context_data() | {"link": link, "address": link and address_of(link)}


def address_of(link: CalendarLink) -> str:
    return whole_address(reverse("calendar_feed", args=[link.token]))


class Account(AccountView):
    """Wagtail's, without the switches of Wagtail's own mails about workflows where there are no such mails: those
    of the joint review are ours (reviewflow.notices)."""

    def get_panels(self):
        return [
            panel
            for panel in super().get_panels()
            if not isinstance(panel, NotificationsSettingsPanel) or self.has_workflows_of_wagtail
        ]

    @cached_property
    def has_workflows_of_wagtail(self) -> bool:
        return not all(asks_signatories(workflow) for workflow in Workflow.objects.active())


# In the place of Wagtail's own, at its address (cms.urls).
account = never_cache(require_admin_access(Account.as_view()))


def reminders(request):
    """The tab, as an address that outlasts a login on the way: what stands after a # does not."""
    return HttpResponseRedirect(f"{reverse('wagtailadmin_account')}#tab-{tab.name}")


class CalendarLinkView(WagtailAdminTemplateMixin, TemplateView):
    """Asks, and on POST does it."""

    header_icon = "calendar"
    template_name = "reviewflow/account/calendar_link.html"

    @cached_property
    def link(self) -> CalendarLink | None:
        return CalendarLink.objects.filter(person=self.request.user).first()

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reminders"), "label": tab.title},
            {"url": "", "label": self.get_page_title()},
        ]


class RenewCalendarLink(CalendarLinkView):
    def get_page_title(self):
        return _("Renew the calendar link") if self.link else _("Make a calendar link")

    def post(self, request):
        CalendarLink.renew(request.user)
        messages.success(request, _("Your calendar has a new address."))
        return redirect("reminders")


class RemoveCalendarLink(CalendarLinkView):
    page_title = gettext_lazy("Remove the calendar link")
    extra_context = {"removes": True}

    def post(self, request):
        CalendarLink.objects.filter(person=request.user).delete()
        messages.success(request, _("The address of your calendar leads nowhere any more."))
        return redirect("reminders")


def admin_urls():
    return [
        path("account/reminders/", reminders, name="reminders"),
        path("account/calendar/renew/", RenewCalendarLink.as_view(), name="renew_calendar_link"),
        path("account/calendar/remove/", RemoveCalendarLink.as_view(), name="remove_calendar_link"),
    ]
