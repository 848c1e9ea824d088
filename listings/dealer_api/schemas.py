"""Shapes of the dealers' API. A car is described here and read by `cells`: each field may be a word or a number."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import BaseModel, ConfigDict, create_model

from listings.mass import Act
from listings.vocabulary import PublicationState, Removal, SaleState

from .cells import NAMES, REQUIRED, describe

MAX_ITEMS = 1000

CAR_EXAMPLE: dict[str, Any] = {
    "external_id": "A-1042",
    "vin": "WBAKS410900C12345",
    "make": "bmw",
    "model": "X5",
    "year": 2018,
    "mileage_km": 120000,
    "fuel": "diesel",
    "engine_cc": 2993,
    "power_hp": 249,
    "gearbox": "автомат",
    "drive": "all",
    "body": "suv",
    "color": "чёрный",
    "price": 28500,
    "currency": "USD",
    "city": "minsk",
    "equipment": ["abs"],
    "text": "Один владелец, обслуживался у дилера.",
}


class _Car(BaseModel):
    """A car as you send it. What you leave out stays as it is; null empties a field that may be empty."""

    # No Schema of Ninja's: that would drop unknown fields in silence, and a misspelt one must be named.

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [CAR_EXAMPLE], "additionalProperties": False},
    )


CarIn: Any = create_model(
    "CarIn",
    __base__=_Car,
    **{
        name: (
            Any,
            Field(
                None,
                description="A new car needs it." if name in REQUIRED else None,
                json_schema_extra=describe(name) | {"default": None},
            ),
        )
        for name in NAMES
    },  # type: ignore[call-overload]
)


class CarsIn(Schema):
    items: list[CarIn] = Field(min_length=1, max_length=MAX_ITEMS)
    mode: Literal["each", "all"] = Field("each", description="all: one refused car stops all of them.")
    submit: bool = Field(False, description="Submit new cars for moderation at once.")
    dry_run: bool = Field(False, description="Say what would happen, and write nothing.")


class Error(Schema):
    pointer: str = Field(description="JSON pointer (RFC 6901) of the value in the request; empty: the whole.")
    message: str
    value: str = ""


class CarResult(Schema):
    index: int
    outcome: Literal["create", "change", "same", "refused"]
    external_id: str | None
    id: int | None
    changes: dict[str, Any] = Field(description="Field to [old, new].")
    errors: list[Error]


class Counts(Schema):
    create: int = 0
    change: int = 0
    same: int = 0
    refused: int = 0


class CarResults(Schema):
    dry_run: bool
    counts: Counts
    results: list[CarResult]


class OwnPhoto(Schema):
    id: int
    url: str
    width: int
    height: int


class Returned(Schema):
    comment: str
    at: datetime


class OwnListing(Schema):
    """Your car: its newest content, which may be ahead of what the public sees."""

    id: int
    uuid: str
    external_id: str
    stock_number: str
    vin: str
    title: str
    make: str = Field(description="Slug, as in `GET /reference`.")
    model: str
    generation: str | None
    trim: str | None
    year: int
    condition: str
    mileage_km: int
    owners: int | None
    fuel: str
    engine_cc: int | None
    power_hp: int | None
    battery_kwh: float | None
    range_km: int | None
    gearbox: str
    drive: str
    body: str
    color: str
    price: int
    currency: str
    old_price: int | None
    price_byn: int
    vat: bool
    exchange: bool
    leasing: bool
    customs_cleared: bool
    registration_country: str
    payment_types: list[str]
    equipment: list[str]
    city: str
    contact_name: str
    contact_phone: str
    video_url: str
    text: str
    photos: list[OwnPhoto]
    publication: PublicationState
    sale_state: SaleState
    pending_edit: Literal["draft", "in_moderation"] | None = Field(
        description="Of a published car: a newer content that is not public yet."
    )
    returned: Returned | None = Field(description="Why a moderator returned it.")
    path: str | None = Field(description="Address on the site, while it is public.")
    created_at: datetime
    archived_at: datetime | None


class Change(Schema):
    id: int
    uuid: str
    external_id: str
    vin: str
    changed_at: datetime
    removed: Removal | None = Field(description="Why the car is no longer in your list; null: it is there.")
    listing: OwnListing | None = Field(description="null when it was deleted or is another dealer's now.")


class Changes(Schema):
    items: list[Change]
    cursor: str = Field(description="Send it with the next request, today or next week.")
    has_more: bool = Field(description="False: you have all; ask again later with `cursor`.")


class Operation(Schema):
    """What shall be done. Of `price`, `price_percent` and `price_amount` only one."""

    action: Act | None = None
    comment: str = Field("", max_length=2000, description="`return` needs one.")
    price: int | None = Field(None, description="The new price, in the car's currency.")
    price_percent: Decimal | None = Field(None, gt=-100, le=1000, description="-5: five percent cheaper.")
    price_amount: int | None = Field(None, description="-500: 500 units of its currency cheaper.")
    city: str | None = Field(None, max_length=60, description="Slug or name.")
    add_channels: list[str] = Field(default_factory=list, max_length=50, description="Names or ids of channels.")
    remove_channels: list[str] = Field(default_factory=list, max_length=50)


class BulkItem(Operation):
    """A car, named by one of the three keys, and what shall be done with it alone."""

    id: int | None = None
    external_id: str | None = None
    vin: str | None = None


class BulkIn(Operation):
    """`action` and the like here hold for every item that does not say otherwise."""

    items: list[BulkItem] = Field(min_length=1, max_length=MAX_ITEMS)
    mode: Literal["each", "all"] = Field("each", description="all: one refused car stops all of them.")
    dry_run: bool = Field(False, description="Say what would happen, and write nothing.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "reserve", "items": [{"external_id": "A-1042"}, {"vin": "WBAKS410900C12345"}]},
                {"mode": "all", "price_percent": -5, "items": [{"id": 17}, {"id": 18, "price_percent": -7.5}]},
            ]
        }
    )


class BulkResult(Schema):
    index: int
    id: int | None
    external_id: str | None
    outcome: Literal["done", "refused"]
    errors: list[Error]


class BulkCounts(Schema):
    done: int
    refused: int


class BulkResults(Schema):
    dry_run: bool
    counts: BulkCounts
    results: list[BulkResult]


class Comment(Schema):
    comment: str = Field("", max_length=2000)


class PhotoOrder(Schema):
    photos: list[int] = Field(description="Ids of the car's photos in the new order. Those left out are taken off.")
