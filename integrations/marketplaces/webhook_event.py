"""What a webhook says: the documented, versioned body of every event. The schema in docs/adapters is made from this."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urljoin

from pydantic import BaseModel, ConfigDict

from .photos import document_photos
from .text import plain_text

VERSION = 1
"""Goes up when a field changes its meaning or goes. New fields may appear at any time."""
PHOTO_LIMIT = 60


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Price(Part):
    """Whole units. Null while there is no exchange rate."""

    byn: int
    usd: int | None
    eur: int | None
    old_byn: int | None


class EventPhoto(Part):
    url: str
    width: int
    height: int


class Contact(Part):
    name: str
    phone: str


class EventDealer(Part):
    slug: str
    name: str
    address: str


class EventListing(Part):
    """A car. Codes (fuel, gearbox, …) are those of the public API."""

    id: str
    url: str
    title: str
    sale_state: str
    make: str
    model: str
    generation: str | None
    trim: str | None
    year: int
    mileage_km: int
    condition: str
    fuel: str
    engine_cc: int | None
    power_hp: int | None
    battery_kwh: float | None
    gearbox: str
    drive: str
    body: str
    color: str
    price: Price
    city: str
    dealer: EventDealer
    contact: Contact
    text: str
    vin: str | None
    photos: tuple[EventPhoto, ...]


class ListingPut(Part):
    """It shall stand as it is here, whether it was there before or not."""

    listing: EventListing


class Withdrawal(Part):
    id: str
    title: str
    reason: Literal["sold", "withdrawn", "renewed"]
    """renewed: the car is still there, and is published anew right after."""


class ListingGone(Part):
    """It shall be taken down; `id` is the listing's."""

    listing: Withdrawal


class Nothing(Part):
    """Of a check."""


class WebhookEvent(Part):
    type: Literal["listing.published", "listing.updated", "listing.withdrawn", "channel.checked"]
    version: int = VERSION
    timestamp: datetime
    data: ListingPut | ListingGone | Nothing


def event_listing(document: Mapping[str, Any], *, site_url: str, with_vin: bool) -> EventListing:
    """Of a published document."""
    root, price, contact, dealer = f"{site_url}/", document["price"], document["contact"], document["dealer"]
    same = {name: document.get(name) for name in EventListing.model_fields if name not in BUILT}
    photos = document_photos(document, PHOTO_LIMIT)
    return EventListing(
        **same,
        id=document["uuid"],
        url=f"{site_url}{document['path']}",
        make=document["make"]["name"],
        model=document["model"]["name"],
        generation=(document.get("generation") or {}).get("name"),
        price=Price(byn=price["byn"], **{name: price.get(name) or None for name in ("usd", "eur", "old_byn")}),
        city=document["city"]["name"],
        dealer=EventDealer(**{name: dealer.get(name) or "" for name in EventDealer.model_fields}),
        contact=Contact(**{name: contact.get(name) or "" for name in Contact.model_fields}),
        text=plain_text(document.get("text_html", "")),
        vin=(document.get("vin") or None) if with_vin else None,
        photos=tuple(EventPhoto(url=urljoin(root, p.url), width=p.width, height=p.height) for p in photos),
    )


BUILT = {"id", "url", "make", "model", "generation", "price", "city", "dealer", "contact", "text", "vin", "photos"}
"""Fields that do not stand in a document under the same name and in the same form."""
