"""Pinyin, slips, questions, codes: what is typed that stands in no guide as typed."""

import pytest

from search.models import EverydayName, EverydayNameItem, Guide
from search.queries import How, find_guides
from search.sound import asked_tokens, index_tokens, is_in_one_run, part_spoken_so, readings
from search.understanding import as_code, meaning, without_common_words
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
