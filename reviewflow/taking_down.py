"""Taking a guide down, by coordination, at once and for a reason.

The stock way of unpublishing asks for no reason and revokes nothing, so for service items it leads here.
"""

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin import messages
from wagtail.admin.action_menu import UnpublishMenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.models import Page, WorkflowState
from wagtail.permissions import page_permission_policy

from reviewflow import notices
from reviewflow.canonical import signed_contents
from reviewflow.due_dates import count_from_today
from reviewflow.gate import wait_for_turn
from reviewflow.models import Decision, OfficeReview, Submission
from reviewflow.signatories import Signatory
from servicepages.models import ServiceItemPage, User


def may_take_down(user, item) -> bool:
    """Coordination, for what is live in its part of the tree. A lock stands in nobody's way, nor does a
    review: a wrong guide can always be taken down."""
    return (
        user.is_active
        and item.live
        and page_permission_policy.user_has_permission_for_instance(user, "publish", item)
    )


@transaction.atomic
def take_down(item, user, reason: str, signatories=(), *, with_sub_items=False) -> None:
    """Unpublishes `item` for `reason` and revokes the sign-offs that `signatories` gave for its content, so
    that the same content cannot come back unasked.

    PermissionDenied where `user` may not, or it is not live; ValidationError without a reason. A review that
    is under way goes on; offices whose sign-off for the same content is revoked are asked again.
    """
    _hold_review(item)
    wait_for_turn(item.pk)
    item = ServiceItemPage.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if not may_take_down(user, item):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why the guide is taken down."))
    taken = [item]
    if with_sub_items:
        taken += ServiceItemPage.objects.live().descendant_of(item)
    for each in taken:
        _take_down_one(each, user, reason.strip(), [Signatory(signatory) for signatory in signatories])


def _hold_review(item):
    """The lock that deciding takes first, and before the page's: whoever decides at this instant comes before
    or after."""
    states = Submission.objects.open().filter(page=item.pk).values("workflow_state")
    list(WorkflowState.objects.select_for_update().filter(pk__in=states))


def _take_down_one(item, user, reason, signatories):
    contents, revision = signed_contents(item), item.live_revision
    UnpublishPageAction(item, user=user).execute(skip_permission_checks=True)
    # Unpublishing takes the schedules away, so nothing waits for its time any more.
    Submission.objects.filter(page=item.pk, outcome=Submission.Outcome.SCHEDULED).update(
        outcome=Submission.Outcome.WITHDRAWN, reason=reason, closed_at=timezone.now()
    )
    for signatory in signatories:
        _revoke(item, contents[signatory], revision, user, reason)
    entry = log(
        instance=item,
        action="reviewflow.take_down",
        user=user,
        revision=revision,
        data={"comment": reason, "revoked": [signatory.value for signatory in signatories]},
    )
    _tell_department(item, user, reason, entry)


def _revoke(item, content, revision, user, reason):
    decision = Decision.objects.create(
        page_id=item.pk,
        signatory=content.signatory,
        person=user,
        kind=Decision.Kind.REVOKED,
        digest=content.digest,
        content=content.form,
        content_version=content.form["version"],
        revision=revision,
        remark=reason,
    )
    log(
        instance=item,
        action="reviewflow.revoked",
        user=user,
        revision=revision,
        data={"signatory": content.signatory.value, "digest": decision.short_digest, "comment": reason},
    )
    if content.signatory.is_office:
        _ask_again(item, content)


def _ask_again(item, content):
    """An office that had signed the same content in a review under way, or whose sign-off carried over into
    it, has not signed it any more."""
    status = OfficeReview.Status
    for review in OfficeReview.objects.select_related(
        "submission__round", "submission__workflow_state"
    ).filter(
        submission__page=item.pk,
        submission__outcome="",
        signatory=content.signatory,
        digest=content.digest,
        status__in=(status.SIGNED, status.CARRIED_OVER),
    ):
        task = review.submission.workflow_state.current_task_state.task.specific
        review.status, review.decision = status.WAITING, None
        count_from_today(review, task.working_days)
        review.save()
        notices.asked(review)


def _tell_department(item, user, reason, entry):
    """The department's editors and the item's owner, in the site's language. `entry`: of the item's history."""
    people = User.objects.filter(is_active=True, groups=item.department.editors_id)
    people = (people | User.objects.filter(pk=item.owner_id)).distinct()
    with translation.override(settings.LANGUAGE_CODE):
        notices.tell(
            people,
            _("Taken down: %(title)s") % {"title": item.title},
            [
                _("%(person)s of the coordination team has taken “%(title)s” down.")
                % {"person": user, "title": item.title},
                reason,
            ],
            reverse("item_or_record", args=[item.pk]),
            kind=notices.Notice.Kind.TAKEN_DOWN,
            about=f"page:{item.pk}:taken_down:{entry.pk}",
        )


# In the admin


class TakeDownForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the history of the item and the people of its department."),
    )
    signatories = forms.MultipleChoiceField(
        label=gettext_lazy("Sign-offs to revoke"),
        choices=Signatory.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy(
            "Those whose fields are wrong: the same content is not published again before they have signed it "
            "anew. Without any, the department can have the same guide published again."
        ),
    )
    with_sub_items = forms.BooleanField(label=gettext_lazy("Also take down its sub-items"), required=False)

    def __init__(self, *args, item, **kwargs):
        super().__init__(*args, **kwargs)
        if not item.has_live_sub_items:
            del self.fields["with_sub_items"]


def confirm(request, page_id):
    """Asks for the reason and takes the guide down."""
    item = get_object_or_404(ServiceItemPage, pk=page_id)
    if not may_take_down(request.user, item):
        raise PermissionDenied
    form = TakeDownForm(request.POST or None, item=item)
    if request.method == "POST" and form.is_valid():
        take_down(item, request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is taken down.") % {"title": item.title})
        return redirect("wagtailadmin_explore", item.get_parent().pk)
    return TemplateResponse(request, "reviewflow/admin/take_down.html", {"item": item, "form": form})


def admin_urls():
    return [path("service-items/<int:page_id>/take-down/", confirm, name="take_down")]


def header_buttons(page, user, view_name, next_url=None):
    """`register_page_header_buttons`"""
    page = page.specific_deferred
    if isinstance(page, ServiceItemPage) and may_take_down(user, page):
        yield Button(
            gettext_lazy("Take down"), reverse("take_down", args=[page.pk]), icon_name="download", priority=58
        )


class TakeDownMenuItem(UnpublishMenuItem):
    label = gettext_lazy("Take down")

    def is_shown(self, context):
        return context["view"] == "edit" and may_take_down(context["request"].user, context["page"])

    def get_url(self, context):
        return reverse("take_down", args=[context["page"].pk])


def offer_in_action_menu(menu_items, request, context):
    """`construct_page_action_menu`: in the place of Wagtail's own way of unpublishing."""
    if not isinstance(context.get("page"), ServiceItemPage):
        return
    for position, item in enumerate(menu_items):
        if type(item) is UnpublishMenuItem:
            menu_items[position] = TakeDownMenuItem(order=item.order)


def ask_for_reason(request, page):
    """`before_unpublish_page`: for an item our own form; for a page above items, never the items with it."""
    if isinstance(page, ServiceItemPage):
        return redirect("take_down", page.pk)
    if request.POST.get("include_descendants") and _unpublishes_item(page, with_descendants=True):
        messages.error(request, _one_by_one())
        return redirect("wagtailadmin_explore", page.pk)
    return None


def refuse_bulk_unpublish(request, action_type, objects, action):
    """`before_bulk_action`: a guide is taken down for a reason, which a bulk action does not ask for."""
    if action_type != "unpublish" or action.model is not Page:
        return None
    with_descendants = bool(
        action.cleaned_form and action.cleaned_form.cleaned_data.get("include_descendants")
    )
    if not any(_unpublishes_item(page, with_descendants) for page in objects):
        return None
    messages.error(request, _one_by_one())
    return redirect("wagtailadmin_explore", objects[0].get_parent().pk)


def _one_by_one():
    return _("Service items are taken down for a reason. Please take them down one by one.")


def _unpublishes_item(page, with_descendants) -> bool:
    if issubclass(page.specific_class or Page, ServiceItemPage):
        return True
    return with_descendants and ServiceItemPage.objects.live().descendant_of(page).exists()
