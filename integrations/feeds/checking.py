"""Reads the present file as a strict platform would, and says what is wrong with which car."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from django.utils.translation import gettext as _

from integrations.marketplaces.feed import FeedFile

from .entries import feed_adapter
from .models import ChannelFeed
from .serving import Told, open_file

MOST_PROBLEMS = 200
"""More are the same mistake again."""


@dataclass(frozen=True)
class Problem:
    car: str
    """Its number in the file; empty: the whole file."""
    words: str


@dataclass
class Report:
    cars: int = 0
    images: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, car: str, words: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(car, words))


@dataclass(frozen=True)
class ReadCar:
    """What a reader finds: texts by the names of `FeedFile.required`, addresses of photos."""

    values: Mapping[str, str]
    images: tuple[str, ...]


def check_feed(feed: ChannelFeed) -> Report:
    """The file as it would be served now. Raises FeedBroken."""
    return check_pieces(open_file(feed).pieces(Told()), feed_adapter(feed.channel).file)


def check_pieces(pieces: Iterable[bytes], file: FeedFile) -> Report:
    """One car at a time; a broken file ends the reading."""
    report, seen = Report(), set[str]()
    read = _read_xml if file.kind == "xml" else _read_csv
    try:
        for car in read(_counted(pieces, report), file):
            _check_car(car, file, report, seen)
    except ParseError as error:
        line, column = error.position
        words = _("The XML is damaged in line %(line)d, character %(column)d.")
        report.add("", words % {"line": line, "column": column + 1})
    _check_limits(file, report)
    return report


def _check_car(car: ReadCar, file: FeedFile, report: Report, seen: set[str]) -> None:
    report.cars += 1
    report.images += len(car.images)
    number = car.values.get(file.id, "")
    if number in seen:
        report.add(number, _("Another car has the same number."))
    seen.add(number)
    for name in file.required:
        if not car.values.get(name, "").strip():
            report.add(number, _("%(name)s is missing.") % {"name": name.removeprefix("@")})
    for image in car.images:
        if urlsplit(image).scheme not in {"http", "https"}:
            report.add(number, _("A photo has no whole address: %(address)s") % {"address": image[:100]})


def _check_limits(file: FeedFile, report: Report) -> None:
    words = {
        "cars": _("The platform takes at most %(limit)d cars in a file."),
        "images": _("The platform takes at most %(limit)d photos in a file."),
        "bytes": _("The platform takes a file of at most %(limit)d bytes."),
    }
    for name, text in words.items():
        limit = getattr(file.limits, name)
        if limit is not None and getattr(report, name) > limit:
            report.add("", text % {"limit": limit})


def _counted(pieces: Iterable[bytes], report: Report) -> Iterator[bytes]:
    for piece in pieces:
        report.bytes += len(piece)
        yield piece


def _read_xml(pieces: Iterator[bytes], file: FeedFile) -> Iterator[ReadCar]:
    """Our own file: it declares no entities, so the standard parser is safe here."""
    parents: list[Element] = []
    parser: Any = XMLPullParser(("start", "end"))
    for piece in pieces:
        parser.feed(piece)
        yield from _cars_of(parser, parents, file)
    parser.close()


def _cars_of(parser: Any, parents: list[Element], file: FeedFile) -> Iterator[ReadCar]:
    for event, element in parser.read_events():
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if element.tag == file.car:
            yield _car(element, file)
            # Read cars are thrown away, so that the memory does not grow with the file.
            parents[-1].clear()


def _car(element: Element, file: FeedFile) -> ReadCar:
    values = {name: _value(element, name) for name in {file.id, *file.required}}
    path, _mark, attribute = file.images.partition("@")
    found = element.iterfind(path) if path else ()
    images = tuple((image.get(attribute) if attribute else image.text) or "" for image in found)
    return ReadCar(values, images)


def _value(element: Element, name: str) -> str:
    return element.get(name[1:], "") if name.startswith("@") else element.findtext(name) or ""


def _read_csv(pieces: Iterator[bytes], file: FeedFile) -> Iterator[ReadCar]:
    lines = (line for piece in pieces for line in piece.decode().splitlines(keepends=True))
    for row in csv.DictReader(lines):
        main, more = row.get(file.images) or "", row.get(f"additional_{file.images}") or ""
        images = tuple(address for address in (main, *more.split(",")) if address)
        yield ReadCar({name: value or "" for name, value in row.items() if isinstance(name, str)}, images)
