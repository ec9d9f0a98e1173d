"""Which mails a person wants, and the secret link to their calendar."""

import secrets

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailPreferences(models.Model):
    """What may be switched off (docs/alerts.md); whoever has no row wants everything, at once."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="mail_preferences",
    )
    at_once = models.BooleanField(
        _("A mail at once when something is before me or has come back"),
        default=True,
        help_text=_("Switched off, it is a line of the next daily mail."),
    )
    ahead = models.BooleanField(
        _("Reminders ahead of the day"),
        default=True,
        help_text=_(
            "Of reviews, corrections, milestones and monthly reports. On the day itself, and when it has passed, "
            "you are told in any case."
        ),
    )
    news = models.BooleanField(
        _("News that asks nothing of me"),
        default=True,
        help_text=_("An item has been approved, or is public now."),
    )

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("mail preferences")
        verbose_name_plural = _("mail preferences")

    def __str__(self):
        return f"{self.person}"


def new_key() -> str:
    return secrets.token_urlsafe(16)


class CalendarLink(models.Model):
    """The secret address of a person's calendar, until it is renewed or removed.

    The secret is a signature of `key`, 256 bits: the address can be shown again, and who has the database without
    the SECRET_KEY has no working link.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="calendar_link",
    )
    key = models.CharField(_("key"), max_length=50, unique=True, default=new_key, editable=False)
    made_at = models.DateTimeField(_("link made at"), default=timezone.now, editable=False)

    # These rows are no use of a page or a file in the sense of Wagtail's usage pages.
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")

    def __str__(self):
        return f"{self.person}"

    @property
    def token(self) -> str:
        return _signer().sign(self.key)

    @classmethod
    def renew(cls, person) -> "CalendarLink":
        """Makes a link; one that `person` had before leads nowhere any more."""
        made = {"key": new_key(), "made_at": timezone.now()}
        return cls.objects.update_or_create(person=person, defaults=made)[0]

    @classmethod
    def of_token(cls, token: str) -> "CalendarLink | None":
        """None where it is no link of ours, was renewed or removed, or its person is deactivated."""
        try:
            key = _signer().unsign(token)
        except signing.BadSignature:
            return None
        return cls.objects.filter(key=key, person__is_active=True).select_related("person").first()


def _signer():
    return signing.Signer(sep=".", salt="reviewflow.calendar_link")
