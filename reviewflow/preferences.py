"""What people have switched off is not written, and what may never be switched off always is (docs/alerts.md)."""

from collections.abc import Iterable

from reviewflow.models.messages import Notice
from reviewflow.models.preferences import MailPreferences

Kind, Urgency = Notice.Kind, Notice.Urgency

# Asks nothing of those who are told. What was taken down does: somebody has to put it right.
NEWS = frozenset({Kind.APPROVED})
# Of these one is told again on the day itself. Of a check one is not, so its reminders stay.
TOLD_ON_THE_DAY = frozenset({Kind.REVIEW_DUE, Kind.CORRECTION_DUE, Kind.MILESTONE_DUE, Kind.REPORT_DUE})
MAY_WAIT_FOR_THE_DIGEST = frozenset({Kind.ASKED, Kind.RETURNED})


def wishes_of(people=None) -> dict[int, MailPreferences]:
    """{key of a person: what they have chosen}, of those who have chosen anything; of everybody, or of these keys.
    One query."""
    return MailPreferences.objects.in_bulk(people, field_name="person_id")


def as_wanted(notices: Iterable[Notice], wishes: dict[int, MailPreferences] | None = None) -> list[Notice]:
    """Those of `notices`, not saved yet, that their people want; `immediate` is taken from those that they want in
    the digest. One query, however many people there are; none where the `wishes_of` them are given."""
    notices = list(notices)
    if wishes is None:
        wishes = wishes_of({notice.person_id for notice in notices})
    wanted = []
    for notice in notices:
        wish = wishes.get(notice.person_id)
        if wish is not None:
            if _is_switched_off(notice, wish):
                continue
            if notice.kind in MAY_WAIT_FOR_THE_DIGEST and not wish.at_once:
                notice.immediate = False
        wanted.append(notice)
    return wanted


def _is_switched_off(notice, wish) -> bool:
    if notice.kind in NEWS:
        return not wish.news
    is_ahead = notice.urgency == Urgency.SOON and notice.kind in TOLD_ON_THE_DAY
    return is_ahead and not wish.ahead
