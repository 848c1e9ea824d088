"""Writes tables as CSV, XLSX and ODS, a row at a time: memory does not grow with the table.

Texts are kept from being run as formulas; numbers stay numbers.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from .formulas import neutralise

Value = str | int | float | Decimal | bool | None
Rows = Iterable[Sequence[Value]]

BLOCK = 64 * 1024
IN_MEMORY = 5 * 1024 * 1024
"""Bytes up to which a finished file stays in memory; a larger one goes to the disk."""
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
ODS_START = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2"'
    + "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    + "><office:body><office:spreadsheet>"
)
ODS_END = "</office:spreadsheet></office:body></office:document-content>"


def csv_lines(rows: Rows) -> Iterator[bytes]:
    """With the mark and the delimiter by which a Russian Excel opens it as a table."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        yield buffer.getvalue().encode(errors="replace")
        buffer.seek(0)
        buffer.truncate()


def xlsx_blocks(sheets: Iterable[tuple[str, Rows]]) -> Iterator[bytes]:
    """A finished workbook, piece by piece. The first row of each sheet is its header."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, row in enumerate(rows):
            cells = [_xlsx_cell(sheet, value) for value in row]
            for cell in cells if number == 0 else ():
                cell.font = Font(bold=True)
            sheet.append(cells)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        workbook.save(file)
        yield from _blocks(file)


def ods_blocks(sheets: Iterable[tuple[str, Rows]]) -> Iterator[bytes]:
    """The same as ODS. Written here: odfpy holds all cells as objects, 2 GB of them for 30,000 cars."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", ODS_TYPE, ZIP_STORED)
            archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
            with archive.open("content.xml", "w", force_zip64=True) as content:
                content.write(ODS_START.encode())
                for name, rows in sheets:
                    content.write(f"<table:table table:name={quoteattr(name)}>".encode())
                    for row in rows:
                        cells = "".join(_ods_cell(value) for value in row)
                        content.write(f"<table:table-row>{cells}</table:table-row>".encode())
                    content.write(b"</table:table>")
                content.write(ODS_END.encode())
        yield from _blocks(file)


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return yes_no(value)
    if value is None:
        return ""
    return neutralise(value) if isinstance(value, str) else str(value)


def _xlsx_cell(sheet: Any, value: Value) -> Any:
    if isinstance(value, str | bool):
        cell = WriteOnlyCell(sheet, FORBIDDEN.sub("", _plain(value)))
        # openpyxl takes what begins with "=" for a formula, whatever it is; here nothing is one.
        cell.data_type = "s"
        return cell
    return WriteOnlyCell(sheet, float(value) if isinstance(value, Decimal) else value)


def _ods_cell(value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, str | bool):
        lines = FORBIDDEN.sub("", _plain(value)).split("\n")
        paragraphs = "".join(f"<text:p>{_ods_spaces(escape(line))}</text:p>" for line in lines)
        return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'
    number = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {number}><text:p>{value}</text:p></table:table-cell>"


def _ods_spaces(text: str) -> str:
    """ODS takes several spaces for one, unless they are counted."""
    text = re.sub(r"(?<= ) +|^ +| +$", lambda found: f'<text:s text:c="{len(found[0])}"/>', text)
    return text.replace("\t", "<text:tab/>")


def yes_no(value: bool) -> str:
    return "да" if value else "нет"


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK):
        yield block
