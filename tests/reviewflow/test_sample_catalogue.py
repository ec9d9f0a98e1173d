"""The sample catalogue: one load for the whole module, because it goes through the real review."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Site, TaskState, WorkflowState

from reviewflow.gate import missing_signatures
from reviewflow.models import Decision, OfficeReview, Remark, ReviewRound, Submission
from reviewflow.offices import COORDINATION
from reviewflow.sample_review import starting_times
from reviewflow.signatories import OFFICES, Signatory
from servicepages.completeness import checklist, stopping
from servicepages.file_contents import WORD_OR_EXCEL, check_attachment
from servicepages.item_codes import check_implementation_code
from servicepages.models import (
    Attachment,
    ContactPerson,
    ContentPage,
    Department,
    HomePage,
    Region,
    ServiceHall,
    ServiceItemPage,
    ServiceWindow,
    User,
)
from servicepages.phones import is_phone
from servicepages.public import plain_text
from servicepages.sample import content
from servicepages.sample.clock import Clock
from servicepages.sample.people import SAMPLE_PASSWORD
from tests.mailbox import delivered

NAMES = [
    "内地居民结婚登记",
    "内地居民离婚登记",
    "补领婚姻登记证",
    "中国公民收养登记",
    "社会团体成立登记",
    "民办非企业单位成立登记",
    "殡葬设施建设审批（殡仪服务站、骨灰堂）",
    "最低生活保障对象认定",
    "特困人员认定",
    "临时救助对象认定",
    "往来港澳通行证签发",
    "居民身份证申领",
    "户口迁移审批",
    "机动车注册登记",
    "机动车驾驶证核发",
    "大型焰火燃放活动许可",
    "食品经营许可",
    "食品生产许可",
    "企业设立登记",
    "个体工商户登记",
    "第三类医疗器械经营许可",
    "特种设备使用登记",
    "建筑工程施工许可证核发",
    "城镇污水排入排水管网许可",
    "燃气经营许可",
    "临时占用、挖掘城市道路审批",
    "设置大型户外广告审批",
    "住房公积金提取",
    "国有建设用地使用权及房屋所有权转移登记",
    "不动产抵押权登记",
    "建设工程规划许可证核发",
    "取水许可",
    "生产建设项目水土保持方案审批",
    "教师资格认定",
    "民办学校设立审批",
    "医疗机构设置审批",
    "护士执业注册",
    "母婴保健技术服务许可",
    "残疾人就业保障金减免审核（按比例就业年审）",
    "社会保险单位参保登记",
    "失业保险金申领",
    "工伤认定",
    "劳动能力鉴定",
    "劳务派遣经营许可",
    "道路旅客运输经营许可",
    "娱乐场所经营许可",
    "互联网上网服务营业场所筹建审批",
    "旅行社设立许可（国内旅游和入境旅游业务）",
    "经营高危险性体育项目许可",
    "出版物零售业务经营许可",
    "动物防疫条件合格证核发",
    "兽药经营许可",
    "农药经营许可",
    "排污许可（简化管理）",
    "辐射安全许可",
    "危险化学品经营许可",
    "烟花爆竹经营（批发）许可",
    "公众聚集场所投入使用、营业前消防安全检查",
    "法律援助审批",
    "公证",
    "律师执业许可（初审）",
    "开办旅馆特种行业许可",
]
PARTS = [
    "食品经营许可（新办）",
    "食品经营许可（变更）",
    "食品经营许可（延续）",
    "食品经营许可（注销）",
    "机动车驾驶证初次申领",
    "机动车驾驶证补领",
    "机动车驾驶证换领",
]

SAMPLE_MOBILE = re.compile(r"138000000\d\d")
SAMPLE_LINE = re.compile(r"0467-555\d{4}")
MODELS = (
    Region,
    Department,
    ContactPerson,
    ServiceHall,
    ServiceWindow,
    User,
    Group,
    Page,
    Attachment,
    WorkflowState,
    TaskState,
    PageLogEntry,
)


def load(**options) -> str:
    out = io.StringIO()
    call_command("load_sample_catalogue", stdout=out, **options)
    return out.getvalue()


def printed_logins() -> str:
    out = io.StringIO()
    call_command("sample_logins", stdout=out)
    return out.getvalue()


def counts() -> dict:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def items() -> dict:
    return {(item.department.region.name, item.title): item for item in ServiceItemPage.objects.all()}


def latest(item):
    return item.get_latest_revision_as_object()


def test_the_whole_sample(db, settings, django_capture_on_commit_callbacks):
    """One test, because it loads for half a minute: what is there, in what state, and how it got there."""
    settings.DEBUG = True
    with django_capture_on_commit_callbacks(execute=True):
        progress = load()
    settings.DEBUG = False  # which would write down every query from here on
    assert len(progress.splitlines()) > 20
    registers_are_complete()
    names_are_those_of_the_facts()
    every_state_is_there()
    what_is_published_is_complete_and_was_reviewed()
    rounds_are_there()
    nothing_internal_is_said_publicly()
    histories_are_in_order()
    numbers_are_nobodys()
    codes_are_well_formed()
    files_are_what_they_say()
    settings.DEBUG = True
    people_can_log_in()
    pages_say_that_it_is_a_sample()
    assert delivered() == []
    loading_again_changes_nothing()
    what_people_did_is_left_alone()


def registers_are_complete():
    city = Region.objects.get(kind="city")
    assert Region.objects.count() == 10
    assert city.name == "鸡西市"
    assert list(Region.objects.exclude(pk=city.pk).values_list("parent", flat=True)) == [city.pk] * 9
    assert Department.objects.filter(region=city).count() >= 25
    elsewhere = Department.objects.exclude(region=city)
    assert set(elsewhere.values_list("region__name", flat=True)) >= {"鸡冠区", "鸡东县", "虎林市", "密山市"}
    for department in Department.objects.all():
        assert department.page.live
        assert department.contacts.count() == 3
        assert department.editors.user_set.exists()
        assert department.legal_officers.user_set.exists()
    assert ServiceHall.objects.filter(address__contains="康新路92号").count() == 1
    assert set(ServiceHall.objects.values_list("region", flat=True)) == set(
        Region.objects.values_list("pk", flat=True)
    )
    assert all(hall.windows.exists() and hall.opening_hours for hall in ServiceHall.objects.all())


def names_are_those_of_the_facts():
    everything = items()
    assert 75 <= len(everything) == ServiceItemPage.objects.count() <= 90
    assert {item.title for item in everything.values() if not item.is_sub_item} == set(NAMES)
    assert {item.title for item in everything.values() if item.is_sub_item} == set(PARTS)
    for name in NAMES:
        assert ("鸡西市", name) in everything
    for name, places in {
        "内地居民结婚登记": {"鸡西市", "鸡冠区", "鸡东县", "虎林市", "密山市"},
        "个体工商户登记": {"鸡西市", "鸡冠区", "鸡东县", "虎林市", "密山市"},
        "居民身份证申领": {"鸡西市", "鸡东县", "虎林市", "密山市"},
        "食品经营许可（新办）": {"鸡西市", "鸡冠区"},
    }.items():
        same = [item for (_place, title), item in everything.items() if title == name]
        assert {item.department.region.name for item in same} == places
        assert len({item.basic_code for item in same}) == 1
        assert len({item.implementation_code for item in same}) == len(places)
    whole = everything["鸡西市", "食品经营许可"]
    assert whole.numchild == 4
    assert not whole.materials
    assert whole.legal_bases


def every_state_is_there():
    """Asked of what the editors see, not of the sample's own description of it."""
    states = {}
    for item in ServiceItemPage.objects.all():
        review = item.current_workflow_state
        is_complete = not stopping(checklist(latest(item)))
        withdrawn = bool(item.first_published_at) and not item.live
        key = (
            "withdrawn" if withdrawn else "live" if item.live else "draft",
            item.has_unpublished_changes and not withdrawn,
            review.status if review else None,
            is_complete,
        )
        states[key] = states.get(key, 0) + 1
        if review and review.status == WorkflowState.STATUS_NEEDS_CHANGES:
            assert Remark.objects.standing().filter(page=item.pk).exists()
    assert states["live", False, None, True] > 50  # published
    assert states["live", True, None, True] >= 1  # with a newer draft
    assert states["live", True, None, False] >= 1  # whose newer draft is incomplete
    assert states["live", True, "in_progress", True] >= 1  # whose newer draft is in review
    assert states["draft", True, None, True] >= 1
    assert states["draft", True, None, False] >= 3  # incomplete
    assert states["draft", True, "in_progress", True] >= 3  # submitted
    assert states["draft", True, "needs_changes", False] >= 3  # returned, with remarks to answer
    assert sum(number for (state, *_rest), number in states.items() if state == "withdrawn") == 1
    assert not any(complete is False and review == "in_progress" for (_s, _n, review, complete) in states)
    waiting = set(OfficeReview.objects.waiting().values_list("signatory", flat=True))
    assert waiting == set(Signatory)  # every desk has something on it
    assert OfficeReview.objects.filter(status=OfficeReview.Status.CARRIED_OVER).exists()


def what_is_published_is_complete_and_was_reviewed():
    for item in ServiceItemPage.objects.live():
        assert stopping(checklist(item)) == [], item.title
        assert missing_signatures(item) == [], item.title
        log = PageLogEntry.objects.filter(page=item.pk)
        assert log.filter(action="wagtail.publish").exists()
        signed = Decision.objects.signed().filter(page=item.pk).select_related("person__home_department")
        assert {decision.signatory for decision in signed} == set(Signatory)
        for decision in signed:
            at_home = decision.person.home_department == item.department
            assert at_home is (decision.signatory == Signatory.DEPARTMENT_LEGAL), item.title
        for entry in log.filter(action__in=["wagtail.create", "wagtail.workflow.start"]):
            assert entry.user.groups.filter(pk=item.department.editors_id).exists()


def rounds_are_there():
    first, second = ReviewRound.objects.order_by("opens_on")
    assert first.filed_on
    assert list(ReviewRound.objects.open()) == [second]
    rounds = set(Submission.objects.values_list("round", flat=True))
    assert rounds == {first.pk, second.pk, None}  # a county's are current upkeep


def nothing_internal_is_said_publicly():
    for item in ServiceItemPage.objects.exclude(numchild__gt=0):
        internal = [
            item.own_hall,
            item.public_hall,
            item.offline_reason,
            item.filled_in_by,
            item.filled_in_phone,
        ]
        for step in item.approval_steps:
            internal += [step.value[key] for key in ("section", "handler", "post", "mobile")]
        said = plain_text(item)
        assert [value for value in internal if value and value in said] == [], item.title


def histories_are_in_order():
    now = timezone.now()
    for item in ServiceItemPage.objects.all():
        entries = list(PageLogEntry.objects.filter(page=item.pk).order_by("pk"))
        times = [entry.timestamp for entry in entries]
        assert times == sorted(times), item.title
        assert times[-1] <= now
        assert all(entry.user_id for entry in entries)
        assert entries[0].action == "wagtail.create"
    published = ServiceItemPage.objects.live().values_list("last_published_at", flat=True)
    assert (max(published) - min(published)).days > 30


def numbers_are_nobodys():
    internal = list(ContactPerson.objects.values_list("mobile", flat=True))
    public = [
        *Department.objects.values_list("phone", flat=True),
        *ServiceHall.objects.values_list("phone", flat=True),
    ]
    for item in ServiceItemPage.objects.exclude(numchild__gt=0):
        internal += [item.filled_in_phone, *(step.value["mobile"] for step in item.approval_steps)]
        public.append(item.consultation_phone)
        assert item.complaint_phone == "12345"
    assert len(internal) > 200
    assert [number for number in internal if not SAMPLE_MOBILE.fullmatch(number)] == []
    assert [number for number in public if not (SAMPLE_LINE.fullmatch(number) and is_phone(number))] == []
    assert all(
        item.online_address.startswith("https://example.org/")
        for item in ServiceItemPage.objects.filter(online=True)
    )


def codes_are_well_formed():
    codes = set()
    for item in ServiceItemPage.objects.all():
        check_implementation_code(item.implementation_code, item.basic_code)
        assert item.implementation_code.startswith(item.department.credit_code)
        codes.add(item.implementation_code)
    assert len(codes) == ServiceItemPage.objects.count()
    assert len(set(Department.objects.values_list("credit_code", flat=True))) == Department.objects.count()


def files_are_what_they_say():
    kinds = set()
    for attachment in Attachment.objects.all():
        with attachment.file.open("rb") as file:
            kinds.add(check_attachment(file, WORD_OR_EXCEL))
        assert attachment.collection.department.editors.user_set.filter(
            pk=attachment.uploaded_by_user_id
        ).exists()
        assert attachment.file_size
    assert kinds == {"docx", "xlsx"}


def people_can_log_in():
    printed = printed_logins()
    assert "/admin/" in printed
    for login in ("admin", "editorial", "legal-affairs", "general-office", "coordination", "minzheng-editor"):
        assert login in printed
        user = User.objects.get(username=login)
        assert user.check_password(SAMPLE_PASSWORD)
        assert user.has_perm("wagtailadmin.access_admin")
    assert printed.count(SAMPLE_PASSWORD) > 10
    assert User.objects.filter(is_superuser=True).count() == 1
    for office in OFFICES:
        assert User.objects.filter(groups__name=office.value, home_department=None).exists()
        assert User.objects.filter(groups__name=office.value).exclude(home_department=None).exists()
    assert User.objects.filter(groups__name=COORDINATION).exists()
    for each in content.departments():
        department = Department.objects.get(region__name=each["region"], name=each["name"])
        editor = User.objects.get(username=f"{each['login']}-editor")
        assert editor.home_department == department
        assert list(editor.groups.all()) == [department.editors]


def pages_say_that_it_is_a_sample():
    home = HomePage.objects.get()
    assert home.lead
    assert "示例数据" in home.notice
    about = ContentPage.objects.live().get(title="关于本站")
    assert "不是官方信息" in about.lead
    assert ContentPage.objects.live().filter(title="公告").exists()
    assert Site.objects.get(is_default_site=True).site_name == home.title


def loading_again_changes_nothing():
    before = counts()
    load()
    load(if_empty=True)
    assert counts() == before


def what_people_did_is_left_alone():
    ServiceItemPage.objects.get(title="公证").delete()
    hall = ServiceHall.objects.get(name="麻山区政务服务中心")
    hall.delete()
    User.objects.filter(username="qixiang-legal").delete()
    Department.objects.filter(name="气象局").update(name="气象台")
    person = User.objects.get(username="minzheng-editor")
    person.set_password("another-password")
    person.save()
    before = counts()
    load()
    assert counts() == before
    assert not ServiceItemPage.objects.filter(title="公证").exists()
    assert not Department.objects.filter(name="气象局").exists()
    printed = printed_logins()
    assert "\n  minzheng-editor" not in printed
    assert "\n  minzheng-legal" in printed


def test_loading_is_refused_where_debug_is_off(db):
    with pytest.raises(CommandError, match="DEBUG"):
        load()
    assert not ServiceItemPage.objects.exists()
    assert not User.objects.exists()


def test_loading_if_empty_leaves_a_site_with_items_alone(db, settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr("servicepages.models.ServiceItemPage.objects.exists", lambda: True)
    load(if_empty=True)
    assert not Department.objects.exists()


@pytest.mark.parametrize("debug", [True, False])
def test_there_are_no_logins_to_print(db, settings, debug):
    """Neither before loading nor on a server; and it is no error, for `make run` goes on."""
    settings.DEBUG = debug
    printed = printed_logins()
    assert SAMPLE_PASSWORD not in printed
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize("hours", [0, 0.5, 3, 8.5, 13, 40])
def test_the_clock_keeps_office_hours(hours):
    for number, start in enumerate(starting_times(60)):
        clock = Clock(start + timedelta(minutes=24 * number))  # at any hour of the day
        before = clock.moment
        clock.forward(hours)
        assert before <= clock.moment <= timezone.now()
        assert clock.moment.weekday() < 5
        assert "08:30" <= f"{clock.moment:%H:%M:%S.%f}" <= "17:00:01"
