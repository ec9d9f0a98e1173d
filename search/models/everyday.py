"""Everyday names: what people call a service when they do not know its official name."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from search.text import key_of

MAX_PHRASE = 40
MAX_KEY = 80


class EverydayName(ClusterableModel):
    """A phrase (日常用语) and what it means: items, wherever they are handled, or whole topics."""

    phrase = models.CharField(
        _("phrase"), max_length=MAX_PHRASE, help_text=_("As people say it, such as 结婚证 or 开饭店.")
    )
    # As it is compared: traditional and simplified, with and without spaces, are one phrase.
    key = models.CharField(max_length=MAX_KEY, unique=True, editable=False)
    topics = ParentalManyToManyField(
        "servicepages.Topic",
        verbose_name=_("topics it means"),
        blank=True,
        related_name="+",
        help_text=_("It counts for every item of the topic, though for less than for an item chosen above."),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("everyday name")
        verbose_name_plural = _("everyday names")
        ordering = ["phrase"]

    def __str__(self):
        return self.phrase

    def clean(self):
        super().clean()
        self.key = key_of(self.phrase)
        if not self.key:
            raise ValidationError({"phrase": _("A phrase has letters or characters in it.")})
        # A single ligature may stand for eighteen letters.
        if len(self.key) > MAX_KEY:
            raise ValidationError({"phrase": _("The phrase is too long.")})
        if EverydayName.objects.filter(key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError({"phrase": _("This phrase is in the list already.")})

    def save(self, *args, **kwargs):
        """The guides that it meant before and those that it means now follow, in the same transaction."""
        from search.everyday import followed_by_its_guides

        self.key = key_of(self.phrase)
        with followed_by_its_guides(self):
            super().save(*args, **kwargs)


class EverydayNameItem(Orderable):
    name = ParentalKey(EverydayName, on_delete=models.CASCADE, related_name="items")
    page = models.ForeignKey(
        "servicepages.ServiceItemPage",
        verbose_name=_("service item"),
        on_delete=models.CASCADE,
        related_name="everyday_names",
        help_text=_("It counts for the same item in every place."),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("item that an everyday name means")
        verbose_name_plural = _("items that an everyday name means")

    def __str__(self):
        return str(self.page)
