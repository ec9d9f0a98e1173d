"""The invented people of the sample, and the one password that all of them have."""

from collections import defaultdict

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group

from servicepages.models import Department, User
from servicepages.sample import content
from servicepages.vocabulary import ContactRole

SAMPLE_PASSWORD = "sample-guide-2026"  # noqa: S105 - for a development machine, and printed there

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚"
    "郎鲁韦昌马苗花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝安常乐于时傅皮卞齐康伍余元卜顾孟黄"
)
_GIVEN_NAMES = ("样例", "示例", "例文", "样本", "示范")
EDITOR, LEGAL = "editor", "legal"


def invented_name(number: int) -> str:
    """A name that anybody sees is a sample's: 赵样例, 钱示例, …"""
    return _SURNAMES[number % len(_SURNAMES)] + _GIVEN_NAMES[number % len(_GIVEN_NAMES)]


def handler_mobile(number: int) -> str:
    """One of a hundred numbers that no operator gives out."""
    return f"138000000{number % 100:02d}"


class People:
    """Makes the sample's users. All of them share one hash, because hashing a password takes longer
    than everything else about a user."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.password = make_password(SAMPLE_PASSWORD)

    def person(self, login: str, name: str, group=None, **fields):
        """The user of that login, made where the sample never made one; None where it was deleted."""
        user = User.objects.filter(username=login).first()
        key = f"user:{login}"
        if user is None and key not in self.ledger:
            user = User.objects.create(
                username=login,
                last_name=name[0],
                first_name=name[1:],
                email=f"{login}@example.org",
                password=self.password,
                **fields,
            )
            if group is not None:
                user.groups.add(group)
            self.ledger.enter(user, key, user if user.is_superuser else self.administrator)
        return user

    @property
    def administrator(self):
        return User.objects.filter(is_superuser=True).order_by("pk").first()

    def load_administrator(self):
        for each in content.people():
            if each.get("superuser"):
                self.person(each["login"], each["name"], is_superuser=True, is_staff=True)

    def load_offices(self):
        """Those of the reviewing offices and of the coordination team, seconded people among them."""
        groups = Group.objects.in_bulk(field_name="name")
        for each in content.people():
            if "group" in each:
                home = Department.objects.filter(region__name=content.CITY, name=each.get("from")).first()
                self.person(each["login"], each["name"], groups[each["group"]], home_department=home)

    def load_department(self, department, number: int, login: str) -> dict:
        """Its editor and its legal officer, by their role on the contact sheet."""
        made = {
            ContactRole.LIAISON: self.person(
                f"{login}-{EDITOR}", invented_name(2 * number), department.editors, home_department=department
            ),
            ContactRole.LEGAL_OFFICER: self.person(
                f"{login}-{LEGAL}",
                invented_name(2 * number + 1),
                department.legal_officers,
                home_department=department,
            ),
        }
        return {role: user for role, user in made.items() if user is not None}


def with_sample_password() -> set[str]:
    """Logins of the sample's people who still have the sample password."""
    by_hash = defaultdict(set)
    logins = [each["login"] for each in content.people()]
    logins += [f"{each['login']}-{role}" for each in content.departments() for role in (EDITOR, LEGAL)]
    for username, password in User.objects.filter(username__in=logins, is_active=True).values_list(
        "username", "password"
    ):
        by_hash[password].add(username)
    return {
        username
        for password, usernames in by_hash.items()
        if check_password(SAMPLE_PASSWORD, password)
        for username in usernames
    }
