"""Pinyin, slips, questions, codes: what is typed that stands in no guide as typed."""

import pytest

from search.models import EverydayName, EverydayNameItem, Guide
from search.queries import How, find_guides
from search.sound import asked_tokens, index_tokens, is_in_one_run, part_spoken_so, readings
from search.understanding import as_code, in_characters, meaning, readings_of, without_common_words
from tests.factories import DepartmentFactory, RegionFactory
from tests.search.conftest import published
from tests.shared import shared


@shared
def guides(department):
    made = [
        published(department, "婚姻登记", serial_number="03-7", basic_code="990000123000"),
        published(department, "食品经营许可", basic_code="99000012A000"),
        published(department, "开办旅馆特种行业许可"),
        published(department, "中国公民收养登记"),
    ]
    name = EverydayName(phrase="开饭店")
    name.items = [EverydayNameItem(page=made[1])]
    name.save()
    return made


def found(query):
    name_of = dict(Guide.objects.values_list("pk", "name"))
    finding = find_guides(query)
    return finding.how, [name_of[hit.key] for hit in finding.hits]


@pytest.mark.parametrize(
    "typed",
    [
        "hunyin",
        "hunyindengji",
        "hunyin dengji",
        "hun yin deng ji",
        "HunYin",
        "hydj",
        "hun姻",
        "婚yin登记",
        "hunyind",
    ],
)
def test_pinyin(guides, typed):
    assert found(typed) == (How.SOUND, ["婚姻登记"])


@pytest.mark.parametrize("typed", ["lvguan", "lüguan", "luguan"])
def test_the_ways_to_type_ü(guides, typed):
    assert found(typed) == (How.SOUND, ["开办旅馆特种行业许可"])


@pytest.mark.parametrize("typed", ["婚因登记", "昏姻登记", "婚姻等级", "食拼经营许可", "开范店"])
def test_characters_that_sound_alike(guides, typed):
    how, names = found(typed)
    assert how == How.SOUND
    assert names[0] in {"婚姻登记", "食品经营许可"}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("婚登记", "婚姻登记"),
        ("婚姻姻登记", "婚姻登记"),
        ("婚姻登", "婚姻登记"),
        ("姻婚登记", "婚姻登记"),
        ("食品径营许可", "食品经营许可"),
        ("食品经营可", "食品经营许可"),
    ],
)
def test_a_missing_a_doubled_or_a_wrong_character(guides, typed, name):
    assert found(typed)[1][0] == name


@pytest.mark.parametrize(
    "typed",
    ["我想开个饭店需要办什么证", "开饭店怎么办理？", "请问开饭店要带什么材料", "想開個飯店", "开饭店去哪办"],
)
def test_a_question(guides, typed):
    how, names = found(typed)
    assert how in {How.MEANING, How.ANY}
    assert names == ["食品经营许可"]


def test_chatter_alone_finds_nothing(guides):
    for typed in ("怎么办", "我想问一下", "请问需要什么", "在哪里"):
        assert found(typed) == (How.NOTHING, []), typed


@pytest.mark.parametrize("typed", ["990000123000", "990000123", "９９００００１２３", "03-7"])
def test_codes_and_numbers(guides, typed):
    assert found(typed) == (How.CODE, ["婚姻登记"])


@pytest.mark.parametrize("typed", ["99000012A000", "99000012a", "９９００００１２ａ０"])
def test_codes_with_letters(guides, typed):
    assert found(typed) == (How.CODE, ["食品经营许可"])


@pytest.mark.parametrize("typed", ["asdfgh", "qwerty", "天上的星星会唱歌吗", "xxxx", "😀", "一二三四五六七"])
def test_nonsense_finds_nothing(guides, typed):
    assert found(typed) == (How.NOTHING, [])


def test_readings_of_letters():
    assert readings("jiehun")[0] == ["jie", "hun"]
    assert ["xi", "an"] in readings("xian")
    assert ["xian"] in readings("xian")
    assert readings("hydj") == []
    assert readings("") == []


def test_syllables_that_many_do_not_tell_apart_are_one():
    zh, z = asked_tokens("zhengming"), asked_tokens("zenmin")
    assert zh[0] == z[0]


def test_tokens_stand_in_one_run_only_within_a_name():
    indexed = index_tokens(["婚姻登记", "收养"])
    assert is_in_one_run(["2hunyin", "2yinden"], indexed)
    assert not is_in_one_run(["2jisou"], indexed)
    assert part_spoken_so(["2yinden", "2denji"], True, ["收养", "内地居民婚姻登记"]) == "姻登记"


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("我想开个饭店需要办什么证", ["开饭店"]),
        ("低保怎么申请", ["低保"]),
        ("办护照", ["护照"]),
        ("请问在哪里", []),
        ("婚姻登记", ["婚姻登记"]),
    ],
)
def test_what_a_sentence_means(typed, pieces):
    assert meaning(typed) == pieces


def test_words_of_any_service_are_left_out_but_never_everything():
    assert without_common_words(["办理护照", "申请"]) == ["护照"]
    assert without_common_words(["申请"]) == ["申请"]


def test_what_looks_like_a_code():
    assert as_code("9900 0012 3000") == "990000123000"
    assert as_code("03-7") == "03-7"
    assert as_code("abcdef") == as_code("婚姻12") == as_code("") == ""


# Names that a guide speaks of once, in a catalogue where nothing else is called so.


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("护照到期", "普通护照签发"),
        ("爸爸退休", "企业职工提前退休审批"),
        ("想给孩子办转学", "中小学生转学审批"),
        ("采伐树木", "林木采伐许可证核发"),
        ("演出许可", "营业性演出审批"),
        ("鸡西办护照", "普通护照签发"),
    ],
)
def test_a_word_from_the_middle_of_a_name(guide, typed, name):
    for title in (
        "普通护照签发",
        "企业职工提前退休审批",
        "中小学生转学审批",
        "林木采伐许可证核发",
        "营业性演出审批",
    ):
        guide(title)
    assert found(typed)[1] == [name]


def test_the_end_of_one_word_and_the_beginning_of_the_next_are_none(guide):
    """品经 stands in 食品经营, and nowhere at the border of what was typed."""
    guide("食品经营许可")
    assert found("商品经纪人名单") == (How.NOTHING, [])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("医保", "基本医疗保险参保登记"),
        ("社保卡", "社会保障卡申领"),
        ("医保登记", "基本医疗保险参保登记"),
        ("林采许可", "林木采伐许可证核发"),
    ],
)
def test_what_people_call_for_short(guide, typed, name):
    for title in ("基本医疗保险参保登记", "社会保障卡申领", "林木采伐许可证核发"):
        guide(title)
    assert found(typed) == (How.NEAR, [name])


@pytest.mark.parametrize("typed", ["太空旅行许可证", "魔法师执业", "三体人入境审批", "申请女朋友"])
def test_what_services_do_finds_nothing_by_itself(guide, typed):
    for title in ("食品经营许可", "律师执业许可", "户口迁移审批"):
        guide(title)
    assert found(typed) == (How.NOTHING, [])


def test_what_services_do_is_looked_for_where_nothing_else_was_said(guide):
    guide("食品经营许可注销")
    guide("食品经营许可")
    assert found("怎么注销")[1] == ["食品经营许可注销"]
    assert found("注销食品证")[1][0] == "食品经营许可注销"


def test_what_a_name_says_is_done_tells_guides_about_the_same_apart(guide):
    first, change = guide("食品经营许可（新办）"), guide("食品经营许可（变更）")
    for phrase, page in (("食品证", first), ("食品证怎么改", change)):
        name = EverydayName(phrase=phrase)
        name.items = [EverydayNameItem(page=page)]
        name.save()
    assert found("饭店换老板了食品证怎么变更")[1][0] == "食品经营许可（变更）"


def test_a_name_with_most_of_the_words_goes_before_a_text_with_all_of_them(guide):
    guide("补领婚姻登记证", who_may_apply="出示身份证，可以补办。")
    guide("居民身份证申领")
    assert found("身份证怎么补办") == (How.NEAR, ["居民身份证申领"])


def test_a_text_with_all_words_is_shown_where_no_name_has_most(guide):
    guide("补领婚姻登记证", who_may_apply="出示护照，可以邮寄。")
    assert found("请问护照怎么邮寄") == (How.MEANING, ["补领婚姻登记证"])


@pytest.mark.parametrize(
    "typed", ["wo yao jie hun", "zenme ban jiehun", "qingwen jiehun", "jiehun yao shenme cailiao"]
)
def test_a_question_in_pinyin(guide, typed):
    guide("内地居民结婚登记")
    guide("食品经营许可")
    assert found(typed) == (How.SOUND, ["内地居民结婚登记"])


@pytest.mark.parametrize("typed", ["hujiqianyi", "hukouqianshenpi", "xiang ba hukou qianyi guolai"])
def test_pinyin_of_nearly_a_name_and_of_enough_of_one(guide, typed):
    guide("户口迁移审批")
    guide("食品经营许可")
    assert found(typed) == (How.SOUND, ["户口迁移审批"])


def test_pinyin_of_nothing_finds_nothing(guides):
    for typed in ("nihao shijie", "tiantian xiangshang", "woaini"):
        assert found(typed) == (How.NOTHING, []), typed


@pytest.mark.parametrize("typed", ["财税〔2017〕20号", "财税[2017]20号", "财税2017 20号", "财税201720号"])
def test_document_numbers_with_and_without_brackets(guide, typed):
    guide("婚姻登记", who_may_apply="登记费已停征（财税〔2017〕20号）")
    assert found(typed) == (How.ALL, ["婚姻登记"])


@pytest.mark.parametrize(
    ("typed", "core"),
    [
        ("鸡西办护照", ["护照"]),
        ("在鸡东县怎么办护照", ["护照"]),
        ("想给孩子办转学", ["转学"]),
        ("爸爸退休", ["退休"]),
        ("鸡东", ["鸡东"]),
        ("我爸妈", ["爸妈"]),
    ],
)
def test_where_and_for_whom_something_is_asked_ends_a_word(typed, core):
    assert readings_of(typed, ["鸡西市", "鸡东县"]).core == core


@pytest.mark.parametrize("typed", ["网吧", "酒吧", "怎么开网吧吗", "税"])
def test_no_word_is_left_with_one_character(typed):
    [piece] = meaning(typed)
    assert piece in {"网吧", "酒吧", "开网吧", "税"}


def test_words_that_begin_like_chatter_stay_whole():
    assert meaning("请问个人所得税怎么办") == ["个人所得税"]
    assert meaning("怎么办就业创业证") == ["就业创业证"]


def test_a_place_that_is_named_is_where_the_guide_is_from(guide, city, department):
    county = RegionFactory(name="鸡东县", code="230321", parent=city)
    there = guide(
        "收养登记", department=DepartmentFactory(region=county, name="民政局"), basic_code="990000123000"
    )
    here = guide("收养登记", basic_code="990000123000")
    assert find_guides("收养登记").hits[0].key == here.pk
    for typed in ("鸡东收养登记", "鸡东县怎么办收养登记", "我在鸡西市鸡东县，要办收养登记"):
        assert find_guides(typed).hits[0].key == there.pk, typed
    assert find_guides("鸡西收养登记", place=county).hits[0].key == here.pk


@pytest.mark.parametrize(
    "typed",
    ["民法典第一千零七十七条", "民法典1077条", "民法典 第1077条", "1077条", "412号令", "国务院令412号令"],
)
def test_articles_and_decrees_by_their_numbers(guide, typed):
    law = {"document_number": "国务院令第412号", "quotation": "", "link": ""}
    guide(
        "城市建筑垃圾处置核准",
        legal_bases=[("legal_basis", {"law": "民法典", "article": "第一千零七十七条", **law})],
    )
    assert found(typed) == (How.ALL, ["城市建筑垃圾处置核准"])


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1077, "一千零七十七"),
        (2000, "二千"),
    ],
)
def test_numbers_of_articles_in_characters(number, written):
    assert in_characters(number) == written


@pytest.mark.parametrize("typed", ["hūnyīn dēngjì", "hūn yīn", "lǚguǎn"])
def test_pinyin_with_the_marks_of_the_tones(guides, typed):
    assert found(typed)[0] == How.SOUND


def test_two_characters_stand_for_no_two_others(guide):
    guide("水土保持方案审批")
    guide("婚姻登记")
    assert found("吃饭") == (How.NOTHING, []), "it sounds like 持方"
    assert found("婚因") == (How.SOUND, ["婚姻登记"])


def test_for_whom_it_is_asked_finds_nothing_by_itself(guide):
    adoption = guide("收养登记")
    name = EverydayName(phrase="领养孩子")
    name.items = [EverydayNameItem(page=adoption)]
    name.save()
    assert found("孩子发烧怎么办") == (How.NOTHING, [])
    assert found("孩子怎么领养")[1] == ["收养登记"]
    assert found("农村领养孩子去哪里")[1] == ["收养登记"]


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [("驾照弄丢了上哪补", ["驾照丢", "补"]), ("弄丢身份证", ["丢身份证"]), ("俺家想盖房", ["盖房"])],
)
def test_what_people_say_around_it(typed, pieces):
    assert meaning(typed) == pieces


def test_what_is_called_so_stands_before_a_text_that_has_the_words_here_and_there(guide):
    guide("居民身份证申领")
    elsewhere = "提交身份证。驾驶证遗失的，书面声明。"
    guide("驾驶证补领", conditions=[("condition", {"text": elsewhere})])
    assert found("身份证遗失")[1] == ["居民身份证申领", "驾驶证补领"]


def test_a_text_that_has_the_words_in_one_stands_first(guide):
    guide("居民身份证申领")
    guide("驾驶证补领", conditions=[("condition", {"text": "因身份证遗失而不能提交的，书面声明。"})])
    assert found("身份证遗失")[1] == ["驾驶证补领"]


def test_an_abbreviation_is_known_with_something_behind_it(guide):
    guide("社会保障卡申领")
    guide("社会团体登记")
    for typed in ("社保卡", "社保卡挂失", "社保卡丢了"):
        assert found(typed) == (How.NEAR, ["社会保障卡申领"]), typed


def test_what_is_named_in_part_is_shown_beside_what_more_speaks_for(guide):
    guide("结婚登记")
    move = guide("户口迁移审批")
    name = EverydayName(phrase="户口本")
    name.items = [EverydayNameItem(page=move)]
    name.save()
    assert set(found("结婚要带户口本吗")[1]) == {"户口迁移审批", "结婚登记"}
