"""What all readers share: the shapes they give back, the limits they keep, the search for the header."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listings.exchange.columns import recognise
from listings.exchange.errors import FileError

MAX_BYTES = 100 * 1024 * 1024
"""Of a file as it is uploaded."""
MAX_ROWS = 200_000
"""Filled rows of a sheet, cars of an XML or JSON file."""
MAX_NUMBER = 1_048_576
"""The last row that a spreadsheet has; a damaged file may name rows far behind it."""
MAX_COLUMNS = 300
MAX_CELL = 32_767
"""Characters: what a cell of a spreadsheet can hold."""
HEADER_ROWS = 50
"""The header is looked for in the first rows: titles, dates and contacts stand above it."""


class Kind(TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    ODS = "ods", "ODS"
    AUTORU = "autoru", gettext_lazy("XML of auto.ru")
    MAXPOSTER = "maxposter", gettext_lazy("XML of MaxPoster")
    JSON = "json", "JSON"


@dataclass(frozen=True)
class Sheet:
    name: str
    header: tuple[str, ...]
    header_row: int


@dataclass(frozen=True)
class Row:
    """`number` counts as a spreadsheet does; in XML and JSON it is the n-th car. `cells` are by column header."""

    number: int
    cells: dict[str, str]
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """What a file is and holds. The sheet that looks most like a list of cars comes first."""

    kind: Kind
    encoding: str
    delimiter: str
    sheets: tuple[Sheet, ...]


NumberedRow = tuple[int, Sequence[str]]


def find_sheet(name: str, rows: Iterable[NumberedRow]) -> Sheet | None:
    """The header is the first row with the most known names; without any, the first with two filled cells."""
    best: tuple[int, int, Sequence[str]] | None = None
    for number, cells in rows:
        if number > HEADER_ROWS:
            break
        filled = [cell for cell in cells if cell.strip()]
        known = len({found[0] for cell in filled if (found := recognise(cell))})
        if len(filled) > 1 and (best is None or known > best[0]):
            best = known, number, cells
    if best is None:
        return None
    return Sheet(name, header_names(best[2]), best[1])


def header_names(cells: Sequence[str]) -> tuple[str, ...]:
    """One different name for each column: "Цена", "Цена (2)"; a column without a name is called by its letter."""
    names: list[str] = []
    for index, cell in enumerate(trimmed(cells)):
        name = " ".join(cell.split()) or f"({letters(index)})"
        count = 2
        unique = name
        while unique in names:
            unique, count = f"{name} ({count})", count + 1
        names.append(unique)
    return tuple(names)


def sort_sheets(sheets: Iterable[Sheet | None]) -> tuple[Sheet, ...]:
    """Those with a header, the most known names first. Raises FileError when there is none."""
    found = [sheet for sheet in sheets if sheet]
    if not found:
        raise FileError(_("No table was found in the file: it needs a row with the names of the columns."))
    return tuple(sorted(found, key=lambda sheet: -sum(1 for name in sheet.header if recognise(name))))


def data_rows(rows: Iterable[NumberedRow], sheet: Sheet) -> Iterator[Row]:
    """The filled rows below the header, as cells by column header. Raises FileError at a limit."""
    width, count = len(sheet.header), 0
    for number, cells in rows:
        if number <= sheet.header_row or not any(cells):
            continue
        count += 1
        check_count(count)
        check_cells(number, cells)
        padded = [*cells[:width], *[""] * (width - len(cells))]
        if any(map(str.strip, padded)):
            yield Row(number, dict(zip(sheet.header, padded, strict=True)))


def check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise FileError(_("The file has more than %(limit)d rows: split it.") % {"limit": MAX_ROWS})


def check_cells(number: int, cells: Sequence[str]) -> None:
    """Refuses too many cells, too long ones and characters that no text has."""
    if len(cells) > MAX_COLUMNS and len(trimmed(cells)) > MAX_COLUMNS:
        raise FileError(_("Row %(row)d has more than %(limit)d columns.") % {"row": number, "limit": MAX_COLUMNS})
    text = "".join(cells)
    if len(text) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
        raise FileError(
            _("A cell in row %(row)d has more than %(limit)d characters.") % {"row": number, "limit": MAX_CELL}
        )
    if "\x00" in text:
        raise FileError(_("Row %(row)d has characters that no text has: the file is damaged.") % {"row": number})


def trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Without the empty cells at the end."""
    last = len(cells)
    while last and not cells[last - 1].strip():
        last -= 1
    return cells[:last]


def letters(index: int) -> str:
    """The name of a column in a spreadsheet: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def pick_sheet(source: SourceFile, name: str) -> Sheet:
    """The sheet of a name, or the first. Raises FileError."""
    if not name:
        return source.sheets[0]
    found = next((sheet for sheet in source.sheets if sheet.name == name), None)
    if found is None:
        raise FileError(_("The file has no sheet “%s”.") % name)
    return found


class MergedCells:
    """Repeats the value of cells that were merged downwards, in the rows that they cover."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, column: int, last_row: int, value: str) -> None:
        self._open[column] = last_row, value

    def fill(self, number: int, cells: list[str]) -> list[str]:
        for column, (last_row, value) in list(self._open.items()):
            if number > last_row:
                del self._open[column]
            elif value:
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = cells[column] or value
        return cells


@contextmanager
def damaged_as(kind: str) -> Iterator[None]:
    """Libraries fail on damaged files in many ways, which all mean the same to the one who uploaded it."""
    try:
        yield
    except FileError:
        raise
    except Exception as error:
        raise FileError(_("The file is damaged and cannot be read as %s.") % kind) from error


def guarded(kind: str, rows: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """The same for a generator, without catching what its consumer raises."""
    with damaged_as(kind):
        iterator = rows()
    while True:
        with damaged_as(kind):
            item = next(iterator, None)
        if item is None:
            return
        yield item
