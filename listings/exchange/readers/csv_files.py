"""CSV and other texts with one row a line: encoding and delimiter are found out from the content."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from listings.exchange.columns import recognise
from listings.exchange.errors import FileError
from listings.exchange.formulas import FLOATED, restore

from .base import MAX_CELL, Kind, NumberedRow, Row, Sheet, SourceFile, data_rows, find_sheet, sort_sheets, trimmed

DELIMITERS = ";,\t|"
SAMPLE_ROWS = 50
BLOCK = 1024 * 1024


def inspect(path: Path, kind: Kind) -> SourceFile:
    encoding = find_encoding(path)
    scored = [(_score(path, encoding, delimiter), delimiter) for delimiter in DELIMITERS]
    delimiter = max(scored, key=lambda pair: pair[0])[1]
    sheet = find_sheet("", _records(path, encoding, delimiter))
    return SourceFile(kind, encoding, delimiter, sort_sheets([sheet]))


def rows(path: Path, source: SourceFile, sheet: Sheet) -> Iterator[Row]:
    records = _records(path, source.encoding, source.delimiter)
    return data_rows(_same_width(records, sheet, source.delimiter), sheet)


def find_encoding(path: Path) -> str:
    """UTF-8 and UTF-16 by their marks, UTF-8 if all of it is, else CP1251. Raises FileError."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(BOM_UTF8):
            encodings = ["utf-8-sig"]
        elif start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            encodings = ["utf-16"]
        else:
            encodings = ["utf-8", "cp1251"]
    for encoding in encodings:
        if _decodes(path, encoding):
            return encoding
    raise FileError(_("The letters of the file cannot be read: save it as CSV in UTF-8 and upload it again."))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if "\x00" in decoder.decode(block):
                    raise FileError(_("This is no text file: it has characters that no text has."))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[NumberedRow]:
    # The limit is the module's own; every reader of ours sets the same.
    csv.field_size_limit(MAX_CELL)
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        try:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                yield number, [_cell(cell) for cell in cells]
        except csv.Error as error:
            reason = _("The text behind row %(row)d cannot be divided into cells: a quotation mark is not closed.")
            raise FileError(reason % {"row": number}) from error
        except UnicodeDecodeError as error:
            raise FileError(_("The letters of the file cannot be read.")) from error


def _cell(cell: str) -> str:
    if cell.endswith(".0") and FLOATED.fullmatch(cell):
        return cell[:-2]
    return restore(cell) if cell.startswith("'") else cell


def _same_width(records: Iterator[NumberedRow], sheet: Sheet, delimiter: str) -> Iterator[NumberedRow]:
    """Refuses a row with more cells than the header: its values would stand under wrong names."""
    width = len(sheet.header)
    for number, cells in records:
        if number > sheet.header_row and len(cells) > width and len(trimmed(cells)) > width:
            reason = _(
                "Row %(row)d has more cells than the header: put a text that has “%(delimiter)s” in quotation marks."
            )
            raise FileError(reason % {"row": number, "delimiter": delimiter})
        yield number, cells


def _score(path: Path, encoding: str, delimiter: str) -> tuple[int, int, int]:
    """How much like a table the file is with a delimiter: known names, rows of the usual width, the width."""
    try:
        sample = [cells for _number, cells in islice(_records(path, encoding, delimiter), SAMPLE_ROWS)]
    except FileError:
        return 0, 0, 0
    known = max((sum(1 for cell in cells if recognise(cell)) for cells in sample), default=0)
    widths = Counter(len(cells) for cells in sample if len(cells) > 1)
    width, usual = widths.most_common(1)[0] if widths else (0, 0)
    return known, usual, width
