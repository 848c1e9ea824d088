"""Turns the blocks of a data file into what a StreamField stores."""

import json
from collections.abc import Callable
from typing import Any

from .source import paragraphs


def stream(blocks: list[dict[str, Any]], picture: Callable[[str], int]) -> str:
    """`picture` draws a picture of that kind and returns its id."""
    return json.dumps([{"type": block["type"], "value": _value(block["value"], picture)} for block in blocks])


def _value(value: Any, picture: Callable[[str], int]) -> Any:
    if isinstance(value, str):
        # The one block whose value is a text of its own: rich_text.
        return paragraphs(value)
    filled = dict(value)
    if "image" in filled:
        filled["image"] = picture(filled["image"])
    if "items" in filled:
        filled["items"] = [_item(item) for item in filled["items"]]
    return filled


def _item(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"answer": paragraphs(item["answer"])} if "answer" in item else item
