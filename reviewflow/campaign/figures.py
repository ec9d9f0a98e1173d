"""The figures of a monthly report, counted from history: they come out the same whenever they are counted.

What was at a moment is read from what was written down up to then: submissions, and the lines in the histories
of pages. Two things no history keeps, so figures that are counted again later may differ from those that were
filed by them: a draft that was deleted since is not counted, and an item that was moved counts for the
department that it has now. (Neither can happen to what is live or in review.)
"""

from datetime import datetime

from django.db.models import F, Min
from django.utils import timezone
from wagtail.models import PageLogEntry

from reviewflow.campaign.months import begins_at, ends_at
from reviewflow.models import Submission
from reviewflow.rolling_back import PUBLISHED
from servicepages.models import ServiceItemPage
from servicepages.vocabulary import ItemType

UNPUBLISHED = ("wagtail.unpublish", "wagtail.unpublish.scheduled")
Outcome = Submission.Outcome
_RETURNED = (Outcome.RETURNED, Outcome.REFUSED)
# Signed by all and not public yet. Such a submission is closed a second time when it goes live, so history
# does not tell it from one that is in review.
_ON_THE_WAY = ("", Outcome.WAITING_FOR_FILING, Outcome.SCHEDULED)

STATES = ("draft", "in_review", "returned", "published", "taken_down")
IN_THE_MONTH = ("submitted_in_month", "returned_in_month", "published_in_month")
ONLINE = ("licences", "licences_online", "others", "others_online")


def figures(department, month, moment=None) -> dict:
    """Those of one department; see `figures_of`."""
    return figures_of([department.pk], month, moment)[department.pk]


def figures_of(departments, month, moment=None) -> dict[int, dict]:
    """{key of a department: its figures for `month` as they stood at `moment`}; four queries.

    `departments` holds keys. `moment` is now unless given, and never later than the month's end. The figures:

    - `as_of`: the moment, in ISO 8601
    - STATES: how many items were in each; every item counts in one of them, by what the public sees of it
      first, then by its last submission. `in_review` also holds what was approved and not public yet
    - IN_THE_MONTH: submissions, returns, and items published, from the month's beginning to the moment
    - ONLINE: the published items, by type and by whether they were handled online

    An item that has sub-items files no sheet of its own, so only its sub-items count.
    """
    moment = min(moment or timezone.now(), ends_at(month))
    histories = _histories(departments, moment)
    begin = begins_at(month)
    counted = {key: _nothing(moment) for key in departments}
    for history in histories.values():
        history.count(counted[history.department], begin)
    return counted


def _nothing(moment: datetime) -> dict:
    return {"as_of": moment.isoformat(), **dict.fromkeys((*STATES, *IN_THE_MONTH, *ONLINE), 0)}


class _History:
    """What is known of an item up to the moment."""

    def __init__(self, department, item_type, online):
        self.department = department
        self.now = (item_type, online)
        self.is_listed = True
        self.submissions = []  # (submitted at, closed at or None, outcome), as they stood at the moment
        self.publications = []  # moments
        self.live_as = None  # (item type, online) of the published version
        self.was_live = False

    def count(self, counted, begin):
        counted["submitted_in_month"] += sum(at >= begin for at, _closed, _outcome in self.submissions)
        counted["returned_in_month"] += sum(
            outcome in _RETURNED and closed >= begin for _at, closed, outcome in self.submissions
        )
        if not self.is_listed:
            return
        counted[self.state()] += 1
        counted["published_in_month"] += any(at >= begin for at in self.publications)
        if self.live_as is not None:
            item_type, online = self.live_as
            kind = "licences" if item_type == ItemType.LICENCE else "others"
            counted[kind] += 1
            counted[f"{kind}_online"] += online is True

    def state(self) -> str:
        if self.live_as is not None:
            return "published"
        last = self.submissions[-1][2] if self.submissions else None
        if last in _RETURNED:
            return "returned"
        if last in _ON_THE_WAY:
            return "in_review"
        return "taken_down" if self.was_live else "draft"


def _histories(departments, moment) -> dict[int, _History]:
    items = ServiceItemPage.objects.filter(department__in=departments)
    entries = PageLogEntry.objects.filter(page__in=items.values("pk"))
    begun = dict(
        entries.order_by().values("page").annotate(first=Min("timestamp")).values_list("page", "first")
    )
    histories, paths = {}, {}
    for pk, path, *values in items.values_list("pk", "path", "department", "item_type", "online"):
        # What has no history at all counts as if it had always been there.
        if pk not in begun or begun[pk] < moment:
            histories[pk] = _History(*values)
            paths[path] = histories[pk]
    for path in paths:
        if above := paths.get(path[: -ServiceItemPage.steplen]):
            above.is_listed = False
    _add_submissions(items, histories, moment)
    _add_publications(entries, histories, moment)
    return histories


def _add_submissions(items, histories, moment):
    rows = Submission.objects.filter(page__in=items.values("pk"), submitted_at__lt=moment).order_by("pk")
    for page, submitted_at, closed_at, outcome in rows.values_list(
        "page", "submitted_at", "closed_at", "outcome"
    ):
        if closed_at is None or closed_at >= moment:
            closed_at, outcome = None, ""
        if page in histories:
            histories[page].submissions.append((submitted_at, closed_at, outcome))


def _add_publications(entries, histories, moment):
    """The published version is the one of the last line about it; where its revision is gone, the item as it
    is now stands in for it."""
    rows = (
        entries.filter(action__in=PUBLISHED + UNPUBLISHED, timestamp__lt=moment)
        .order_by("timestamp", "pk")
        .annotate(online=F("revision__content__online"), item_type=F("revision__content__item_type"))
    )
    for page, timestamp, action, revision, item_type, online in rows.values_list(
        "page", "timestamp", "action", "revision", "item_type", "online"
    ):
        history = histories.get(page)
        if history is None:
            continue
        history.was_live = True
        if action in PUBLISHED:
            history.publications.append(timestamp)
            history.live_as = (item_type, online) if revision and item_type is not None else history.now
        else:
            history.live_as = None


def share(part: int, whole: int) -> int | None:
    """In whole per cent, rounded down so that 100 means all; None of nothing."""
    return part * 100 // whole if whole else None
