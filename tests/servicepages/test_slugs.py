import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicepages.slugs import pinyin_slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [("婚姻登记", "hun-yin-deng-ji"), ("A类许可 2", "a-lei-xu-ke-2"), ("！！！", "item"), ("", "item")],
)
def test_a_title_becomes_its_pinyin(title, slug):
    assert pinyin_slug(title) == slug


@given(st.text())
def test_any_title_gives_an_address(title):
    slug = pinyin_slug(title)
    assert slug
    assert len(slug) <= 60
    assert slug.isascii()
    assert all(character.isalnum() or character in "-_" for character in slug)
