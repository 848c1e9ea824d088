"""What a file is, from its content, and whether its name says the same."""

from pathlib import Path, PurePath

from django.utils.translation import gettext as _

from listings.exchange.errors import FileError

from .archives import archive_kind
from .base import Kind
from .xml_files import xml_kind

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Microsoft's old container: tables of before 2007, and newer ones with a password."""
OTHERS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip", b"{\\rtf": "RTF", b"MZ": "EXE",
}  # fmt: skip
EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    Kind.CSV: (".csv", ".txt", ".tsv"),
    Kind.XLSX: (".xlsx", ".xlsm"),
    Kind.ODS: (".ods",),
    Kind.AUTORU: (".xml",),
    Kind.MAXPOSTER: (".xml",),
    Kind.JSON: (".json",),
}
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def detect(path: Path) -> Kind:
    """Raises FileError for what is no table of cars."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((ZIP, b"PK\x05\x06")):
        return archive_kind(path)
    if start.startswith(OLE):
        raise FileError(_old_table(path))
    for mark, name in OTHERS.items():
        if start.startswith(mark) and not _is_text(start):
            raise FileError(_("This is %s and no table: upload CSV, XLSX, ODS, XML or JSON.") % name)
    text = _text(start).lstrip()
    if text[:100].lower().startswith(("<!doctype html", "<html")):
        raise FileError(_("This is a web page and no table: export the list as XLSX or CSV."))
    if text.startswith("<"):
        return xml_kind(path)
    if text.startswith("{") or (text.startswith("[") and text[1:].lstrip()[:1] in ("{", "]")):
        return Kind.JSON
    return Kind.CSV


def check_name(filename: str, kind: Kind) -> None:
    """Raises FileError if the name promises something else: somebody took the wrong file or renamed it."""
    suffix = PurePath(filename).suffix.lower()
    if suffix and suffix not in EXTENSIONS[kind]:
        raise FileError(
            _("The file is named %(suffix)s but its content is %(kind)s: give it its right name.")
            % {"suffix": suffix, "kind": kind.label}
        )


def _old_table(path: Path) -> str:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return _("The file is protected by a password: save it without one.")
    return _("This is a table in the old format .xls: open it and save it as .xlsx.")


def _is_text(start: bytes) -> bool:
    """A list of cars may begin with the letters of another kind of file ("MZ")."""
    return all(byte >= 32 or byte in b"\t\r\n" for byte in start) and not start.startswith((b"%PDF", b"{\\rtf"))


def _text(start: bytes) -> str:
    for mark in MARKS:
        if start.startswith(mark):
            return start[len(mark) :].decode("utf-8" if len(mark) == 3 else _utf16(mark), errors="ignore")
    return start.decode("latin-1")


def _utf16(mark: bytes) -> str:
    return "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
