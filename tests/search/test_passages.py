"""The words of a guide under a hit: the line that was found, cut and marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import text
from search.passages import LENGTH, as_html, marked, passage
from search.text import normalise, places, terms

BODY = "\n".join(
    [
        "01",
        "鸡西市 民政局",
        "户口簿",
        "双方持户口簿和身份证到婚姻登记处申请。",
        "身份证复印件",
        "双方自愿。",
    ]
)


def shown(body, query):
    """The passage as people read it, found words in brackets."""
    return "".join(
        f"[{piece.text}]" if piece.is_found else piece.text for piece in passage(body, terms(query))
    )


def test_the_line_with_the_words_is_shown():
    assert shown(BODY, "复印件") == "身份证[复印件]"


def test_traditional_characters_find_the_line_too():
    assert shown(BODY, "複印件") == "身份证[复印件]"


def test_the_line_with_most_of_the_words_is_shown():
    assert shown(BODY, "身份证 户口") == "双方持[户口]簿和[身份证]到婚姻登记处申请。"


def test_of_lines_with_the_same_words_the_one_that_says_more_is_shown():
    assert shown(BODY, "户口簿") == "双方持[户口簿]和身份证到婚姻登记处申请。"


def test_a_question_is_shown_with_its_answer():
    body = "上下班路上被车撞了算工伤吗？\n非本人主要责任的，算。\n人事科"
    assert shown(body, "被车撞了") == "上下班路上[被车撞了]算工伤吗？非本人主要责任的，算。"
    assert shown(body.replace("被车", "被車"), "被车撞了").endswith("非本人主要责任的，算。")
    assert shown("算工伤吗？", "工伤") == "算[工伤]吗？"


def test_nothing_where_only_the_name_has_the_words():
    assert shown(BODY, "驾驶证") == ""
    assert shown("", "驾驶证") == ""
    assert shown(BODY, "") == ""


SENTENCE = "这是一句与查询毫无关系的说明文字。"


def test_a_long_line_is_cut_to_whole_sentences():
    text = shown(SENTENCE * 30 + "需要提交户口簿原件。" + SENTENCE * 30, "户口簿")
    assert text.startswith("…需要提交[户口簿]原件。")
    assert text.endswith("。…")
    assert LENGTH // 3 < len(text) <= LENGTH + 4


def test_at_its_beginning_a_long_line_is_not_cut():
    text = shown("需要提交户口簿原件。" + SENTENCE * 30, "户口簿")
    assert text.startswith("需要提交[户口簿]原件。")
    assert text.endswith("。…")


@pytest.mark.parametrize("before", [0, 1, 40, 70, 500])
def test_a_long_line_without_sentences_is_cut_near_the_words(before):
    text = shown("无" * before + "户口簿" + "无" * 500, "户口簿")
    assert "[户口簿]" in text
    assert text.startswith("…") == (before > LENGTH // 2)
    assert text.endswith("…")
    assert len(text) <= LENGTH + 4


def test_what_the_body_has_for_the_end_of_a_line_changes_nothing():
    assert shown("一\ufffc二\n持户口簿", "户口簿") == "持[户口簿]"


def test_html_is_escaped_and_marked():
    html = as_html(marked('<b>婚姻</b> & "登记"', ["婚姻"]))
    assert html == "&lt;b&gt;<mark>婚姻</mark>&lt;/b&gt; &amp; &quot;登记&quot;"
    assert hasattr(html, "__html__"), "a template shall not escape it again"


def test_every_character_of_the_short_way_stays_one():
    alphabet = [chr(code) for code in range(0x10000) if text._EACH_STAYS_ONE.fullmatch(chr(code))]
    assert len(alphabet) > 20_000
    assert [char for char in alphabet if len(normalise(char)) != 1] == []


COMMON = st.text(alphabet="婚姻登記登记aB1 ，.（）\n结婚", max_size=40)


@given(COMMON, COMMON)
def test_the_short_way_to_the_places_finds_the_same(said, query):
    assert text._EACH_STAYS_ONE.fullmatch(said)
    assert places(said, terms(query)) == text._places_one_by_one(said, terms(query))


@given(st.text(), st.text())
def test_marking_changes_no_text(text, query):
    assert "".join(piece.text for piece in marked(text, terms(query))) == text


@given(st.text(alphabet="婚姻登记。 a<&\n\ufffcﬁ", max_size=400), st.text(alphabet="婚姻登记a ", max_size=6))
def test_a_passage_never_fails(body, query):
    assert len("".join(piece.text for piece in passage(body, terms(query)))) <= LENGTH + 2
