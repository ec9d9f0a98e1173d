"""Who is told, found with a few queries for a whole scan instead of one for each deadline."""

from collections import defaultdict
from functools import cached_property

from reviewflow.coordination import city_team
from reviewflow.models import ReviewOffice
from servicepages.models import ContactPerson, Department, User
from servicepages.vocabulary import ContactRole


class Recipients:
    """People of a day, who work here; all answers are sets of User."""

    def __init__(self, day):
        self._day = day

    @cached_property
    def _people(self) -> dict[int, User]:
        return User.objects.filter(is_active=True).in_bulk()

    @cached_property
    def _members(self) -> dict[int, set[User]]:
        """{key of a group: its people}, of the groups of offices and of departments."""
        members = defaultdict(set)
        for group, person in User.groups.through.objects.values_list("group_id", "user_id").iterator():
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
        office = self._offices[office_id]
        acting = set(self._members[office.group_id])
        if office.is_deputised(self._day) and office.deputy_id in self._people:
            acting.add(self._people[office.deputy_id])
        return {person for person in acting if person.home_department_id != department_id}

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
