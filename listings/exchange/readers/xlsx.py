"""XLSX, row by row: memory holds one row and the texts that cells share."""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from listings.exchange.errors import FileError
from listings.exchange.formulas import restore

from .base import (
    MAX_NUMBER,
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

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
SHEET_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
MAX_TAIL = 5 * 1024 * 1024
"""Bytes behind a sheet's cells, where the merged ranges stand: about 100,000 of them."""
BLOCK = 1024 * 1024


def inspect(path: Path, kind: Kind) -> SourceFile:
    with damaged_as("XLSX"), _workbook(path) as workbook:
        sheets = [
            find_sheet(sheet.title, _numbered(sheet, {}))
            for sheet in workbook.worksheets
            if sheet.sheet_state == "visible"
        ]
    return SourceFile(kind, "", "", sort_sheets(sheets))


def rows(path: Path, source: SourceFile, sheet: Sheet) -> Iterator[Row]:
    return guarded("XLSX", lambda: _rows(path, sheet))


def _rows(path: Path, sheet: Sheet) -> Iterator[Row]:
    with _workbook(path) as workbook:
        worksheet = workbook[sheet.name]
        merged = _merged(workbook, worksheet, sheet.header_row)
        yield from data_rows(_numbered(worksheet, merged), sheet)


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    # An open file: of a path openpyxl judges the ending, and uploads are kept without one.
    with path.open("rb") as file:
        with warnings.catch_warnings():
            # About styles and extensions that it does not know; values are what we came for.
            warnings.simplefilter("ignore")
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()


def _numbered(worksheet: Any, merged: dict[int, list[tuple[int, int]]]) -> Iterator[NumberedRow]:
    # The size that a sheet claims may be the whole sheet's; the rows themselves know better.
    worksheet.reset_dimensions()
    repeated = MergedCells()
    for number, values in enumerate(worksheet.iter_rows(values_only=True), start=1):
        if number > MAX_NUMBER:
            raise FileError(_("The file has more than %(limit)d rows: split it.") % {"limit": MAX_NUMBER})
        cells = [as_text(value) for value in values]
        for column, last_row in merged.get(number, ()):
            repeated.begin(column, last_row, cells[column] if column < len(cells) else "")
        yield number, repeated.fill(number, cells)


def _merged(workbook: Any, worksheet: Any, header_row: int) -> dict[int, list[tuple[int, int]]]:
    """First row to the columns that are merged downwards from it and their last rows. openpyxl skips them here."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for reference in MERGED.findall(_tail(workbook, worksheet)):
        column, first, _last_column, last = range_boundaries(reference.decode())
        if first > header_row and last > first:
            found[first].append((column - 1, last))
    return found


def _tail(workbook: Any, worksheet: Any) -> bytes:
    """The part of the sheet's XML behind its cells."""
    with workbook._archive.open(worksheet._worksheet_path) as file:
        block = b""
        while more := file.read(BLOCK):
            block = block[-64:] + more
            if end := SHEET_END.search(block):
                return block[end.end() :] + bytes(file.read(MAX_TAIL))
    return b""


def as_text(value: Any) -> str:
    """A cell's value as a person would type it."""
    if isinstance(value, str):
        return restore(value) if value.startswith("'") else value
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return "" if value is None else str(value)
