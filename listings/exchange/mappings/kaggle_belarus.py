"""The public data set "usedcarscatalog": used-car ads in Belarus, 2019, prices in dollars.

Towns are not in it: the oblast's centre stands for the oblast (Minsk for Minsk and its oblast, which the set
does not tell apart). Its ads have no number of their own: the row's content is the number.
"""

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from listings.exchange.errors import CellError
from listings.exchange.reference import ReferenceLookup
from listings.vocabulary import Body, Color, Condition, Currency, Drive, Fuel, Gearbox

TITLE = "Kaggle: used cars in Belarus, 2019"
COLUMNS = {
    *("manufacturer_name", "model_name", "transmission", "color", "odometer_value", "year_produced", "engine_fuel"),
    *("engine_capacity", "body_type", "state", "drivetrain", "price_usd", "is_exchangeable", "location_region"),
}
GEARBOXES = {"mechanical": Gearbox.MANUAL, "automatic": Gearbox.AUTOMATIC}
COLORS = {
    **{name: Color(name) for name in ("black", "silver", "blue", "white", "grey", "red", "green", "brown")},
    **{name: Color(name) for name in ("yellow", "orange", "other")},
    "violet": Color.PURPLE,
}
FUELS = {
    "gasoline": Fuel.PETROL,
    "diesel": Fuel.DIESEL,
    "gas": Fuel.PETROL_LPG,
    "hybrid-petrol": Fuel.HYBRID,
    "hybrid-diesel": Fuel.HYBRID,
    "electric": Fuel.ELECTRIC,
}
BODIES = {
    **{name: Body(name) for name in ("sedan", "hatchback", "suv", "minivan", "minibus", "van", "coupe", "liftback")},
    **{name: Body(name) for name in ("pickup", "limousine")},
    "universal": Body.WAGON,
    "cabriolet": Body.CONVERTIBLE,
}
CONDITIONS = {"owned": Condition.USED, "new": Condition.NEW, "emergency": Condition.DAMAGED}
DRIVES = {"front": Drive.FRONT, "rear": Drive.REAR, "all": Drive.ALL}
CENTRES = {
    "Минская обл.": "minsk",
    "Гомельская обл.": "gomel",
    "Витебская обл.": "vitebsk",
    "Брестская обл.": "brest",
    "Могилевская обл.": "mogilev",
    "Гродненская обл.": "grodno",
}
UNKNOWN_MILEAGE = "1000000"
"""What sellers typed when they did not want to say; no car in the set really has it."""


def map_row(row: dict[str, str], reference: ReferenceLookup) -> dict[str, Any]:
    """A listing's values from a row of the file. Raises CellError."""
    if reference.usd_rate is None:
        raise CellError("price_usd", row["price_usd"], _("There is no dollar rate: add one to the exchange rates."))
    make = reference.make("manufacturer_name", row["manufacturer_name"])
    if row["odometer_value"] == UNKNOWN_MILEAGE:
        raise CellError("odometer_value", UNKNOWN_MILEAGE, _("The mileage is a placeholder."))
    price_usd = round(_number(row, "price_usd"))
    engine_litres = _number(row, "engine_capacity") if row["engine_capacity"] else None
    return {
        "external_id": "kaggle-" + hashlib.sha256("|".join(map(_plain, row.values())).encode()).hexdigest()[:24],
        "make": make,
        "model": reference.model("model_name", make, row["model_name"]),
        "year": round(_number(row, "year_produced")),
        "mileage_km": round(_number(row, "odometer_value")),
        "gearbox": _code(row, "transmission", GEARBOXES),
        "color": _code(row, "color", COLORS),
        "fuel": _code(row, "engine_fuel", FUELS),
        "engine_cc": round(engine_litres * 1000) if engine_litres else None,
        "body": _code(row, "body_type", BODIES),
        "condition": _code(row, "state", CONDITIONS),
        "drive": _code(row, "drivetrain", DRIVES),
        "price": price_usd,
        "currency": Currency.USD,
        "exchange": _plain(row["is_exchangeable"]) == "True",
        "city": reference.city("location_region", _code(row, "location_region", CENTRES)),
    }


def _plain(text: str) -> str:
    """A value as every format of file has it: spreadsheets know numbers and yes and no."""
    return {"да": "True", "нет": "False"}.get(text, text.removesuffix(".0"))


def _code(row: dict[str, str], column: str, codes: dict[str, Any]) -> Any:
    if row[column] not in codes:
        raise CellError(column, row[column], _("This value is not known."))
    return codes[row[column]]


def _number(row: dict[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError as error:
        raise CellError(column, row[column], _("This is not a number.")) from error
