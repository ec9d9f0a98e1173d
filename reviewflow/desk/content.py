"""What a review is about: the content of the submission, and what each signatory knew of it before."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.fields import StreamField

from reviewflow.canonical import SignedContent, signed_content
from reviewflow.desk.differences import FieldChange, compare
from reviewflow.desk.reading import Reader
from reviewflow.models import Decision, OfficeReview
from reviewflow.signatories import Signatory
from servicepages.models import ServiceItemPage


@dataclass(frozen=True)
class Baseline:
    """What the proposed content is held against. `form` is None where there is nothing."""

    form: dict | None = None
    decision: Decision | None = None
    published_at: datetime | None = None

    @property
    def heading(self) -> str:
        """Over the column that shows it; "" where there is nothing to show."""
        if self.form is None:
            return ""
        return _("Last signed") if self.decision else _("Published")


@dataclass
class Proposal:
    """The content that a submission puts before a signatory, beside what it signed last, or where it never
    did, what is live."""

    review: OfficeReview
    signatory: Signatory
    content: SignedContent
    baseline: Baseline
    blocks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def forms(self) -> list[dict | None]:
        """What a Reader has to know to read this."""
        return [self.content.form, self.baseline.form]

    def changes(self, reader: Reader) -> list[FieldChange]:
        return compare(reader, self.signatory, self.baseline.form, self.content.form, self.blocks)


class SubmittedContent:
    """The revision that was handed in, read once for every signatory."""

    def __init__(self, submission):
        self.submission = submission
        self.item = submission.item

    @cached_property
    def live(self) -> ServiceItemPage | None:
        return ServiceItemPage.objects.live().filter(pk=self.submission.page_id).first()

    @cached_property
    def block_ids(self) -> dict[str, list[str]]:
        return {
            each.name: [child.id for child in getattr(self.item, each.name)]
            for each in self.item._meta.get_fields()
            if isinstance(each, StreamField)
        }

    def proposal(self, review: OfficeReview | None, signatory: Signatory) -> Proposal:
        return Proposal(
            review,
            signatory,
            signed_content(self.item, signatory),
            self.baseline(signatory),
            self.block_ids,
        )

    def baseline(self, signatory) -> Baseline:
        before = Decision.objects.filter(decided_at__lt=self.submission.submitted_at)
        decision = before.last_sign_off(self.submission.page_id, signatory)
        if decision is not None:
            return Baseline(decision.content, decision=decision)
        if self.live is not None:
            return Baseline(
                signed_content(self.live, signatory).form, published_at=self.live.last_published_at
            )
        return Baseline()
