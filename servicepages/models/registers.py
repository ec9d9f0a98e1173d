"""The registers: places, departments, halls and topics, kept as plain rows in admin lists.

Pages point to them. What a page shows of a register (the phone of a hall) is reference data: its
changes are logged, not signed; an item signs only which hall, which topic, which department.
"""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Collection, Orderable
from wagtail.search import index

from servicepages.hall_form import ServiceHallForm
from servicepages.vocabulary import Audience, ContactRole, DepartmentKind, RegionKind


class Region(index.Indexed, models.Model):
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=RegionKind.choices)
    code = models.CharField(
        _("division code"),
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^\d{6}$", _("A division code has six digits."))],
        help_text=_("Six digits, GB/T 2260."),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
        help_text=_("The city that a county or district belongs to; empty for the city itself."),
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    search_fields = [index.SearchField("name", boost=2), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["sort_order", "code"]

    def __str__(self):
        return self.name


class Department(index.Indexed, ClusterableModel):
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="departments"
    )
    name = models.CharField(_("name"), max_length=90)
    short_name = models.CharField(_("short name"), max_length=30, blank=True)
    kind = models.CharField(
        _("kind"), max_length=20, choices=DepartmentKind.choices, default=DepartmentKind.GOVERNMENT
    )
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        help_text=_("18 characters; the beginning of the implementation codes of its items."),
    )
    phone = models.CharField(
        _("public phone"),
        max_length=40,
        blank=True,
        help_text=_("Shown to the public, also where a guide was withdrawn."),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    editors = models.OneToOneField(
        Group,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="edited_department",
    )
    legal_officers = models.OneToOneField(
        Group,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="checked_department",
    )
    collection = models.OneToOneField(
        Collection, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="department"
    )

    search_fields = [index.SearchField("name", boost=2), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["region__sort_order", "sort_order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "name"],
                name="department_name_once_in_region",
                violation_error_message=_("This place has a department of that name already."),
            )
        ]

    def __str__(self):
        return f"{self.region.name} {self.name}"

    def clean(self):
        """A department keeps its region: its section, its addresses and the county's own team go by it."""
        super().clean()
        stored = Department.objects.filter(pk=self.pk).values_list("region_id", flat=True).first()
        if stored is not None and stored != self.region_id:
            raise ValidationError(
                {"region": _("A department does not change its region: add it there as a new one.")}
            )


class ContactPerson(Orderable):
    """A line of the contact sheet (流程再造工作聯系表). Internal: shown to staff only."""

    department = ParentalKey(Department, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(_("role"), max_length=20, choices=ContactRole.choices)
    name = models.CharField(_("person's name"), max_length=50)
    post = models.CharField(_("post"), max_length=50, blank=True)
    office_phone = models.CharField(_("office phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=20, blank=True)
    user = models.ForeignKey(
        "servicepages.User",
        verbose_name=_("login"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="contact_entries",
    )

    class Meta(Orderable.Meta):
        verbose_name = _("contact person")
        verbose_name_plural = _("contact people")

    def __str__(self):
        return self.name


class ServiceHall(index.Indexed, ClusterableModel):
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="halls"
    )
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("address on this site"), max_length=80, unique=True, blank=True)
    address = models.CharField(_("address"), max_length=200)
    opening_hours = models.TextField(_("opening hours"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    directions = models.TextField(_("how to get there"), blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("address"),
    ]

    base_form_class = ServiceHallForm

    class Meta:
        verbose_name = _("service hall")
        verbose_name_plural = _("service halls")
        ordering = ["region__sort_order", "sort_order", "name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self):
        from servicepages.slugs import pinyin_slug

        base = slug = pinyin_slug(self.name)
        number = 2
        while ServiceHall.objects.filter(slug=slug).exclude(pk=self.pk).exists():
            slug = f"{base}-{number}"
            number += 1
        return slug

    def get_absolute_url(self):
        return reverse("wagtail_serve", args=[f"halls/{self.slug}/"])


class ServiceWindowManager(models.Manager):
    """A window is named together with its hall, so a list of choices fetches both at once."""

    def get_queryset(self):
        return super().get_queryset().select_related("hall")


class ServiceWindow(Orderable):
    hall = ParentalKey(ServiceHall, on_delete=models.CASCADE, related_name="windows")
    name = models.CharField(
        _("window"), max_length=100, help_text=_("Number or name, as it stands above the window.")
    )
    floor = models.CharField(_("floor"), max_length=30, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    objects = ServiceWindowManager()

    class Meta(Orderable.Meta):
        verbose_name = _("window")
        verbose_name_plural = _("windows")

    def __str__(self):
        return f"{self.hall.name} · {self.name}"


class Topic(index.Indexed, models.Model):
    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices)
    code = models.SlugField(
        _("code"), max_length=40, unique=True, help_text=_("Part of its address; never changes.")
    )
    name = models.CharField(_("name"), max_length=50)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    search_fields = [index.SearchField("name", boost=2), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["audience", "sort_order", "code"]

    def __str__(self):
        return f"{self.name}（{self.get_audience_display()}）"

    def get_absolute_url(self):
        return reverse("wagtail_serve", args=[f"topics/{self.code}/"])
