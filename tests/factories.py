"""Factories of listings and what they need. Only what a test says differs from a plain, valid car."""

import io
from typing import Any

import factory
from factory.django import DjangoModelFactory
from PIL import Image as Pillow
from wagtail.models import Collection

from cms.images.models import CustomImage
from cms.images.services import add_image
from listings.lifecycle import publish_listing
from listings.models import (
    CarModel,
    City,
    Dealer,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Listing,
    ListingPhoto,
    Make,
    PaymentType,
)


class MakeFactory(DjangoModelFactory):
    class Meta:
        model = Make
        django_get_or_create = ("slug",)

    slug = "bmw"
    name = factory.LazyAttribute(lambda make: make.slug.upper())


class CarModelFactory(DjangoModelFactory):
    class Meta:
        model = CarModel
        django_get_or_create = ("slug",)

    make = factory.SubFactory(MakeFactory)
    name = "X5"
    slug = factory.LazyAttribute(lambda model: f"{model.make.slug}-{model.name.lower()}")


class CityFactory(DjangoModelFactory):
    class Meta:
        model = City
        django_get_or_create = ("slug",)

    slug = "minsk"
    name = "Минск"
    oblast = "minsk"


class CollectionFactory(DjangoModelFactory):
    class Meta:
        model = Collection

    name = factory.Sequence("Дилер {}".format)

    @classmethod
    def _create(cls, model_class: type[Collection], *args: Any, **kwargs: Any) -> Collection:
        return Collection.get_first_root_node().add_child(instance=Collection(**kwargs))


class DealerFactory(DjangoModelFactory):
    class Meta:
        model = Dealer
        django_get_or_create = ("slug",)

    slug = "avtominsk"
    name = factory.LazyAttribute(lambda dealer: f"Салон {dealer.slug}")
    city = factory.SubFactory(CityFactory)
    address = "пр. Независимости, 1"
    phone = "+375290000001"
    email = "sales@example.com"
    collection = factory.SubFactory(CollectionFactory)


class EquipmentFactory(DjangoModelFactory):
    class Meta:
        model = Equipment
        django_get_or_create = ("code",)

    code = "abs"
    name = factory.LazyAttribute(lambda item: item.code.upper())
    name_en = factory.SelfAttribute("name")
    group = factory.LazyFunction(
        lambda: EquipmentGroup.objects.get_or_create(
            code="safety", defaults={"name": "Безопасность", "name_en": "Safety"}
        )[0]
    )


class PaymentTypeFactory(DjangoModelFactory):
    class Meta:
        model = PaymentType
        django_get_or_create = ("code",)

    code = "cash"
    name = name_en = "Наличные"


class ExchangeRateFactory(DjangoModelFactory):
    class Meta:
        model = ExchangeRate
        django_get_or_create = ("currency", "date")

    currency = "USD"
    date = "2026-11-01"
    rate = "3.0000"


def picture_bytes(color: str = "red", size: tuple[int, int] = (1000, 750), format: str = "JPEG") -> io.BytesIO:
    buffer = io.BytesIO()
    Pillow.new("RGB", size, color).save(buffer, format)
    buffer.seek(0)
    return buffer


def image(color: str = "red") -> CustomImage:
    return add_image(picture_bytes(color), f"{color}.jpg", title=color)


class ListingFactory(DjangoModelFactory):
    """A draft. `published=True` publishes it the normal way; `photos=2` gives it photos."""

    class Meta:
        model = Listing
        skip_postgeneration_save = True

    dealer = factory.SubFactory(DealerFactory)
    make = factory.SubFactory(MakeFactory)
    model = factory.LazyAttribute(lambda listing: CarModelFactory(make=listing.make))
    city = factory.SubFactory(CityFactory)
    year = 2018
    mileage_km = 100_000
    fuel = "diesel"
    gearbox = "automatic"
    drive = "all"
    body = "suv"
    color = "black"
    engine_cc = 2993
    power_hp = 249
    price = 90_000
    live = False

    @classmethod
    def _create(cls, model_class: type[Listing], *args: Any, **kwargs: Any) -> Listing:
        photos, codes = kwargs.pop("photos", 0), kwargs.pop("equipment", ())
        payments, published = kwargs.pop("payment_types", ()), kwargs.pop("published", False)
        listing = model_class(**kwargs)
        listing.fill_in()
        listing.photos = [ListingPhoto(image=image(color)) for color in ["red", "blue", "green", "white"][:photos]]
        listing.equipment = [EquipmentFactory(code=code) for code in codes]
        listing.payment_types = [PaymentTypeFactory(code=code) for code in payments]
        listing.save()
        if published:
            publish_listing(listing)
        return listing
