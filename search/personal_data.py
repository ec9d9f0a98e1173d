"""Numbers and addresses of people in what is typed: never kept, and never cut in two, which would hide them."""

import re
import unicodedata

MASK = "×"
# What is read behind the place where a text is cut, to see whether a number or an address goes on there.
READ_ON = 100
_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Spaces and hyphens as people put them into numbers: 138 0000 0000, 230302 19900101 1234.
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_SPACED_IDENTITY = re.compile(r"(?<![0-9])[0-9]{6}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3}[0-9x](?![0-9])")
# Whole words; codes of items have 12 or 31 characters and stay readable.
_NUMBER = re.compile(r"(?<![0-9a-z])(?:[0-9]{11}|[a-z]*(?:[0-9]{15,19}|[0-9]{17}x)[a-z]*)(?![0-9a-z])")
_DIGIT = re.compile(r"[0-9]")


def _masked(match):
    return _DIGIT.sub(MASK, match[0])


def without_personal_data(text: str) -> str:
    """A normalised text without mobile, identity and bank card numbers (digits become ×) and without e-mail
    addresses (×@×)."""
    text = _EMAIL.sub(f"{MASK}@{MASK}", text)
    for pattern in (_MOBILE, _SPACED_IDENTITY, _NUMBER):
        text = pattern.sub(_masked, text)
    return text


def cut_outside(text: str, limit: int) -> str:
    """The first `limit` characters of a text as typed; where the limit stands inside somebody's number or
    address, those before it. A part of a number would no longer be known for one."""
    if len(text) <= limit:
        return text
    seen = "".join(map(_one_for_one, text[: limit + READ_ON]))
    starts = [
        match.start()
        for pattern in (_EMAIL, _MOBILE, _SPACED_IDENTITY, _NUMBER)
        for match in pattern.finditer(seen)
        if match.start() < limit < match.end()
    ]
    return text[: min([limit, *starts])]


def _one_for_one(char):
    """As `search.text.normalise` has it where that is one character, so that places stay what they are."""
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char
