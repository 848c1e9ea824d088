"""Mappings of foreign files: one module each, found by its name.

A mapping has `map_row(row, reference) -> dict` of a listing's field values and raises CellError for a value that it
does not know. It never guesses.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from listings.exchange.reference import ReferenceLookup

MapRow = Callable[[dict[str, str], ReferenceLookup], dict[str, Any]]


def mapping_names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__))


def load_mapping(name: str) -> MapRow:
    map_row: MapRow = import_module(f"{__name__}.{name}").map_row
    return map_row
