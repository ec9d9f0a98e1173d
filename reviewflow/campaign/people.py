"""Who speaks for a department in the campaign: whoever is told of something may also do it."""

from collections import defaultdict

from django.contrib.auth import get_user_model
from django.db.models import F, Q

from reviewflow.coordination import coordinated_pages
from servicepages.models import Department


def departments_of(person):
    """The departments that `person` speaks for: as one of its editors, or as a contact person with a login."""
    if not person.is_active:
        return Department.objects.none()
    mine = Q(editors__in=person.groups.all()) | Q(contacts__user=person)
    return Department.objects.filter(pk__in=Department.objects.filter(mine).values("pk"))


def coordinated_departments(person):
    """The departments whose part of the tree `person` coordinates: a county's team has its county's."""
    return Department.objects.filter(page__in=coordinated_pages(person).values("pk"))


def departments_seen_by(person):
    return Department.objects.filter(
        Q(pk__in=departments_of(person).values("pk")) | Q(pk__in=coordinated_departments(person).values("pk"))
    ).select_related("region")


def speaks_for(person, department) -> bool:
    return departments_of(person).filter(pk=department.pk).exists()


def coordinates_department(person, department) -> bool:
    return coordinated_departments(person).filter(pk=department.pk).exists()


def people_of(departments) -> dict:
    """{key of a department: those of its people who can log in, in the order of their keys}; two queries.

    `departments` is a queryset.
    """
    found = defaultdict(dict)
    users = get_user_model().objects.filter(is_active=True)
    keys = departments.order_by().values("pk")
    for relation in ("groups__edited_department", "contact_entries__department"):
        for person in users.filter(**{f"{relation}__in": keys}).annotate(speaks_for=F(relation)):
            found[person.speaks_for][person.pk] = person
    return {key: [people[pk] for pk in sorted(people)] for key, people in found.items()}
