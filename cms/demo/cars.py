"""The demo's cars: each one a transaction, so that an interrupted run goes on where it stopped."""

import io
import uuid
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.utils import timezone

from cms.images.models import CustomImage
from cms.images.services import add_image
from cms.users.models import User
from listings.lifecycle import publish_listing, set_sale_state, single
from listings.models import (
    CarModel,
    City,
    Dealer,
    Equipment,
    Generation,
    Listing,
    ListingPhoto,
    PaymentType,
    PublishedListing,
)
from listings.vocabulary import SaleState

from .draw import VIEWS
from .people import agents
from .photos import CarPhoto, with_photos
from .source import find_all, paragraphs, read

FILES = ("cars-minsk.toml", "cars-grodno.toml", "cars-gomel.toml")
NAMESPACE = uuid.UUID("6f1d0c0a-6b0e-4d0b-9d53-0f5b1a7c2e11")
"""Makes a car's id from its stock number: every demo has the same addresses."""

# Only these go into the listing as they stand in the file.
# fmt: off
PLAIN_FIELDS = (
    "title", "year", "vin", "condition", "mileage_km", "owners", "fuel", "engine_cc", "power_hp", "battery_kwh",
    "range_km", "gearbox", "drive", "body", "color", "price", "currency", "old_price", "vat", "exchange", "leasing",
    "customs_cleared", "registration_country", "contact_name", "stock_number",
)
# fmt: on

AGENTS_SHARE = 3
"""An agent sells about every third car of his dealer."""

Car = dict[str, Any]


def read_cars() -> list[Car]:
    """All cars of the data files, dealers in turn, each with its equipment spelt out."""
    kits = read("kits.toml")
    by_dealer = [[_flat(car, data["dealer"], kits) for car in data["car"]] for data in map(read, FILES)]
    return [car for row in zip_longest(*by_dealer) for car in row if car]


def _flat(data: Car, dealer: str, kits: dict[str, str]) -> Car:
    """The file keeps what belongs together in one line; the listing has it all side by side."""
    car = {"dealer": dealer} | data | data["car"] | data["engine"] | data["deal"]
    words = car["equipment"].split()
    codes = {code for word in words for code in kits.get(word, word).split()}
    return car | {"equipment": sorted(codes)}


def car_uuid(stock_number: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, stock_number)


class Reference:
    """The rows that the cars name, looked up before the first car is written."""

    def __init__(self, cars: list[Car]) -> None:
        self.models = find_all(CarModel, "slug", [car["model"] for car in cars])
        self.cities = find_all(City, "slug", [car["city"] for car in cars if "city" in car])
        self.payment_types = find_all(PaymentType, "code", [code for car in cars for code in car["payment"].split()])
        self.equipment = find_all(Equipment, "code", [code for car in cars for code in car["equipment"]])


def load_cars(dealers: dict[str, Dealer], user: User, progress: Callable[[int, int], None]) -> int:
    """Adds the cars that have never been here; returns how many. A car that somebody has deleted stays deleted."""
    cars = read_cars()
    known = {*Listing.objects.values_list("uuid", flat=True), *PublishedListing.objects.values_list("uuid", flat=True)}
    missing = [(age, car) for age, car in enumerate(cars) if car_uuid(car["stock_number"]) not in known]
    if not missing:
        return 0
    reference, agent_at = Reference([car for _, car in missing]), agents()
    for done, ((age, car), photos) in enumerate(with_photos(_with_views(missing)), start=1):
        with transaction.atomic():
            listing = car_listing(car, dealers[car["dealer"]], reference)
            turn, sellers = zlib.crc32(listing.slug.encode()) % AGENTS_SHARE, agent_at.get(listing.dealer_id, [])
            if turn < len(sellers):
                listing.agent = sellers[turn]
            _publish(listing, photos, age, user, SaleState(car.get("sale_state", SaleState.AVAILABLE)))
        progress(done, len(missing))
    return len(missing)


def car_listing(car: Car, dealer: Dealer, reference: Reference) -> Listing:
    """The listing in memory, complete but for its photos, and checked like one that a person has entered."""
    model = reference.models[car["model"]]
    listing = Listing(
        uuid=car_uuid(car["stock_number"]),
        dealer=dealer,
        city=reference.cities[car["city"]] if "city" in car else dealer.city,
        make=model.make,
        model=model,
        generation=_only_generation(model, car["year"]),
        text=paragraphs(car["text"]),
        live=False,
        **{name: car[name] for name in PLAIN_FIELDS if name in car},
    )
    listing.payment_types = [reference.payment_types[code] for code in car["payment"].split()]
    listing.equipment = [reference.equipment[code] for code in car["equipment"]]
    listing.fill_in()
    listing.full_clean()
    return listing


def _with_views(cars: list[tuple[int, Car]]) -> Iterator[tuple[tuple[int, Car], list[CarPhoto]]]:
    for age, car in cars:
        seed = zlib.crc32(car["stock_number"].encode())
        views = VIEWS[: car["photos"]]
        yield (age, car), [CarPhoto(car["body"], car["color"], view, seed) for view in views]


def _publish(listing: Listing, photos: list[bytes], age: int, user: User, state: SaleState) -> None:
    # As if they had been put up over the last weeks, several a day.
    listing.first_published_at = timezone.now() - timedelta(hours=2 + age * 11, minutes=age * 17 % 60)
    listing.photos = [
        ListingPhoto(sort_order=place, image=_add_photo(photo, listing, place)) for place, photo in enumerate(photos)
    ]
    listing.save()
    publish_listing(listing, user)
    if state != SaleState.AVAILABLE:
        single(set_sale_state([listing], state, user))


def _add_photo(photo: bytes, listing: Listing, place: int) -> CustomImage:
    return add_image(
        io.BytesIO(photo),
        f"{listing.slug}-{place + 1}.jpg",
        title=f"{listing.title}, {listing.year}, фото {place + 1}",
        collection=listing.dealer.collection,
    )


def _only_generation(model: CarModel, year: int) -> Generation | None:
    """The generation that was made in that year; none when two were made side by side."""
    fitting = [
        generation
        for generation in model.generations.all()
        if generation.year_from <= year <= (generation.year_to or year)
    ]
    return fitting[0] if len(fitting) == 1 else None
