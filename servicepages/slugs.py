"""Addresses people can read out: the pinyin of a Chinese title."""

from django.utils.text import slugify
from pypinyin import lazy_pinyin


def pinyin_slug(title: str, longest: int = 60) -> str:
    """`title` in pinyin, lower case, words joined by hyphens, cut at a syllable to at most `longest`
    characters. Never empty: a title without a single letter gives "item"."""
    slug = slugify(" ".join(lazy_pinyin(title, errors=lambda run: slugify(run) or " ")))
    if len(slug) > longest:
        slug = slug[: longest + 1].rsplit("-", 1)[0][:longest]
    return slug or "item"
