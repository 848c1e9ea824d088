"""JSON: an array of objects, one car each, as our own export writes it. Read piece by piece."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from listings.exchange.errors import FileError

from .base import MAX_COLUMNS, Kind, Row, Sheet, SourceFile, check_cells, check_count

BLOCK = 256 * 1024
MAX_OBJECT = 1024 * 1024
"""Characters of one car."""
SPACE = " \t\r\n"
MAX_DIGITS = 40
"""Of a whole number; a longer one is none of a car, and slow to write."""


def inspect(path: Path, kind: Kind) -> SourceFile:
    """Goes through the whole file: which names there are is known only at its end."""
    names: dict[str, None] = {}
    for count, car in enumerate(_objects(path), start=1):
        check_count(count)
        names.update(dict.fromkeys(car))
        if len(names) > MAX_COLUMNS:
            raise FileError(_("The cars have more than %(limit)d different names.") % {"limit": MAX_COLUMNS})
    if not names:
        raise FileError(_("The file has no cars."))
    return SourceFile(kind, "utf-8", "", (Sheet("", tuple(names), 0),))


def rows(path: Path, source: SourceFile, sheet: Sheet) -> Iterator[Row]:
    for number, car in enumerate(_objects(path), start=1):
        cells = {name: as_text(car.get(name), number) for name in sheet.header}
        check_cells(number, list(cells.values()))
        yield Row(number, cells)


def as_text(value: Any, number: int) -> str:
    """Numbers as digits, yes and no as words, lists with semicolons."""
    match value:
        case None:
            return ""
        case str():
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise FileError(_("Car %d has characters that no text has: the file is damaged.") % number)
            return value
        case bool():
            return "да" if value else "нет"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
        case int():
            return str(value) if abs(value) < 10**MAX_DIGITS else "9" * MAX_DIGITS
        case list():
            return "; ".join(as_text(item, number) for item in value)
        case _:
            raise FileError(_("Car %d has a value that is no text, number or list.") % number)


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """The array's objects. Raises FileError, naming the car, for anything else."""
    decoder = json.JSONDecoder()
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = _next(file, "")
            if not text.startswith("["):
                raise FileError(_("This JSON is no list: it has to begin with [."))
            text = _next(file, text[1:])
            while not text.startswith("]"):
                number += 1
                car, text = _object(decoder, file, text, number)
                yield car
                text = _separator(file, text, number)
            if _next(file, text[1:]):
                raise FileError(_("There is more behind the end of the list: the file is damaged."))
    except UnicodeDecodeError as error:
        raise FileError(_("The letters of the file cannot be read: JSON is UTF-8.")) from error


def _object(decoder: json.JSONDecoder, file: Any, text: str, number: int) -> tuple[dict[str, Any], str]:
    """One complete object and the text behind it; reads on while it is not complete."""
    while True:
        try:
            car, end = decoder.raw_decode(text)
        except (json.JSONDecodeError, RecursionError) as error:
            longer = _more(file, text) if len(text) < MAX_OBJECT else text
            if len(longer) == len(text):
                raise FileError(_("Car %d is damaged or too large.") % number) from error
            text = longer
            continue
        if not isinstance(car, dict):
            raise FileError(_("Car %d is no object with names and values.") % number)
        return car, text[end:]


def _separator(file: Any, text: str, number: int) -> str:
    """The text from the next object on, or from the closing bracket."""
    text = _next(file, text)
    if text.startswith(","):
        text = _next(file, text[1:])
        if text.startswith("]"):
            raise FileError(_("Behind car %d there is a comma too many.") % number)
        return text
    if not text.startswith("]"):
        raise FileError(_("Behind car %d there is no comma: the file is damaged.") % number)
    return text


def _next(file: Any, text: str) -> str:
    """From the next letter that is no space; empty at the end of the file."""
    text = text.lstrip(SPACE)
    while not text and (more := file.read(BLOCK)):
        text = more.lstrip(SPACE)
    return text


def _more(file: Any, text: str) -> str:
    return text + str(file.read(BLOCK))
