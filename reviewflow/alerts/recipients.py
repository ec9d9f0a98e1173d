"""Who is told, found with a few queries for a whole scan instead of one for each deadline."""

from collections import defaultdict
from functools import cached_property

from reviewflow.coordination import city_team
from reviewflow.models import ReviewOffice
from servicepages.models import ContactPerson, Department, User
from servicepages.vocabulary import ContactRole


class Recipients:
    """People of a day, who work here; all answers are sets of User. `among`, a queryset of people, leaves the
    others out of all of them."""

    def __init__(self, day, among=None):
        self._day, self._among = day, among

    @cached_property
    def _people(self) -> dict[int, User]:
        among = User.objects.all() if self._among is None else self._among
        return among.filter(is_active=True).in_bulk()

    @cached_property
    def _members(self) -> dict[int, set[User]]:
        """{key of a group: its people}, of the groups of offices and of departments."""
        members = defaultdict(set)
        rows = User.groups.through.objects.all()
        if self._among is not None:
            rows = rows.filter(user__in=self._among)
        for group, person in rows.values_list("group_id", "user_id").iterator():
            if person in self._people:
                members[group].add(self._people[person])
        return members

    @cached_property
    def _offices(self) -> dict[int, ReviewOffice]:
        return ReviewOffice.objects.in_bulk()

    @cached_property
    def _departments(self) -> dict[int, Department]:
        return Department.objects.in_bulk()

    @cached_property
    def _contacts(self) -> dict[tuple[int, str], set[User]]:
        contacts = defaultdict(set)
        for department, role, user in ContactPerson.objects.exclude(user=None).values_list(
            "department_id", "role", "user_id"
        ):
            if user in self._people:
                contacts[department, role].add(self._people[user])
        return contacts

    @cached_property
    def coordination(self) -> set[User]:
        return set(city_team())

    def of_office(self, office_id, department_id) -> set[User]:
        """Members and the deputy of the day, without those who come from the department (plan, part three (二))."""
        acting = self._acting_for(office_id)
        return {person for person in acting if person.home_department_id != department_id}

    def _acting_for(self, office_id) -> set[User]:
        office = self._offices[office_id]
        acting = set(self._members[office.group_id])
        if office.is_deputised(self._day) and office.deputy_id in self._people:
            acting.add(self._people[office.deputy_id])
        return acting

    def offices_of(self, person) -> list[int]:
        """Keys of the offices that `person` acts for; not for every department's items (`of_office`)."""
        return [key for key in self._offices if person in self._acting_for(key)]

    def departments_of(self, person, people_in) -> list[int]:
        """Keys of the departments in which `person` is one of `people_in`, a method such as `editors`."""
        return [key for key in self._departments if person in people_in(key)]

    def leader_of_office(self, office_id) -> set[User]:
        leader = self._offices[office_id].leader_id
        return {self._people[leader]} if leader in self._people else set()

    def legal_officers(self, department_id) -> set[User]:
        return self._members[self._departments[department_id].legal_officers_id]

    def editors(self, department_id) -> set[User]:
        return self._members[self._departments[department_id].editors_id]

    def leader_of_department(self, department_id) -> set[User]:
        return self._contacts[department_id, ContactRole.LEADER]

    def liaison(self, department_id) -> set[User]:
        return self._contacts[department_id, ContactRole.LIAISON]

    def person(self, user_id) -> set[User]:
        return {self._people[user_id]} if user_id in self._people else set()
