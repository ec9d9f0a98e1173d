"""What counts as a phone that a citizen in China can dial."""

import re

import phonenumbers

# 110, 12345, 12333, 96700: hotlines that no numbering plan for subscribers lists
_HOTLINE = re.compile(r"1\d{2}|1[02]\d{3}|9\d{4}")
# A number that starts otherwise lacks its area code, and can be dialled within one place only.
_WITH_AREA = re.compile(r"\+|[(（]?0|1|[48]00")
_SEPARATORS = re.compile(r"[,，、;；/]|\s{2,}")


def phones_in(text: str) -> list[str]:
    """The numbers in a field that may hold several, separated by 、 , ; or /."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def is_phone(number: str) -> bool:
    """Whether `number` can be dialled from the city: a line with its area code, a mobile, 400, or a
    hotline; an extension may follow (转 or ext)."""
    number = number.replace("转", " ext ")
    if _HOTLINE.fullmatch(number.strip()):
        return True
    if not _WITH_AREA.match(number.strip()):
        return False
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed)


def digits(number: str) -> str:
    """For telling whether two ways of writing are the same number."""
    return re.sub(r"\D", "", number)
