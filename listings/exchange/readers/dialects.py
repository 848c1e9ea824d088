"""What the elements of the XML dialects mean, in our columns and words."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

GEARS = {"MT": "механика", "AT": "автомат", "CVT": "вариатор", "AMT": "робот", "DCT": "робот"}
ENGINE = re.compile(r"^(?P<litres>\d{1,2}\.\d)(?P<letters>[a-z]*)\b", re.IGNORECASE)
POWER = re.compile(r"\((\d{2,4})\s*л\.\s?с\.?\)")
FUEL_LETTERS = {"d": "дизель", "td": "дизель", "hyb": "гибрид"}
MARKS = re.compile(r"\b(4WD|MT|AT|CVT|AMT|DCT)\b")


@dataclass(frozen=True)
class Car:
    """Cells by our column name (or by a name of the dialect), addresses of photos, elements already read."""

    cells: dict[str, str]
    photos: tuple[str, ...] = ()
    used: frozenset[str] = field(default_factory=frozenset)


AUTORU = {
    "unique_id": "external_id", "vin": "vin", "mark_id": "make", "year": "year", "run": "mileage_km",
    "owners_number": "owners", "body_type": "body", "color": "color", "price": "price", "currency": "currency",
    "custom": "customs_cleared", "description": "text", "video": "video_url", "state": "condition",
}  # fmt: skip
MAXPOSTER = {
    "id": "external_id", "uin": "stock_number", "vin": "vin", "type": "condition", "year": "year", "brand": "make",
    "model": "model", "engineType": "fuel", "engineVolume": "engine_cc", "enginePower": "power_hp",
    "bodyType": "body", "bodyColor": "color", "driveType": "drive", "gearboxType": "gearbox", "price": "price",
    "description": "text", "ownersCount": "owners",
}  # fmt: skip


def autoru_car(car: Element) -> Car:
    """<car> of auto.ru. Engine, gearbox and all-wheel drive stand in the name of the modification."""
    cells = _texts(car, AUTORU)
    model, _comma, generation = _text(car, "folder_id").partition(",")
    cells["model"], cells["<generation>"] = model.strip(), generation.strip()
    for name, text in _modification(_text(car, "modification_id")).items():
        cells.setdefault(name, text)
    contact = car.find("contact_info/contact")
    if contact is not None:
        cells["contact_name"], cells["contact_phone"] = _text(contact, "name"), _text(contact, "phone")
    photos = _addresses(car, "images/image")
    return Car(cells, photos, frozenset([*AUTORU, "folder_id", "modification_id"]))


def maxposter_car(car: Element) -> Car:
    """<vehicle> of MaxPoster."""
    cells = _texts(car, MAXPOSTER)
    mileage, unit = _text(car, "mileage"), _text(car, "mileageUnit").lower()
    cells["mileage_km"] = f"{mileage} миль" if mileage and unit.startswith("mi") else mileage
    before = _text(car, "specialOfferPreviousPrice")
    if before and before != "0":
        cells["old_price"] = before
    cells["<generation>"] = _text(car, "generation")
    used = frozenset([*MAXPOSTER, "mileage", "mileageUnit", "specialOfferPreviousPrice", "generation"])
    return Car(cells, _addresses(car, "photos/photo"), used)


def _modification(name: str) -> dict[str, str]:
    """ "2.0d AT (190 л.с.) 4WD": what it says for certain. Two driven wheels may be the front or the rear ones."""
    cells: dict[str, str] = {}
    if engine := ENGINE.match(name):
        cells["engine_cc"] = f"{engine['litres']} л"
        if fuel := FUEL_LETTERS.get(engine["letters"].lower()):
            cells["fuel"] = fuel
    elif name.startswith("Electro"):
        cells["fuel"] = "электро"
    if power := POWER.search(name):
        cells["power_hp"] = power[1]
    for mark in MARKS.findall(name):
        cells["drive" if mark == "4WD" else "gearbox"] = GEARS.get(mark, "полный привод")
    return cells


def _texts(car: Element, names: dict[str, str]) -> dict[str, str]:
    return {column: text for tag, column in names.items() if (text := _text(car, tag))}


def _text(parent: Element, tag: str) -> str:
    return (parent.findtext(tag) or "").strip()


def _addresses(car: Element, path: str) -> tuple[str, ...]:
    found = [(photo.text or photo.get("url") or "").strip() for photo in car.iterfind(path)]
    return tuple(dict.fromkeys(address for address in found if address.startswith(("http://", "https://"))))
