"""The `<data><cars><car>` dialect of auto.ru, which dealer tools and partners of the region read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import russian as ru
from .base import Account, ChannelSettings, CredentialsT, InvalidPayload
from .feed import FeedAdapter, FeedFile, FeedPayload, FeedSettingsT, price_in, require_vin
from .feed_markup import description, group, photo_addresses, tag

LONGEST_DESCRIPTION = 20_000
OWNERS = {0: "Не было владельцев", 1: "Один владелец", 2: "Два владельца"}
MORE_OWNERS = "Три и более"
STATE = {"new": "новый", "damaged": "требует ремонта", "parts": "на запчасти"}
"""Of a used car nothing is said: we do not know whether it is excellent."""
GEARBOX = {"manual": "MT", "automatic": "AT", "robot": "AMT", "cvt": "CVT"}
FUEL_LETTERS = {"diesel": "d", "hybrid": "hyb", "plug_in_hybrid": "hyb"}
COLOR = {code: words for code, words in ru.COLOR.items() if words}
REQUIRED = ("unique_id", "mark_id", "folder_id", "modification_id", "vin", "price", "currency", "year")


def autoru_file(name: str) -> FeedFile:
    return FeedFile(name, "xml", car="car", id="unique_id", required=REQUIRED, images="images/image")


class AutoruDialect(FeedAdapter[FeedSettingsT, CredentialsT]):
    """`currency_of` says in which currency the channel wants prices."""

    def currency_of(self, settings: FeedSettingsT) -> str:
        currency: str = getattr(settings, "currency", "BYN")
        return currency

    def frame(self, settings: ChannelSettings, site_url: str, changed_at: datetime) -> tuple[str, str]:
        return '<?xml version="1.0" encoding="utf-8"?>\n<data><cars>\n', "</cars></data>\n"

    def entry(self, document: Mapping[str, Any], account: Account[FeedSettingsT, CredentialsT]) -> FeedPayload:
        photos = photo_addresses(document, account.site_url)
        currency = self.currency_of(account.settings)
        entry = group(
            "car",
            tag("unique_id", document["uuid"]),
            tag("mark_id", document["make"]["name"]),
            tag("folder_id", folder(document)),
            tag("modification_id", modification(document)),
            tag("complectation_name", document.get("trim")),
            tag("url", f"{account.site_url}{document['path']}"),
            group("images", *(tag("image", photo) for photo in photos)),
            tag("body_type", ru.BODY.get(document["body"], "")),
            tag("color", COLOR.get(document["color"])),
            tag("availability", "на заказ" if document["sale_state"] == "due_in" else "в наличии"),
            tag("custom", "растаможен" if document.get("customs_cleared", True) else "не растаможен"),
            tag("state", STATE.get(document["condition"])),
            tag("owners_number", _owners(document)),
            tag("run", document["mileage_km"]),
            tag("year", document["year"]),
            tag("price", price_in(document, currency)),
            tag("currency", currency),
            tag("vin", require_vin(document)),
            tag("description", description(document, LONGEST_DESCRIPTION)),
            group("contact_info", _contact(document)),
        )
        return FeedPayload(id=document["uuid"], entry=entry, images=len(photos))


def folder(document: Mapping[str, Any]) -> str:
    """ "Juke, I Рестайлинг": model and generation."""
    generation = document.get("generation")
    return f"{document['model']['name']}, {generation['name']}" if generation else document["model"]["name"]


def modification(document: Mapping[str, Any]) -> str:
    """ "1.6 CVT (117 л.с.)". Raises InvalidPayload where nothing of an engine is known."""
    fuel, capacity = document["fuel"], document.get("engine_cc")
    engine = (
        "Electro" if fuel == "electric" else f"{capacity / 1000:.1f}{FUEL_LETTERS.get(fuel, '')}" if capacity else ""
    )
    power = f"({document['power_hp']} л.с.)" if document.get("power_hp") else ""
    if not engine and not power:
        raise InvalidPayload([_("This platform wants the engine: enter its capacity or its power in the listing.")])
    drive = "4WD" if document["drive"] == "all" else ""
    return " ".join(part for part in (engine, GEARBOX.get(document["gearbox"], ""), power, drive) if part)


def _owners(document: Mapping[str, Any]) -> str | None:
    owners = document.get("owners")
    return OWNERS.get(owners, MORE_OWNERS) if owners is not None else None


def _contact(document: Mapping[str, Any]) -> str:
    dealer, contact = document["dealer"], document["contact"]
    return group(
        "contact",
        tag("name", contact.get("name") or dealer["name"]),
        tag("phone", contact["phone"]),
        tag("time", dealer.get("hours")),
    )
