"""A real sandbox, a channel that points at it, and listings that are published for real."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django import Settings
from wagtail.models import Collection

from cms.images.services import add_image
from integrations.demo.channels import ensure_demo_channel
from integrations.publications.engine import reconcile
from integrations.publications.models import Channel, Publication
from integrations.sandbox.server import Sandbox
from integrations.sandbox.telegram import Telegram
from listings.lifecycle import publish_listing
from listings.models import CarModel, City, Dealer, Listing, ListingPhoto, Make


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    server = Sandbox(tmp_path / "sandbox")
    server.start()
    settings.SANDBOX_URL = server.url
    yield server
    server.server.shutdown()
    server.close()


@pytest.fixture
def channel(db: None, sandbox: Sandbox) -> Channel:
    return ensure_demo_channel()


@pytest.fixture
def dealer(db: None) -> Dealer:
    city = City.objects.create(
        name="Минск", name_be="Мінск", slug="minsk", oblast="minsk", latitude=53.9, longitude=27.6
    )
    # Tests with real transactions empty the tables, this row of the migrations too.
    if not Collection.get_first_root_node():
        Collection.add_root(name="Root")
    return Dealer.objects.create(
        name="Автосалон", slug="avtosalon", city=city, address="Ленина 1", phone="+375291234567",
        email="a@avtofamily.example",
    )  # fmt: skip


@pytest.fixture
def make_listing(dealer: Dealer, folders: Path) -> Callable[..., Listing]:
    """A draft with `photos` photos; keyword arguments are fields."""

    def make(photos: int = 0, **fields: Any) -> Listing:
        brand, _ = Make.objects.get_or_create(name="BMW", slug="bmw")
        model, _ = CarModel.objects.get_or_create(make=brand, name="X5", slug="bmw-x5")
        values = {
            "dealer": dealer, "make": brand, "model": model, "year": 2018, "mileage_km": 120_000, "fuel": "diesel",
            "gearbox": "automatic", "drive": "all", "body": "suv", "color": "black", "price": 95_000,
            "city": dealer.city, "engine_cc": 2993, "power_hp": 249, "text": "<p>Один хозяин.</p>",
        }  # fmt: skip
        listing = Listing(**(values | fields))
        listing.full_clean(exclude=["slug"])
        listing.save()
        for index in range(photos):
            ListingPhoto.objects.create(listing=listing, image=picture(index), sort_order=index)
        return Listing.objects.get(pk=listing.pk)

    return make


def picture(number: int) -> Any:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (number * 20 % 255, 90, 120)).save(buffer, "JPEG")
    buffer.seek(0)
    return add_image(buffer, f"car-{number}.jpg", title=f"Фото {number}")


@pytest.fixture
def publish(channel: Channel, make_listing: Callable[..., Listing]) -> Callable[..., Publication]:
    """Publishes a new listing and returns its publication, not yet worked on."""

    def go(photos: int = 0, **fields: Any) -> Publication:
        listing = make_listing(photos, **fields)
        publish_listing(listing)
        return Publication.objects.get(document__listing=listing, channel=channel)

    return go


class World:
    """The sandbox's channel as tests ask about it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @property
    def telegram(self) -> Telegram:
        platform = self.sandbox.platforms["telegram"]
        assert isinstance(platform, Telegram)
        return platform

    @property
    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.sandbox.state()["telegram"]["chats"][0]["messages"]
        return messages

    @property
    def present(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["deleted"] is None]

    def calls(self, method: str) -> int:
        return int(self.sandbox.state()["calls"].get(f"telegram.{method}", 0))

    def fault(self, **settings: Any) -> None:
        self.sandbox.control({"faults": [settings]})


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return World(sandbox)


class Clock:
    """The real clock plus what tests move it by."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self._ahead += timedelta(**by)

    def forward_to(self, moment: datetime) -> None:
        self._ahead += max(moment - self.now, timedelta()) + timedelta(milliseconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def work(publication: Publication, clock: Callable[[], datetime] | None = None) -> Publication:
    """What a worker does on a message; returns the row afterwards."""
    reconcile(publication.pk, **({"clock": clock} if clock else {}))
    publication.refresh_from_db()
    return publication
