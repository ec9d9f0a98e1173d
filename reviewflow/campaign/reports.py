"""Writing, filing and reopening a monthly report, and the screen for it."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.log_actions import log

from reviewflow.campaign.figures import figures, share
from reviewflow.campaign.milestones import ReasonForm
from reviewflow.campaign.months import ends_at, last_working_day, month_of
from reviewflow.campaign.outstanding import owes_report
from reviewflow.campaign.people import coordinates_department, departments_seen_by, speaks_for
from reviewflow.models import ProgressReport
from reviewflow.models.campaign import ReportIsFiled

FILED, REOPENED = "reviewflow.report_filed", "reviewflow.report_reopened"
TARGETS = {"licences": 100, "others": 50}  # per cent handled online; plan, part two (四)


@transaction.atomic
def write(department, month, person, what_was_done, what_hinders, *, file=False):
    """Keeps the draft of a department's report, and files it with the figures of this moment where `file`.

    Returns the ProgressReport. PermissionDenied where `person` does not speak for the department; ReportIsFiled
    where it is filed; ValidationError for a month that has not begun, and where a report without a word on what
    was done is to be filed.
    """
    month = month_of(month)
    if not speaks_for(person, department):
        raise PermissionDenied
    if month > timezone.localdate():
        raise ValidationError(_("The month has not begun yet."))
    if file and not what_was_done.strip():
        raise ValidationError({"what_was_done": _("Say what was done.")})
    ProgressReport.objects.get_or_create(department=department, month=month)
    report = ProgressReport.objects.select_for_update().get(department=department, month=month)
    if report.is_filed:
        raise ReportIsFiled
    report.what_was_done, report.what_hinders = what_was_done.strip(), what_hinders.strip()
    if file:
        report.filed_by, report.filed_at = person, timezone.now()
        report.figures = figures(department, month, report.filed_at)
    report.save()
    if file:
        _log(FILED, report, person)
    return report


@transaction.atomic
def reopen(report, person, reason: str) -> None:
    """A filed report becomes a draft again; the figures that were filed stay in the log. PermissionDenied for
    anybody but coordination; ValidationError without a reason, and for a report that is not filed."""
    if not coordinates_department(person, report.department):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why the report is reopened."))
    filed = ProgressReport.objects.select_for_update().filter(pk=report.pk).filed().first()
    if filed is None:
        raise ValidationError(_("The report is not filed."))
    _log(
        REOPENED,
        filed,
        person,
        comment=reason.strip(),
        figures=filed.figures,
        what_was_done=filed.what_was_done,
        what_hinders=filed.what_hinders,
        filed_by=str(filed.filed_by),
        filed_at=filed.filed_at.isoformat(),
    )
    ProgressReport.objects.filter(pk=filed.pk).reopen()


def _log(action, report, person, **data):
    log(instance=report, action=action, user=person, data={"month": f"{report.month:%Y-%m}", **data})


class ReportForm(forms.ModelForm):
    class Meta:
        model = ProgressReport
        fields = ["what_was_done", "what_hinders"]
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in fields}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["what_hinders"].help_text = _("Empty where nothing does.")


def report_view(request, department_id, year, month):
    """The report of a department and a month: to be written by its people, read by coordination."""
    department = get_object_or_404(departments_seen_by(request.user), pk=department_id)
    if not (2000 <= year <= 2100 and 1 <= month <= 12):
        raise Http404
    month = date(year, month, 1)
    report = (
        ProgressReport.objects.filter(department=department, month=month).select_related("filed_by").first()
    )
    if (report is None and not owes_report(department, month)) or month > timezone.localdate():
        raise Http404
    if request.method == "POST":
        answer = _reopen if "reopen" in request.POST else _write
        form = answer(request, department, month, report)
        if form is None:
            return redirect("campaign_report", department_id, year, month.month)
        # It may have been filed or reopened since it was read.
        report = ProgressReport.objects.filter(department=department, month=month).first()
    else:
        form = _form(request, department, report)
    writes = speaks_for(request.user, department)
    return TemplateResponse(
        request,
        "reviewflow/campaign/report.html",
        {
            "department": department,
            "month": month,
            "month_name": date_format(month, "YEAR_MONTH_FORMAT"),
            "due": last_working_day(month),
            "report": report,
            "form": form,
            "is_writing": isinstance(form, ReportForm),
            "back": reverse("campaign" if writes else "campaign_board"),
            "figures": described(
                month,
                report.figures if report is not None and report.is_filed else figures(department, month),
            ),
        },
    )


def _form(request, department, report):
    if report is not None and report.is_filed:
        return ReasonForm() if coordinates_department(request.user, department) else None
    return ReportForm(instance=report) if speaks_for(request.user, department) else None


def _write(request, department, month, report):
    """The form to be shown again with what was typed; None where it was kept."""
    form = ReportForm(request.POST, instance=ProgressReport(department=department, month=month))
    filing = "file" in request.POST
    if not form.is_valid():
        return form
    try:
        write(department, month, request.user, **form.cleaned_data, file=filing)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return form
    messages.success(request, _("The report is filed.") if filing else _("The draft is kept."))
    return None


def _reopen(request, department, month, report):
    form = ReasonForm(request.POST)
    if report is None:
        raise Http404
    if not coordinates_department(request.user, department):
        raise PermissionDenied
    if form.is_valid():
        try:
            reopen(report, request.user, form.cleaned_data["reason"])
        except ValidationError as refusal:
            messages.warning(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The report is open again."))
        return None
    return form


_WORDS = {
    "draft": gettext_lazy("Drafts that were never submitted"),
    "in_review": gettext_lazy("In review or approved, not public yet"),
    "returned": gettext_lazy("Returned, to be corrected"),
    "published": gettext_lazy("Published"),
    "taken_down": gettext_lazy("Taken down"),
    "submitted_in_month": gettext_lazy("Submitted in the month"),
    "returned_in_month": gettext_lazy("Returned in the month"),
    "published_in_month": gettext_lazy("Items published in the month"),
}


def described(month: date, counted: dict) -> dict:
    """Figures for reading: `rows` of (words, number), and `online` with part, whole and share in per cent."""
    online = [
        (words, counted[f"{kind}_online"], counted[kind], TARGETS[kind])
        for kind, words in (
            ("licences", _("Published licences handled online")),
            ("others", _("Other published items handled online")),
        )
    ]
    as_of = timezone.localtime(datetime.fromisoformat(counted["as_of"]))
    return {
        "as_of": as_of,
        "is_whole_month": as_of == ends_at(month),
        "rows": [(words, counted[name]) for name, words in _WORDS.items()],
        "online": [
            {"words": words, "part": part, "whole": whole, "share": share(part, whole), "target": target}
            for words, part, whole, target in online
        ],
    }
