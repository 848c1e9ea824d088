"""Run as a module: fills a catalogue for `listing_index`, or opens the pages of the admin's list of cars in it.

Writes its answer as JSON into the file that is named first.
"""

import io
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

PER_PAGE = 30
SHARE = 5
"""Every so many cars belong to the manager's dealer; the others to the other dealer."""
ROW = re.compile(rb'id="snippet_\d+_title"')
VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
KNOWN, KNOWN_VIN = 120, "XW8ZZZ7K001200000"
"""The car that is searched for; both people see it, in any catalogue."""
SORTS = ("price_byn", "mileage_km", "dealer__name", "sale_state", "live", "_updated_at")
FILTERS = {
    "published": {"live": "live"},
    "not published": {"live": "draft"},
    "in moderation": {"live": "moderation"},
    "archived": {"live": "archived"},
    "on sale": {"sale_state": "available"},
    "petrol": {"fuel": "petrol"},
    "with photos": {"has_photo": "true"},
    "a make": {"make": "bmw"},
    "years and prices": {"year_min": "2005", "price_max": "60000"},
}
SEARCHES = {
    "a make": "bmw",
    "two words": "volkswagen passat",
    "a short word": "x5",
    "part of a VIN": "7K00120",
    "a VIN": KNOWN_VIN,
    "a stock number": "A-00120",
    "nothing": "qwertyuiop",
}


def create(name: str, template: str = "template1") -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return {}


def prepare() -> dict[str, Any]:
    """Tables and reference data."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    return {}


def fill(count: str) -> dict[str, Any]:
    """Cars of two dealers with photos, VINs and numbers; most of them public, every tenth a draft."""
    from django.db import connection

    from listings.bulk import create_listings
    from listings.management.commands.fill_catalogue import GeneratedStock, dealer
    from listings.models import Listing, ListingPhoto

    other = dealer()
    own = _own_dealer(other)
    stock, photos = GeneratedStock(other, seed=11), _photos()
    dice = random.Random(3)  # noqa: S311
    batch: list[Listing] = []
    for number in range(int(count)):
        listing = stock.listing()
        listing.dealer = other if number % SHARE else own
        listing.vin = f"XW8ZZZ7K{number:05}" + "".join(dice.choices(VIN_LETTERS, k=4))
        listing.vin = KNOWN_VIN if number == KNOWN else listing.vin
        listing.stock_number, listing.external_id = f"A-{number:05}", f"dms-{number}"
        listing.photos = [ListingPhoto(image=photo) for photo in photos]
        batch.append(listing)
        if len(batch) == 500 or number + 1 == int(count):
            create_listings([row for place, row in enumerate(batch) if place % 10], user=None, publish=True)
            create_listings(batch[::10], user=None, publish=False)
            batch = []
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def pages(repeats: str) -> dict[str, Any]:
    """Milliseconds and queries of each page, for an administrator and a dealer's manager.

    The time is the best of `repeats`: others may use the machine too.
    """
    from listings.models import Listing

    found: dict[str, Any] = {}
    for who, user in {"administrator": _administrator(), "manager": _manager()}.items():
        cars = Listing.objects.count() if who == "administrator" else Listing.objects.filter(dealer__slug="own").count()
        for name, query in addresses(cars).items():
            found[f"{who}: {name}"] = _open(user, query, int(repeats))
    return found


def addresses(cars: int) -> dict[str, dict[str, str]]:
    """Query strings of the pages, by what they are."""
    last = str(max(2, cars // PER_PAGE))
    deep = {f"last page by {key}": {"ordering": key, "p": last} for key in ("-price_byn", "-_updated_at")}
    return {
        "first page": {},
        "last page": {"p": last},
        **{f"by {sign}{key}": {"ordering": sign + key} for key in SORTS for sign in ("", "-")},
        **deep,
        **{f"filter {name}": query for name, query in FILTERS.items()},
        **{f"search {name}": {"q": words} for name, words in SEARCHES.items()},
        "search and filter": {"q": "bmw", "fuel": "petrol", "ordering": "-price_byn"},
    }


def _open(user: Any, query: dict[str, str], repeats: int) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from listings.models import Listing

    client = Client()
    client.force_login(user)
    address = f"{reverse(Listing.snippet_viewset.get_url_name('list'))}?{urlencode(query)}"
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    taken = len(queries)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    seconds = []
    for _number in range(repeats):
        start = time.perf_counter()
        client.get(address)
        seconds.append(time.perf_counter() - start)
    return {"ms": 1000 * min(seconds), "queries": taken, "rows": len(ROW.findall(response.content))}


def _own_dealer(other: Any) -> Any:
    from listings.models import Dealer

    return Dealer.objects.create(
        slug="own", name="Own", city=other.city, address="—", phone="+375290000002", email="own@example.com"
    )


def _administrator() -> Any:
    from cms.users.models import User

    return User.objects.get_or_create(username="bench-admin", defaults={"is_superuser": True, "is_staff": True})[0]


def _manager() -> Any:
    from cms.users.models import User
    from listings.models import Dealer, DealerMember
    from listings.vocabulary import MemberRole

    user = User.objects.get_or_create(username="bench-manager")[0]
    DealerMember.objects.get_or_create(dealer=Dealer.objects.get(slug="own"), user=user, role=MemberRole.MANAGER)
    return User.objects.get(pk=user.pk)


def _photos() -> list[Any]:
    """Two pictures, which all cars share: the list reads their rows, not their files."""
    from PIL import Image

    from cms.images.services import add_image

    found = []
    for color in ("red", "blue"):
        content = io.BytesIO()
        Image.new("RGB", (800, 600), color).save(content, "JPEG")
        content.seek(0)
        found.append(add_image(content, f"{color}.jpg", title=color))
    return found


STEPS = {step.__name__: step for step in (create, prepare, fill, pages)}


def main(answer: str, step: str, *words: str) -> None:
    django.setup()
    Path(answer).write_text(json.dumps(STEPS[step](*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
