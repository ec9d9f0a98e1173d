"""The audit: is every live item covered by sign-offs, for the content that its row holds now?

The gate asks before a row is saved; the audit asks the rows themselves, and so finds what plain SQL changed.
It goes through the items in chunks of primary keys, so its memory does not grow with their number.
"""

import gc
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reviewflow import notices, triggers
from reviewflow.canonical import signed_contents
from reviewflow.coordination import city_team
from reviewflow.gate import listed
from reviewflow.models import Decision
from reviewflow.signatories import Signatory
from servicepages.models import ServiceItemPage

CHUNK = 200
LISTED_IN_A_MAIL = 50


@dataclass
class Finding:
    """A live item whose content not all have signed; `missing` holds values of Signatory."""

    page_id: int
    title: str
    department: str
    missing: list[str]

    @property
    def names(self) -> str:
        return listed([Signatory(value).label for value in self.missing])

    def __str__(self):
        return _("%(id)d “%(title)s” (%(department)s) is live and not signed by %(names)s") % {
            "id": self.page_id,
            "title": self.title,
            "department": self.department,
            "names": self.names,
        }


@dataclass
class Audit:
    """`absent` are the triggers that the database has lost."""

    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.absent

    def as_data(self) -> dict:
        """Plain data, for where results of the background worker are kept."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict) -> "Audit":
        return cls(data["examined"], [Finding(**finding) for finding in data["findings"]], data["absent"])


def audit(items=None) -> Audit:
    """Examines every live item (those among `items`, where some are given) and the triggers."""
    result = Audit(absent=triggers.missing(connection))
    live, after = _live(ServiceItemPage.objects.all() if items is None else items), 0
    while chunk := list(live.filter(pk__gt=after)[:CHUNK]):
        result.examined += len(chunk)
        result.findings += _uncovered(chunk)
        after = chunk[-1].pk
        # A page and the values of its streams refer to each other. Left to itself, Python keeps the pages of
        # many chunks before it looks for such circles.
        del chunk
        gc.collect()
    return result


def _live(items):
    """What is live, in order, with everything that is signed and stands in other tables."""
    return (
        items.live()
        .order_by("pk")
        .select_related("department", "flow_chart")
        .prefetch_related("topics", "service_points")
    )


def _uncovered(chunk) -> Iterator[Finding]:
    """The rule of reviewflow.sign_offs, asked for a whole chunk in one query."""
    digests = {
        item.pk: {signatory.value: content.digest for signatory, content in signed_contents(item).items()}
        for item in chunk
    }
    wanted = {digest for each in digests.values() for digest in each.values()}
    latest = {
        (page, signatory, digest): kind
        for page, signatory, digest, kind in Decision.objects.filter(page__in=digests, digest__in=wanted)
        .order_by("pk")
        .values_list("page", "signatory", "digest", "kind")
    }
    for item in chunk:
        missing = [
            signatory
            for signatory, digest in digests[item.pk].items()
            if latest.get((item.pk, signatory, digest)) != Decision.Kind.SIGNED
        ]
        if missing:
            yield Finding(item.pk, item.title, str(item.department), missing)


def audit_nightly() -> dict:
    """For the background worker: audits, and tells the city's coordination team what it finds."""
    result = audit()
    if not result.is_clean:
        with translation.override(settings.LANGUAGE_CODE):
            notices.tell(
                city_team(),
                subject(result),
                [*sentences(result)],
                reverse("audit_report"),
                kind=notices.Notice.Kind.AUDIT,
                about="audit",
            )
    return result.as_data()


def audit_in_background() -> dict:
    """The same asked for by somebody, who reads the result where they asked."""
    return audit().as_data()


def subject(result: Audit) -> str:
    """What the mail about a result that is not clean is called."""
    if not result.absent:
        return _("The audit found live items that are not signed by all")
    if not result.findings:
        return _("The audit found that the database has lost triggers of the gate")
    return _(
        "The audit found live items that are not signed by all, and that the database has lost triggers of the "
        "gate"
    )


def sentences(result: Audit) -> Iterator[str]:
    """What was found, with the first lines of a long list."""
    for name in result.absent:
        yield _("The trigger %(name)s is missing: SQL could publish what nobody signed. Run “migrate”.") % {
            "name": name
        }
    yield from (str(finding) for finding in result.findings[:LISTED_IN_A_MAIL])
    if (more := len(result.findings) - LISTED_IN_A_MAIL) > 0:
        yield _("And %(count)d more.") % {"count": more}
