"""The codes of the national scheme of service items (政務服務事項基本目錄及實施清單).

A basic code has 12 digits and is the same wherever the item is handled. An implementation code has
31 characters: the unified social credit code of the implementing body (18, GB 32100-2015), a digit
for the level at which it is exercised, and the basic code.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as InvalidNumber

from servicepages.vocabulary import ImplementationLevel

BASIC_CODE_LENGTH = 12
IMPLEMENTATION_CODE_LENGTH = 31
BASIC_CODE = re.compile(r"[0-9A-Z]{12}")


def check_basic_code(code: str) -> None:
    """Raises ValidationError with a sentence where `code` is no basic code."""
    if not BASIC_CODE.fullmatch(code):
        raise ValidationError(_("A basic code has 12 digits or capital letters."))


def check_implementation_code(code: str, basic_code: str = "") -> None:
    """Raises ValidationError with a sentence that names the wrong part of an implementation code."""
    if len(code) != IMPLEMENTATION_CODE_LENGTH:
        raise ValidationError(
            _("An implementation code has 31 characters; this has %(length)d.") % {"length": len(code)}
        )
    credit_code, level, tail = code[:18], code[18], code[19:]
    try:
        uscc.validate(credit_code)
    except InvalidNumber as error:
        raise ValidationError(
            _("The first 18 characters are no unified social credit code (its check character is wrong).")
        ) from error
    if level not in {str(value) for value in ImplementationLevel.values}:
        raise ValidationError(_("The 19th character is the level, a digit from 1 to 6."))
    check_basic_code(tail)
    if basic_code and tail != basic_code:
        raise ValidationError(_("The last 12 characters are not the basic code of this item."))
