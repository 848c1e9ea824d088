"""Google vehicle listings: a CSV file that Google Merchant Center fetches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from .base import Account, Capabilities, ChannelSettings, InvalidPayload, Shown
from .feed import CURRENCIES, Currency, FeedAdapter, FeedFile, FeedPayload, NoCredentials, price_in, require_vin
from .feed_markup import csv_line, photo_addresses
from .registry import register

COLUMNS = (
    "vin", "store_code", "dealership_name", "dealership_address", "price", "condition", "make", "model", "year",
    "mileage", "trim", "image_link", "additional_image_link", "link",
)  # fmt: skip
MOST_PHOTOS = 11
"""One main photo and ten more."""


class GoogleSettings(ChannelSettings):
    store_code: Annotated[
        str, Shown(_("Store code"), _("Of your dealership in Google Business Profile. One channel for each store."))
    ] = Field(min_length=1, max_length=64)
    currency: Annotated[Currency, Shown(_("Currency of prices"), "", CURRENCIES)] = "BYN"


@register("google")
class GoogleAdapter(FeedAdapter[GoogleSettings, NoCredentials]):
    label = "Google"
    about = _(
        "Google fetches a file of vehicle listings. It needs a Merchant Center account and the store code of your "
        "dealership. Where Google shows such listings it decides by itself, not in every country."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, delivery="feed")
    Settings = GoogleSettings
    file = FeedFile(
        "google.csv",
        "csv",
        id="vin",
        required=(
            "vin", "store_code", "dealership_name", "dealership_address", "price", "condition", "make", "model", "year",
        ),
        images="image_link",
    )  # fmt: skip

    def frame(self, settings: GoogleSettings, site_url: str, changed_at: datetime) -> tuple[str, str]:
        return f"{csv_line(COLUMNS)}{self.file.line_end}", ""

    def entry(self, document: Mapping[str, Any], account: Account[GoogleSettings, NoCredentials]) -> FeedPayload:
        if document["condition"] not in {"new", "used"}:
            raise InvalidPayload([_("Google takes no damaged cars and none for parts. Take it out of this channel.")])
        photos = photo_addresses(document, account.site_url, MOST_PHOTOS)
        settings, dealer = account.settings, document["dealer"]
        values = {
            "vin": require_vin(document),
            "store_code": settings.store_code,
            "dealership_name": dealer["name"],
            "dealership_address": ", ".join(
                part for part in (dealer.get("address"), dealer.get("city") or document["city"]["name"]) if part
            ),
            "price": f"{price_in(document, settings.currency)} {settings.currency}",
            "condition": document["condition"],
            "make": document["make"]["name"],
            "model": document["model"]["name"],
            "year": document["year"],
            "mileage": "" if document["condition"] == "new" else f"{document['mileage_km']} km",
            "trim": document.get("trim"),
            "image_link": photos[0] if photos else "",
            "additional_image_link": ",".join(photo.replace(",", "%2C") for photo in photos[1:]),
            "link": f"{account.site_url}{document['path']}",
        }
        return FeedPayload(id=document["uuid"], entry=csv_line([values[name] for name in COLUMNS]), images=len(photos))
