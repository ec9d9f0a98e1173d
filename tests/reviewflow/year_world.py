"""The software in the simulated year: people, offices and items as its own functions make and move them, and what it
told whom, in the words of tests.reviewflow.year_table."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.utils import timezone

from reviewflow import mailing
from reviewflow.campaign.milestones import mark_done, undo
from reviewflow.campaign.reports import reopen, write
from reviewflow.deciding import NewRemark, request_changes, sign
from reviewflow.guide_checks import record_unchanged
from reviewflow.models import (
    CalendarException,
    CheckInterval,
    GuideCheck,
    Milestone,
    MilestoneDone,
    OfficeReview,
    ProgressReport,
    ReviewOffice,
    ReviewRound,
    Submission,
)
from reviewflow.models.messages import Notice
from reviewflow.submission import submit, withdraw
from reviewflow.taking_down import take_down
from servicepages.models import ContactPerson, Department, Law, ServiceItemPage, User
from servicepages.vocabulary import ContactRole, ItemType, LawStatus
from tests.factories import DepartmentFactory, UserFactory, complete_item, publish
from tests.reviewflow import year_script
from tests.reviewflow.campaign_plan import milestone, period
from tests.reviewflow.year_table import Told

ZONE = ZoneInfo("Asia/Shanghai")
MORNING, WORK_BEGINS = time(7, 30), time(9)
TYPES = {12: ItemType.LICENCE, 2: ItemType.CONFIRMATION}  # by the months between checks
REMARK_ON = {
    "Editorial": "legal_bases",
    "Legal Affairs": "conditions",
    "General Office": "materials",
}


class _AnyDatetime(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, datetime)


class Clock:
    """Django's clock, and with it that of every default of a model: it says what it was set to."""

    def __init__(self, monkeypatch):
        self.moment = datetime(2023, 1, 1, tzinfo=ZONE)
        clock = self

        class Stopped(datetime, metaclass=_AnyDatetime):
            @classmethod
            def now(cls, tz=None):
                return clock.moment.astimezone(tz)

        monkeypatch.setattr(timezone, "datetime", Stopped)

    def set(self, day: date, at: time):
        """A minute later than before, where it is that late already."""
        self.moment = max(datetime.combine(day, at, ZONE), self.moment + timedelta(minutes=1))


class World:
    def __init__(self, script, clock):
        self.script, self.clock = script, clock
        self._pages, self._changes = {}, {}
        self._people()
        self._offices()
        for name in year_script.LAWS:
            Law.objects.create(name=name)
        CheckInterval.objects.create(item_type=TYPES[2], months=2)
        for name, each in year_script.rounds().items():
            made = ReviewRound(name=name, opens_on=each.opens, closes_on=each.closes)
            made.departments = [self.departments[department] for department in each.departments]
            made.save()
        months = script.reporting
        period(
            *(self.departments[name] for name in year_script.REPORTING), first=min(months), last=max(months)
        )

    def _people(self):
        self.departments = {}
        for name, each in year_script.departments().items():
            department = self.departments[name] = DepartmentFactory(name=name)
            for person in sorted(each.editors):
                self._person(person, department.editors)
            for person in sorted(each.officers):
                self._person(person, department.legal_officers)
            for role, people in ((ContactRole.LEADER, each.leaders), (ContactRole.LIAISON, each.liaisons)):
                for person in sorted(people):
                    user = User.objects.filter(username=person).first() or self._person(person)
                    ContactPerson.objects.create(department=department, role=role, name=person, user=user)
        for person in sorted(year_script.COORDINATION):
            self._person(person, Group.objects.get(name="Coordination"))

    def _person(self, name, *groups):
        home = self.departments.get(year_script.HOMES.get(name))
        email = "" if name in year_script.NO_ADDRESS else f"{name}@example.org"
        return UserFactory(username=name, email=email, groups=groups, home_department=home)

    def _offices(self):
        for name, each in year_script.offices().items():
            office = ReviewOffice.objects.get(office=name, region=None)
            for person in sorted(each.members):
                self._person(person, office.group)
            if each.leader:
                office.leader = User.objects.filter(username=each.leader).first() or self._person(each.leader)
            if each.deputy:
                office.deputy = self._person(each.deputy)
                office.deputy_from, office.deputy_until = each.away
            office.save()

    # What happens

    def happen(self, step):
        self.clock.set(step.day, WORK_BEGINS)
        getattr(self, f"_{step.action}")(step)
        mailing.gather()

    def _who(self, step):
        return User.objects.get(username=step.who)

    def _item(self, step):
        return ServiceItemPage.objects.get(pk=self._pages[step.what])

    def _make(self, step):
        plan = self.script.items[step.what]
        basis = {"law": "法", "document_number": "", "article": "第一条", "quotation": "", "link": ""}
        law = Law.objects.filter(name=plan.law).first()
        item = complete_item(
            self.departments[plan.department],
            title=step.what,
            item_type=TYPES[plan.months],
            legal_bases=[("legal_basis", {**basis, "law": law.name if law else "法", "entry": law})],
        )
        self._pages[step.what] = item.pk
        return item

    def _published(self, step):
        publish(self._make(step))

    def _submit(self, step):
        if step.what not in self._pages:
            self._make(step).save_revision(user=self._who(step), log_action=True)
        item, moment = self._item(step), timezone.now()
        for submission in item.submissions.all():
            for remark in submission.remarks.all():
                remark.answer, remark.answered_at = "corrected", moment
                remark.save()
        submit(item, self._who(step))

    def _revise(self, step):
        item = self._item(step).get_latest_revision_as_object()
        item.conditions = [("condition", {"text": f"{step.day}起执行"})]
        item.save_revision(user=self._who(step), log_action=True)
        self._submit(step)

    def _review(self, step):
        return OfficeReview.objects.waiting().get(
            submission__page=self._pages[step.what], submission__outcome="", signatory=step.value
        )

    def _sign(self, step):
        review = self._review(step)
        sign(review, self._who(step), seen=review.digest)

    def _send_back(self, step):
        review = self._review(step)
        remarks = [NewRemark(REMARK_ON[step.value], "请补充。")]
        request_changes(review, self._who(step), seen=review.digest, remarks=remarks, at_once=True)

    def _withdraw(self, step):
        withdraw(self._item(step), self._who(step))

    def _check(self, step):
        seen = GuideCheck.objects.open().filter(page=self._pages[step.what]).values_list("pk", flat=True)
        record_unchanged(self._item(step), self._who(step), list(seen))

    def _take_down(self, step):
        take_down(self._item(step), self._who(step), "停办")

    def _amend(self, step):
        law = Law.objects.get(name=step.what)
        law.status, law.version_date = LawStatus.AMENDED, step.day
        law.save()
        self._changes.setdefault(law.pk, []).append(law.changed_at)

    def _set_milestone(self, step):
        due, names = step.value
        milestone(*(self.departments[name] for name in names), due_on=due, title=step.what)

    def _milestone_done(self, step):
        mark_done(
            Milestone.objects.get(title=step.what), self.departments[step.value], self._who(step), note="完成"
        )

    def _milestone_undone(self, step):
        done = MilestoneDone.objects.get(milestone__title=step.what, department=self.departments[step.value])
        undo(done, self._who(step), "未完成")

    def _file(self, step):
        month = date.fromisoformat(f"{step.what}-01")
        write(self.departments[step.value], month, self._who(step), "完成", "", file=True)

    def _reopen(self, step):
        month = date.fromisoformat(f"{step.what}-01")
        report = ProgressReport.objects.get(department=self.departments[step.value], month=month)
        reopen(report, self._who(step), "补充")

    def _deactivate(self, step, active=False):
        person = User.objects.get(username=step.what)
        person.is_active = active
        person.save()

    def _activate(self, step):
        self._deactivate(step, active=True)

    def _move_closing(self, step):
        made = ReviewRound.objects.get(name=step.what)
        made.closes_on = step.value
        made.save()

    def _decide_day(self, step):
        day, works = step.value
        CalendarException.objects.create(date=day, works=works, reason="市政府通知")

    # What was told

    def told(self) -> Counter:
        names = self._names()
        return Counter(
            Told(
                notice.day,
                notice.kind,
                notice.person.username,
                self._about(notice, names),
                Notice.Urgency(notice.urgency).name,
                notice.immediate,
            )
            for notice in Notice.objects.select_related("person")
        )

    def _about(self, notice, names) -> str:
        """ "review:31:asked:0" is 事项7/1/Editorial; of an escalation to coordination, that is said behind it."""
        what, key, *more = notice.about.split(":")
        if what in ("milestone", "report"):
            named = f"{names[what].get(key, key)}/{names['department'][more.pop(0)]}"
        else:
            named = names[what][key]
        return f"{named}:coordination" if "coordination" in more else named

    def _names(self) -> dict:
        """{kind of thing: {its key: how the table names it}}."""
        times, submissions = Counter(), {}
        for pk, title in Submission.objects.order_by("pk").values_list("pk", "title"):
            times[title] += 1
            submissions[pk] = f"{title}/{times[title]}"
        found = {
            "submission": submissions,
            "review": {
                review.pk: f"{submissions[review.submission_id]}/{review.signatory}"
                for review in OfficeReview.objects.all()
            },
            "check": {
                check.pk: self._check_name(check)
                for check in GuideCheck.objects.select_related("page", "law")
            },
            "milestone": dict(Milestone.objects.values_list("pk", "title")),
            "report": {},
            "department": dict(Department.objects.values_list("pk", "name")),
            "page": dict(ServiceItemPage.objects.values_list("pk", "title")),
            "person": dict(User.objects.values_list("pk", "username")),
        }
        return {what: {str(pk): name for pk, name in each.items()} for what, each in found.items()}

    def _check_name(self, check):
        if check.law is None:
            return f"{check.page.title}/{timezone.localdate(check.opened_at)}"
        change = self._changes[check.law_id].index(check.law_changed_at) + 1
        return f"{check.page.title}/{check.law.name}/{change}"
