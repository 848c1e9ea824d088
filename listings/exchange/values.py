"""A row of a foreign file as a listing's values. Pure: nothing is written, nothing is asked from the database.

An empty cell (and, except in texts, a lone dash) says nothing: an existing listing keeps what it has, a new one gets
the field's default. A 0 in engine and in the price before the discount takes the value away.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from listings import validators
from listings.models import Listing

from . import numbers
from .errors import CellError
from .reference import ReferenceLookup
from .rich_text import description
from .words import CHOICES, YES_NO, accepted, answer, code_for

Parser = Callable[[str, str], Any]

DASHES = {"-", "–", "—", "―", "−"}
PRICES = ("price", "price_byn", "price_usd", "price_eur")


def choice(column: str, text: str) -> str:
    code = code_for(column, text)
    if code is None:
        raise CellError(column, text, _unknown(column))
    return code


def yes_no(column: str, text: str) -> bool:
    found = answer(column, text)
    if found is None:
        raise CellError(column, text, _unknown(column))
    return found


def line(column: str, text: str) -> str:
    """A short text without markup."""
    limit = Listing._meta.get_field(column).max_length
    if len(text) > limit:
        raise CellError(column, text, _("At most %(limit)s characters fit here.") % {"limit": limit})
    return text


def plain_line(column: str, text: str) -> str:
    return _checked(column, line(column, text), validators.validate_plain_text)


def vin(column: str, text: str) -> str:
    return _checked(column, text.upper().replace(" ", ""), validators.validate_vin)


def phone(column: str, text: str) -> str:
    return _checked(column, validators.normalise_phone(text), validators.validate_phone)


def video(column: str, text: str) -> str:
    return _checked(column, line(column, text), validators.validate_video)


def photos(column: str, text: str) -> list[str]:
    """Addresses, separated by spaces, lines, commas or semicolons."""
    found = [part.rstrip(",;") for part in text.replace(",http", " http").replace(";http", " http").split()]
    for address in found:
        if not address.startswith(("http://", "https://")):
            raise CellError(column, address, _("A photo is an address that begins with https://."))
    return list(dict.fromkeys(found))


PARSERS: dict[str, Parser] = {
    **dict.fromkeys([name for name in CHOICES if name != "currency"], choice),
    **dict.fromkeys(YES_NO, yes_no),
    "external_id": line,
    "stock_number": line,
    "vin": vin,
    "title": plain_line,
    "contact_name": plain_line,
    "contact_phone": phone,
    "video_url": video,
    "text": description,
    "photos": photos,
    "year": numbers.year,
    "mileage_km": numbers.mileage,
    "mileage_thousand_km": numbers.thousand_km,
    "owners": numbers.owners,
    "engine_cc": numbers.engine,
    "power_hp": numbers.power,
    "power_kw": numbers.kilowatts,
    "battery_kwh": numbers.battery,
    "range_km": numbers.kilometres,
}
FILLS = {"mileage_thousand_km": "mileage_km", "power_kw": "power_hp"}
TEXTS = frozenset({"external_id", "stock_number", "title", "contact_name", "text"})
"""Where a dash is what is meant."""


def parse_row(cells: Mapping[str, str], reference: ReferenceLookup) -> tuple[dict[str, Any], list[CellError]]:
    """Column name to cell, as values of a listing's fields and all errors. An error names its column.

    Foreign keys are instances, equipment and payment types lists of them, photos a list of addresses.
    """
    values: dict[str, Any] = {}
    errors: list[CellError] = []
    rest: dict[str, str] = {}
    for column, cell in cells.items():
        text = cell.strip()
        if not text or (text in DASHES and column not in TEXTS):
            continue
        parser = PARSERS.get(column)
        if parser is None:
            rest[column] = text
            continue
        try:
            values[FILLS.get(column, column)] = parser(column, text)
        except CellError as error:
            errors.append(error)
    _prices(rest, values, errors)
    reference.fill(rest, values, errors)
    return values, errors


def _prices(cells: Mapping[str, str], values: dict[str, Any], errors: list[CellError]) -> None:
    """Price, currency and the price before the discount, which must not contradict each other."""
    try:
        found = _price(cells)
        currencies = {code for _amount, code in found.values() if code}
        if "currency" in cells:
            currencies.add(numbers.currency("currency", cells["currency"]))
    except CellError as error:
        errors.append(error)
        return
    if len(currencies) > 1:
        column = "currency" if "currency" in cells else "old_price"
        reason = _("The row names several currencies: %s.") % ", ".join(sorted(currencies))
        errors.append(CellError(column, cells.get(column, ""), reason))
        return
    values.update({field: amount for field, (amount, _code) in found.items()})
    if currencies:
        values["currency"] = currencies.pop()


def _price(cells: Mapping[str, str]) -> dict[str, tuple[int | None, str | None]]:
    """Field to amount and currency, for the price and the price before the discount. Raises CellError."""
    found: dict[str, tuple[int | None, str | None]] = {}
    named = [column for column in PRICES if column in cells]
    if len(named) > 1:
        raise CellError(named[1], cells[named[1]], _("The row has two prices: choose one column."))
    if named:
        amount, code = numbers.price(named[0], cells[named[0]])
        implied = named[0].removeprefix("price").strip("_").upper() or None
        if implied and code and code != implied:
            reason = _("The column is in %(expected)s, the cell in %(found)s.") % {"expected": implied, "found": code}
            raise CellError(named[0], cells[named[0]], reason)
        found["price"] = amount, implied or code
    if "old_price" in cells:
        before, code = numbers.price("old_price", cells["old_price"])
        found["old_price"] = before or None, code
    return found


def _unknown(column: str) -> str:
    return _("This value is not known. Write one of: %s.") % ", ".join(accepted(column))


def _checked(column: str, text: str, validate: Callable[[str], None]) -> str:
    try:
        validate(text)
    except ValidationError as error:
        raise CellError(column, text, " ".join(error.messages)) from error
    return text
