"""Remarks of the offices, from the editor's side: an item is not handed in again while one is unanswered."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.permissions import page_permission_policy

from reviewflow.models.remarks import Remark
from servicepages import completeness


@completeness.rule("推进：发现问题，立整立改", for_items_with_sub_items=True)
def remarks_are_answered(item):
    if item.pk is None:
        return
    for remark in Remark.objects.unanswered().filter(page=item.pk):
        yield (
            remark.field,
            _("A remark of %(office)s is not answered: %(text)s")
            % {"office": remark.get_signatory_display(), "text": remark.text},
            completeness.ERROR,
        )


def may_answer(user, page) -> bool:
    """Whoever may change the item by a permission of their own, not because it is before their office."""
    return user.is_active and page_permission_policy.user_has_permission_for_instance(user, "change", page)


@transaction.atomic
def answer(remark: Remark, user, *, kind: Remark.Answer, text: str = "") -> Remark:
    """What the editor did about a remark. PermissionDenied where `user` may not edit the item; ValueError
    where it is kept as it is and no reason is given."""
    if not may_answer(user, remark.page) or remark.taken_back_at:
        raise PermissionDenied
    if kind == Remark.Answer.KEPT and not text.strip():
        raise ValueError(_("Say why it is kept as it is."))
    remark.answer, remark.answer_text = kind, text.strip()
    remark.answered_by, remark.answered_at = user, timezone.now()
    remark.save(update_fields=["answer", "answer_text", "answered_by", "answered_at"])
    log(
        instance=remark.page,
        action="reviewflow.answer",
        user=user,
        data={"signatory": remark.signatory, "comment": remark.text, "answer": remark.answer_text or kind},
    )
    return remark
