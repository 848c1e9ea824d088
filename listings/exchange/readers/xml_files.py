"""XML lists of cars, one car at a time: the auto.ru dialect and what MaxPoster exports.

Cells come under our own column names. What has none here keeps the name of its element, so that a person may still
map it; generation and equipment are among these, because every platform has its own names for them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from listings.exchange.columns import HEADERS, recognise
from listings.exchange.errors import FileError

from .base import MAX_COLUMNS, Kind, Row, Sheet, SourceFile, check_cells, check_count
from .dialects import Car, autoru_car, maxposter_car

MAX_ELEMENTS = 5_000
"""Of one car, its photos included."""
MAX_DEPTH = 20


def xml_kind(path: Path) -> Kind:
    """By the first element. Raises FileError for other XML."""
    root = next((element.tag for event, element in _events(path) if event == "start"), "")
    match root.rsplit("}", 1)[-1]:
        case "data":
            return Kind.AUTORU
        case "vehicles":
            return Kind.MAXPOSTER
        case name:
            reason = _("This XML begins with <%s>. The XML of auto.ru (<data>) and of MaxPoster (<vehicles>) is read.")
            raise FileError(reason % name[:40])


def inspect(path: Path, kind: Kind) -> SourceFile:
    """Goes through the whole file: which elements there are is known only at its end."""
    names: dict[str, None] = {}
    for car in _cars(path, kind):
        names.update(dict.fromkeys(car.cells))
    if not names:
        raise FileError(_("The file has no cars."))
    known = [header for header in HEADERS.values() if header in names]
    others = [name for name in names if name not in known]
    return SourceFile(kind, "", "", (Sheet("", tuple([*known, *others][:MAX_COLUMNS]), 0),))


def rows(path: Path, source: SourceFile, sheet: Sheet) -> Iterator[Row]:
    for number, car in enumerate(_cars(path, source.kind), start=1):
        cells = {name: car.cells.get(name, "") for name in sheet.header}
        check_cells(number, list(cells.values()))
        yield Row(number, cells, car.photos)


def _cars(path: Path, kind: Kind) -> Iterator[Car]:
    tag, read = ("car", autoru_car) if kind == Kind.AUTORU else ("vehicle", maxposter_car)
    for count, element in enumerate(_elements(path, tag), start=1):
        check_count(count)
        yield _named(read, element)


def _named(read: Callable[[Element], Car], element: Element) -> Car:
    """The car with our headers; an element that we know under its own name fills what is still empty."""
    car = read(element)
    cells = {HEADERS.get(name, name): text for name, text in car.cells.items() if text}
    for child in element:
        name = _local(child.tag)
        text = (child.text or "").strip()
        if not text or name in car.used or len(child):
            continue
        known = next(iter(recognise(name)), None)
        header = HEADERS[known] if known and known not in ("generation", "trim", "equipment", "photos") else f"<{name}>"
        cells.setdefault(header, text)
    return Car(cells, car.photos)


def _elements(path: Path, tag: str) -> Iterator[Element]:
    """Complete elements of a name; what is done with is thrown away at once."""
    parents: list[Element] = []
    count, inside = 0, 0
    for event, element in _events(path):
        wanted = _local(element.tag) == tag
        if event == "start":
            parents.append(element)
            inside += wanted
            count += 1
            if count > MAX_ELEMENTS or len(parents) > MAX_DEPTH:
                raise FileError(_("The XML is too deep or a car in it too large."))
            continue
        parents.pop()
        inside -= wanted
        if inside or not parents:
            continue
        if wanted:
            yield element
        parents[-1].clear()
        count = 0


def _events(path: Path) -> Iterator[tuple[str, Element]]:
    try:
        yield from iterparse(path, events=("start", "end"), forbid_dtd=True)
    except DTDForbidden as error:
        raise FileError(_("The XML has a document type declaration, which is refused: it can hide a bomb.")) from error
    except DefusedXmlException as error:
        raise FileError(_("The XML uses entities, which are refused.")) from error
    except ParseError as error:
        line, column = error.position
        reason = _("The XML is damaged in line %(line)d, character %(column)d.")
        raise FileError(reason % {"line": line, "column": column + 1}) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(_("The letters of the file cannot be read.")) from error


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
