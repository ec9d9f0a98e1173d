"""The items that the daily scan is measured with."""

import pytest
from django.utils import timezone

from bench import deadline_scan
from bench.deadline_scan import Deadlines, forget
from reviewflow.alerts import scan
from reviewflow.models.messages import Mail, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_of_all_these_items_so_many_are_told_of(monkeypatch):
    monkeypatch.setattr(deadline_scan, "DEPARTMENTS", 3)
    deadlines = Deadlines()
    for items, due in ((60, 20), (90, 10), (90, 30)):
        deadlines.reach(items)
        deadlines.due_today(due)
        deadlines.iterate()
        forget()
        scan.run(timezone.localdate())
        told_of = set(Notice.objects.values_list("about", flat=True))
        kinds = [about.partition(":")[0] for about in told_of]
        shares = {"review": due * 6 // 10, "submission": due * 2 // 10, "check": due * 2 // 10}
        assert {kind: kinds.count(kind) for kind in kinds} == shares
        assert not Notice.objects.waiting().exists()
        assert Mail.objects.exists()
