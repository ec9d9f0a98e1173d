"""The registers of the sample: places, departments with the people of their contact sheet, halls."""

from stdnum.cn import uscc
from wagtail.log_actions import LogContext

from servicepages.models import ContactPerson, Department, Law, Region, ServiceHall, ServiceWindow
from servicepages.sample import content
from servicepages.sample.people import handler_mobile, invented_name
from servicepages.vocabulary import ContactRole, LawStatus, RegionKind

# Registered by the establishment office (1), a government body (1); the body's own nine characters
# begin with 9999, which nobody was ever given.
_AUTHORITY = "11"
_CONTACT_POSTS = {
    ContactRole.LEADER: "副局长",
    ContactRole.LEGAL_OFFICER: "法规科科长",
    ContactRole.LIAISON: "行政审批科科员",
}


def credit_code(region_code: str, number: int) -> str:
    """A unified social credit code that is well formed and belongs to nobody."""
    stem = f"{_AUTHORITY}{region_code}9999{number:05d}"
    return stem + uscc.calc_check_digit(stem)


def load_regions(ledger, user):
    city = None
    for position, each in enumerate(content.regions()):
        region = Region.objects.filter(code=each["code"]).first()
        key = f"region:{each['code']}"
        if region is None and key not in ledger:
            region = Region.objects.create(
                name=each["name"], code=each["code"], kind=each["kind"], parent=city, sort_order=position
            )
            ledger.enter(region, key, user)
        if each["kind"] == RegionKind.CITY:
            city = region


def department_key(each) -> str:
    return f"department:{each['region']}/{each['name']}"


def load_department(ledger, user, number: int, each: dict):
    """(department, whether it was made now): made with its section where the sample never made it
    before, None where it was deleted since."""
    region = Region.objects.filter(name=each["region"]).first()
    if region is None:
        return None, False
    department = Department.objects.filter(region=region, name=each["name"]).first()
    if department is None and department_key(each) not in ledger:
        department = Department.objects.create(
            region=region,
            name=each["name"],
            short_name=each["short"],
            kind=each.get("kind", "government"),
            credit_code=credit_code(region.code, number),
            phone=phone(number, 0),
            address=address(region.name, number),
            sort_order=number,
        )
        ledger.enter(department, department_key(each), user)
        return department, True
    return department, False


def phone(number: int, extension: int) -> str:
    """A line of department `number`; the block 0467-555 is nobody's here."""
    return f"0467-555{1000 + number * 10 + extension}"


def address(region_name: str, number: int) -> str:
    street = (
        f"鸡西市鸡冠区样例大街{number}号" if region_name == content.CITY else f"{region_name}样例路{number}号"
    )
    return f"鸡西市{street}" if region_name.endswith("区") else street


def add_contacts(department, number: int, people: dict):
    """The three lines of the contact sheet, with the logins of those who have one."""
    rows = [
        ContactPerson(
            department=department,
            sort_order=position,
            role=role,
            name=people[role].get_full_name() if role in people else invented_name(number * 3 + position),
            post=post,
            office_phone=phone(number, 7 + position),
            mobile=handler_mobile(number * 3 + position),
            user=people.get(role),
        )
        for position, (role, post) in enumerate(_CONTACT_POSTS.items())
    ]
    ContactPerson.objects.bulk_create(rows)


def load_halls(ledger, user):
    for position, each in enumerate(content.halls()):
        key = f"hall:{each['name']}"
        region = Region.objects.filter(name=each["region"]).first()
        if key in ledger or region is None or ServiceHall.objects.filter(name=each["name"]).exists():
            continue
        hall = ServiceHall.objects.create(
            region=region,
            name=each["name"],
            address=each["address"],
            opening_hours=each["hours"].strip(),
            phone=each["phone"],
            directions=each.get("directions", ""),
            sort_order=position,
        )
        ledger.enter(hall, key, user)
        ServiceWindow.objects.bulk_create(
            ServiceWindow(hall=hall, sort_order=order, name=f"{name}（{number}）", floor=floor)
            for order, (name, number, floor) in enumerate(line.split("|") for line in each["windows"])
        )


def window_named(region, name: str):
    """The window of that name in a hall of `region`, with or without its number behind it."""
    return ServiceWindow.objects.filter(hall__region=region, name__startswith=f"{name}（").first()


def load_laws(ledger, user):
    """The register of laws, all in force."""
    for each in content.laws():
        key = f"law:{each['name']}"
        if key in ledger or Law.objects.filter(name=each["name"]).exists():
            continue
        law = Law.objects.create(name=each["name"], document_number=each.get("number", ""))
        ledger.enter(law, key, user)


def bring_laws_up_to_date(ledger, user):
    """Their versions, once the items that cite them are there: one that has changed is to be checked."""
    for each in content.laws():
        key = f"law version:{each['name']}"
        law = Law.objects.filter(name=each["name"], document_number=each.get("number", "")).first()
        if key in ledger or law is None or "version_date" not in each:
            continue
        law.version_date, law.note = each["version_date"], each.get("note", "")
        law.status = LawStatus(each.get("status", LawStatus.IN_FORCE))
        with LogContext(user=user):
            law.save()
        ledger.enter(law, key, user, action="wagtail.edit")
