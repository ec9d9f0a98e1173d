"""What people are owed in words, and the mails that bring it to them."""

import uuid
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoticeQuerySet(models.QuerySet):
    def waiting(self):
        """In no mail yet."""
        return self.filter(mail=None)

    def that_can_be_mailed(self):
        """To people who work here and have an address."""
        return self.filter(person__is_active=True).exclude(person__email="")

    def that_cannot_be_mailed(self):
        return self.filter(Q(person__is_active=False) | Q(person__email=""))


class Notice(models.Model):
    """Something that one person is owed to be told, in the words in which they are told it.

    It is written in the transaction of what it tells of, and exists once, however often that is tried:
    `about` names the occurrence ("submission:12:returned"), `day` the day for which it is told.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", _("to review")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        NOT_PUBLISHED = "not_published", _("not published")
        TAKEN_DOWN = "taken_down", _("taken down")
        AUDIT = "audit", _("finding of the audit")
        REVIEW_DUE = "review_due", _("decision due")
        CORRECTION_DUE = "correction_due", _("correction due")
        MILESTONE_DUE = "milestone_due", _("milestone due")
        REPORT_DUE = "report_due", _("monthly report due")
        CHECK_DUE = "check_due", _("check due")
        DEACTIVATED = "deactivated", _("person deactivated")
        ESCALATED = "escalated", _("escalated")

    class Urgency(models.IntegerChoices):
        """In the order in which a digest tells."""

        OVERDUE = 0, _("Overdue")
        TODAY = 1, _("Due today")
        SOON = 2, _("Due soon")
        NEW = 3, _("New")

    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="notices"
    )
    about = models.CharField(_("about"), max_length=200)
    day = models.DateField(_("day"))
    subject = models.TextField(_("subject"))
    lines = models.JSONField(_("text"), default=list, help_text=_("A list of paragraphs."))
    url = models.TextField(_("link"), blank=True)
    immediate = models.BooleanField(
        _("immediate"), default=True, help_text=_("In a mail of its own; otherwise in the day's digest.")
    )
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency.choices, default=Urgency.NEW)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    mail = models.ForeignKey(
        "reviewflow.Mail",
        verbose_name=_("mail"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="notices",
    )

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(NoticeQuerySet)()

    class Meta:
        verbose_name = pgettext_lazy("message", "notice")
        verbose_name_plural = pgettext_lazy("message", "notices")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "person", "about", "day"], name="notice_owed_once")
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(mail=None), name="notices_in_no_mail"),
            models.Index(fields=["-created_at"], name="notices_newest_first"),
        ]

    def __str__(self):
        return self.subject


def new_message_id() -> str:
    """A name for a mail that no other mail of the world has, with the domain that we send from."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid4()}@{domain}>"


class MailQuerySet(models.QuerySet):
    def owed(self):
        return self.filter(state=Mail.State.OWED)

    def failed(self):
        return self.filter(state=Mail.State.FAILED)

    def without_notices(self):
        """Those that Django and Wagtail wrote."""
        return self.filter(mime__isnull=False)

    def due(self, now: datetime):
        """To be tried now: its pause is over, and no worker is at it."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.owed().filter(free, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")


class Mail(models.Model):
    """One message to one person, as it is sent: written down before the first attempt, the same in every one.

    `claimed_until` is the end of the lease of the worker that is sending it. A lease that has run out belonged
    to a worker that is gone.

    A mail that Django or Wagtail wrote brings no notices (reviewflow.mail_backend): it has `mime` in the place of
    `text` and `html`, and a `person` only where the address is one person's. Its bytes may hold a secret, such as a
    link that sets a password: they are shown nowhere, and are emptied when it is sent.
    """

    class State(models.TextChoices):
        OWED = "owed", _("owed")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mails",
    )
    address = models.CharField(_("address"), max_length=254)
    subject = models.TextField(_("subject"))
    text = models.TextField(_("text"))
    html = models.TextField("HTML")
    mime = models.BinaryField(
        "MIME", null=True, editable=False, help_text=_("The whole mail, where it brings no notices.")
    )
    digest_on = models.DateField(
        _("digest of"),
        null=True,
        blank=True,
        help_text=_("The day whose digest it is; empty for other mails."),
    )
    message_id = models.CharField(
        _("Message-ID"), max_length=300, unique=True, default=new_message_id, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OWED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    first_attempt_at = models.DateTimeField(_("first attempt at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    unreachable_at = models.DateTimeField(_("mail server unreachable at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(MailQuerySet)()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["person", "digest_on"], name="one_digest_a_day")]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="owed"), name="mails_owed"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="mails_failed"),
            models.Index(fields=["sent_at"], name="mails_by_time_sent"),
        ]

    def __str__(self):
        return f"{self.address}: {self.subject}"
