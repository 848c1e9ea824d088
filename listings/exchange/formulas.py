"""Keeps texts from being run as formulas when an exported table is opened, and takes the protection off again."""

from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a text that begins with one of these."""


def neutralise(value: Any) -> str:
    """The text behind an apostrophe if it begins like a formula. `restore` gives back exactly what was there."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) or restore(text) != text else text


def restore(text: str) -> str:
    """The text without the apostrophe of `neutralise`; other people's apostrophes stay."""
    return text[1:] if text.startswith("'") and text[1:2] in ("'", *FORMULA_STARTS) else text
