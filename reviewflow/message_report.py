"""The report of the messages: who is owed which, what became of the mail, and a button for what failed.

For the city's coordination team: the messages of all departments and offices are in it.
"""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, Q, TextChoices, Value, When
from django.http import HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn

from reviewflow.coordination import coordinates_everything
from reviewflow.mailing import CannotSendAgain, send_again
from reviewflow.models import Mail, Notice
from servicepages.reports import Report


class Standing(TextChoices):
    """Where a notice stands, its mail's state included."""

    FAILED = "failed", gettext_lazy("mail failed")
    NO_ADDRESS = "no_address", gettext_lazy("owed: no address, or deactivated")
    IN_NO_MAIL = "in_no_mail", gettext_lazy("owed: in no mail yet")
    TO_SEND = "to_send", gettext_lazy("owed: mail not sent yet")
    SENT = "sent", gettext_lazy("mail sent")


def owed_and_sent():
    """All notices with their people and mails, newest first, and `standing`, a value of Standing."""
    return (
        Notice.objects.annotate(
            standing=Case(
                When(mail__state=Mail.State.SENT, then=Value(Standing.SENT)),
                When(mail__state=Mail.State.FAILED, then=Value(Standing.FAILED)),
                When(mail__state=Mail.State.OWED, then=Value(Standing.TO_SEND)),
                When(Q(person__is_active=False) | Q(person__email=""), then=Value(Standing.NO_ADDRESS)),
                default=Value(Standing.IN_NO_MAIL),
                output_field=CharField(),
            )
        )
        .select_related("person", "mail")
        .order_by("-created_at", "-pk")
    )


class MessageReportFilterSet(WagtailFilterSet):
    standing = django_filters.ChoiceFilter(
        label=gettext_lazy("Where the message stands"), choices=Standing.choices
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Notice.Kind.choices)

    class Meta:
        model = Notice
        fields = ["standing", "kind"]


def next_attempt(notice):
    """None where there will be none."""
    mail = notice.mail
    return mail.next_attempt_at if mail is not None and mail.state == Mail.State.OWED else None


class SendAgainColumn(BaseColumn):
    cell_template_name = "reviewflow/admin/send_again_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        context["is_offered"] = instance.standing == Standing.FAILED
        context["csrf_token"] = get_token(context["request"])
        return context


class MessageReport(Report):
    page_title = gettext_lazy("Messages")
    header_icon = "mail"
    index_url_name = "message_report"
    index_results_url_name = "message_report_results"
    filterset_class = MessageReportFilterSet
    is_searchable = True
    search_fields = ["subject", "person__username", "person__last_name", "mail__address"]
    search_backend_name = None
    columns = [
        Column("person", label=gettext_lazy("Person")),
        Column("subject", label=gettext_lazy("Message")),
        DateColumn("created_at", label=gettext_lazy("Owed since"), sort_key="created_at"),
        StatusTagColumn(
            "standing",
            label=gettext_lazy("Where the message stands"),
            accessor=lambda notice: Standing(notice.standing).label,
            primary=lambda notice: notice.standing in (Standing.FAILED, Standing.NO_ADDRESS),
        ),
        Column("address", label=gettext_lazy("Address"), accessor="mail.address"),
        NumberColumn("attempts", label=gettext_lazy("Attempts"), accessor="mail.attempts"),
        DateColumn("next_attempt", label=gettext_lazy("Next attempt"), accessor=next_attempt),
        Column("last_error", label=gettext_lazy("Last error"), accessor="mail.last_error"),
        SendAgainColumn("send_again", label=""),
    ]
    list_export = [
        "person",
        "kind",
        "subject",
        "created_at",
        "standing",
        "address",
        "attempts",
        "sent_at",
        "last_error",
        "message_id",
    ]
    export_headings = {
        "person": gettext_lazy("Person"),
        "kind": gettext_lazy("Kind"),
        "subject": gettext_lazy("Message"),
        "created_at": gettext_lazy("Owed since"),
        "standing": gettext_lazy("Where the message stands"),
        "address": gettext_lazy("Address"),
        "attempts": gettext_lazy("Attempts"),
        "sent_at": gettext_lazy("Sent at"),
        "last_error": gettext_lazy("Last error"),
        "message_id": "Message-ID",
    }

    def dispatch(self, request, *args, **kwargs):
        if not coordinates_everything(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.order_queryset(owed_and_sent())

    def get_filtered_queryset(self):
        return self.search_queryset(super().get_filtered_queryset())

    def get_filename(self):
        return f"messages-{timezone.localdate():%Y-%m-%d}"

    def to_row_dict(self, notice):
        computed = {
            "person": str(notice.person),
            "kind": notice.get_kind_display(),
            "standing": str(Standing(notice.standing).label),
        }
        of_mail = {"address", "attempts", "sent_at", "last_error", "message_id"}
        return {
            name: computed[name]
            if name in computed
            else getattr(notice.mail if name in of_mail else notice, name, None)
            for name in self.list_export
        }


def send_again_view(request, pk):
    """POST only: a failed mail is owed again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not coordinates_everything(request.user):
        raise PermissionDenied
    mail = get_object_or_404(Mail.objects.select_related("person"), pk=pk)
    try:
        send_again(mail)
    except CannotSendAgain as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("The mail to %(person)s is sent again.") % {"person": mail.person or mail.address}
        )
    return redirect("message_report" if mail.mime is None else "background_work")


class MessageMenuItem(MenuItem):
    def is_shown(self, request):
        return coordinates_everything(request.user)


def admin_urls():
    return [
        path("reports/messages/", MessageReport.as_view(), name="message_report"),
        path(
            "reports/messages/results/",
            MessageReport.as_view(results_only=True),
            name="message_report_results",
        ),
        path("reports/messages/<int:pk>/send-again/", send_again_view, name="send_again"),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return MessageMenuItem(
        _("Messages"), reverse("message_report"), name="messages", icon_name="mail", order=430
    )
