"""Who can no longer log in, and of whom something was expected: the coordination team and the department hear it."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reviewflow.coordination import city_team
from reviewflow.models import ReviewOffice
from reviewflow.models.messages import Notice
from reviewflow.notices import tell
from servicepages.models import Department, User


def person_saved(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of a person: written in the transaction that deactivates them."""
    if raw or instance.is_active or instance.pk is None:
        return
    if not User.objects.filter(pk=instance.pk, is_active=True).exists():
        return
    departments = Department.objects.filter(
        Q(contacts__user=instance) | Q(legal_officers__in=instance.groups.all())
    ).distinct()
    offices = ReviewOffice.objects.filter(
        Q(group__in=instance.groups.all()) | Q(leader=instance) | Q(deputy=instance)
    ).distinct()
    if not (departments or offices):
        return
    editors = User.objects.filter(
        is_active=True, groups__in=[department.editors_id for department in departments]
    )
    with translation.override(settings.LANGUAGE_CODE):
        posts = _(", ").join(map(str, [*departments, *offices]))
        tell(
            {*city_team(), *editors} - {instance},
            _("%(person)s can no longer log in") % {"person": instance},
            [_("Somebody has to take over at: %(posts)s.") % {"posts": posts}],
            kind=Notice.Kind.DEACTIVATED,
            about=f"person:{instance.pk}:deactivated:{timezone.now():%Y%m%dT%H%M%S%f}",
            immediate=False,
        )
