"""Reads the files that dealers bring: what a file is, is seen from its content; every limit is kept before reading on.

`inspect` first, then `rows`. Neither needs the database. What is wrong is a FileError with words for a dealer.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from django.utils.translation import gettext as _

from listings.exchange.errors import FileError

from . import csv_files, json_files, ods, xlsx, xml_files
from .base import MAX_BYTES, Kind, Row, Sheet, SourceFile, pick_sheet
from .detect import check_name, detect

__all__ = ["FileError", "Kind", "Row", "Sheet", "SourceFile", "inspect", "rows"]

READERS: dict[Kind, ModuleType] = {
    Kind.CSV: csv_files,
    Kind.XLSX: xlsx,
    Kind.ODS: ods,
    Kind.AUTORU: xml_files,
    Kind.MAXPOSTER: xml_files,
    Kind.JSON: json_files,
}


def inspect(path: Path, filename: str) -> SourceFile:
    """What the file is and which tables it has. `filename` as it was uploaded; empty for a feed without one."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        raise FileError(
            _("The file has %(size)d MB, at most %(limit)d are taken.") % {"size": size >> 20, "limit": limit}
        )
    if not size:
        raise FileError(_("The file is empty."))
    kind = detect(path)
    check_name(filename, kind)
    source: SourceFile = READERS[kind].inspect(path, kind)
    return source


def rows(path: Path, source: SourceFile, sheet: str = "") -> Iterator[Row]:
    """The filled rows of a sheet (of the first one by default), one at a time."""
    found: Iterator[Row] = READERS[source.kind].rows(path, source, pick_sheet(source, sheet))
    return found
