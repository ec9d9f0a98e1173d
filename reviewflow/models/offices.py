"""Who acts for a reviewing office: in the city, and in a county that arranges its own review."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviewflow.signatories import OFFICES, Signatory


class ReviewOfficeQuerySet(models.QuerySet):
    def acting(self, person, on=None):
        """The offices that `person` acts for on a day (today): as a member of the group, or as the deputy
        named for that day. Being a superuser makes nobody a member."""
        on = on or timezone.localdate()
        if not person.is_active:
            return self.none()
        stands_in = Q(deputy=person, deputy_from__lte=on, deputy_until__gte=on)
        return self.filter(Q(group__in=person.groups.all()) | stands_in).distinct()

    def responsible_for(self, department) -> dict:
        """{Signatory: ReviewOffice} for a department's items: the office of the nearest region above it,
        and where none has its own, the city's."""
        region, above = department.region, []
        while region is not None:
            above.append(region.pk)
            region = region.parent
        rank = {pk: position for position, pk in enumerate(above)} | {None: len(above)}
        nearest = {}
        for office in self.filter(Q(region__in=above) | Q(region=None)).select_related("group"):
            signatory = Signatory(office.office)
            if signatory not in nearest or rank[office.region_id] < rank[nearest[signatory].region_id]:
                nearest[signatory] = office
        return nearest


class ReviewOffice(models.Model):
    """A row says which group acts for an office in a region, under whom, and who stands in.

    The plan's two reviews are of the city's departments; a county's are arranged by its own team
    (plan, part four (二)), so a county may have rows of its own.
    """

    office = models.CharField(
        _("office"), max_length=20, choices=[(each.value, each.label) for each in OFFICES]
    )
    region = models.ForeignKey(
        "servicepages.Region",
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="review_offices",
        help_text=_("Empty for the city's office, which reviews wherever a county has none of its own."),
    )
    group = models.ForeignKey(
        Group, verbose_name=_("group"), on_delete=models.PROTECT, related_name="review_offices"
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("leader in charge"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("deputy"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Signs for the office during an absence, from the first to the last day named."),
    )
    deputy_from = models.DateField(_("deputy from"), null=True, blank=True)
    deputy_until = models.DateField(_("deputy until"), null=True, blank=True)

    objects = models.Manager.from_queryset(ReviewOfficeQuerySet)()

    class Meta:
        verbose_name = _("review office")
        verbose_name_plural = _("review offices")
        ordering = ["region__sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "region"],
                name="one_office_in_a_region",
                violation_error_message=_("This region has a row for that office already."),
            ),
            models.UniqueConstraint(
                fields=["office"],
                condition=Q(region=None),
                name="one_office_of_the_city",
                violation_error_message=_("The city has a row for that office already."),
            ),
        ]

    def __str__(self):
        return f"{self.region.name} {self.get_office_display()}" if self.region else self.get_office_display()

    def is_deputised(self, on=None) -> bool:
        """Whether the deputy stands in on a day (today)."""
        on = on or timezone.localdate()
        return self.deputy_id is not None and self.deputy_from <= on <= self.deputy_until

    def clean(self):
        super().clean()
        if self.deputy_id is None:
            return
        if self.deputy_from is None or self.deputy_until is None:
            raise ValidationError({"deputy_from": _("Say from which day to which day the deputy stands in.")})
        if self.deputy_until < self.deputy_from:
            raise ValidationError({"deputy_until": _("The last day comes before the first.")})
