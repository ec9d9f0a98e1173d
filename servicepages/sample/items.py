"""Service items from their descriptions in `data/items/*.toml`, field by field as an editor types them.

Short forms, so that a description can be read at a glance: `|` separates the parts of a line, `：` the
name of a step from what happens in it.
"""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from servicepages.models import Law, ServiceItemPage, ServicePoint, Topic
from servicepages.sample import content
from servicepages.sample.blank_forms import attach, form_and_sample, word_form
from servicepages.sample.people import handler_mobile, invented_name
from servicepages.sample.registers import phone, window_named
from servicepages.vocabulary import (
    CaseKind,
    DepartmentKind,
    ImplementationLevel,
    ItemType,
    RegionKind,
    TimeUnit,
)

_UNITS = {"工作日": TimeUnit.WORKING_DAYS, "日": TimeUnit.CALENDAR_DAYS, "个月": TimeUnit.MONTHS}
_AT_ONCE = "即办"
_POSTS = ("窗口工作人员", "科员", "科长", "副局长")
_LAST_POST = "分管领导"
_DEFAULT_KINDS = ["picture"]


class ItemWriter:
    """Writes items for one department."""

    def __init__(self, department, number: int, editor):
        self.department, self.number, self.editor = department, number, editor
        self.region = department.region
        self.level = (
            ImplementationLevel.CITY if self.region.kind == RegionKind.CITY else ImplementationLevel.COUNTY
        )
        self.collection = department.collection
        self.laws = {(law.name, law.document_number): law for law in Law.objects.all()}

    def identity(self, spec: dict) -> dict:
        """What also an item with sub-items has: name, number, type, basis, codes."""
        basic_code = f"990000{spec['id']:03d}{spec.get('part', 0):03d}"
        return {
            "title": spec["name"],
            "serial_number": spec["serial"],
            "item_type": ItemType(spec["type"]),
            "basic_code": basic_code,
            "implementation_code": f"{self.department.credit_code}{self.level}{basic_code}",
            "legal_bases": [("legal_basis", self._basis(line)) for line in spec["basis"]],
        }

    def fields(self, spec: dict) -> dict:
        """Every field of the sheet; `spec` may lack anything, as a draft may."""
        return {
            **self.identity(spec),
            "fees": [self._fee(line) for line in spec.get("fees", ())],
            "conditions": [("condition", {"text": text}) for text in spec.get("conditions", ())],
            "procedure": [
                ("step", _parts(line, "name", "description", separator="："))
                for line in spec.get("procedure", ())
            ],
            "who_may_apply": spec.get("who", ""),
            **self._limits(spec),
            "visits_required": spec.get("visits"),
            "visit_reason": spec.get("visit_reason", ""),
            "periodic_inspection": spec.get("inspection", ""),
            "approval_steps": self._approval_steps(spec),
            "materials": [self._material(each, spec["name"]) for each in spec.get("materials", ())],
            "result": [self._result(line, spec) for line in spec.get("result", ())],
            "topics": list(Topic.objects.filter(code__in=spec.get("topics", ()))),
            "other_topics": [
                ("topic", _parts(line, "audience", "text")) for line in spec.get("other_topics", ())
            ],
            **self._online(spec),
            **self._contact(spec),
            "questions": [
                ("question", {"question": question, "answer": answer})
                for question, answer in spec.get("questions", ())
            ],
            **self._halls(spec),
            "on_provincial_platform": spec.get("on_platform", True),
            "filled_in_by": self.editor.get_full_name(),
            "filled_in_phone": handler_mobile(self.number),
            "filled_in_on": timezone.localdate() - timedelta(days=1),
        }

    def page(self, spec: dict) -> ServiceItemPage:
        values = self.identity(spec) if "parts" in spec else self.fields(spec)
        topics = values.pop("topics", [])
        page = ServiceItemPage(owner=self.editor, live=False, **values)
        page.topics = topics
        page.service_points = self._service_points(spec)
        return page

    def rewrite(self, page: ServiceItemPage, spec: dict, changed):
        """Types `spec` over what `page` says; files are only made anew where their part is `changed`."""
        kept = {"materials", "result"} - set(changed)
        values = self.fields({key: value for key, value in spec.items() if key not in kept})
        for name in values.keys() - kept:
            setattr(page, name, values[name])
        page.service_points = self._service_points(spec)

    def _basis(self, line: str) -> dict:
        basis = _parts(line, "law", "document_number", "article", "quotation")
        return {**basis, "entry": self.laws.get((basis["law"], basis["document_number"]))}

    @staticmethod
    def _fee(line: str):
        if line.startswith("不收费"):
            return "no_fee", {"note": line.partition("：")[2]}
        fee = _parts(line, "item", "amount", "unit", "standard", "basis")
        fee["amount"] = Decimal(fee["amount"]) if fee["amount"] else None
        return "fee", fee

    @staticmethod
    def _limits(spec):
        acceptance, review = spec.get("days", (None, None))
        promised, statutory = spec.get("promised", ""), spec.get("statutory", "")
        kind = CaseKind.ON_THE_SPOT if promised == _AT_ONCE else CaseKind.PROMISED
        values = {
            "case_kind": kind if promised else "",
            "acceptance_days": acceptance,
            "review_days": review,
            "time_limit_note": spec.get("limit_note", ""),
        }
        for name, said in (("promised_limit", promised), ("statutory_limit", statutory)):
            values[name], values[f"{name}_unit"] = _limit(said)
        return values

    def _approval_steps(self, spec):
        lines = spec.get("steps", ())
        steps = []
        for position, line in enumerate(lines):
            step = _parts(line, "name", "section", "working_days")
            is_last = position == len(lines) - 1
            someone = spec["id"] * 5 + self.number + position
            step |= {
                "working_days": Decimal(step["working_days"]) if step["working_days"] else None,
                "handler": invented_name(someone),
                "post": _LAST_POST if is_last and position > 1 else _POSTS[min(position, len(_POSTS) - 1)],
                "mobile": handler_mobile(someone),
            }
            steps.append(("step", step))
        return steps

    def _material(self, each, item_name):
        if isinstance(each, str):
            return "none_needed", {"note": each}
        files = form_and_sample(each, item_name, self.collection, self.editor) if "form" in each else {}
        upload = each.get("upload", True)
        return "material", {
            "name": each["name"],
            "notes": each.get("notes", ""),
            "file_kinds": each.get("kinds", _DEFAULT_KINDS) if upload else [],
            "upload_required": upload,
            "original_required": each.get("original", False),
            "copies": each.get("copies", 0),
            "blank_form": None,
            "filled_in_sample": None,
            **files,
        }

    def _result(self, line, spec):
        result = _parts(line, "name", "kind")
        result["sample"] = None
        if "result_sample" in spec:
            questions, answers = zip(*(pair.split("|") for pair in spec["result_sample"]), strict=True)
            name = result["name"]
            result["sample"] = attach(
                spec["name"],
                f"{name}（样本）",
                word_form(name, spec["name"], questions, answers),
                "docx",
                self.collection,
                self.editor,
            )
        return "result", result

    def _online(self, spec):
        if "offline" in spec:
            decision = spec["offline"]
            return {
                "online": False,
                "offline_reason": decision["reason"],
                "offline_decision": [
                    (
                        "decision",
                        {
                            "decided_by": decision["decided_by"],
                            "document": decision["document"],
                            "decided_on": decision["decided_on"],
                            "scan": None,
                        },
                    )
                ],
            }
        if "online" not in spec:
            return {"online": None}
        return {
            "online": True,
            "service_level": spec["online"],
            "online_address": f"https://example.org/online/{self.region.code}/{spec['id']}/{spec.get('part', 0)}/",
        }

    def _contact(self, spec):
        extension = 1 + spec["id"] % 6
        login = self.editor.username.rpartition("-")[0]
        return {
            "consultation_phone": phone(self.number, extension),
            "complaint_phone": "12345",
            "consultation_email": f"{login}@example.org",
            "mailing_address": f"{self.department.address} {self._official_name}政务服务窗口（收）",
        }

    @property
    def _official_name(self):
        if self.department.kind == DepartmentKind.PARTY:
            return f"中共{self.region.name.removesuffix('市')}{self.department.name}"
        return f"{self.region.name}{self.department.name}"

    def _windows(self, spec):
        """Those of the named windows that the place has: a county may have one where the city has another."""
        windows = [window_named(self.region, name) for name in spec.get("windows", ())]
        return [window for window in windows if window is not None]

    def _service_points(self, spec):
        note = spec.get("window_note", "")
        return [
            ServicePoint(sort_order=position, hall=window.hall, window=window, note=note)
            for position, window in enumerate(self._windows(spec))
        ]

    def _halls(self, spec):
        """自有受理厅, 公共受理厅: what the sheet says of them for staff."""
        halls = {"own_hall": "", "public_hall": ""}
        for window in self._windows(spec):
            if window.hall.name.endswith("政务服务中心"):
                halls["public_hall"] = f"进驻{window.hall.name}，窗口人员由本部门派驻"
            else:
                halls["own_hall"] = f"自管{window.hall.name}，场地属本部门"
        return halls


def _parts(line: str, *names: str, separator="|") -> dict:
    """The parts of a line under their names; those it does not have are empty."""
    parts = line.split(separator, len(names) - 1)
    return dict(zip(names, [*parts, *[""] * (len(names) - len(parts))], strict=True))


def _limit(said: str):
    if not said:
        return None, ""
    if said == _AT_ONCE:
        return None, TimeUnit.ON_THE_SPOT
    number, unit = said.split()
    return int(number), _UNITS[unit]


def by_department() -> dict[tuple[str, str], list[dict]]:
    """Descriptions of items, numbered within their department: the order is that of the files."""
    grouped = {}
    for item in content.items():
        group = grouped.setdefault((item["place"], item["department"]), [])
        group.append({**item, "serial": f"{len(group) + 1:02d}"})
    return grouped


def sub_items(spec: dict) -> list[dict]:
    """The sub-items of `spec`: what a part does not say of itself is said by the whole."""
    return [
        {
            **{key: value for key, value in spec.items() if key != "parts"},
            **part,
            "part": number,
            "serial": f"{spec['serial']}-{number}",
        }
        for number, part in enumerate(spec.get("parts", ()), 1)
    ]
