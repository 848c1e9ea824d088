"""Reads a foreign CSV file row by row, and creates the listings that are right, in batches."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from listings.bulk import create_listings
from listings.models import Dealer, Listing

from .errors import CellError
from .mappings import MapRow
from .reference import ReferenceLookup

BATCH = 500
MAX_CELL = 20_000
"""Characters; a longer cell is no car's, and may be an attack."""


class FileError(Exception):
    """The file as a whole cannot be read; the text says why."""


@dataclass(frozen=True)
class RowError:
    """One reason why a row was refused. `row` counts as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    value: str
    reason: str


@dataclass
class ImportResult:
    created: int = 0
    known: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)


def import_listings(
    path: Path, map_row: MapRow, dealer: Dealer, progress: Callable[[int], None] = lambda rows: None
) -> ImportResult:
    """Creates a published listing for every right row that is not there yet. Raises FileError.

    Rows are known by their external id, so that a second run, or one after a crash, goes on where it stopped.
    """
    result = ImportResult()
    reference = ReferenceLookup()
    batch: dict[str, Listing] = {}
    number = 1
    for number, row in _rows(path):
        try:
            listing = _listing(map_row(row, reference), dealer)
        except KeyError as error:
            raise FileError(_("The file has no column %s.") % error) from error
        except (CellError, ValidationError) as error:
            result.refused += 1
            result.errors += _row_errors(number, error)
            continue
        if listing.external_id in batch:
            result.known += 1
            continue
        batch[listing.external_id] = listing
        if len(batch) == BATCH:
            _write(batch, dealer, result)
            progress(number)
    _write(batch, dealer, result)
    progress(number)
    return result


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(MAX_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for number, row in enumerate(reader, start=2):
                if None in row or None in row.values():
                    raise FileError(_("Row %d has another number of cells than the header.") % number)
                yield number, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(str(error)) from error


def _listing(values: dict[str, object], dealer: Dealer) -> Listing:
    listing = Listing(dealer=dealer, **values)
    # A new row has none, and saying so saves a query for each when it is written into its revision.
    listing.photos, listing.equipment, listing.payment_types = [], [], []
    listing.fill_in()
    # Foreign keys come from the reference data and uniqueness is checked per batch: no query per row.
    keys = [field.name for field in Listing._meta.fields if field.is_relation]
    listing.clean_fields(exclude=[*keys, "slug", "uuid"])
    return listing


def _write(batch: dict[str, Listing], dealer: Dealer, result: ImportResult) -> None:
    known = set(Listing.objects.filter(dealer=dealer, external_id__in=batch).values_list("external_id", flat=True))
    fresh = [listing for external_id, listing in batch.items() if external_id not in known]
    if fresh:
        create_listings(fresh, user=None, publish=True)
    result.created += len(fresh)
    result.known += len(known)
    batch.clear()


def _row_errors(number: int, error: CellError | ValidationError) -> list[RowError]:
    if isinstance(error, CellError):
        return [RowError(number, error.column, error.value, error.reason)]
    return [
        RowError(number, name, "", message) for name, messages in error.message_dict.items() for message in messages
    ]
