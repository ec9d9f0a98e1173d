"""What a hit shows of a guide: the line that was found, cut, marked, and public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.passages import LENGTH, marked, passage, sentences
from search.text import terms
from servicepages.models import ServiceItemPage


def shown(item, query):
    """The passage as people read it, found words in brackets."""
    return "".join(
        f"[{piece.text}]" if piece.is_found else piece.text for piece in passage(item, terms(query))
    )


# A page looks up its content type when it is made.
pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return ServiceItemPage(
        title="婚姻登记",
        who_may_apply="男女双方自愿。",
        conditions=[
            ("condition", {"text": "年满二十二周岁的公民"}),
            ("condition", {"text": "持户口簿和身份证"}),
        ],
        materials=[("material", {"name": "身份证复印件", "file_kinds": ["picture"], "copies": 2})],
        approval_steps=[("step", {"name": "审查", "handler": "金丝雀", "mobile": "13900001234"})],
        own_hall="金丝雀厅",
        offline_reason="金丝雀由",
        item_type="licence",
    )


def test_the_line_with_the_words_is_shown(item):
    assert shown(item, "戶口簿") == "持[户口簿]和身份证"
    assert shown(item, "复印件") == "身份证[复印件]"


def test_the_line_with_most_of_the_words_is_shown(item):
    assert shown(item, "身份证 户口") == "持[户口]簿和[身份证]"


def test_where_only_the_name_has_them_it_says_who_may_apply(item):
    assert shown(item, "婚姻") == "男女双方自愿。"


def test_an_empty_guide_has_no_passage():
    assert passage(ServiceItemPage(title="婚姻登记"), ["婚姻"]) == []


def test_nothing_internal_and_no_codes(item):
    text = "\n".join(sentences(item))
    assert "审查" in text
    for hidden in ("金丝雀", "13900001234", "picture", "licence", "婚姻登记"):
        assert hidden not in text


def test_an_item_with_sub_items_shows_what_its_page_shows(item):
    """Its own sheet may still be filled in from before it had sub-items."""
    item.legal_bases = [("legal_basis", {"law": "婚姻登记条例", "quotation": "应当进行审查"})]
    item.numchild = 1
    item.has_live_sub_items = True
    assert sentences(item) == ["婚姻登记条例", "应当进行审查"]
    assert shown(item, "户口簿") == ""


def test_a_long_line_is_cut_around_the_words():
    sentence = "这是一句与查询毫无关系的说明文字。"
    item = ServiceItemPage(who_may_apply=sentence * 30 + "需要提交户口簿原件。" + sentence * 30)
    text = shown(item, "户口簿")
    assert text.startswith("…需要提交[户口簿]原件。")
    assert text.endswith("…")
    assert len(text) <= LENGTH + 4


def test_a_long_line_without_sentences_is_cut_near_the_words():
    text = shown(ServiceItemPage(who_may_apply="无" * 500 + "户口簿" + "无" * 500), "户口簿")
    assert "[户口簿]" in text
    assert len(text) <= LENGTH + 4


@given(st.text(), st.text())
def test_marking_changes_no_text(text, query):
    assert "".join(piece.text for piece in marked(text, terms(query))) == text


@given(st.text(alphabet="婚姻登记。 a<&\n", max_size=400), st.text(alphabet="婚姻登记a ", max_size=6))
def test_a_passage_never_fails(text, query):
    assert (
        len("".join(piece.text for piece in passage(ServiceItemPage(who_may_apply=text), terms(query))))
        <= LENGTH + 2
    )
