"""XLSX and ODS are ZIP archives: what they hold is looked at before anything of it is unpacked."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from listings.exchange.errors import FileError

from .base import Kind

MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 100
"""Tables shrink to a tenth or a thirtieth; an archive that grows a hundredfold is a bomb."""
ALWAYS_FINE = 10 * 1024 * 1024
"""Bytes unpacked below which the ratio does not matter: a sheet of empty cells packs very well."""
MAX_ENTRIES = 5_000
MAX_SHARED = 64 * 1024 * 1024
"""Bytes of the texts that cells of an XLSX share: they have to be held in memory together."""
SHARED = "xl/sharedStrings.xml"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def archive_kind(path: Path) -> Kind:
    """XLSX or ODS. Raises FileError for bombs, locked or damaged archives and those of other things.

    The sizes that an archive names are binding: zipfile never unpacks more of an entry than that.
    """
    try:
        with ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            _check_sizes([(entry.file_size, entry.compress_size) for entry in archive.infolist()])
            if any(entry.flag_bits & 1 for entry in entries.values()):
                raise FileError(_("The file is protected by a password: save it without one."))
            if "xl/workbook.xml" in entries:
                if SHARED in entries and entries[SHARED].file_size > MAX_SHARED:
                    raise FileError(_("The texts of the table are too long together: save it as CSV."))
                return Kind.XLSX
            if "mimetype" in entries and archive.read("mimetype").strip() == ODS_TYPE:
                if "META-INF/manifest.xml" in entries and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise FileError(_("The file is protected by a password: save it without one."))
                return Kind.ODS
    except (BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(_("The file is damaged: it is an archive that cannot be opened.")) from error
    raise FileError(_("This is an archive and no table: upload the table that is in it."))


def _check_sizes(sizes: list[tuple[int, int]]) -> None:
    unpacked = sum(size for size, _packed in sizes)
    packed = sum(packed for _size, packed in sizes)
    bomb = unpacked > ALWAYS_FINE and unpacked > packed * MAX_RATIO
    if len(sizes) > MAX_ENTRIES or unpacked > MAX_UNPACKED or bomb:
        size = unpacked // (1024 * 1024)
        raise FileError(_("The file would grow to %(size)d MB when it is unpacked: it is refused.") % {"size": size})
