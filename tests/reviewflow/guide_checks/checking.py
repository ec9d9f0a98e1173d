"""What the tests of checks do to a guide and to the law that it cites."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone
from wagtail.models import Revision

from reviewflow.canonical import signed_contents
from reviewflow.guide_checks import record_unchanged
from reviewflow.models import GuideCheck
from servicepages.freshness import current_token
from servicepages.models import Law, ServiceItemPage
from servicepages.vocabulary import LawStatus
from tests.factories import publish

Reason, Outcome = GuideCheck.Reason, GuideCheck.Outcome
REPORT = "/admin/reports/guide-checks/"


def citing(law):
    basis = {"law": law.name, "document_number": "", "article": "第十四条", "quotation": "", "link": ""}
    return [("legal_basis", {**basis, "entry": law})]


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def fresh(item):
    return ServiceItemPage.objects.get(pk=item.pk)


def republished(item, **changes):
    item = fresh(item).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(item, name, value)
    return publish(item)


def amend(law, **changes):
    law = Law.objects.get(pk=law.pk)
    law.status, law.version_date = LawStatus.AMENDED, date(2026, 1, 1)
    for name, value in changes.items():
        setattr(law, name, value)
    law.save()
    return law


def checks_of(item, **conditions):
    return GuideCheck.objects.filter(page=item.pk, **conditions)


def open_of(item):
    return list(checks_of(item).open().order_by("pk"))


def check(item, user, note=""):
    record_unchanged(fresh(item), user, [each.pk for each in open_of(item)], note)


def at_noon(monkeypatch, day):
    moment = datetime(*day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(timezone, "now", lambda: moment)


def page_as_it_is(item):
    item = fresh(item)
    return (
        item.latest_revision_id,
        item.live_revision_id,
        item.last_published_at,
        item.latest_revision_created_at,
        item.has_unpublished_changes,
        {signatory: content.digest for signatory, content in signed_contents(item).items()},
        Revision.objects.count(),
        current_token(),
    )
