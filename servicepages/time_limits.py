"""Time limits: a number with a unit, and what can be said of two of them.

Units differ between a law ("30 days"), a promise ("20 working days") and the form's own lines
(working days), so two limits are compared by the shortest and the longest time that each can mean.
Where those ranges overlap nothing can be said, and the checklist says just that instead of guessing.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from servicepages.vocabulary import TimeUnit

# The longest run of days off in China's official calendar: the eight days of a Spring Festival or
# National Day, with the weekend that can touch them.
LONGEST_HOLIDAY = 10


@dataclass(frozen=True)
class TimeLimit:
    """`number` of `unit` (a TimeUnit); on the spot counts as zero whatever its number."""

    number: Decimal | int
    unit: str

    @property
    def shortest(self) -> int:
        """The fewest calendar days it can take: working days may all be consecutive (make-up
        working days), a month may be a February."""
        if self.unit == TimeUnit.ON_THE_SPOT:
            return 0
        if self.unit == TimeUnit.MONTHS:
            return 28 if self.number == 1 else int(self.number * 365 // 12) - 2
        return ceil(self.number)

    @property
    def longest(self) -> int:
        """The most calendar days it can take: two days off for each five working days begun, one
        longest holiday for each 20 working days begun; months of 31 days."""
        if self.unit == TimeUnit.ON_THE_SPOT:
            return 0
        if self.unit == TimeUnit.MONTHS:
            return int(self.number * 31)
        if self.unit == TimeUnit.WORKING_DAYS and self.number:
            return ceil(self.number) + 2 * ceil(self.number / 5) + LONGEST_HOLIDAY * ceil(self.number / 20)
        return ceil(self.number)

    def within(self, other: "TimeLimit") -> bool | None:
        """True where this limit never exceeds `other`, False where it always does, and None where
        their units differ and the calendar decides."""
        if self.unit == other.unit and self.unit != TimeUnit.ON_THE_SPOT:
            return self.number <= other.number
        if self.longest <= other.shortest:
            return True
        if self.shortest > other.longest:
            return False
        return None

    def __str__(self):
        if self.unit == TimeUnit.ON_THE_SPOT or not self.number:
            return _("On the spot")
        number = int(self.number) if self.number == int(self.number) else self.number
        if self.unit == TimeUnit.WORKING_DAYS:
            text = ngettext("%(number)s working day", "%(number)s working days", ceil(self.number))
        elif self.unit == TimeUnit.MONTHS:
            text = ngettext("%(number)s month", "%(number)s months", ceil(self.number))
        else:
            text = ngettext("%(number)s day", "%(number)s days", ceil(self.number))
        return text % {"number": number}


def time_limit(number, unit) -> TimeLimit | None:
    """A limit from its two columns; None where it is not stated in full."""
    if unit == TimeUnit.ON_THE_SPOT:
        return TimeLimit(0, unit)
    return TimeLimit(number, unit) if unit and number is not None else None
