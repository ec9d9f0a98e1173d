"""A department with everybody who hears of a deadline, and what is due."""

from django.contrib.auth.models import Group

from reviewflow.deciding import sign
from reviewflow.models import OfficeReview, ReviewOffice
from reviewflow.models.messages import Notice
from reviewflow.signatories import Signatory
from servicepages.models import ContactPerson
from servicepages.vocabulary import ContactRole
from tests.factories import DepartmentFactory, UserFactory, reviewer
from tests.reviewflow.alerts.scanning import LEGAL, day, submitted
from tests.reviewflow.campaign_plan import milestone
from tests.shared import shared


@shared
def department():
    department = DepartmentFactory(name="民政局")
    for role in (ContactRole.LEADER, ContactRole.LIAISON):
        user = UserFactory(username=f"department-{role}")
        ContactPerson.objects.create(department=department, role=role, name=role, user=user)
    return department


@shared
def people(department):
    """Each by the user name under which the tables below name them."""
    people = {
        "editor": UserFactory(username="editor", groups=[department.editors]),
        "officer": reviewer(Signatory.DEPARTMENT_LEGAL, department, username="officer"),
        "member": reviewer(LEGAL, username="member"),
        "seconded": reviewer(LEGAL, username="seconded", home_department=department),
        "leader": UserFactory(username="leader"),
        "coordinator": UserFactory(username="coordinator", groups=[Group.objects.get(name="Coordination")]),
    }
    ReviewOffice.objects.filter(office=LEGAL).update(leader=people["leader"])
    return people


@shared
def before_legal_affairs(department, people):
    """An item of which Legal Affairs has not decided, due on Tuesday 30 September 2025; from then on people are
    off until the 9th of October, and work on Sunday the 28th and on Saturday the 11th."""
    item = submitted(department, people)
    check = OfficeReview.objects.get()
    sign(check, people["officer"], seen=check.digest)
    OfficeReview.objects.exclude(signatory=LEGAL).update(due_on=None)
    OfficeReview.objects.filter(signatory=LEGAL).update(due_on=day("2025-09-30"))
    Notice.objects.all().delete()
    return item


@shared
def owing(department):
    """A milestone due on Tuesday 30 September 2025, which the editor of one department has not done."""
    editor = UserFactory(username="contact", groups=[department.editors])
    milestone(department, due_on=day("2025-09-30"))
    return editor
