"""Yandex YML: a file of offers that Yandex Direct and other services of Yandex fetch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from . import russian as ru
from .base import Account, Capabilities, ChannelSettings, Shown
from .feed import CURRENCIES, Currency, FeedAdapter, FeedFile, FeedLimits, FeedPayload, NoCredentials, price_in
from .feed_markup import cdata, group, html_description, photo_addresses, tag
from .registry import register

DESCRIPTION_LIMIT = 3000
MOST_PHOTOS = 10
FRAME_BYTES = 10_000
"""What stands around the offers takes less."""
LIMITS = FeedLimits(cars=30_000, images=50_000, bytes=200 * 1000 * 1000 - FRAME_BYTES)
MINSK = ZoneInfo("Europe/Minsk")


class YmlSettings(ChannelSettings):
    shop: Annotated[str, Shown(_("Name of the shop"), _("As Yandex shows it: your company's short name."))] = Field(
        min_length=1, max_length=60
    )
    company: Annotated[str, Shown(_("Company"), _("The full name of the legal entity."))] = Field(
        min_length=1, max_length=200
    )
    currency: Annotated[Currency, Shown(_("Currency of prices"), "", CURRENCIES)] = "BYN"


@register("yml")
class YmlAdapter(FeedAdapter[YmlSettings, NoCredentials]):
    label = "Yandex YML"
    about = _(
        "Yandex fetches a file of offers (YML), for adverts in Direct and other services. At most 30,000 cars, 50,000 "
        "photos and 200 MB. What became of the offers, Yandex does not tell us."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, delivery="feed")
    Settings = YmlSettings
    file = FeedFile(
        "yml.xml",
        "xml",
        car="offer",
        id="@id",
        required=("@id", "name", "url", "price", "currencyId", "categoryId"),
        images="picture",
        limits=LIMITS,
    )

    def frame(self, settings: YmlSettings, site_url: str, changed_at: datetime) -> tuple[str, str]:
        date = changed_at.astimezone(MINSK).isoformat(timespec="minutes")
        head = "".join(
            [
                tag("name", settings.shop),
                tag("company", settings.company),
                tag("url", site_url),
                f'<currencies><currency id="{settings.currency}" rate="1"/></currencies>',
                '<categories><category id="1">Автомобили</category></categories>',
            ]
        )
        header = f'<?xml version="1.0" encoding="UTF-8"?>\n<yml_catalog date="{date}"><shop>{head}<offers>\n'
        return header, "</offers></shop></yml_catalog>\n"

    def entry(self, document: Mapping[str, Any], account: Account[YmlSettings, NoCredentials]) -> FeedPayload:
        photos = photo_addresses(document, account.site_url, MOST_PHOTOS)
        currency = account.settings.currency
        entry = group(
            "offer",
            tag("name", f"{document['title']}, {document['year']}"),
            tag("vendor", document["make"]["name"]),
            tag("model", document["model"]["name"]),
            tag("url", f"{account.site_url}{document['path']}"),
            tag("price", price_in(document, currency)),
            tag("currencyId", currency),
            tag("categoryId", 1),
            *(tag("picture", photo) for photo in photos),
            cdata("description", html_description(document, DESCRIPTION_LIMIT)),
            *_params(document),
            id=document["uuid"],
            available="false" if document["sale_state"] == "due_in" else "true",
        )
        return FeedPayload(id=document["uuid"], entry=entry, images=len(photos))


def _params(document: Mapping[str, Any]) -> list[str]:
    capacity, generation = document.get("engine_cc"), document.get("generation")
    new = document["condition"] == "new"
    return [
        tag("param", generation["name"] if generation else None, name="Поколение"),
        tag("param", document.get("trim"), name="Комплектация"),
        tag("param", document["year"], name="Год выпуска"),
        tag("param", ru.CONDITION.get(document["condition"]), name="Состояние"),
        "" if new else tag("param", document["mileage_km"], name="Пробег", unit="км"),
        tag("param", ru.FUEL.get(document["fuel"]), name="Двигатель"),
        tag("param", f"{capacity / 1000:.1f}" if capacity else None, name="Объём двигателя", unit="л"),
        tag("param", document.get("power_hp"), name="Мощность", unit="л.с."),
        tag("param", ru.GEARBOX.get(document["gearbox"]), name="Коробка передач"),
        tag("param", ru.DRIVE.get(document["drive"]), name="Привод"),
        tag("param", ru.BODY.get(document["body"]), name="Тип кузова"),
        tag("param", ru.COLOR.get(document["color"]), name="Цвет"),
        tag("param", document["city"]["name"], name="Город"),
    ]
