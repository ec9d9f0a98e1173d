"""A published guide that cites a law, and those who have to do with its checks."""

from django.contrib.auth.models import Group

from servicepages.models import Law
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish
from tests.reviewflow.guide_checks.checking import citing
from tests.shared import shared


@shared
def department():
    return DepartmentFactory(name="市民政局")


@shared
def law():
    return Law.objects.create(name="社会救助暂行办法", document_number="国务院令第649号")


@shared
def guide(department, law):
    return publish(complete_item(department, title="特困人员供养", legal_bases=citing(law)))


@shared
def editor(department):
    return UserFactory(groups=[department.editors])


@shared
def officer(department):
    return UserFactory(groups=[department.legal_officers])


@shared
def coordinator():
    return UserFactory(groups=[Group.objects.get(name="Coordination")])


@shared
def legal_affairs():
    return UserFactory(groups=[Group.objects.get(name="Legal Affairs")])
