"""Keeps texts from being run as formulas when an exported table is opened, and takes the protection off again."""

import re
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a text that begins with one of these."""
FLOATED = re.compile(r"\d{3,}\.0")
"""How other programs store a whole number that was read as a fraction: 12345.0 was 12345. A text that really is like
that is protected in the same way."""


def neutralise(value: Any) -> str:
    """The text behind an apostrophe if it begins like a formula. `restore` gives back exactly what was there."""
    text = str(value)
    return f"'{text}" if _is_risky(text) or restore(text) != text else text


def restore(text: str) -> str:
    """The text without the apostrophe of `neutralise`; other people's apostrophes stay."""
    return text[1:] if text.startswith("'") and (text.startswith("''") or _is_risky(text[1:])) else text


def _is_risky(text: str) -> bool:
    return text.startswith(FORMULA_STARTS) or (text.endswith(".0") and FLOATED.fullmatch(text) is not None)
