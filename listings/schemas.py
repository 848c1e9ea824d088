"""Shapes of the API's answers. Documents are stored finished; these describe and (in tests) check them."""

from ninja import Field, Schema

from listings.vocabulary import Currency, RateSource


class Named(Schema):
    slug: str
    name: str


class CityRef(Named):
    oblast: str


class Source(Schema):
    url: str
    width: int


class Focus(Schema):
    x: float = Field(description="Fraction of the width, from the left.")
    y: float = Field(description="Fraction of the height, from the top.")


class Photo(Schema):
    id: int
    alt: str
    width: int
    height: int
    color: str | None = Field(description="Average colour, to show while the photo loads.")
    focus: Focus | None = Field(None, description="The point that stays in sight where the photo is cropped.")
    sources: dict[str, list[Source]] = Field(description="By format: avif, webp, jpeg. JPEG is always there.")


class Price(Schema):
    amount: int = Field(description="The seller's price, in whole units of `currency`.")
    currency: Currency
    byn: int = Field(description="By the last rate: what lists are sorted and filtered by.")
    usd: int = Field(description="By the last rate; 0 while it has none.")
    eur: int
    old_byn: int | None


class Card(Schema):
    uuid: str
    slug: str
    path: str = Field(description="Address on the site.")
    title: str
    make: Named
    model: Named
    generation: Named | None
    trim: str | None
    year: int
    mileage_km: int
    condition: str
    fuel: str
    engine_cc: int | None
    power_hp: int | None
    battery_kwh: float | None
    range_km: int | None
    gearbox: str
    drive: str
    body: str
    color: str
    price: Price
    vat: bool
    exchange: bool
    leasing: bool
    city: CityRef
    dealer: Named
    sale_state: str
    photo: Photo | None
    photos_count: int
    published_at: str


class EquipmentOfGroup(Schema):
    group: str
    items: list[str]


class Video(Schema):
    url: str
    embed_url: str


class Contact(Schema):
    name: str
    phone: str


class DealerCard(Named):
    phone: str
    address: str
    hours: str
    city: str
    latitude: float | None
    longitude: float | None


class Detail(Card):
    dealer: DealerCard
    photos: list[Photo]
    vin_masked: str
    owners: int | None
    customs_cleared: bool
    registration_country: str
    payment_types: list[str]
    equipment: list[EquipmentOfGroup]
    video: Video | None
    contact: Contact
    text_html: str
    updated_at: str


class ListingPage(Schema):
    count: int
    limit: int
    offset: int
    version: int = Field(description="Grows with every change of the catalogue.")
    renamed: dict[str, list[str]] = Field(
        description="Filters whose values were earlier codes or other names, and the codes of today that were used."
    )
    items: list[Card]
    facets: dict[str, dict[str, int] | dict[str, list[int] | None] | int] | None


class GenerationRef(Named):
    year_from: int
    year_to: int | None


class ModelRef(Named):
    generations: list[GenerationRef]


class MakeRef(Named):
    name_ru: str
    models: list[ModelRef]


class DealerRef(Named):
    city: str
    phone: str
    address: str
    hours: str


class RateRef(Schema):
    rate: float = Field(description="BYN for one unit.")
    date: str = Field(description="The day for which it was set.")
    source: RateSource = Field(description="The National Bank of Belarus, or typed in by the group.")


class Reference(Schema):
    makes: list[MakeRef]
    cities: list[CityRef]
    dealers: list[DealerRef]
    rates: dict[str, RateRef] = Field(description="By currency: the rates by which prices are converted now.")
    labels: dict[str, dict[str, str]] = Field(description="Field to code to label, in the order of display.")


class ProblemItem(Schema):
    field: str
    message: str


class Problem(Schema):
    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[ProblemItem] | None = None
