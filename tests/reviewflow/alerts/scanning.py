"""What the tests of the daily scan do: they hand in an item, and scan day by day."""

from collections import defaultdict
from datetime import date, timedelta

from django.utils import timezone

from reviewflow.alerts import scan
from reviewflow.alerts.rules import Urgency
from reviewflow.models.alerts import Scan
from reviewflow.models.messages import Notice
from reviewflow.signatories import Signatory
from reviewflow.submission import submit
from tests.factories import complete_item

LEGAL = Signatory.LEGAL_AFFAIRS


def day(text):
    return date.fromisoformat(text)


START = day("2025-09-28")


def submitted(department, people, **fields):
    item = complete_item(department, **fields)
    item.save_revision(user=people["editor"], log_action=True)
    submit(item, people["editor"])
    return item


def told(first, last):
    """{day: {(user name, urgency)}} of each day on which somebody is told something, scanned day by day."""
    Notice.objects.all().delete()
    Scan.objects.all().delete()
    last_scan(first - timedelta(days=1))
    for offset in range((last - first).days + 1):
        scan.run(first + timedelta(days=offset))
    found = defaultdict(set)
    for notice in Notice.objects.filter(day__range=(first, last)).select_related("person"):
        found[str(notice.day)].add((notice.person.get_username(), Urgency(notice.urgency).name))
    return found


def last_scan(on):
    Scan.objects.create(day=on, finished_at=timezone.now())
