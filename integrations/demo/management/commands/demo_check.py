"""Publishes one car through to site and channels, changes its price, withdraws it. For `scripts/demo --check`."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo.check import NotAccepted, SandboxChannels
from integrations.publications.models import Channel
from listings.lifecycle import change_price, publish_listing, unpublish_listing
from listings.models import Listing, ListingPhoto

# What a person may wait for. The site promises two seconds; a busy machine gets some more before it is an error.
SITE_SECONDS = 10
# Channels that are still busy with all the demo's cars come to this one a little later.
CHANNEL_SECONDS = 600

# fmt: off
COPIED_FIELDS = (
    "dealer", "make", "model", "generation", "trim", "year", "condition", "mileage_km", "owners", "fuel", "engine_cc",
    "power_hp", "battery_kwh", "range_km", "gearbox", "drive", "body", "color", "vat", "exchange", "leasing",
    "customs_cleared", "registration_country", "city", "contact_name", "contact_phone", "text",
)
# fmt: on

FIRST_PRICE, SECOND_PRICE = 47_123, 46_321
# Some platforms take no car without one; no car of the demo has this.
VIN = "TMBJJ7NE9J0990471"


class Command(BaseCommand):
    help = "Publishes one car to the site and the sandbox's channels, changes its price and withdraws it. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.SANDBOX_URL):
            raise CommandError("This is for the demo only: DEMO and SANDBOX_URL are not set.")
        with httpx.Client(timeout=30, trust_env=False) as self.http:
            car = new_car()
            try:
                self._walk(car)
            except NotAccepted as error:
                raise CommandError(str(error)) from error
            finally:
                if Listing.objects.get(pk=car.pk).live:
                    unpublish_listing(car)
                car.delete()

    def _walk(self, car: Listing) -> None:
        self.page, self.slug = f"{settings.SITE_URL}/cars/{car.slug}", car.slug
        channels = SandboxChannels(car, self.http)
        publish_listing(car)
        self._wait("published: its page is on the site", SITE_SECONDS, lambda: self._page_shows(FIRST_PRICE))
        self._wait("published: the catalogue answers with it", SITE_SECONDS, lambda: self._api_status() == 200)
        self._wait_for_all("published", channels, channels.arrived)
        change_price(car, SECOND_PRICE)
        self._wait("new price: on the site", SITE_SECONDS, lambda: self._page_shows(SECOND_PRICE))
        self._wait_for_all("new price", channels, channels.changed)
        unpublish_listing(car)
        self._wait("withdrawn: its page answers 410", SITE_SECONDS, lambda: self._get(self.page).status_code == 410)
        self._wait("withdrawn: the catalogue answers 410", SITE_SECONDS, lambda: self._api_status() == 410)
        self._wait_for_all("withdrawn", channels, channels.gone)

    def _wait_for_all(self, title: str, channels: SandboxChannels, right: Callable[[Channel], str]) -> None:
        """A line for each channel, in the order in which they come to be right."""
        started, waiting = time.monotonic(), list(channels.all)
        while waiting:
            channels.look()
            for channel in list(waiting):
                words = right(channel)
                if words:
                    self.stdout.write(f"  {title}: {channel.name}: {words}: {time.monotonic() - started:.2f} s")
                    self.stdout.flush()
                    waiting.remove(channel)
            if waiting and time.monotonic() - started > CHANNEL_SECONDS:
                names = ", ".join(channel.name for channel in waiting)
                raise CommandError(f"{title}: not so after {CHANNEL_SECONDS:.0f} s in: {names}")
            time.sleep(0.2)

    def _wait(self, title: str, seconds: float, condition: Callable[[], bool]) -> None:
        """Says how long it took, or fails."""
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > seconds:
                raise CommandError(f"{title}: not so after {seconds:.0f} s")
            time.sleep(0.05)
        self.stdout.write(f"  {title}: {time.monotonic() - started:.2f} s")
        self.stdout.flush()

    def _get(self, url: str) -> httpx.Response:
        try:
            return self.http.get(url)
        except httpx.HTTPError as error:
            raise CommandError(f"{url} does not answer: {error}") from error

    def _api_status(self) -> int:
        return self._get(f"{settings.SITE_URL}/api/v1/listings/{self.slug}").status_code

    def _page_shows(self, price: int) -> bool:
        response = self._get(self.page)
        return response.status_code == 200 and shows(response.text, price)


def new_car() -> Listing:
    """A draft like one of the demo's cars, with photos and a price that no other car has."""
    complete = {"photos__isnull": False, "condition": "used", "engine_cc__isnull": False, "generation__isnull": False}
    example = Listing.objects.public().filter(**complete).order_by("pk").first()
    if example is None:
        raise CommandError("There is no published car with photos to take as an example: run load_demo first.")
    values = {name: getattr(example, name) for name in COPIED_FIELDS}
    car = Listing(**values, vin=VIN, price=FIRST_PRICE, live=False)
    car.photos = [ListingPhoto(image=photo.image, sort_order=photo.sort_order) for photo in example.photos.all()[:3]]
    car.payment_types = list(example.payment_types.all())
    car.equipment = list(example.equipment.all())
    car.full_clean(exclude=["slug", "title"])
    car.save()
    return car


def shows(text: str, price: int) -> bool:
    """Whether the text has the price, whatever stands between the thousands."""
    return f"{price}" in re.sub(r"\s|&nbsp;|&#160;", "", text)
