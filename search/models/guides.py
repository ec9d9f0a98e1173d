"""What the public can find: one row for each guide in force, and nothing that is not public.

A row appears when its item is published and goes when it is not (search.following). Drafts and
internal values are no longer left out when somebody asks: they are not here.
"""

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin

from search import ranking
from search.text import cut_together
from servicepages.vocabulary import ItemType, TimeUnit


class GuideQuerySet(SearchableQuerySetMixin, models.QuerySet):
    def in_force(self):
        """Those that have not expired: an item stays live until the clock takes it down."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()))


class Guide(index.Indexed, models.Model):
    """A published service item as the search knows it, kept narrow: a query may read 20,000 of them.

    `text` holds its words. The search fields are handed over already cut into tokens (search.text), so
    that any backend that splits at spaces finds the same guides.
    """

    page = models.OneToOneField(
        "servicepages.ServiceItemPage", primary_key=True, on_delete=models.CASCADE, related_name="guide"
    )
    # The same item in several places is one hit: its basic code, or the page's own number without one.
    fold = models.CharField(max_length=20, db_index=True)
    name = models.CharField(_("name"), max_length=255)
    # The name as it is compared with a whole query: normalised, letters and digits only.
    name_key = models.CharField(max_length=255, db_index=True)
    # The name as it is put in order: by pinyin (search.sound.order_of).
    name_order = models.CharField(max_length=1000, db_index=True, default="")
    department = models.ForeignKey("servicepages.Department", on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey("servicepages.Region", on_delete=models.CASCADE, related_name="+")
    item_type = models.CharField(_("item type"), max_length=20, blank=True, choices=ItemType.choices)
    online = models.BooleanField(_("handled online"), null=True)
    visits_required = models.PositiveSmallIntegerField(_("visits needed"), null=True)
    is_on_the_spot = models.BooleanField(_("done on the spot"), default=False)
    # Keys of its topics between spaces, " 3 17 ": read with the row, by every query that counts.
    topic_keys = models.CharField(max_length=400, blank=True)
    basic_code = models.CharField(_("basic code"), max_length=12, blank=True, db_index=True)
    implementation_code = models.CharField(_("implementation code"), max_length=31, blank=True, db_index=True)
    serial_number = models.CharField(_("serial number"), max_length=20, blank=True, db_index=True)
    published_at = models.DateTimeField(_("published"), null=True)
    expires_at = models.DateTimeField(null=True)
    # How often it was chosen from a page of hits (search.log).
    chosen = models.PositiveIntegerField(default=0)

    objects = GuideQuerySet.as_manager()

    search_fields = [
        index.SearchField("name_tokens", boost=ranking.NAME),
        index.SearchField("everyday_tokens", boost=ranking.EVERYDAY),
        index.SearchField("subject_tokens", boost=ranking.SUBJECT),
        index.SearchField("matter_tokens", boost=ranking.MATTER),
        index.SearchField("body_tokens", boost=ranking.BODY),
        index.SearchField("sound_tokens", boost=ranking.SOUND),
        index.AutocompleteField("sound_tokens"),
        index.FilterField("page"),
        index.FilterField("fold"),
        index.FilterField("department"),
        index.FilterField("region"),
        index.FilterField("expires_at"),
    ]
    # search.following indexes it together with its words; a signal would come before them.
    search_auto_update = False
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("guide in the search")
        verbose_name_plural = _("guides in the search")

    def __str__(self):
        return self.name

    @classmethod
    def get_indexed_objects(cls):
        return cls.objects.select_related("text")

    @cached_property
    def _tokens(self):
        """Of name, everyday names, subject, matter and body: PostgreSQL keeps all of them in one vector."""
        text = self.text
        return [
            " ".join(tokens)
            for tokens in cut_together([self.name, text.everyday, text.subject, text.matter, text.body])
        ]

    @property
    def name_tokens(self):
        return self._tokens[0]

    @property
    def everyday_tokens(self):
        return self._tokens[1]

    @property
    def subject_tokens(self):
        return self._tokens[2]

    @property
    def matter_tokens(self):
        return self._tokens[3]

    @property
    def body_tokens(self):
        return self._tokens[4]

    @property
    def sound_tokens(self):
        return self.text.sound


class GuideText(models.Model):
    """The public words of a guide, by how much they say of it, and what a hit shows of it."""

    guide = models.OneToOneField(Guide, primary_key=True, on_delete=models.CASCADE, related_name="text")
    # One a line: other names that mean it (search.models.EverydayName).
    everyday = models.TextField(blank=True)
    # Topics, department, region, results, and the item it is part of.
    subject = models.TextField(blank=True)
    # Names of materials and laws.
    matter = models.TextField(blank=True)
    # Every public value (ServiceItemPage.public_text).
    body = models.TextField(blank=True)
    # Tokens of search.sound: how name and everyday names are spoken.
    sound = models.TextField(blank=True)
    promised_limit = models.PositiveSmallIntegerField(null=True)
    promised_limit_unit = models.CharField(max_length=20, blank=True, choices=TimeUnit.choices)
    # None where the guide does not say.
    is_free = models.BooleanField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("words of a guide")
        verbose_name_plural = _("words of guides")

    def __str__(self):
        return f"{self.guide_id}"
