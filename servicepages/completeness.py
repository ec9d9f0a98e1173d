"""What must be true of a service item before it can be submitted: the rules of the checklist.

A rule is a function of an item (a draft in any state) that yields the sentences of what it found;
`checklist` runs them all. The editor's panel, the submission and imports run the same rules. A
finding that stops nothing is a `notice`: the software could not tell and says so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from servicepages.file_contents import WORD_OR_EXCEL
from servicepages.item_codes import check_basic_code, check_implementation_code
from servicepages.phones import digits, is_phone, phones_in
from servicepages.time_limits import TimeLimit
from servicepages.vocabulary import CaseKind, ItemType, TimeUnit

ERROR, NOTICE = "error", "notice"


@dataclass(frozen=True)
class Finding:
    """One line of the checklist. `field` is the model field to go to."""

    rule: str
    field: str
    message: str
    severity: str = ERROR

    @property
    def stops_submission(self) -> bool:
        return self.severity == ERROR


@dataclass(frozen=True)
class Rule:
    name: str
    source: str
    check: Callable[..., Iterator[Finding]]
    for_items_with_sub_items: bool


RULES: list[Rule] = []


def rule(source: str, *, for_items_with_sub_items: bool = False):
    """Registers a check under its function's name. `source` is the clause it comes from; an item that
    has sub-items files no sheet, so only the rules marked for it run there."""

    def register(check):
        RULES.append(Rule(check.__name__, source, check, for_items_with_sub_items))
        return check

    return register


def checklist(item) -> list[Finding]:
    """Every finding on `item`, in the order of the rules. Empty means that it can be submitted."""
    findings = []
    for each in RULES:
        if item.files_no_sheet and not each.for_items_with_sub_items:
            continue
        findings += [
            Finding(each.name, field, message, severity) for field, message, severity in each.check(item)
        ]
    return findings


def stopping(findings) -> list[Finding]:
    return [finding for finding in findings if finding.stops_submission]


def _error(field, message):
    return field, message, ERROR


def _notice(field, message):
    return field, message, NOTICE


def _lines(item, field, block_type=None):
    """Values of a StreamField's blocks, those of one type or of all."""
    return [block.value for block in getattr(item, field) if block_type in (None, block.block_type)]


def _blank(value) -> bool:
    return value is None or not str(value).strip()


# Name, number, type, basis: the establishment office's


@rule("确认单：审批事项、项目序号、审批事项类型", for_items_with_sub_items=True)
def is_identified(item):
    if _blank(item.title):
        yield _error("title", _("The name of the item is missing."))
    if _blank(item.serial_number):
        yield _error("serial_number", _("The serial number is missing."))
    if _blank(item.item_type):
        yield _error("item_type", _("The item type is missing."))


@rule("确认单：项目序号与汇总表事项序号一致", for_items_with_sub_items=True)
def serial_number_is_its_own(item):
    """Unique within the department, drafts included: a clash is found before either is published."""
    if _blank(item.serial_number) or not item.department_id:
        return
    others = type(item).objects.of_department(item.department_id).exclude(pk=item.pk)
    clash = (
        others.filter(serial_number=item.serial_number)
        | others.filter(latest_revision__content__serial_number=item.serial_number)
    ).first()
    if clash:
        yield _error(
            "serial_number",
            _("The serial number %(number)s is taken by “%(title)s”.")
            % {"number": item.serial_number, "title": clash.title},
        )


@rule("政务服务事项编码规则（GB 32100-2015 统一社会信用代码校验）", for_items_with_sub_items=True)
def codes_are_well_formed(item):
    from django.core.exceptions import ValidationError

    try:
        if item.basic_code:
            check_basic_code(item.basic_code)
    except ValidationError as error:
        yield _error("basic_code", error.message)
    try:
        if item.implementation_code:
            check_implementation_code(item.implementation_code, item.basic_code)
    except ValidationError as error:
        yield _error("implementation_code", error.message)


@rule("确认单：事项依据；行政许可法第四条", for_items_with_sub_items=True)
def has_legal_basis(item):
    bases = _lines(item, "legal_bases")
    if not bases:
        yield _error("legal_bases", _("There is no legal basis."))
        return
    for number, basis in enumerate(bases, 1):
        if _blank(basis["law"]):
            yield _error(
                "legal_bases", _("Legal basis %(number)d does not name its law.") % {"number": number}
            )
    if item.item_type == ItemType.LICENCE and all(_blank(basis["article"]) for basis in bases):
        yield _error("legal_bases", _("A licence needs a legal basis with its article."))


# Fees, conditions, procedure: the legal affairs office's


@rule("确认单：收费项目、收费依据")
def fees_are_stated(item):
    if not len(item.fees):
        yield _error("fees", _("The fee is not stated; where nothing is charged, say “No fee”."))
        return
    charged = _lines(item, "fees", "fee")
    if charged and _lines(item, "fees", "no_fee"):
        yield _error("fees", _("“No fee” stands beside a fee."))
    for number, fee in enumerate(charged, 1):
        names = {"number": number, "item": fee["item"]}
        if _blank(fee["item"]):
            yield _error("fees", _("Fee %(number)d has no name.") % names)
        if fee["amount"] is None and _blank(fee["standard"]):
            yield _error("fees", _("Fee %(number)d has neither an amount nor a standard.") % names)
        if _blank(fee["basis"]):
            yield _error("fees", _("Fee %(number)d has no basis.") % names)


@rule("确认单：办理条件")
def has_conditions(item):
    if all(_blank(line["text"]) for line in _lines(item, "conditions")):
        yield _error("conditions", _("The handling conditions are missing."))


@rule("确认单：办理程序")
def has_procedure(item):
    if all(_blank(line["name"]) for line in _lines(item, "procedure")):
        yield _error("procedure", _("The handling procedure is missing."))


# Time limits, visits, flow, materials and the rest: the general office's


@rule("办事指南要素：受理条件、申请对象")
def says_who_may_apply(item):
    if _blank(item.who_may_apply):
        yield _error("who_may_apply", _("Who may apply is not stated."))


@rule("确认单：受理时限、审查时限")
def time_limits_are_stated(item):
    if _blank(item.case_kind):
        yield _error("case_kind", _("The kind of case is missing."))
    if item.acceptance_days is None:
        yield _error("acceptance_days", _("The acceptance time limit is missing."))
    if item.review_days is None:
        yield _error("review_days", _("The review time limit is missing."))
    for name, label in (
        ("promised_limit", _("promised time limit")),
        ("statutory_limit", _("statutory time limit")),
    ):
        number, unit = getattr(item, name), getattr(item, f"{name}_unit")
        if number is not None and not unit:
            yield _error(f"{name}_unit", _("The %(limit)s has a number but no unit.") % {"limit": label})
        if unit and unit != TimeUnit.ON_THE_SPOT and number is None:
            yield _error(name, _("The %(limit)s has a unit but no number.") % {"limit": label})
    if item.promised is None and not item.promised_limit_unit and item.promised_limit is None:
        yield _error("promised_limit", _("The promised time limit is missing."))


@rule("受理时限+审查时限≤承诺时限≤法定时限")
def time_limits_agree(item):
    """Different units are compared by servicepages.time_limits; where the calendar decides, a notice
    asks a person to look."""
    handling = None
    if item.acceptance_days is not None and item.review_days is not None:
        handling = TimeLimit(item.acceptance_days + item.review_days, TimeUnit.WORKING_DAYS)
    pairs = (
        (
            handling,
            item.promised,
            "promised_limit",
            _("acceptance and review together"),
            _("promised time limit"),
        ),
        (
            item.promised,
            item.statutory,
            "promised_limit",
            _("promised time limit"),
            _("statutory time limit"),
        ),
    )
    for shorter, longer, field, first, second in pairs:
        if shorter is None or longer is None:
            continue
        names = {"first": first, "shorter": shorter, "second": second, "longer": longer}
        within = shorter.within(longer)
        if within is False:
            yield _error(field, _("%(first)s (%(shorter)s) exceeds %(second)s (%(longer)s).") % names)
        elif within is None:
            yield _notice(
                field,
                _(
                    "%(first)s (%(shorter)s) and %(second)s (%(longer)s) are in different units; whether "
                    "one exceeds the other depends on the calendar. Check by hand."
                )
                % names,
            )


@rule("办件类型：即办件")
def on_the_spot_is_at_once(item):
    if item.case_kind == CaseKind.ON_THE_SPOT:
        if item.acceptance_days or item.review_days:
            yield _error("acceptance_days", _("An item done on the spot takes zero days."))
        if item.promised and item.promised.longest > 0:
            yield _error("promised_limit", _("An item done on the spot promises no days."))
        if item.visits_required is not None and item.visits_required > 1:
            yield _error("visits_required", _("An item done on the spot takes one visit at most."))
    elif item.case_kind and item.promised_limit_unit == TimeUnit.ON_THE_SPOT:
        yield _error(
            "case_kind", _("It promises to be done on the spot, but its kind of case says otherwise.")
        )


@rule("最多跑一次、不见面审批")
def visits_have_a_reason(item):
    if item.visits_required is None:
        yield _error("visits_required", _("The number of visits is missing."))
    elif item.visits_required and _blank(item.visit_reason):
        yield _error("visit_reason", _("A visit needs a reason."))


@rule("确认单：内部审批流程")
def has_approval_steps(item):
    steps = _lines(item, "approval_steps")
    if not steps:
        yield _error("approval_steps", _("The internal approval flow needs at least one step."))
    for number, step in enumerate(steps, 1):
        if _blank(step["name"]):
            yield _error("approval_steps", _("Approval step %(number)d has no name.") % {"number": number})
        if step["working_days"] is None:
            yield _error(
                "approval_steps", _("Approval step %(number)d has no time limit.") % {"number": number}
            )


@rule("内部审批流程各环节办理时限之和≤受理时限+审查时限")
def approval_steps_fit_the_limits(item):
    if item.acceptance_days is None or item.review_days is None:
        return
    total = sum((step["working_days"] or Decimal(0) for step in _lines(item, "approval_steps")), Decimal(0))
    allowed = item.acceptance_days + item.review_days
    if total > allowed:
        yield _error(
            "approval_steps",
            _(
                "The approval steps take %(total)s working days together; acceptance and review allow %(allowed)d."
            )
            % {"total": f"{total.normalize():f}", "allowed": allowed},
        )


@rule("确认单：申报材料")
def has_materials(item):
    listed = _lines(item, "materials", "material")
    none_needed = _lines(item, "materials", "none_needed")
    if not listed and not none_needed:
        yield _error("materials", _("There is no material; where none is needed, say “No material needed”."))
    if listed and none_needed:
        yield _error("materials", _("“No material needed” stands beside a material."))
    for number, material in enumerate(listed, 1):
        if _blank(material["name"]):
            yield _error("materials", _("Material %(number)d has no name.") % {"number": number})


APPLICATION_FORM = re.compile(
    r"申[请請]书|申請書|(申[请請]|申[报報]|登[记記]|[审審]批|申[领領]|[备備]案)[^，、证證]*表"
)


@rule("确认单：申请书或申请表要报样本及填报说明附件，格式为Word或Excel")
def application_forms_have_blanks(item):
    for material in _lines(item, "materials", "material"):
        if APPLICATION_FORM.search(material["name"] or "") and not material["blank_form"]:
            yield _error(
                "materials",
                _("“%(name)s” is an application form: its blank, in Word or Excel, is missing.")
                % {"name": material["name"]},
            )
        elif material["blank_form"] and material["blank_form"].file_extension.lower() not in WORD_OR_EXCEL:
            # what a name ends in was checked against the content when the file was stored
            yield _error(
                "materials",
                _("The blank form of “%(name)s” is neither Word nor Excel.") % {"name": material["name"]},
            )


PLACEHOLDER = re.compile(
    r"等$|等(材料|资料|資料|证件|證件)$"
    r"|(其他|其它|相关|相關|有关|有關)(的)?(材料|资料|資料)$"
    r"|^(其他|其它|相关|相關|有关|有關)+(的)?(证明|證明)?(材料|资料|資料|证明|證明|文件|证件|證件)$"
    r"|[xX×]{2,}|另行通知|待定|待补充|待補充"
)


@rule("申报材料不得有兜底条款（“其他材料”“相关材料”）")
def says_what_it_means(item):
    """No placeholder words: people cannot bring "other relevant material"."""
    named = [("materials", material["name"]) for material in _lines(item, "materials", "material")]
    named += [("conditions", line["text"]) for line in _lines(item, "conditions")]
    texts = [*named, ("title", item.title), ("time_limit_note", item.time_limit_note)]
    for field, text in texts:
        match = PLACEHOLDER.search((text or "").strip())
        if match and (
            field == "materials" or match.group() in ("另行通知", "待定") or "X" in match.group().upper()
        ):
            yield _error(
                field,
                _("“%(text)s”: “%(words)s” is a placeholder; name what is meant.")
                % {"text": text, "words": match.group()},
            )


@rule("办事指南要素：办理结果")
def has_result(item):
    if all(_blank(line["name"]) for line in _lines(item, "result")):
        yield _error("result", _("The result is missing."))


@rule("确认单：审批对象及领域")
def has_topics(item):
    if not item.topics.all() and all(_blank(line["text"]) for line in _lines(item, "other_topics")):
        yield _error("topics", _("No audience and topic is chosen."))


@rule("方案二（四）：应上尽上、全程在线")
def online_is_stated(item):
    if item.online is None:
        yield _error("online", _("Whether it is handled online is not stated."))
    elif item.online:
        if _blank(item.online_address):
            yield _error("online_address", _("It is handled online, but the online address is missing."))
        if _blank(item.service_level):
            yield _error("service_level", _("It is handled online, but how far is not stated."))
    else:
        if _blank(item.offline_reason):
            yield _error("offline_reason", _("The reason for not handling it online is missing."))
        decisions = _lines(item, "offline_decision")
        if not decisions or any(
            _blank(line["decided_by"]) or _blank(line["document"]) or line["decided_on"] is None
            for line in decisions
        ):
            yield _error(
                "offline_decision",
                _(
                    "Not handling it online rests on a decision: say who decided, in which document, and when."
                ),
            )
        if len(decisions) > 1:
            yield _error(
                "offline_decision", _("Not handling it online rests on one decision; there are several.")
            )
        if item.online_address:
            yield _error("online_address", _("It is not handled online, but has an online address."))


@rule("办事指南要素：办理地点")
def says_where(item):
    points = item.service_points.all()
    if item.visits_required and not points:
        yield _error("service_points", _("A visit needs a hall to go to."))
    for point in points:
        if point.hall_id is None:
            yield _error("service_points", _("A service point does not say in which hall it is."))
        elif point.window_id and point.window.hall_id != point.hall_id:
            yield _error(
                "service_points",
                _("The window “%(window)s” is not in the hall “%(hall)s”.")
                % {"window": point.window.name, "hall": point.hall.name},
            )


@rule("确认单：业务咨询电话；监督投诉电话")
def phones_can_be_dialled(item):
    if _blank(item.consultation_phone):
        yield _error("consultation_phone", _("The consultation phone is missing."))
    for field in ("consultation_phone", "complaint_phone"):
        for number in phones_in(getattr(item, field)):
            if not is_phone(number):
                yield _error(field, _("“%(number)s” is not a phone number.") % {"number": number})
    consultation = {digits(number) for number in phones_in(item.consultation_phone)}
    complaint = {digits(number) for number in phones_in(item.complaint_phone)}
    if consultation & complaint:
        yield _error("complaint_phone", _("The complaint phone is the consultation phone."))


@rule("确认单：是否录入省政务服务标准化平台")
def platform_is_stated(item):
    if item.on_provincial_platform is None:
        yield _error(
            "on_provincial_platform", _("Whether it is entered on the provincial platform is not stated.")
        )


@rule("确认单：填表人、联系电话、填表时间")
def says_who_filled_it_in(item):
    for field, message in (
        ("filled_in_by", _("Who filled the sheet in is missing.")),
        ("filled_in_phone", _("The phone of the person who filled the sheet in is missing.")),
        ("filled_in_on", _("The date on which the sheet was filled in is missing.")),
    ):
        if _blank(getattr(item, field)):
            yield _error(field, message)
