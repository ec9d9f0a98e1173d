"""Whoever deactivates a reviewer or a contact person leaves a place empty; those who can fill it are told."""

from reviewflow.models.messages import Notice
from servicepages.models import User
from servicepages.vocabulary import ContactRole
from tests.factories import UserFactory


def test_a_reviewer_who_is_deactivated_is_told_of_once(people):
    for _again in range(2):
        people["member"].is_active = False
        people["member"].save()
    assert people["coordinator"].notices.filter(kind=Notice.Kind.DEACTIVATED).count() == 1


def test_so_are_people_who_are_deactivated_together(people, department, client):
    """Wagtail's list of people sets many inactive at once, without saving any of them."""
    administrator = UserFactory(is_superuser=True)
    client.force_login(administrator)
    chosen = "&".join(f"id={people[name].pk}" for name in ("member", "officer", "editor"))
    address = f"/admin/bulk/servicepages/user/set_active_state/?next=/admin/users/&{chosen}"
    assert client.post(address, {"mark_as_active": "False"}).status_code == 302
    assert not User.objects.filter(pk=people["member"].pk, is_active=True).exists()
    told = people["coordinator"].notices.filter(kind=Notice.Kind.DEACTIVATED)
    assert {notice.about.split(":")[1] for notice in told} == {
        str(people[name].pk) for name in ("member", "officer")
    }, "of an editor nothing is expected that others do not do"
    client.post(address, {"mark_as_active": "False"})
    client.post(address, {"mark_as_active": "True"})
    assert told.count() == 2


def test_the_department_hears_of_a_reviewer_who_comes_from_it(people):
    people["seconded"].is_active = False
    people["seconded"].save()
    assert people["editor"].notices.filter(kind=Notice.Kind.DEACTIVATED).exists()


def test_so_is_a_contact_person_to_the_department(department, people):
    liaison = User.objects.get(username=f"department-{ContactRole.LIAISON}")
    liaison.is_active = False
    liaison.save()
    told = Notice.objects.filter(kind=Notice.Kind.DEACTIVATED).values_list("person__username", flat=True)
    assert set(told) == {"coordinator", "editor"}
