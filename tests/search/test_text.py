"""The same word is the same token, however it is written, on both sides of the index."""

import unicodedata

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import MAX_QUERY_CHARACTERS, MAX_TERMS, cut, normalise, places, readable, terms

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


@given(any_text)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


def test_long_queries_are_bounded():
    assert len(terms("".join(chr(0x4E00 + n) for n in range(10_000)))) <= MAX_TERMS
    assert len(readable("婚" * 10_000)) == MAX_QUERY_CHARACTERS


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
