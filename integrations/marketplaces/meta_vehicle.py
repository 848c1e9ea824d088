"""A car as Meta's vehicle catalogues take it: one row of columns with paths, for the file and for calls alike."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import russian as ru
from .errors import InvalidPayload, Words
from .feed import price_in
from .feed_markup import description, photo_addresses

MOST_PHOTOS = 20
DESCRIPTION_LIMIT = 5000
META_COLUMNS = (
    "vehicle_id", "title", "description", "url", "make", "model", "year", "mileage.value", "mileage.unit",
    "state_of_vehicle", "body_style", "exterior_color", "price", "currency", "address.addr1", "address.city",
    "address.region", "address.country", "vin", "trim", "transmission", "drivetrain", "fuel_type", "dealer_name",
    "dealer_phone", *(f"image[{index}].url" for index in range(MOST_PHOTOS)),
)  # fmt: skip
REQUIRED: dict[str, Words] = {
    "vehicle_id": _("number"),
    "title": _("title"),
    "description": _("description"),
    "url": _("link to the car"),
    "image[0].url": _("photo"),
    "make": _("make"),
    "model": _("model"),
    "year": _("year"),
    "mileage.value": _("mileage"),
    "state_of_vehicle": _("condition"),
    "body_style": _("body"),
    "exterior_color": _("colour"),
    "price": _("price"),
    "currency": _("currency"),
    "address.addr1": _("dealer's street and house"),
    "address.city": _("town"),
    "vin": _("VIN"),
}
"""What Meta takes no vehicle without, as people call it."""
BODY = {
    "sedan": "SEDAN",
    "hatchback": "HATCHBACK",
    "liftback": "HATCHBACK",
    "wagon": "WAGON",
    "suv": "SUV",
    "crossover": "CROSSOVER",
    "coupe": "COUPE",
    "convertible": "CONVERTIBLE",
    "minivan": "MINIVAN",
    "van": "VAN",
    "minibus": "VAN",
    "pickup": "TRUCK",
    "limousine": "OTHER",
}
GEARBOX = {"manual": "MANUAL", "automatic": "AUTOMATIC", "robot": "AUTOMATIC", "cvt": "AUTOMATIC"}
DRIVE = {"front": "FWD", "rear": "RWD", "all": "AWD"}
FUEL = {
    "petrol": "GASOLINE",
    "diesel": "DIESEL",
    "hybrid": "HYBRID",
    "plug_in_hybrid": "PLUGIN_HYBRID",
    "electric": "ELECTRIC",
}
OBLAST = {
    "minsk": "Минск",
    "minsk_region": "Минская область",
    "brest": "Брестская область",
    "vitebsk": "Витебская область",
    "gomel": "Гомельская область",
    "grodno": "Гродненская область",
    "mogilev": "Могилёвская область",
}
OTHER = "OTHER"
STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def vehicle_row(document: Mapping[str, Any], site_url: str, currency: str) -> dict[str, str]:
    """Every column of META_COLUMNS, empty where nothing is known. Raises InvalidPayload naming what is missing."""
    city, dealer = document["city"], document["dealer"]
    color = ru.COLOR.get(document["color"]) or "другой"
    row = dict.fromkeys(META_COLUMNS, "") | {
        "vehicle_id": document["uuid"],
        "title": f"{document['title']}, {document['year']}",
        "description": description(document, DESCRIPTION_LIMIT) or _facts(document),
        "url": f"{site_url}{document['path']}",
        "make": document["make"]["name"],
        "model": document["model"]["name"],
        "year": str(document["year"]),
        "mileage.value": str(document["mileage_km"]),
        "mileage.unit": "KM",
        "state_of_vehicle": "NEW" if document["condition"] == "new" else "USED",
        "body_style": BODY.get(document["body"], OTHER),
        "exterior_color": color,
        "price": f"{price_in(document, currency)} {currency}",
        "currency": currency,
        "address.addr1": dealer.get("address", ""),
        "address.city": dealer.get("city") or city["name"],
        "address.region": OBLAST.get(city.get("oblast", ""), ""),
        "address.country": "Беларусь",
        "vin": document["vin"],
        "trim": document.get("trim") or "",
        "transmission": GEARBOX.get(document["gearbox"], OTHER),
        "drivetrain": DRIVE.get(document["drive"], OTHER),
        "fuel_type": FUEL.get(document["fuel"], OTHER),
        "dealer_name": dealer["name"],
        "dealer_phone": document["contact"]["phone"],
    }
    for index, address in enumerate(photo_addresses(document, site_url, MOST_PHOTOS)):
        row[f"image[{index}].url"] = address
    missing = [name for column, name in REQUIRED.items() if not row[column].strip()]
    if missing:
        raise InvalidPayload([_("Meta takes no car without this: %(name)s.") % {"name": name} for name in missing])
    return row


def nested(row: Mapping[str, str]) -> dict[str, Any]:
    """The row as JSON of calls: "mileage.value" → {"mileage": {"value": …}}, "image[0].url" → {"image": [{"url": …}]}.

    Empty columns are left out.
    """
    found: dict[str, Any] = {}
    for column, value in row.items():
        if value:
            _put(found, column.split("."), value)
    return found


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    match = STEP.fullmatch(path[0])
    if match is None:
        raise ValueError(path[0])
    name, place = match[1], match[2]
    if len(path) == 1:
        into[name] = value
    elif place is None:
        _put(into.setdefault(name, {}), path[1:], value)
    else:
        items = into.setdefault(name, [])
        items.extend({} for _index in range(len(items), int(place) + 1))
        _put(items[int(place)], path[1:], value)


def _facts(document: Mapping[str, Any]) -> str:
    """In place of a text that the dealer has not written."""
    words = [
        document["title"],
        str(document["year"]),
        f"{ru.number(document['mileage_km'])} км",
        ru.engine(dict(document)),
        ru.GEARBOX.get(document["gearbox"], ""),
    ]
    return ", ".join(word for word in words if word)
