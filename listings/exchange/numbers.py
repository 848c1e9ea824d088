"""Numbers as people write them: prices, mileages, years, engines. Functions take the column's name for their errors."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from listings import validators

from .errors import CellError
from .words import OWNERS, code_for, plain

NUMBER = re.compile(r"[-+]?\d[\d\s.,'’`]*")
UNIT = re.compile(r"([-+]?\d[\d\s.,'’`]*)\s*(.*)", re.DOTALL)
THOUSAND = re.compile(r"^(?:т|тыс|тысяч|k)\b\.?\s*")
KM, MILES = {"", "км", "km", "километров"}, {"миль", "mi", "miles", "mile"}
LITRES = {"л", "l", "литр", "литра", "литров", "ltr"}
CUBIC = {"см3", "куб.см", "куб. см", "см.куб", "cc", "cm3", "ccm", "сс"}
HP, KW = {"лс", "hp", "ps", "bhp", "hpp"}, {"квт", "kw"}
HP_PER_KW = Decimal("1.35962")
KM_PER_MILE = Decimal("1.609344")
LITRES_UNTIL, CUBIC_FROM = 20, 100
"""An engine below is given in litres, one above in cm³; nothing is between."""
YEAR = re.compile(r"(?:(?:\d{1,2}[./-])?\d{1,2}[./-])?(\d{4})(?:\s*(?:г\.?\s?в|г|год|года|year)\.?)?")
ISO_DATE = re.compile(r"(\d{4})-\d{1,2}(?:-\d{1,2})?")
MAX_NUMBER_LENGTH = 40
"""Characters; a longer one is no number of a car."""


def decimal(column: str, text: str, *, thousands: bool = False) -> Decimal:
    """A number with any separators. `thousands`: one separator before three digits groups them ("12.900" is 12900)."""
    digits = re.sub(r"[\s'’`]", "", text)
    if len(text) > MAX_NUMBER_LENGTH or not digits.isascii():
        raise CellError(column, text, _("This is not a number."))
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        group, mark = (",", ".") if point > comma else (".", ",")
        digits = digits.replace(group, "").replace(mark, ".")
    elif comma >= 0 or point >= 0:
        mark = "," if comma >= 0 else "."
        grouped = re.fullmatch(rf"[-+]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+", digits)
        digits = digits.replace(mark, "" if grouped and (thousands or digits.count(mark) > 1) else ".")
    if not re.fullmatch(r"[-+]?\d+(?:\.\d+)?", digits):
        raise CellError(column, text, _("This is not a number."))
    return Decimal(digits)


def rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(maxsize=50_000)
def whole(column: str, text: str) -> int:
    """A number that cannot be negative, cents and millimetres rounded away."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_LENGTH:
        return int(text)
    number = decimal(column, text, thousands=True)
    if number < 0:
        raise CellError(column, text, _("This cannot be negative."))
    return rounded(number)


@lru_cache(maxsize=50_000)
def price(column: str, text: str) -> tuple[int, str | None]:
    """("25 500 $") is (25500, "USD"); without a currency the second is None. Whole units: cents are rounded."""
    if text.isascii() and text.isdigit():
        return whole(column, text), None
    found = NUMBER.search(text)
    if not found:
        raise CellError(column, text, _("Write a price like 25500 or 25 500 $."))
    words = [part for part in (text[: found.start()], text[found.end() :]) if plain(part)]
    if not words:
        return whole(column, found[0].strip()), None
    if len(words) > 1:
        raise CellError(column, text, _("Write a price like 25500 or 25 500 $."))
    return whole(column, found[0].strip(" .,")), currency(column, words[0].strip())


def currency(column: str, text: str) -> str:
    code = code_for("currency", text)
    if code is None:
        raise CellError(column, text, _("This currency is not known. Use BYN, USD or EUR."))
    return code


@lru_cache(maxsize=50_000)
def mileage(column: str, text: str) -> int:
    """Kilometres from "120 т.км", "120 тыс. км", "120000", "75 000 миль"."""
    if text.isascii() and text.isdigit():
        value = Decimal(text[:MAX_NUMBER_LENGTH])
    else:
        number, unit = _split(column, text, _("Write a mileage like 120000 or 120 thousand km."))
        thousand = THOUSAND.match(unit)
        unit = plain(unit[thousand.end() :] if thousand else unit)
        if unit not in KM | MILES:
            raise CellError(column, text, _("Write a mileage like 120000 or 120 thousand km."))
        value = decimal(column, number, thousands=not thousand) * (1000 if thousand else 1)
        value *= KM_PER_MILE if unit in MILES else 1
    return _checked(column, text, rounded(value), validators.validate_mileage)


def thousand_km(column: str, text: str) -> int:
    """A mileage from a column whose header says thousands; a number with its own unit keeps it."""
    number, unit = _split(column, text, _("Write a mileage like 120000 or 120 thousand km."))
    return mileage(column, text if unit else f"{number.strip()} тыс")


@lru_cache(maxsize=5_000)
def year(column: str, text: str) -> int:
    """The year of "2018", "2018 г.", "03.2018" or a date."""
    word = text.casefold().removesuffix(" 00:00:00")
    found = YEAR.fullmatch(word) or ISO_DATE.fullmatch(word)
    if not found:
        raise CellError(column, text, _("Write a year like 2018."))
    return _checked(column, text, int(found[1]), validators.validate_year)


@lru_cache(maxsize=10_000)
def engine(column: str, text: str) -> int | None:
    """cm³ from "2.0", "2,0 л", "1998 см³". 0 means that there is none."""
    words = _("Write an engine like 2.0 or 1998 cm³.")
    number, unit = _split(column, text, words)
    unit = plain(unit.replace("³", "3").replace("^", ""))
    value = decimal(column, number, thousands=unit in CUBIC)
    if value == 0:
        return None
    if value > 0 and (unit in LITRES or not unit) and value < LITRES_UNTIL:
        return rounded(value * 1000)
    if (unit in CUBIC or not unit) and CUBIC_FROM <= value < LITRES_UNTIL * 1000:
        return rounded(value)
    raise CellError(column, text, words)


@lru_cache(maxsize=10_000)
def power(column: str, text: str) -> int:
    """Horse power from "150 л.с.", "110 кВт", "110 кВт (150 л.с.)"."""
    words = _("Write a power like 150 hp or 110 kW.")
    found: dict[bool, Decimal] = {}
    for part in re.split(r"[/()]", text):
        if not part.strip():
            continue
        number, unit = _split(column, part, words)
        unit = re.sub(r"[\s.]", "", unit)
        if unit and unit not in HP | KW:
            raise CellError(column, text, words)
        found.setdefault(unit in KW, decimal(column, number))
    if not found or len(found) > 2:
        raise CellError(column, text, words)
    value = rounded(found[False] if False in found else found[True] * HP_PER_KW)
    if value < 0:
        raise CellError(column, text, words)
    return value


def kilowatts(column: str, text: str) -> int:
    """Power from a column whose header says kilowatts; a number with its own unit keeps it."""
    return power(column, text if re.search(r"[^\d\s.,]", text) else f"{text} кВт")


@lru_cache(maxsize=5_000)
def battery(column: str, text: str) -> Decimal:
    number, unit = _split(column, text, _("Write a battery like 77.4 kWh."))
    value = decimal(column, number)
    if re.sub(r"[\s.·*⋅-]", "", unit) not in {"", "квтч", "квт", "kwh", "kw"} or value < 0:
        raise CellError(column, text, _("Write a battery like 77.4 kWh."))
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


@lru_cache(maxsize=5_000)
def kilometres(column: str, text: str) -> int:
    number, unit = _split(column, text, _("Write kilometres like 450."))
    if plain(unit) not in KM:
        raise CellError(column, text, _("Write kilometres like 450."))
    return whole(column, number.strip())


@lru_cache(maxsize=1_000)
def owners(column: str, text: str) -> int:
    """1, "1 владелец", "два владельца", "3 и более"."""
    word = re.sub(r"\s*(?:владел\w+|хозя\w+|owners?)$", "", plain(text))
    return OWNERS[word] if word in OWNERS else whole(column, word)


def _split(column: str, text: str, reason: str) -> tuple[str, str]:
    """The number at the beginning, and the unit behind it in lower case."""
    found = UNIT.fullmatch(text.strip())
    if not found:
        raise CellError(column, text, reason)
    number = found[1].rstrip(" .,\xa0")
    return number, found[2].casefold().strip()


def _checked(column: str, text: str, value: int, validate: object) -> int:
    try:
        validate(value)  # type: ignore[operator]
    except ValidationError as error:
        raise CellError(column, text, " ".join(error.messages)) from error
    if value < 0:
        raise CellError(column, text, _("This cannot be negative."))
    return value
