"""From an uploaded file to rows that can be judged: what the file is, what its columns mean, its rows in batches."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from listings.models import Dealer, Import, ImportMapping, ImportRow

from . import readers
from .columns import BY_NAME, HEADERS, guess
from .errors import CellError, FileError
from .mappings import load_mapping, recognised_mapping
from .readers import Kind, Row, Sheet, SourceFile
from .reference import ReferenceLookup
from .values import parse_row

BATCH = 500
"""Rows that are judged and written together: one transaction, a constant number of queries."""
SAMPLES = 3
"""Values of a column that the mapping page shows."""
SAMPLE_ROWS = 30
KEYS = ("external_id", "vin")
"""One of them must have a column, or a car could not be found again."""

T = TypeVar("T")


@dataclass
class SourceRow:
    """A row as it is judged: by its cells, or by what was typed in their place."""

    number: int
    cells: Mapping[str, str]
    photos: tuple[str, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: ImportRow) -> "SourceRow":
        return cls(row.number, row.cells, tuple(row.photos), row.corrections)


@dataclass(frozen=True)
class Parsed:
    """Values by listing field, errors, and for each column the header and the text that it was read from."""

    values: dict[str, Any]
    errors: list[CellError]
    cells: Mapping[str, str]


class Mapper:
    """Knows how the columns of one import are meant."""

    def __init__(self, job: Import, reference: ReferenceLookup) -> None:
        self._reference = reference
        self._foreign = load_mapping(job.built_in) if job.built_in else None
        self._columns = {header: column for header, column in job.mapping.items() if column in BY_NAME}
        self._headers = {column: header for header, column in self._columns.items()}

    def parse(self, row: SourceRow) -> Parsed:
        if self._foreign:
            return self._parse_foreign(row)
        cells = {column: row.cells.get(header, "") for header, column in self._columns.items()}
        if row.photos and "photos" not in cells:
            cells["photos"] = " ".join(row.photos)
        cells.update(row.corrections)
        values, errors = parse_row(cells, self._reference)
        return Parsed(values, errors, cells)

    def header(self, column: str) -> str:
        """What the column is called in the file; in our own form where the file does not have it."""
        return self._headers.get(column) or HEADERS.get(column) or column

    def column_of(self, field_name: str) -> str:
        """The column of the file that fills a field."""
        named = (name for name in self._headers if BY_NAME[name].field == field_name)
        return next(named, field_name)

    def _parse_foreign(self, row: SourceRow) -> Parsed:
        cells = {**row.cells, **row.corrections}
        assert self._foreign is not None  # noqa: S101  for the type checker
        try:
            return Parsed(self._foreign(cells, self._reference), [], cells)
        except CellError as error:
            return Parsed({}, [error], cells)
        except KeyError as error:
            raise FileError(_("The file has no column %s.") % error) from error


def inspect_file(job: Import) -> None:
    """Fills in what the file is, its sheets and how its columns were meant before, or seem to be. Raises FileError."""
    # A feed is called by a name that somebody gave it, not by that of a file.
    source = readers.inspect(job.path, "" if job.feed_id else job.filename)
    job.kind, job.encoding, job.delimiter = source.kind, source.encoding, source.delimiter
    job.sheets = [
        {"name": sheet.name, "header": list(sheet.header), "header_row": sheet.header_row} for sheet in source.sheets
    ]
    choose_sheet(job, source.sheets[0].name)


def choose_sheet(job: Import, name: str) -> None:
    """Takes another sheet of the file, with the meaning of its columns."""
    header = header_of(job, name)
    job.sheet, job.built_in = name, recognised_mapping(header)
    job.mapping = remembered(job.dealer, header) or guess(header)
    job.total = estimated_rows(job)


def is_understood(job: Import) -> bool:
    """Whether the columns that remembering or guessing found are enough to begin."""
    return bool(job.built_in) or any(column in KEYS for column in job.mapping.values())


def header_of(job: Import, name: str | None = None) -> list[str]:
    wanted = job.sheet if name is None else name
    found = next((sheet["header"] for sheet in job.sheets if sheet["name"] == wanted), None)
    if found is None:
        raise FileError(_("The file has no sheet “%s”.") % wanted)
    return list(found)


def remembered(dealer: Dealer, header: Iterable[str]) -> dict[str, str]:
    known = ImportMapping.objects.filter(dealer=dealer, signature=signature(header)).first()
    return {title: column for title, column in known.mapping.items() if column in BY_NAME} if known else {}


def remember(job: Import) -> None:
    """So that the dealer's next file with these headers is understood without a question."""
    ImportMapping.objects.update_or_create(
        dealer=job.dealer, signature=signature(header_of(job)), defaults={"mapping": job.mapping}
    )


def signature(header: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()


def source_rows(job: Import, *, after: int = 0, on_row: Callable[[int], None] = lambda number: None) -> Iterator[Row]:
    """The rows of the chosen sheet behind the row `after`. `on_row` hears of every row that is passed over."""
    source = SourceFile(
        Kind(job.kind),
        job.encoding,
        job.delimiter,
        tuple(Sheet(sheet["name"], tuple(sheet["header"]), sheet["header_row"]) for sheet in job.sheets),
    )
    for row in readers.rows(job.path, source, job.sheet):
        if row.number > after:
            yield row
        else:
            on_row(row.number)


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def samples(job: Import) -> dict[str, list[str]]:
    """Some different values of each column, to recognise it by. Raises FileError."""
    found: dict[str, list[str]] = {header: [] for header in header_of(job)}
    for row in islice(source_rows(job), SAMPLE_ROWS):
        for header, text in row.cells.items():
            known = found.setdefault(header, [])
            if text.strip() and len(known) < SAMPLES and text not in known:
                known.append(text)
    return found


def estimated_rows(job: Import) -> int:
    """How many rows there may be, for the progress bar; 0 if that cannot be told quickly."""
    if job.kind != Kind.CSV:
        return 0
    line_end = "\n".encode(job.encoding.removesuffix("-sig"))[-2:].strip(b"\xff\xfe") or b"\n"
    with job.path.open("rb") as file:
        lines = sum(block.count(line_end) for block in iter(lambda: file.read(1024 * 1024), b""))
    return max(lines - _header_row(job), 1)


def _header_row(job: Import) -> int:
    return next(int(sheet["header_row"]) for sheet in job.sheets if sheet["name"] == job.sheet)
