"""Every text that a person reads is there in each language. That the catalogues hold every text of the
sources is checked by `make check-messages`, which needs gettext's own tools."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh_Hans", "zh_Hant", "en")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}|%%")


def messages(language):
    """Messages by (context, id), without the header."""
    path = ROOT / "cms/locale" / language / "LC_MESSAGES/django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {(message.context, message.id): message for message in catalogue if message.id}


def texts(value):
    return list(value) if isinstance(value, list | tuple) else [value]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language):
    unfinished = [
        key for key, message in messages(language).items() if message.fuzzy or not all(texts(message.string))
    ]
    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_its_original_fills_in(language):
    """A translation that lost a placeholder loses a name or a date; one that has another raises."""
    wrong = []
    for key, message in messages(language).items():
        allowed = {frozenset(PLACEHOLDER.findall(text)) for text in texts(message.id)}
        # A plural may leave out the number that its singular spells, so any of the originals will do.
        wrong += [
            (key, text)
            for text in texts(message.string)
            if frozenset(PLACEHOLDER.findall(text)) not in allowed
        ]
    assert wrong == []


def test_the_catalogues_hold_the_same_texts():
    first, *others = (set(messages(language)) for language in LANGUAGES)
    assert first
    for other in others:
        assert other == first


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_chinese_is_written_in_its_own_script(language):
    """A catalogue copied from the other script passes every other check here."""
    from opencc import OpenCC

    convert = OpenCC("s2t" if language == "zh_Hans" else "t2s").convert
    chinese = "".join(text for message in messages(language).values() for text in texts(message.string))
    assert convert(chinese) != chinese
    same_script = OpenCC("t2s" if language == "zh_Hans" else "s2t").convert
    changed = [
        (before, after)
        for before, after in zip(chinese, same_script(chinese), strict=False)
        if before != after
    ]
    assert len(changed) <= len(chinese) // 100, changed[:20]
