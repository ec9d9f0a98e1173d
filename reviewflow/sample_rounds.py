"""The sample's two review rounds, dated around the day of the loading."""

from datetime import timedelta

from django.utils import timezone

from reviewflow.models import ReviewRound
from servicepages.models import Department
from servicepages.sample import content

_DATES = ("opens_on", "closes_on", "approved_on", "filed_on")


def load_rounds(ledger, administrator):
    """Rounds of the city's departments: what a county does is current upkeep. Dates are given in days from
    the loading."""
    today = timezone.localdate()
    for each in content.read("rounds")["round"]:
        key = f"round:{each['name']}"
        if key in ledger or ReviewRound.objects.filter(name=each["name"]).exists():
            continue
        values = {name: value for name, value in each.items() if name not in _DATES}
        dates = {name: today + timedelta(days=each[name]) for name in _DATES if name in each}
        review_round = ReviewRound(**values, **dates)
        review_round.departments = Department.objects.filter(region__name=content.CITY)
        review_round.save()
        ledger.enter(review_round, key, administrator)
