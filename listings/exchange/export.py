"""Listings as a file that people edit and that imports again without a change.

CSV, XLSX and ODS are for people: Russian headers and words. JSON is for programs: column names, codes, numbers, lists.
Columns behind the importable ones say more about a listing; an import passes them over.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet, TextChoices
from django.utils import translation
from wagtail.models import WorkflowState

from listings.models import Listing
from listings.vocabulary import PublicationState, SaleState

from .columns import COLUMNS, OWN_COLUMNS
from .reference import Names, ReferenceLookup
from .tables import Value, csv_lines, ods_blocks, xlsx_blocks
from .words import CHOICES, YES_NO, accepted, canonical

BATCH = 500


class Format(TextChoices):
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"
    ODS = "ods", "ODS"
    JSON = "json", "JSON"


CONTENT_TYPES: dict[Format, str] = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.JSON: "application/json",
}
IMPORTED = tuple(column.name for column in OWN_COLUMNS if column.name != "photos")
"""Photos are already here: their addresses stand in a column of their own, that is not imported."""
EXTRA = {
    "dealer": "Дилер",
    "sale_state": "Продажа",
    "publication": "Публикация",
    "url": "Адрес на сайте",
    "site_photos": "Фото на сайте",
}
"""What an export says besides; no import reads it."""
SHEET = "Автомобили"
SEPARATOR = "; "


def export_listings(listings: QuerySet[Listing] | Iterable[Listing], fmt: Format) -> Iterator[bytes]:
    """The file, piece by piece, in the order of the listings. A constant number of queries for each 500."""
    if fmt == Format.JSON:
        return _json(listings)
    rows = _rows(listings)
    if fmt == Format.CSV:
        return csv_lines(rows)
    return (xlsx_blocks if fmt == Format.XLSX else ods_blocks)([(SHEET, rows)])


def template(fmt: Format) -> bytes:
    """An empty table to fill in: header, an example, and on a second sheet the words that each column takes."""
    rows: list[list[Value]] = [
        [column.header for column in OWN_COLUMNS],
        [column.example for column in OWN_COLUMNS],
    ]
    if fmt == Format.CSV:
        return b"".join(csv_lines(rows))
    if fmt == Format.JSON:
        example = {column.name: column.example for column in OWN_COLUMNS if column.example}
        return json.dumps([example], ensure_ascii=False, indent=1).encode()
    help_rows: list[list[Value]] = [["Столбец", "Обязательный", "Что можно писать"], *_help()]
    return b"".join((xlsx_blocks if fmt == Format.XLSX else ods_blocks)([(SHEET, rows), ("Как заполнять", help_rows)]))


def _help() -> Iterator[list[Value]]:
    for column in COLUMNS:
        words = ", ".join(accepted(column.name)) if column.name in CHOICES | YES_NO else column.example
        yield [column.header, column.required, words]


def _rows(listings: QuerySet[Listing] | Iterable[Listing]) -> Iterator[list[Value]]:
    """The header and a row for each listing, for people."""
    yield [*(column.header for column in OWN_COLUMNS if column.name in IMPORTED), *EXTRA.values()]
    for values in _documents(listings):
        yield [_shown(name, values[name]) for name in (*IMPORTED, *EXTRA)]


def _shown(name: str, value: Any) -> Value:
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if name in CHOICES and value:
        return canonical(name, value)
    if name in LABELS:
        return LABELS[name](value)
    return cast(Value, value)


def _label(choices: type[TextChoices], value: str) -> str:
    # The other words of the file are Russian, whoever exports it.
    with translation.override("ru"):
        return str(choices(value).label)


LABELS = {
    "sale_state": lambda value: _label(SaleState, value),
    "publication": lambda value: _label(PublicationState, value),
}


def _json(listings: QuerySet[Listing] | Iterable[Listing]) -> Iterator[bytes]:
    yield b"["
    for number, values in enumerate(_documents(listings)):
        if values["battery_kwh"] is not None:
            values["battery_kwh"] = float(values["battery_kwh"])
        line = json.dumps(values, ensure_ascii=False).encode(errors="replace")
        yield (b",\n" if number else b"\n") + line
    yield b"\n]\n"


def _documents(listings: QuerySet[Listing] | Iterable[Listing]) -> Iterator[dict[str, Any]]:
    """Every listing as codes, numbers, texts and lists, by column name."""
    if isinstance(listings, QuerySet):
        keys = list(listings.values_list("pk", flat=True))
    else:
        keys = [listing.pk for listing in listings]
    reference = ReferenceLookup() if keys else None
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = {listing.pk: listing for listing in _loaded(batch)}
        in_moderation = _in_moderation(batch)
        for key in batch:
            if key in found:
                yield _document(found[key], reference, in_moderation)


def _loaded(keys: list[int]) -> QuerySet[Listing]:
    related = ("make", "model", "generation", "trim", "city", "dealer")
    listings: QuerySet[Listing] = Listing.objects.filter(pk__in=keys).select_related(*related)
    return listings.prefetch_related("equipment", "payment_types", "photos__image")


def _in_moderation(keys: list[int]) -> set[str]:
    content_type = ContentType.objects.get_for_model(Listing)
    states = WorkflowState.objects.active().filter(base_content_type=content_type, object_id__in=map(str, keys))
    return set(states.values_list("object_id", flat=True))


def _document(listing: Listing, reference: Any, in_moderation: set[str]) -> dict[str, Any]:
    values = {name: getattr(listing, name) for name in IMPORTED if name not in RELATED}
    trim, generation = listing.trim, listing.generation
    return values | {
        "make": _name(reference.makes, listing.make),
        "model": _name(reference.models, listing.model, listing.make_id),
        "generation": _name(reference.generations, generation, listing.model_id) if generation else None,
        "trim": _name(reference.trims, trim, listing.generation_id) if trim else None,
        "city": _name(reference.cities, listing.city),
        "payment_types": [_listed_name(reference.payment_types, item) for item in listing.payment_types.all()],
        "equipment": [_listed_name(reference.equipment, item) for item in listing.equipment.all()],
        "dealer": listing.dealer.name,
        "sale_state": listing.sale_state,
        "publication": _publication(listing, in_moderation).value,
        "url": f"{settings.SITE_URL}/cars/{listing.slug}" if listing.live else "",
        "site_photos": [urljoin(settings.CMS_URL, photo.image.file.url) for photo in listing.photos.all()],
    }


RELATED = {"make", "model", "generation", "trim", "city", "payment_types", "equipment"}


def _name(names: Names, row: Any, parent: int | None = None) -> str:
    """The proper name, or what is unique where the name is not."""
    if names.unclear(row, parent):
        return str(getattr(row, "slug", None) or row.code)
    return str(row.name)


def _listed_name(names: Names, row: Any) -> str:
    return str(row.code) if any(mark in row.name for mark in ";|\n") else _name(names, row)


def _publication(listing: Listing, in_moderation: set[str]) -> PublicationState:
    if listing.archived_at:
        return PublicationState.ARCHIVED
    if listing.live:
        return PublicationState.PUBLISHED
    return PublicationState.IN_MODERATION if str(listing.pk) in in_moderation else PublicationState.DRAFT
