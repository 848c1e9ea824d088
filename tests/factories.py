"""Factories of listings and what they need. Only what a test says differs from a plain, valid car."""

import io
from typing import Any

import factory
from factory.django import DjangoModelFactory
from PIL import Image as Pillow
from wagtail.models import Collection

from cms.images.models import CustomImage
from cms.images.services import add_image
from cms.users.models import User
from cms.users.roles import role_group
from listings.lifecycle import publish_listing
from listings.models import (
    CarModel,
    City,
    Dealer,
    DealerMember,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Listing,
    ListingPhoto,
    Make,
    PaymentType,
)
from listings.vocabulary import MemberRole


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

    @classmethod
    def _create(cls, model_class: type[Dealer], *args: Any, **kwargs: Any) -> Dealer:
        # A test with real transactions has emptied the table, this row of the migrations too.
        if not Collection.get_first_root_node():
            Collection.add_root(name="Root")
        dealer: Dealer = super()._create(model_class, *args, **kwargs)
        return dealer


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ("username",)

    username = factory.Sequence("user-{}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")


def member(dealer: Dealer, role: str = MemberRole.MANAGER, **user: Any) -> User:
    """Somebody who works at the dealer: his manager, unless `role` says otherwise."""
    person: User = UserFactory(**user)
    DealerMember.objects.create(dealer=dealer, user=person, role=role)
    return person


def staff(role: str, **user: Any) -> User:
    """Somebody of the group's staff: "moderator", "editor", … (`cms.users.roles`)."""
    person: User = UserFactory(**user)
    person.groups.add(role_group(role))
    return person


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
