"""Phone numbers as people type them, brought to E.164. Belarusian ones first."""

import re

_SEPARATORS = re.compile(r"[\s()\-–—.\u00a0]")
_BELARUS = re.compile(r"\+375(?:17|25|29|33|44|[12]\d)\d{7}")
_ANY = re.compile(r"\+[1-9]\d{8,14}")

MOBILE_CODES = ("25", "29", "33", "44")


def to_e164(value: str) -> str | None:
    """`8 029 123-45-67`, `80291234567`, `291234567` and `375291234567` are all +375291234567. None: no phone."""
    digits = _SEPARATORS.sub("", value)
    if not re.fullmatch(r"\+?[0-9]{7,16}", digits):
        return None
    if not digits.startswith("+"):
        digits = _with_country(digits)
    if digits.startswith("+375"):
        return digits if _BELARUS.fullmatch(digits) else None
    return digits if _ANY.fullmatch(digits) else None


def _with_country(digits: str) -> str:
    """A number without "+" is meant in Belarus unless it begins like one of another country."""
    if digits.startswith("00"):
        return "+" + digits[2:]
    if re.fullmatch(r"80\d{9}", digits):
        return "+375" + digits[2:]
    if len(digits) == 9 and digits.startswith(MOBILE_CODES):
        return "+375" + digits
    return "+" + digits
