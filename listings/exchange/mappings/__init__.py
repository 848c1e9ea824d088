"""Built-in meanings of foreign files that are no list of a dealer's own: one module each, found by its name.

A mapping has `COLUMNS`, by which its files are recognised, and `map_row(row, reference) -> dict` of a listing's field
values. It raises CellError for a value that it does not know, and never guesses.
"""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from listings.exchange.reference import ReferenceLookup

MapRow = Callable[[dict[str, str], ReferenceLookup], dict[str, Any]]


@cache
def mapping_names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__))


def load_mapping(name: str) -> MapRow:
    map_row: MapRow = _module(name).map_row
    return map_row


def mapping_title(name: str) -> str:
    return str(_module(name).TITLE)


def recognised_mapping(header: Iterable[str]) -> str:
    """The mapping that is made for a file with these columns, or an empty text."""
    present = set(header)
    return next((name for name in mapping_names() if present >= _module(name).COLUMNS), "")


def _module(name: str) -> ModuleType:
    if name not in mapping_names():
        raise LookupError(name)
    return import_module(f"{__name__}.{name}")
