"""A car as JSON, read by the same rules as a row of a file: names or codes, words or numbers."""

import math
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from listings.exchange.checking import Checker
from listings.exchange.columns import BY_NAME, COLUMNS, OWN_COLUMNS
from listings.exchange.errors import CellError
from listings.exchange.staging import Parsed, SourceRow
from listings.exchange.values import parse_row
from listings.exchange.words import YES_NO
from listings.models import Listing

NAMES = tuple(column.name for column in OWN_COLUMNS)
SEPARATORS = {"equipment": "\n", "payment_types": "\n", "photos": " "}
"""Fields that take a list, and what stands between its parts in a cell."""
MAX_TEXT = 20_000
"""Characters of one value."""

CLEARED: dict[str, Any] = {
    **dict.fromkeys(("generation", "trim", "owners", "engine_cc", "power_hp", "battery_kwh", "range_km", "old_price")),
    **dict.fromkeys(("stock_number", "vin", "title", "contact_name", "contact_phone", "video_url", "text"), ""),
    "registration_country": "",
    "equipment": [],
    "payment_types": [],
}
"""Fields that null empties, and what they hold then."""


class JsonMapper:
    """In the place of `exchange.staging.Mapper`: the "cells" of a row are JSON values by field name."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def parse(self, row: SourceRow) -> Parsed:
        cells: dict[str, str] = {}
        cleared: dict[str, Any] = {}
        errors: list[CellError] = []
        for name, value in row.cells.items():
            try:
                if name not in NAMES:
                    raise CellError(name, "", _("There is no such field."))
                if value is None or value == []:
                    _clear(name, cleared)
                else:
                    cells[name] = cell(name, value)
            except CellError as error:
                errors.append(error)
        values, found = parse_row(cells, self._reference)
        return Parsed(cleared | values, errors + found, cells)

    def header(self, column: str) -> str:
        return column

    def column_of(self, field_name: str) -> str:
        return field_name


class JsonChecker(Checker):
    """Judges cars that come as JSON exactly as an import judges rows."""

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.mapper = JsonMapper(self.reference)  # type: ignore[assignment]


def cell(name: str, value: Any) -> str:
    """A JSON value as the text that a spreadsheet would have. Raises CellError."""
    if isinstance(value, bool):
        if name not in YES_NO:
            raise CellError(name, str(value).lower(), _("This is no yes-or-no field."))
        return "да" if value else "нет"
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, list) and name in SEPARATORS and all(isinstance(item, str) for item in value):
        return _text(name, SEPARATORS[name].join(value))
    if name in SEPARATORS:
        raise CellError(name, "", _("Send a list of texts."))
    raise CellError(name, "", _("Send a text or a number."))


def _number(name: str, value: float) -> str:
    if name in YES_NO or name in SEPARATORS:
        raise CellError(name, str(value), _("A number does not fit here."))
    if not math.isfinite(value) or abs(value) > 1e12:
        raise CellError(name, str(value), _("This number is too large."))
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(name: str, value: str) -> str:
    if len(value) > MAX_TEXT:
        raise CellError(name, value[:80], _("At most %(limit)s characters fit here.") % {"limit": MAX_TEXT})
    if "\x00" in value:
        raise CellError(name, "", _("The text has characters that cannot be stored."))
    return value


def _clear(name: str, cleared: dict[str, Any]) -> None:
    if name == "photos":
        # Photos that were uploaded are arranged by their own address.
        return
    if name not in CLEARED:
        raise CellError(name, "", _("This must not be empty."))
    cleared[name] = CLEARED[name]


def json_type(name: str) -> dict[str, Any]:
    """What the OpenAPI description says of a field."""
    if name in SEPARATORS:
        return {"type": "array", "items": {"type": "string"}}
    if name in YES_NO:
        return {"type": ["boolean", "string"]}
    kind = Listing._meta.get_field(name).get_internal_type() if name != "photos" else ""
    numeric = kind in ("PositiveIntegerField", "PositiveSmallIntegerField", "DecimalField")
    nullable = ["null"] if name in CLEARED else []
    return {"type": [*(["number", "string"] if numeric else ["string"]), *nullable]}


def describe(name: str) -> dict[str, Any]:
    column = BY_NAME[name]
    return json_type(name) | {"title": column.header} | ({"examples": [column.example]} if column.example else {})


REQUIRED = [column.name for column in COLUMNS if column.required]
