"""Each rule of the checklist: what it finds, and that a complete item has none of it."""

from datetime import date

import pytest
from stdnum.cn import uscc

from servicepages import completeness
from servicepages.completeness import checklist, stopping
from tests.factories import AttachmentFactory, DepartmentFactory, approval_step, complete_item, material
from tests.shared import shared

pytestmark = pytest.mark.django_db

CREDIT_CODE = "91110000600037341"
CREDIT_CODE += uscc.calc_check_digit(CREDIT_CODE)


@shared
def item():
    return complete_item(DepartmentFactory())


def rules_broken(item, **changes):
    for name, value in changes.items():
        setattr(item, name, value)
    return {finding.rule for finding in stopping(checklist(item))}


def test_a_complete_item_has_an_empty_checklist(item):
    assert checklist(item) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"serial_number": ""}, "is_identified"),
        ({"item_type": ""}, "is_identified"),
        ({"basic_code": "123"}, "codes_are_well_formed"),
        ({"implementation_code": "1" * 31}, "codes_are_well_formed"),
        ({"legal_bases": []}, "has_legal_basis"),
        ({"legal_bases": [("legal_basis", {"law": "行政许可法", "article": ""})]}, "has_legal_basis"),
        ({"legal_bases": [("legal_basis", {"law": "", "article": "第一条"})]}, "has_legal_basis"),
        ({"fees": []}, "fees_are_stated"),
        (
            {"fees": [("fee", {"item": "工本费", "amount": 5, "standard": "", "basis": ""})]},
            "fees_are_stated",
        ),
        (
            {"fees": [("fee", {"item": "工本费", "amount": None, "standard": "", "basis": "文"})]},
            "fees_are_stated",
        ),
        (
            {
                "fees": [
                    ("no_fee", {"note": ""}),
                    ("fee", {"item": "工本费", "amount": 5, "standard": "", "basis": "文"}),
                ]
            },
            "fees_are_stated",
        ),
        ({"conditions": []}, "has_conditions"),
        ({"procedure": [("step", {"name": " ", "description": "空"})]}, "has_procedure"),
        ({"who_may_apply": " "}, "says_who_may_apply"),
        ({"case_kind": ""}, "time_limits_are_stated"),
        ({"acceptance_days": None}, "time_limits_are_stated"),
        ({"promised_limit": None, "promised_limit_unit": ""}, "time_limits_are_stated"),
        ({"statutory_limit_unit": ""}, "time_limits_are_stated"),
        ({"promised_limit": None}, "time_limits_are_stated"),
        ({"promised_limit": 4}, "time_limits_agree"),
        ({"statutory_limit": 4}, "time_limits_agree"),
        ({"statutory_limit": 1, "statutory_limit_unit": "calendar_days"}, "time_limits_agree"),
        ({"case_kind": "on_the_spot"}, "on_the_spot_is_at_once"),
        (
            {"promised_limit_unit": "on_the_spot", "acceptance_days": 0, "review_days": 0},
            "on_the_spot_is_at_once",
        ),
        ({"visits_required": None}, "visits_have_a_reason"),
        ({"visits_required": 1, "visit_reason": ""}, "visits_have_a_reason"),
        ({"approval_steps": []}, "has_approval_steps"),
        ({"approval_steps": [("step", approval_step("", "1"))]}, "has_approval_steps"),
        ({"approval_steps": [("step", approval_step("审查", "6"))]}, "approval_steps_fit_the_limits"),
        ({"materials": []}, "has_materials"),
        (
            {"materials": [("material", material("身份证")), ("none_needed", {"note": ""})]},
            "has_materials",
        ),
        ({"materials": [("material", material("许可申请表"))]}, "application_forms_have_blanks"),
        ({"result": []}, "has_result"),
        ({"topics": []}, "has_topics"),
        ({"online": None}, "online_is_stated"),
        ({"online_address": ""}, "online_is_stated"),
        ({"online": False, "online_address": "", "offline_reason": ""}, "online_is_stated"),
        ({"online": False, "online_address": "", "offline_reason": "涉密"}, "online_is_stated"),
        ({"service_points": []}, "says_where"),
        ({"consultation_phone": ""}, "phones_can_be_dialled"),
        ({"consultation_phone": "2345678"}, "phones_can_be_dialled"),
        ({"consultation_phone": "打办公室电话"}, "phones_can_be_dialled"),
        ({"complaint_phone": "0467 234 5678"}, "phones_can_be_dialled"),
        ({"on_provincial_platform": None}, "platform_is_stated"),
        ({"filled_in_by": ""}, "says_who_filled_it_in"),
    ],
)
def test_each_rule_finds_what_it_is_for(item, changes, rule):
    assert rule in rules_broken(item, **changes)


def test_every_rule_is_tested_above(item):
    """A new rule without a case that breaks it would be a rule that might never fire."""
    marker = next(
        mark for mark in test_each_rule_finds_what_it_is_for.pytestmark if mark.name == "parametrize"
    )
    own_tests = {"serial_number_is_its_own", "says_what_it_means", "remarks_are_answered"}
    assert {rule.name for rule in completeness.RULES} == {
        rule for _changes, rule in marker.args[1]
    } | own_tests


def test_every_rule_names_its_source():
    assert all(rule.source for rule in completeness.RULES)


@pytest.mark.parametrize(
    "name",
    [
        "身份证、户口簿等",
        "其他材料",
        "其它相关材料",
        "相关证明",
        "XX证明",
        "申请表另行通知",
        "有关材料",
        "身份证明等材料",
    ],
)
def test_placeholders_are_no_materials(item, name):
    assert "says_what_it_means" in rules_broken(item, materials=[("material", material(name))])


@pytest.mark.parametrize(
    "name",
    [
        "高等学校学历证书",
        "等级证书",
        "收入证明",
        "平等协议",
        "其他国家颁发的护照",
        "住所相关文件",
        "使用土地的有关证明文件",
    ],
)
def test_ordinary_words_are_no_placeholders(item, name):
    assert "says_what_it_means" not in rules_broken(item, materials=[("material", material(name))])


def test_a_fee_with_its_basis_is_complete(item):
    fee = (
        "fee",
        {"item": "工本费", "amount": 5, "unit": "证", "standard": "", "basis": "发改价格〔2003〕2322号"},
    )
    assert rules_broken(item, fees=[fee]) == set()


def test_an_offline_item_with_its_decision_is_complete(item):
    decision = {
        "decided_by": "市政府",
        "document": "〔2018〕1号",
        "decided_on": date(2018, 8, 1),
        "scan": None,
    }
    assert (
        rules_broken(
            item,
            online=False,
            online_address="",
            offline_reason="涉密",
            offline_decision=[("decision", decision)],
        )
        == set()
    )


def test_units_that_cannot_be_compared_are_flagged_and_stop_nothing(item):
    item.promised_limit, item.statutory_limit, item.statutory_limit_unit = 20, 30, "calendar_days"
    findings = checklist(item)
    assert [(finding.rule, finding.stops_submission) for finding in findings] == [
        ("time_limits_agree", False)
    ]


def test_no_material_needed_can_be_said(item):
    assert rules_broken(item, materials=[("none_needed", {"note": ""})]) == set()


@pytest.mark.parametrize("name", ["许可申请书", "婚姻登记申请表", "社会团体法人登记表", "取水許可申請書"])
def test_application_forms_are_told_by_their_names(item, name):
    assert "application_forms_have_blanks" in rules_broken(item, materials=[("material", material(name))])


@pytest.mark.parametrize("name", ["不动产登记证书", "水土保持方案报告表", "学历证书", "成绩单"])
def test_certificates_and_reports_are_no_application_forms(item, name):
    assert "application_forms_have_blanks" not in rules_broken(item, materials=[("material", material(name))])


def test_an_application_form_with_its_blank_is_complete(item):
    form = material("许可申请表", blank_form=AttachmentFactory())
    assert rules_broken(item, materials=[("material", form)]) == set()


def test_a_right_implementation_code(item):
    basic = "000111001000"
    assert rules_broken(item, basic_code=basic, implementation_code=CREDIT_CODE + "3" + basic) == set()


@pytest.mark.parametrize(
    "code",
    [
        CREDIT_CODE[:-1] + ("0" if CREDIT_CODE[-1] != "0" else "1") + "3" + "000111001000",
        CREDIT_CODE + "9" + "000111001000",
        CREDIT_CODE + "3" + "000111001001",
    ],
    ids=["check character", "level", "another basic code"],
)
def test_each_part_of_the_implementation_code_is_checked(item, code):
    assert "codes_are_well_formed" in rules_broken(item, implementation_code=code)


def test_a_serial_number_is_unique_within_the_department(item):
    twin = complete_item(item.department, serial_number="77", title="另一事项")
    assert "serial_number_is_its_own" in rules_broken(item, serial_number="77")
    elsewhere = complete_item(DepartmentFactory(), serial_number="77")
    assert rules_broken(elsewhere) == set()
    # the number is in another's draft only
    twin.serial_number = "78"
    twin.save_revision()
    assert "serial_number_is_its_own" in rules_broken(item, serial_number="78")


def test_an_item_with_sub_items_files_no_sheet(item):
    complete_item(item.department, parent=item, serial_number="2")
    item.refresh_from_db()
    empty = {key: [] for key in ["fees", "conditions", "procedure", "materials", "approval_steps"]}
    assert rules_broken(item, **empty, consultation_phone="", visits_required=None) == set()
    assert "is_identified" in rules_broken(item, serial_number="")
