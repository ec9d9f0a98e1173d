"""Which sign-offs count for a content: the question that the review and the gate both ask."""

from reviewflow.canonical import signed_contents
from reviewflow.models.decisions import Decision
from reviewflow.signatories import Signatory


def standing_sign_offs(item, contents=None) -> dict[Signatory, Decision | None]:
    """For every signatory, the sign-off that counts for the content of `item` as it is in memory: the
    signatory's latest decision on its digest, where that one signs."""
    contents = contents or signed_contents(item)
    decisions = {}
    digests = {content.digest for content in contents.values()}
    for decision in (
        Decision.objects.filter(page=item.pk, digest__in=digests).select_related("person").order_by("pk")
    ):
        decisions[decision.signatory, decision.digest] = decision
    return {
        signatory: decision
        if (decision := decisions.get((signatory.value, content.digest))) and decision.counts_as_signed
        else None
        for signatory, content in contents.items()
    }
