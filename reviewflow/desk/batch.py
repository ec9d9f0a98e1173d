"""Signing several items together, after a page that shows all their changes; never unseen."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from reviewflow.deciding import CannotDecide, sign
from reviewflow.desk.content import Proposal, SubmittedContent
from reviewflow.desk.differences import FieldChange
from reviewflow.desk.queue import acts_for_somebody, waiting_for
from reviewflow.desk.reading import Reader
from reviewflow.four_eyes import hindrance
from reviewflow.models import OfficeReview

TOGETHER = 50


@dataclass
class Chosen:
    """One of the items on the page: its changes, or why it cannot be signed here."""

    review: OfficeReview
    proposal: Proposal | None = None
    changes: list[FieldChange] = None
    refusal: str = ""


def chosen(person, keys) -> list[Chosen]:
    """What of `keys` waits for `person`, each read against what was signed last."""
    reviews = waiting_for(person).filter(pk__in=keys)
    reviews = reviews.select_related("submission__page__department__region", "submission__revision", "office")
    rows = [_choose(person, review) for review in reviews]
    reader = Reader(form for row in rows if row.proposal for form in row.proposal.forms)
    for row in rows:
        if row.proposal:
            row.changes = [change for change in row.proposal.changes(reader) if change.changed]
    return rows


def _choose(person, review) -> Chosen:
    if review.first_time:
        return Chosen(review, refusal=_("Here for the first time: it is read on its own sheet."))
    if sentence := hindrance(person, review.submission, review):
        return Chosen(review, refusal=sentence)
    return Chosen(review, SubmittedContent(review.submission).proposal(review, review.signs))


def _keys(values) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit()]


class BatchView(WagtailAdminTemplateMixin, View):
    page_title = gettext_lazy("Changes of several items")
    header_icon = "clipboard-list"
    template_name = "reviewflow/desk/batch.html"
    http_method_names = ("get", "post")

    def dispatch(self, request, *args, **kwargs):
        if not acts_for_somebody(request.user):
            raise PermissionDenied
        self.keys = _keys((request.POST if request.method == "POST" else request.GET).getlist("review"))
        if not self.keys:
            messages.error(request, _("Choose the items whose changes you want to read."))
            return redirect("review_queue")
        if len(self.keys) > TOGETHER:
            messages.error(request, _("At most %(number)d items are signed together.") % {"number": TOGETHER})
            return redirect("review_queue")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        return self.show()

    def post(self, request, *args, **kwargs):
        """Each item in its own transaction: one that is refused holds up none of the others."""
        signed, refused = 0, []
        waiting = {review.pk: review for review in waiting_for(request.user).filter(pk__in=self.keys)}
        for key in self.keys:
            review = waiting.get(key)
            if review is None:
                refused.append(self._gone(key))
                continue
            try:
                if review.first_time:
                    raise CannotDecide(_("Here for the first time: it is read on its own sheet."))
                sign(review, request.user, seen=request.POST.get(f"seen-{key}", ""))
                signed += 1
            except CannotDecide as refusal:
                refused.append((review.submission.title, " ".join(refusal.messages)))
        if signed:
            told = ngettext("%(count)d item signed.", "%(count)d items signed.", signed)
            messages.success(request, told % {"count": signed})
        for title, reason in refused:
            messages.error(
                request, _("“%(title)s” is not signed: %(reason)s") % {"title": title, "reason": reason}
            )
        return redirect("review_queue")

    def _gone(self, key):
        """Title and reason for what no longer waits. The title only of what was put before this person."""
        review = OfficeReview.objects.asked().of_person(self.request.user).filter(pk=key).first()
        title = review.submission.title if review else _("An item")
        return title, _("It no longer waits for you.")

    def show(self):
        rows = chosen(self.request.user, self.keys)
        if not rows:
            messages.error(self.request, _("What you chose no longer waits for you."))
            return redirect("review_queue")
        context = self.get_context_data(
            rows=[row for row in rows if row.proposal],
            refused=[row for row in rows if not row.proposal],
            gone=len(set(self.keys)) - len(rows),
            after=_("Proposed"),
        )
        return TemplateResponse(self.request, self.template_name, context)

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("review_queue"), "label": _("Waiting for me")},
            {"url": "", "label": self.page_title},
        ]
