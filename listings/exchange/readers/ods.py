"""ODS, row by row.

Read by hand and not through odfpy: that holds the whole document as objects, and obeys a cell that says it is
repeated a billion times.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from listings.exchange.errors import FileError
from listings.exchange.formulas import restore

from .base import (
    HEADER_ROWS,
    MAX_COLUMNS,
    MAX_NUMBER,
    MAX_ROWS,
    Kind,
    MergedCells,
    NumberedRow,
    Row,
    Sheet,
    SourceFile,
    damaged_as,
    data_rows,
    find_sheet,
    guarded,
    sort_sheets,
)

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
DONE = (f"{TABLE}table-row", f"{TABLE}table", f"{OFFICE}automatic-styles")
"""Elements that are not needed any more when they end."""
MAX_DEPTH = 50
MAX_ELEMENTS = 50_000
"""Of one row: cells and the formatting in them."""


def inspect(path: Path, kind: Kind) -> SourceFile:
    found: list[Sheet | None] = []
    with damaged_as("ODS"):
        current, head = "", list[NumberedRow]()
        for name, number, cells in _all_rows(path):
            if name != current:
                found.append(find_sheet(current, head))
                current, head = name, []
            if number <= HEADER_ROWS:
                head.append((number, cells))
        found.append(find_sheet(current, head))
    return SourceFile(kind, "", "", sort_sheets(found))


def rows(path: Path, source: SourceFile, sheet: Sheet) -> Iterator[Row]:
    def numbered() -> Iterator[NumberedRow]:
        for name, number, cells in _all_rows(path, sheet):
            if name == sheet.name:
                yield number, cells

    return guarded("ODS", lambda: data_rows(numbered(), sheet))


def _all_rows(path: Path, only: Sheet | None = None) -> Iterator[tuple[str, int, list[str]]]:
    """Sheet, number and cells of every filled row. Merged cells are repeated below the header of the sheet `only`."""
    with _content(path) as file:
        name, number, filled = "", 0, 0
        merged = MergedCells()
        for row in _rows(file):
            if isinstance(row, str):
                name, number, filled, merged = row, 0, 0, MergedCells()
                continue
            repeated = _count(row, "number-rows-repeated", MAX_NUMBER)
            cells = _cells(row)
            if only and name == only.name and number >= only.header_row:
                _begin_merged(row, number + 1, merged, cells)
            if not any(cells) and not merged:
                number = min(number + repeated, MAX_NUMBER)
                continue
            for _copy in range(repeated):
                number += 1
                line = merged.fill(number, list(cells))
                if not any(line):
                    number += repeated - _copy - 1
                    break
                filled += 1
                if filled > MAX_ROWS:
                    raise FileError(_("The file has more than %(limit)d rows: split it.") % {"limit": MAX_ROWS})
                yield name, number, line


def _rows(file: Any) -> Iterator[Element | str]:
    """The names of the sheets, each before its rows. A row is thrown away when the next one comes."""
    count, parents = 0, list[Element]()
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            parents.append(element)
            count += 1
            if count > MAX_ELEMENTS or len(parents) > MAX_DEPTH:
                raise FileError(_("The table is too deep or a row in it too large."))
            if element.tag == f"{TABLE}table":
                count = 0
                yield element.get(f"{TABLE}name", "")
            continue
        parents.pop()
        if element.tag == f"{TABLE}table-row":
            yield element
            count = 0
        if element.tag in DONE:
            parents[-1].clear()


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in CELLS:
            continue
        text = _cell_text(cell)
        room = MAX_COLUMNS + 1 - len(cells)
        cells.extend([text] * min(_count(cell, "number-columns-repeated", MAX_NUMBER), max(room, 0)))
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _begin_merged(row: Element, number: int, merged: MergedCells, cells: list[str]) -> None:
    index = 0
    for cell in row:
        if cell.tag not in CELLS or index >= len(cells):
            continue
        span = _count(cell, "number-rows-spanned", MAX_NUMBER)
        if span > 1:
            merged.begin(index, number + span - 1, cells[index])
        index += _count(cell, "number-columns-repeated", MAX_NUMBER)


def _cell_text(cell: Element) -> str:
    """The value as a person would type it. Numbers and dates come from the value, not from how it is shown."""
    match cell.get(f"{OFFICE}value-type"):
        case "float" | "currency" | "percentage":
            number = float(cell.get(f"{OFFICE}value", "nan"))
            return str(int(number)) if number.is_integer() else format(number, ".15g")
        case "date":
            return cell.get(f"{OFFICE}date-value", "").removesuffix("T00:00:00").replace("T", " ")
        case "boolean":
            return "да" if cell.get(f"{OFFICE}boolean-value") == "true" else "нет"
        case _:
            text = "\n".join("".join(_letters(part)) for part in cell if part.tag == f"{TEXT}p")
            return restore(text)


def _letters(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        match child.tag.removeprefix(TEXT):
            case "s":
                yield " " * min(int(child.get(f"{TEXT}c", "1")), 1_000)
            case "tab":
                yield "\t"
            case "line-break":
                yield "\n"
            case _ if child.tag.startswith(TEXT):
                yield from _letters(child)
        yield child.tail or ""


def _count(element: Element, attribute: str, limit: int) -> int:
    return max(1, min(int(element.get(f"{TABLE}{attribute}", "1")), limit))


@contextmanager
def _content(path: Path) -> Iterator[Any]:
    with ZipFile(path) as archive, archive.open("content.xml") as file:
        yield file
