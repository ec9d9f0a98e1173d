"""The review sheet: what an office is asked about one item, and where it decides."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import WorkflowState

from reviewflow.deciding import CannotDecide, ContentChanged, request_changes, sign, withdraw_decision
from reviewflow.desk import claims
from reviewflow.desk.content import Baseline, Proposal, SubmittedContent
from reviewflow.desk.decision_form import DecisionForm, sealed
from reviewflow.desk.differences import FieldChange, compare
from reviewflow.desk.queue import Lights, acts_for_somebody, next_review, waiting_for
from reviewflow.desk.reading import Reader
from reviewflow.desk.record import may_read
from reviewflow.four_eyes import hindrance
from reviewflow.labels import label_of
from reviewflow.models import Decision, OfficeReview, Remark
from reviewflow.sign_offs import standing_sign_offs
from reviewflow.signatories import Signatory

Status = OfficeReview.Status
CITATIONS = "legal_bases"


def asked_of(person):
    """Every review, over or not, that a person's offices or departments were asked."""
    return OfficeReview.objects.asked().of_person(person)


@dataclass
class OtherSignatory:
    """Another signatory's part of the sheet: where it stands, and what it is asked.

    One that is not asked at all may still have signed this content: a returned item comes back to the
    offices without passing the department's legal officer, as long as that check stands.
    """

    signatory: Signatory
    review: OfficeReview | None
    changes: list[FieldChange]
    baseline: Baseline
    standing: Decision | None = None

    @property
    def carried_over(self) -> Decision | None:
        """The earlier sign-off that counts here without anybody having been asked."""
        if self.review is None:
            return self.standing
        return self.review.decision if self.review.status == Status.CARRIED_OVER else None

    @property
    def changed(self) -> list[FieldChange]:
        return [change for change in self.changes if change.changed]

    @property
    def filled(self) -> list[FieldChange]:
        return [change for change in self.changes if not change.is_empty]


class Sheet:
    """Everything the page shows of a review, for one person."""

    def __init__(self, review: OfficeReview, person):
        self.review, self.person = review, person
        self.submission = review.submission
        submitted = SubmittedContent(self.submission)
        reviews = {each.signatory: each for each in self._reviews()}
        self._proposals = {
            signatory: submitted.proposal(reviews.get(signatory.value), signatory) for signatory in Signatory
        }
        self.item = submitted.item
        self.reader = Reader(form for each in self._proposals.values() for form in each.forms)

    def _reviews(self):
        return self.submission.reviews.select_related("decision__person", "office")

    @property
    def mine(self) -> Proposal:
        return self._proposals[self.review.signs]

    @cached_property
    def changes(self) -> list[FieldChange]:
        return self.mine.changes(self.reader)

    @property
    def is_compared(self) -> bool:
        return self.mine.baseline.form is not None

    @property
    def changed(self) -> list[FieldChange]:
        """What is read first: the differences, and where there is nothing to compare with, all of it."""
        return [each for each in self.changes if not each.is_empty and (each.changed or not self.is_compared)]

    @property
    def unchanged(self) -> list[FieldChange]:
        return [each for each in self.changes if not each.is_empty and each not in self.changed]

    @property
    def left_empty(self) -> list[FieldChange]:
        return [each for each in self.changes if each.is_empty]

    @cached_property
    def others(self) -> list[OtherSignatory]:
        """Where each stands, and its fields, unless they are among mine: the General Office reads the flow
        that the department's legal officer checked."""
        mine = set(self.review.signs.field_names)
        contents = {signatory: proposal.content for signatory, proposal in self._proposals.items()}
        standing = standing_sign_offs(self.item, contents)
        return [
            OtherSignatory(
                signatory,
                proposal.review,
                [] if mine.issuperset(signatory.field_names) else proposal.changes(self.reader),
                proposal.baseline,
                standing[signatory],
            )
            for signatory, proposal in self._proposals.items()
            if signatory is not self.review.signs
        ]

    @cached_property
    def citations(self) -> FieldChange | None:
        if CITATIONS in self.review.signs.field_names:
            return None
        form = self._proposals[Signatory.EDITORIAL].content.form
        fields = compare(self.reader, Signatory.EDITORIAL, None, form)
        return next((each for each in fields if each.name == CITATIONS and not each.is_empty), None)

    @cached_property
    def remarks(self):
        """All remarks on this item, the newest first, with what became of them."""
        remarks = Remark.objects.filter(page=self.submission.page_id).order_by("-pk")
        remarks = list(remarks.select_related("author", "answered_by", "submission"))
        for remark in remarks:
            remark.field_label = label_of(remark.field)
        return remarks

    # Whether and what the person may decide

    @cached_property
    def is_before_me(self) -> bool:
        """Whether the step that asks my office is the one that is open."""
        state = self.submission.workflow_state
        return (
            self.submission.is_open
            and state is not None
            and state.status == WorkflowState.STATUS_IN_PROGRESS
            and self.review.status not in (Status.CLOSED, Status.CARRIED_OVER)
        )

    @cached_property
    def hindrance(self) -> str | None:
        return hindrance(self.person, self.submission, self.review) if self.is_before_me else None

    @property
    def may_decide(self) -> bool:
        return self.is_before_me and self.review.status == Status.WAITING and not self.hindrance

    @property
    def may_take_back(self) -> bool:
        return self.is_before_me and self.review.has_decided and not self.hindrance

    @cached_property
    def successor(self) -> OfficeReview | None:
        """Where this review is over: the one that asks the same of the item now."""
        if self.is_before_me:
            return None
        return (
            waiting_for(self.person)
            .filter(submission__page=self.submission.page_id, signatory=self.review.signatory)
            .exclude(pk=self.review.pk)
            .first()
        )

    @property
    def colleague(self):
        return claims.colleague(self.review, self.person) if self.is_before_me else None

    @property
    def due_state(self):
        return Lights().of(self.review)

    @property
    def preview_url(self) -> str | None:
        """Wagtail's preview of what was handed in, as the public would read it."""
        if not self.is_before_me:
            return None
        task = self.submission.workflow_state.current_task_state.task_id
        return reverse("wagtailadmin_pages:workflow_preview", args=[self.submission.page_id, task])

    @property
    def seal(self) -> str:
        return sealed(self.mine.content)

    def form(self, data=None) -> DecisionForm:
        mine = self.review.signs
        standing = () if data is not None else self._my_standing_remarks()
        return DecisionForm(data, field_names=mine.field_names, block_ids=self.mine.blocks, standing=standing)

    def _my_standing_remarks(self):
        return [
            each
            for each in self.remarks
            if each.submission_id == self.submission.pk
            and each.signatory == self.review.signatory
            and each.taken_back_at is None
        ]

    def changed_since(self, seen: dict | None) -> list[FieldChange]:
        """What is different from `seen`, the form that was read."""
        if seen is None:
            return []
        reader = Reader([seen, self.mine.content.form])
        fields = compare(reader, self.review.signs, seen, self.mine.content.form)
        return [each for each in fields if each.changed]


class SheetView(WagtailAdminTemplateMixin, View):
    page_title = gettext_lazy("Review sheet")
    header_icon = "clipboard-list"
    template_name = "reviewflow/desk/sheet.html"
    http_method_names = ("get", "post")

    def dispatch(self, request, *args, **kwargs):
        self.review = find(request, kwargs["pk"])
        if self.review is None:
            return elsewhere(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        sheet = Sheet(self.review, request.user)
        if sheet.may_decide:
            claims.look(self.review, request.user)
        return self.show(sheet, sheet.form())

    def post(self, request, *args, **kwargs):
        sheet = Sheet(self.review, request.user)
        form = sheet.form(request.POST)
        try:
            return self.decide(form)
        except ContentChanged as refusal:
            return self.show_again(form, refusal)
        except CannotDecide as refusal:
            sheet = Sheet(self.reload(), request.user)
            if sheet.successor is not None:
                self.review = sheet.successor
                return self.show_again(form, refusal)
            messages.error(request, " ".join(refusal.messages))
            return self.show(sheet, form)

    def decide(self, form):
        request, review = self.request, self.review
        action, person = request.POST.get("action"), request.user
        told = {"title": review.submission.title, "office": review.get_signatory_display()}
        if action == "take-back":
            withdraw_decision(review, person)
            messages.success(request, _("“%(title)s”: the decision of %(office)s is taken back.") % told)
            return redirect("review_sheet", review.pk)
        if not form.is_valid():
            raise CannotDecide(_("The sheet arrived incomplete. Please read it once more and send it again."))
        seen, remark = form.cleaned_data["seen"], form.cleaned_data["remark"]
        if action == "sign":
            if form.remarks:
                raise CannotDecide(
                    _(
                        "You have noted something on single fields. Request changes, or remove the notes to sign."
                    )
                )
            sign(review, person, seen=seen, remark=remark)
            messages.success(request, _("“%(title)s”: signed for %(office)s.") % told)
        elif action == "request-changes":
            request_changes(
                review,
                person,
                seen=seen,
                remarks=form.remarks,
                remark=remark,
                at_once=form.cleaned_data["at_once"],
            )
            messages.success(request, _("“%(title)s”: changes requested for %(office)s.") % told)
        else:
            raise CannotDecide(_("Say what is to be done: sign, or request changes."))
        return to_next(request, review)

    def reload(self):
        self.review = reviews().get(pk=self.review.pk)
        return self.review

    def show_again(self, form, refusal):
        """The sheet as it is now, with what was typed and what is different from what was read."""
        sheet = Sheet(self.reload(), self.request.user)
        messages.error(self.request, " ".join(refusal.messages))
        fresh = sheet.form(self.request.POST)
        return self.show(sheet, fresh, sheet.changed_since(form.seen_form()))

    def show(self, sheet, form, since=()):
        context = self.get_context_data(sheet=sheet, form=form, since=since)
        return TemplateResponse(self.request, self.template_name, context)

    def get_page_subtitle(self):
        return self.review.submission.title

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("review_queue"), "label": _("Waiting for me")},
            {"url": "", "label": self.review.submission.title},
        ]

    def get_context_data(self, *, sheet, form, **kwargs):
        profile = getattr(self.request.user, "wagtail_userprofile", None)
        return super().get_context_data(
            review=self.review,
            sheet=sheet,
            form=form,
            remark_form=form if sheet.may_decide else None,
            before=sheet.mine.baseline.heading,
            after=_("Proposed"),
            shortcuts=getattr(profile, "keyboard_shortcuts", True),
            waiting=waiting_for(self.request.user).exclude(pk=self.review.pk).count(),
            **kwargs,
        )


def reviews():
    return OfficeReview.objects.select_related(
        "submission__page__department__region",
        "submission__workflow_state__current_task_state",
        "submission__revision",
        "submission__round",
        "submission__submitted_by",
        "decision__person",
        "office",
        "looked_at_by",
    )


def find(request, pk) -> OfficeReview | None:
    """The review, where it is or was put before who asks. None where it was not (`elsewhere`); PermissionDenied for
    people who have no desk here, and may not read the record either."""
    review = reviews().filter(pk=pk).first()
    if review is not None and asked_of(request.user).filter(pk=pk).exists():
        return review
    reads = review is not None and may_read(request.user, review.submission.page)
    if not (reads or acts_for_somebody(request.user)):
        raise PermissionDenied
    if review is None:
        raise Http404
    return None


def elsewhere(request, pk):
    """A sentence that says that the review was not put before who asks. Who is told of what others decide (their
    leader, a coordination team) reads the record."""
    page = OfficeReview.objects.get(pk=pk).submission.page
    if may_read(request.user, page):
        messages.info(request, _("This review is not yours to decide. This is its record."))
        return redirect("review_record", page.pk)
    messages.error(
        request, _("This review is not before you: it is another office's, or its sign-off carries over.")
    )
    return redirect("review_queue")


def to_next(request, after):
    review = next_review(request.user, after)
    if review is None:
        messages.info(request, _("Nothing else waits that you could decide on."))
        return redirect("review_queue")
    return redirect("review_sheet", review.pk)


@require_GET
def next_sheet(request, pk):
    """Puts this one aside and opens the next."""
    review = find(request, pk)
    if review is None:
        return elsewhere(request, pk)
    claims.let_go(review, request.user)
    return to_next(request, review)


@require_POST
def keep_looking(request, pk):
    """What an open sheet posts every few minutes, so that its claim stays fresh."""
    review = find(request, pk)
    if review is not None and review.status == Status.WAITING:
        claims.look(review, request.user)
    return JsonResponse({"ok": review is not None})
