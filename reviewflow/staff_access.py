"""Who gets into the admin by a post, without being in any group."""

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q

from reviewflow.models import ReviewOffice

ACCESS = "wagtailadmin.access_admin"


class PostHolders(BaseBackend):
    """Contact people with a login, leaders in charge and deputies: they are told of deadlines, so they can open what
    the messages lead to, choose which mails they get, and have a calendar. It opens the door and nothing behind it;
    what somebody may read or do there is asked where it is shown."""

    def has_perm(self, user_obj, perm, obj=None):
        return perm == ACCESS and obj is None and user_obj.is_active and holds_a_post(user_obj)


def holds_a_post(person) -> bool:
    """Also a deputy whose days are over, who is told what became of the decisions made on them."""
    of_an_office = Q(leader=person) | Q(deputy=person)
    return person.contact_entries.exists() or ReviewOffice.objects.filter(of_an_office).exists()
