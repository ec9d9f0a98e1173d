"""Who can no longer log in, and of whom something was expected: the coordination team and the department hear it."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.users.views.bulk_actions import SetActiveStateBulkAction

from reviewflow.coordination import city_team
from reviewflow.models import ReviewOffice
from reviewflow.models.messages import Notice
from reviewflow.notices import tell
from servicepages.models import Department, User


def person_saved(instance, raw=False, update_fields=None, **kwargs):
    """`pre_save` of a person: written in the transaction that deactivates them."""
    if raw or instance.is_active or instance.pk is None:
        return
    if User.objects.filter(pk=instance.pk, is_active=True).exists():
        tell_of(instance)


def deactivated_in_bulk(request, action_type, objects, action):
    """`before_bulk_action`, in its transaction: Wagtail sets many people inactive without saving any of them."""
    if action_type != SetActiveStateBulkAction.action_type or action.model is not User:
        return
    if not action.cleaned_form.cleaned_data["mark_as_active"]:
        for person in objects:
            if person.is_active and person != request.user:  # whom Wagtail leaves alone
                tell_of(person)


def tell_of(person) -> None:
    """The coordination team, and the editors of the departments concerned: those in which the person had a post,
    and the one that a reviewer comes from."""
    departments = Department.objects.filter(
        Q(contacts__user=person) | Q(legal_officers__in=person.groups.all())
    ).distinct()
    offices = ReviewOffice.objects.filter(
        Q(group__in=person.groups.all()) | Q(leader=person) | Q(deputy=person)
    ).distinct()
    if not (departments or offices):
        return
    concerned = {department.editors_id for department in departments}
    if person.home_department:
        concerned.add(person.home_department.editors_id)
    editors = User.objects.filter(is_active=True, groups__in=concerned)
    with translation.override(settings.LANGUAGE_CODE):
        posts = _(", ").join(map(str, [*departments, *offices]))
        tell(
            {*city_team(), *editors} - {person},
            _("%(person)s can no longer log in") % {"person": person},
            [_("Somebody has to take over at: %(posts)s.") % {"posts": posts}],
            kind=Notice.Kind.DEACTIVATED,
            about=f"person:{person.pk}:deactivated:{timezone.now():%Y%m%dT%H%M%S%f}",
            immediate=False,
        )
