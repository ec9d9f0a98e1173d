"""Marking a milestone as done by a department, taking that back, and the screen for both."""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.log_actions import log

from reviewflow.campaign.people import coordinates_department, departments_seen_by, speaks_for
from reviewflow.models import Milestone, MilestoneDone
from servicepages.files import may_choose
from servicepages.models import Attachment

DONE, UNDONE = "reviewflow.milestone_done", "reviewflow.milestone_undone"


def may_mark(person, department) -> bool:
    """The department's own people, and the coordination team of its part of the tree."""
    return speaks_for(person, department) or coordinates_department(person, department)


@transaction.atomic
def mark_done(milestone, department, person, *, evidence_file=None, evidence_link="", note=""):
    """Returns the MilestoneDone.

    PermissionDenied where `person` may not speak for `department`, or may not use the file; ValidationError
    where the milestone does not concern it, is done already, or nothing shows it.
    """
    if not may_mark(person, department):
        raise PermissionDenied
    if evidence_file is not None and not may_choose(person, Attachment, evidence_file.pk):
        raise PermissionDenied
    if not milestone.departments.filter(pk=department.pk).exists():
        raise ValidationError(_("The milestone does not concern this department."))
    if not (evidence_file or evidence_link or note.strip()):
        raise ValidationError(_("Give a file or a link as evidence, or say in the note why there is none."))
    try:
        with transaction.atomic():
            done = MilestoneDone.objects.create(
                milestone=milestone,
                department=department,
                done_by=person,
                evidence_file=evidence_file,
                evidence_link=evidence_link,
                note=note.strip(),
            )
    except IntegrityError:
        raise ValidationError(_("It is marked as done already.")) from None
    _log(DONE, done, person, comment=done.note)
    return done


@transaction.atomic
def undo(done, person, reason: str) -> None:
    """The milestone is open again for that department. PermissionDenied for anybody but coordination;
    ValidationError without a reason."""
    if not coordinates_department(person, done.department):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why it is not done."))
    _log(UNDONE, done, person, comment=reason.strip())
    done.delete()


def _log(action, done, person, comment):
    log(
        instance=done.milestone,
        action=action,
        user=person,
        data={
            "department": str(done.department),
            "person": str(done.done_by),
            "evidence": done.evidence_link or (str(done.evidence_file) if done.evidence_file else ""),
            "comment": comment,
        },
    )


class DoneForm(forms.ModelForm):
    evidence_link = forms.URLField(
        label=gettext_lazy("Link as evidence"), required=False, max_length=500, assume_scheme="https"
    )

    class Meta:
        model = MilestoneDone
        fields = ["evidence_file", "evidence_link", "note"]
        widgets = {"evidence_file": AdminDocumentChooser, "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["note"].help_text = _("What was done, or why there is no file and no link.")

    def clean_evidence_file(self):
        file = self.cleaned_data["evidence_file"]
        if file is not None and not may_choose(self.person, Attachment, file.pk):
            # The form is shown again, and the chooser in it would name the file.
            self.data = {**self.data.dict(), "evidence_file": ""}
            raise ValidationError(_("You may not use this file here."))
        return file


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


def milestone_view(request, pk, department_id):
    """A milestone as it concerns one department. Whoever may not see the department learns nothing of it."""
    department = get_object_or_404(departments_seen_by(request.user), pk=department_id)
    milestone = Milestone.objects.filter(pk=pk, departments=department).first()
    done = (
        MilestoneDone.objects.filter(milestone=pk, department=department)
        .select_related("milestone", "done_by", "evidence_file")
        .first()
    )
    if milestone is None:
        raise Http404
    may_undo = done is not None and coordinates_department(request.user, department)
    if done is None:
        form = DoneForm(request.POST or None, person=request.user)
    else:
        form = ReasonForm(request.POST or None) if may_undo else None
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("It is marked as done already."))
            return redirect("campaign_milestone", pk, department_id)
        if _carry_out(request, form, milestone, department, done):
            return redirect("campaign_milestone", pk, department_id)
    back = reverse("campaign" if speaks_for(request.user, department) else "campaign_board")
    context = {"milestone": milestone, "department": department, "done": done, "form": form, "back": back}
    return TemplateResponse(request, "reviewflow/campaign/milestone.html", context)


def _carry_out(request, form, milestone, department, done) -> bool:
    """What was asked for is refused where the milestone was marked, or opened again, since the page was loaded."""
    if ("undo" in request.POST) != (done is not None):
        messages.warning(request, _("Somebody has changed this meanwhile. This is how it stands now."))
        return True
    if not form.is_valid():
        return False
    try:
        if done is None:
            mark_done(milestone, department, request.user, **form.cleaned_data)
            messages.success(
                request,
                _("“%(milestone)s” is marked as done by %(department)s.")
                % {"milestone": milestone, "department": department},
            )
        else:
            undo(done, request.user, form.cleaned_data["reason"])
            messages.success(request, _("“%(milestone)s” is open again.") % {"milestone": milestone})
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True
