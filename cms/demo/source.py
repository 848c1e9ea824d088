"""Reads the demo's data files and finds the reference rows that they name."""

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import CommandError
from django.db.models import Model

DATA = Path(__file__).parent / "data"
HEADINGS = {"##": "h2", "###": "h3"}
LISTS = {"-": "ul", "1.": "ol"}

Row = TypeVar("Row", bound=Model)


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"), parse_float=Decimal)


def find(model: type[Row], **key: str) -> Row:
    """The row of this slug or code, or one clear line about what is missing."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        raise CommandError(f"{_named(model, key.values())} is missing: run load_reference_data first.")
    return row


def find_all(model: type[Row], key: str, wanted: Iterable[str]) -> dict[str, Row]:
    """The rows of these slugs or codes, in one query, by them."""
    rows = {str(getattr(row, key)): row for row in model._default_manager.filter(**{f"{key}__in": {*wanted}})}
    if missing := sorted({*wanted} - rows.keys()):
        raise CommandError(f"{_named(model, missing)} is missing: run load_reference_data first.")
    return rows


def paragraphs(text: str) -> str:
    """Blocks divided by empty lines as rich text: "## " begins a heading, "- " and "1. " the items of a list."""
    return "".join(_block(block.strip().splitlines()) for block in text.strip().split("\n\n"))


def _block(lines: list[str]) -> str:
    mark = lines[0].split(" ", 1)[0]
    if mark in HEADINGS:
        return f"<{HEADINGS[mark]}>{lines[0].removeprefix(mark).strip()}</{HEADINGS[mark]}>"
    if mark in LISTS:
        items = "".join(f"<li>{line.split(' ', 1)[1]}</li>" for line in lines)
        return f"<{LISTS[mark]}>{items}</{LISTS[mark]}>"
    return f"<p>{' '.join(lines)}</p>".replace(" <br/>", "<br/>")


def _named(model: type[Model], keys: Iterable[str]) -> str:
    return f"{model._meta.object_name} {', '.join(keys)}"
