"""Avito Autoload: Avito fetches a file; its programming interface tells what became of each car."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator

from . import avito_api
from . import russian as ru
from .base import Account, Capabilities, ChannelCredentials, ChannelSettings, Checked, InvalidPayload, Shown
from .feed import FeedAdapter, FeedFile, FeedPayload, Listed, price_in, require_vin
from .feed_markup import cdata, empty_tag, group, html_description, photo_addresses, tag
from .registry import register

DESCRIPTION_LIMIT = 7500
FUEL = {
    "petrol": "Бензин", "diesel": "Дизель", "petrol_lpg": "Газ", "petrol_cng": "Газ", "hybrid": "Гибрид",
    "plug_in_hybrid": "Гибрид", "electric": "Электро",
}  # fmt: skip
GEARBOX = {"manual": "Механика", "automatic": "Автомат", "robot": "Робот", "cvt": "Вариатор", "reducer": "Автомат"}
DRIVE = {"front": "Передний", "rear": "Задний", "all": "Полный"}
BODY = {
    "sedan": "Седан", "hatchback": "Хетчбэк", "liftback": "Лифтбек", "wagon": "Универсал", "suv": "Внедорожник",
    "crossover": "Внедорожник", "coupe": "Купе", "convertible": "Кабриолет", "minivan": "Минивэн", "van": "Фургон",
    "minibus": "Микроавтобус", "pickup": "Пикап", "limousine": "Лимузин",
}  # fmt: skip
COLOR = {code: words.capitalize() for code, words in ru.COLOR.items() if words}
MOST_OWNERS = 4
RATE_PATTERN = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")


class AvitoSettings(ChannelSettings):
    currency: Annotated[
        Literal["RUB", "BYN", "USD", "EUR"],
        Shown(
            _("Currency of prices"),
            _(
                "Avito's format has whole Russian roubles. Whether it takes another currency for Belarus is not "
                "published: ask Avito before you choose one."
            ),
            (("RUB", "RUB"), ("BYN", "BYN"), ("USD", "USD"), ("EUR", "EUR")),
        ),
    ] = "RUB"
    rub_for_byn: Annotated[
        str,
        Shown(
            _("Russian roubles for one Belarusian"),
            _("For prices in Russian roubles, like 27.5. It does not follow the exchange rate by itself."),
        ),
    ] = Field("", validate_default=True)
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("Change it only for tests."))] = HttpUrl(
        "https://api.avito.ru"
    )

    @field_validator("rub_for_byn")
    @classmethod
    def _needed_for_roubles(cls, value: str, info: ValidationInfo) -> str:
        if value and not (RATE_PATTERN.fullmatch(value) and Decimal(value) > 0):
            raise ValueError("a positive number with a point")
        if not value and info.data.get("currency") == "RUB":
            raise ValueError("needed for prices in Russian roubles")
        return value


class AvitoCredentials(ChannelCredentials):
    client_id: Annotated[SecretStr, Shown(_("Client ID"), _("In your Avito account: Integrations, API."))]
    client_secret: Annotated[SecretStr, Shown(_("Client secret"))]


AvitoAccount = Account[AvitoSettings, AvitoCredentials]


@register("avito")
class AvitoAdapter(FeedAdapter[AvitoSettings, AvitoCredentials]):
    label = "Avito"
    about = _(
        "Avito fetches a file with your cars (Autoload) and tells us through its interface which of them are up. It "
        "needs an Avito tariff with Autoload, and a client ID and secret from your Avito account."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, delivery="feed")
    Settings = AvitoSettings
    Credentials = AvitoCredentials
    file = FeedFile(
        "avito.xml",
        "xml",
        car="Ad",
        id="Id",
        required=("Id", "Category", "CarType", "Make", "Model", "Year", "VIN", "Price", "Description", "Address"),
        images="Images/Image@url",
    )

    def frame(self, settings: AvitoSettings, site_url: str, changed_at: datetime) -> tuple[str, str]:
        header = '<?xml version="1.0" encoding="utf-8"?>\n<Ads formatVersion="3" target="Avito.ru">\n'
        return header, "</Ads>\n"

    def entry(self, document: Mapping[str, Any], account: AvitoAccount) -> FeedPayload:
        _require_a_whole_car(document)
        photos = photo_addresses(document, account.site_url)
        entry = group(
            "Ad",
            tag("Id", document["uuid"]),
            tag("Category", "Автомобили"),
            *_car(document),
            tag("VIN", require_vin(document)),
            tag("Price", _price(document, account.settings)),
            cdata("Description", _description(document)),
            group("Images", *(empty_tag("Image", url=photo) for photo in photos)),
            tag("Address", _address(document)),
            tag("ContactPhone", document["contact"]["phone"]),
        )
        return FeedPayload(id=document["uuid"], entry=entry, images=len(photos))

    def check(self, account: AvitoAccount) -> Checked:
        avito_api.profile(account)
        return Checked(True, _("Avito accepts the access data. It fetches the file at the address below."))

    def inspect_all(self, account: AvitoAccount) -> Mapping[str, Listed]:
        """What Avito's last reading of the file made of each car, by the car's number in it."""
        return avito_api.states_of_last_upload(account)

    def announce(self, address: str, account: AvitoAccount) -> None:
        """Tells Avito where the file is."""
        avito_api.set_feed(address, self.file.name, account)

    def ask_to_fetch(self, account: AvitoAccount) -> None:
        """Asks Avito to fetch the file now. It does so once an hour at most: RateLimited."""
        avito_api.start_upload(account)


def _car(document: Mapping[str, Any]) -> list[str]:
    new, capacity = document["condition"] == "new", document.get("engine_cc")
    generation, owners = document.get("generation"), document.get("owners")
    return [
        tag("CarType", "Новые" if new else "С пробегом"),
        tag("Make", document["make"]["name"]),
        tag("Model", document["model"]["name"]),
        tag("Generation", generation["name"] if generation else None),
        tag("Modification", document.get("trim")),
        tag("Year", document["year"]),
        "" if new else tag("Kilometrage", document["mileage_km"]),
        tag("FuelType", FUEL.get(document["fuel"])),
        tag("EngineSize", f"{capacity / 1000:.1f}" if capacity else None),
        tag("Power", document.get("power_hp")),
        tag("Transmission", GEARBOX.get(document["gearbox"])),
        tag("DriveType", DRIVE.get(document["drive"])),
        tag("BodyType", BODY.get(document["body"])),
        tag("Color", COLOR.get(document["color"])),
        "" if new else tag("Owners", _owners(owners)),
    ]


def _owners(owners: int | None) -> str | None:
    if not owners:
        return None
    return str(owners) if owners < MOST_OWNERS else f"{MOST_OWNERS}+"


def _description(document: Mapping[str, Any]) -> str:
    """Avito takes no ad without one; a car without a text says what it is."""
    text = html_description(document, DESCRIPTION_LIMIT)
    return text or html_description({"text_html": f"{document['title']}, {document['year']}"}, DESCRIPTION_LIMIT)


def _address(document: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (document["city"]["name"], document["dealer"].get("address", "")) if part)


def _price(document: Mapping[str, Any], settings: AvitoSettings) -> int:
    if settings.currency == "RUB":
        return round(price_in(document, "BYN") * Decimal(settings.rub_for_byn))
    return price_in(document, settings.currency)


def _require_a_whole_car(document: Mapping[str, Any]) -> None:
    if document["condition"] == "parts":
        raise InvalidPayload([_("Avito takes no cars for parts among cars. Take it out of this channel.")])
