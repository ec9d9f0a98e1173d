"""The same word is the same token, however it is written, on both sides of the index."""

import unicodedata

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import (
    MAX_INDEXED_CHARACTERS,
    MAX_QUERY_CHARACTERS,
    MAX_TERMS,
    MAX_TOKEN_CHARACTERS,
    as_printed,
    cut,
    cut_together,
    normalise,
    places,
    readable,
    terms,
)

converters = {script: opencc.OpenCC(script) for script in ("s2t", "s2tw", "s2hk")}
any_text = st.text(alphabet=st.characters())
# Everyday characters of guides: what OpenCC turns into traditional and back for the property below.
simplified = st.text(
    alphabet="婚姻登记办理户口簿证衞卫生产许可经营餐饮发营执照转让台湾著作权关系厂", min_size=1, max_size=12
)


def test_chinese_is_indexed_by_characters_and_pairs():
    assert cut("婚姻登记") == ["婚", "婚姻", "姻", "姻登", "登", "登记", "记"]


def test_chinese_is_asked_for_by_pairs_and_a_lone_character_by_itself():
    assert terms("婚姻登记") == ["婚姻", "姻登", "登记"]
    assert terms("证") == ["证"]
    assert terms("婚姻 证") == ["婚姻", "证"]


def test_everything_else_is_words():
    assert cut("Hello, world-wide A4") == ["hello", "world", "wide", "a4"]
    assert terms("〔2018〕55号") == ["2018", "55", "号"]
    assert cut("C1驾照") == ["c1", "驾", "驾照", "照"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("婚姻登記證", "婚姻登记证"),
        ("衞生", "卫生"),
        ("衛生", "卫生"),
        ("著作權", "着作权"),
        ("ＡＢＣ１２３", "abc123"),
        ("㈱⼀", "(株)一"),
        ("婚\u200b姻\u00ad登\ufeff记", "婚姻登记"),
        ("婚\x00姻", "婚姻"),
        ("婚\x07姻", "婚姻"),
        ("户口\t簿\n本", "户口 簿 本"),
        ("\ud800婚姻", "婚姻"),
    ],
)
def test_spellings_of_one_word(written, meant):
    assert normalise(written) == meant


def test_what_is_simplified_already_stays_as_people_write_it():
    """It is shown: to visitors as what was looked for, and in the report."""
    assert normalise("什么怎么") == normalise("什麼怎麼") == "什么怎么"


def test_dry_is_one_character_whatever_stands_beside_it():
    """OpenCC's phrases keep 乾 in 乾隆: a query for half of the phrase would miss the other half."""
    assert set(cut("乾隆")) & set(cut("乾"))


@pytest.mark.parametrize("script", converters)
@given(text=simplified)
def test_both_scripts_are_the_same_tokens(script, text):
    assert cut(converters[script].convert(text)) == cut(text)


@given(any_text)
def test_a_query_asks_for_nothing_that_its_own_text_lacks(text):
    assert set(terms(text)) <= set(cut(text))


@given(st.lists(st.sampled_from("婚姻登记a1 ，（😀\x00"), max_size=30).map("".join), st.data())
def test_a_part_of_a_text_is_found_in_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    chinese = [term for term in terms(part) if not term.isascii()]
    assert set(chinese) <= set(cut(text))


@given(any_text)
def test_tokens_are_letters_and_digits_only(text):
    """What databases take for operators cannot occur, nor what they refuse."""
    for token in [*cut(text), *terms(text)]:
        assert token.isalnum()
        assert token == normalise(token)
        assert len(token) <= MAX_TOKEN_CHARACTERS


@pytest.mark.parametrize("query", ["QUJD" * 40, "QUJD" * 10_000])
def test_a_word_without_end_is_found_by_its_beginning(query):
    assert terms(query) == cut("QUJD" * 3_000) == [("qujd" * 40)[:MAX_TOKEN_CHARACTERS]]


@pytest.mark.parametrize("char", ["婚", "\ufdfa", "\u3315 "])
def test_texts_of_one_vector_share_one_limit(char):
    """Some characters become eighteen when they are normalised."""
    texts = ["名称", char * MAX_INDEXED_CHARACTERS, char * 100]
    name, long, last = cut_together(texts)
    assert name == ["名", "名称", "称"]
    assert sum(map(len, long)) <= 3 * MAX_INDEXED_CHARACTERS
    assert long
    assert last == []


@given(any_text)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


def test_long_queries_are_bounded():
    assert len(terms("".join(chr(0x4E00 + n) for n in range(10_000)))) <= MAX_TERMS
    assert len(readable("婚" * 10_000)) == MAX_QUERY_CHARACTERS


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("办" * 195 + "13800000000", "办" * 195),
        ("办" * 195 + " 138 0000 0000 怎么办", "办" * 195),
        ("办" * 195 + "１３８００００００００", "办" * 195),
        ("办" * 190 + "23030219900101123X", "办" * 190),
        ("办" * 195 + "zhang.san@example.org", "办" * 195),
        ("\u200b" * 50 + "办" * 195 + "138\u200b00000000", "办" * 195),
        ("办" * 189 + "13800000000", "办" * 189 + "13800000000"),
        ("办" * 195 + "123456789", "办" * 195 + "12345"),  # nobody's
    ],
)
def test_a_query_is_not_shortened_within_a_number_of_somebody(typed, shown):
    """A part of it is no longer known for one, where it is logged."""
    assert readable(typed) == shown


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("食品(生产)许可,多少钱?", "食品（生产）许可，多少钱？"),
        ("驾照(c1)", "驾照（c1）"),
        ("8:30到1,000元", "8:30到1,000元"),
        ("wifi (5g)", "wifi (5g)"),
        ("", ""),
    ],
)
def test_chinese_is_shown_with_its_own_punctuation(said, printed):
    assert as_printed(said) == printed
    assert normalise(printed) == said


@given(any_text)
def test_a_query_can_be_shown_again(text):
    shown = readable(text)
    assert shown.encode().decode() == shown
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in shown)
    assert shown == shown.strip()


def found(text, query):
    return [text[start:end] for start, end in places(text, terms(query))]


def test_places_are_whole_words():
    assert found("办理婚姻登记的婚姻双方", "婚姻登记") == ["婚姻登记", "婚姻"]
    assert found("使用Ａ４纸，A41不行", "a4") == ["Ａ４"]
    assert found("婚姻登記", "婚姻登记") == ["婚姻登記"]
    assert found("婚\u200b姻登记", "婚姻") == ["婚\u200b姻"]
    assert found("证明", "证") == ["证"]
    assert found("证明", "无") == []


@given(any_text, any_text)
def test_places_stay_inside_the_text(text, query):
    end = 0
    for start, stop in places(text, terms(query)):
        assert end <= start < stop <= len(text)
        end = stop
