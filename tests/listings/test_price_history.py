"""What a car has cost, on its edit page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from listings import lifecycle
from listings.admin.price_history import step_line
from listings.models import Listing, PricePoint
from tests.factories import DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


def page_of(client: Client, listing: Listing) -> str:
    url = reverse("wagtailsnippets_listings_listing:edit", args=[listing.pk])
    return client.get(url).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def history(page: str) -> list[list[str]]:
    """The table's rows: price, change and who."""
    table = re.search(r'<table class="listing price-history__table">(.*?)</table>', page, re.S)
    assert table
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.S)[1:]
    cells = [re.findall(r"<td>(.*?)</td>", row, re.S)[1:] for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def point(listing: Listing, price: int, *, days_ago: int, currency: str = "BYN", price_byn: int = 0) -> PricePoint:
    at = timezone.now() - timedelta(days=days_ago)
    return PricePoint.objects.create(
        listing=listing, price=price, currency=currency, price_byn=price_byn or price, at=at
    )


def test_each_price_is_told_newest_first_with_its_change_and_who_made_it(client: Client) -> None:
    listing = ListingFactory(price=90_000, published=True)
    anna = staff("administrator", first_name="Анна", last_name="Ким")
    oleg = staff("administrator", first_name="Олег", last_name="Лис")
    lifecycle.change_prices([listing], {listing.pk: 81_000}, anna)
    lifecycle.change_prices([listing], {listing.pk: 85_000}, oleg)
    client.force_login(anna)
    assert history(page_of(client, listing)) == [
        ["85,000 BYN", "+4,000 BYN (+4.9 %)", "Олег Лис"],
        ["81,000 BYN", "−9,000 BYN (−10.0 %)", "Анна Ким"],
        ["90,000 BYN", "—", "—"],
    ]


def test_a_new_currency_is_compared_in_roubles(client: Client) -> None:
    listing = ListingFactory()
    point(listing, 90_000, days_ago=9)
    point(listing, 27_000, currency="USD", price_byn=81_000, days_ago=3)
    client.force_login(staff("administrator"))
    assert history(page_of(client, listing))[0][:2] == ["27,000 USD", "−9,000 BYN (−10.0 %)"]


def test_the_line_steps_down_where_the_price_fell() -> None:
    now = timezone.now()
    points = [
        PricePoint(price=200, currency="BYN", price_byn=200, at=now - timedelta(days=10)),
        PricePoint(price=100, currency="BYN", price_byn=100, at=now - timedelta(days=5)),
    ]
    assert step_line(points, now).path == "M6.0 6.0H300.0V114.0H594.0"


@pytest.mark.parametrize(
    ("published", "sentence"), [(True, "The price has not changed since"), (False, "begins when the car is published")]
)
def test_without_two_prices_there_is_a_sentence_and_no_drawing(client: Client, published: bool, sentence: str) -> None:
    listing = ListingFactory(published=published)
    client.force_login(staff("administrator"))
    page = page_of(client, listing)
    assert sentence in page
    assert "price-history__line" not in page


def test_many_prices_take_no_more_queries_and_the_last_ones_are_shown(client: Client) -> None:
    listing = ListingFactory()
    client.force_login(staff("administrator"))
    point(listing, 1_000, days_ago=100)
    point(listing, 2_000, days_ago=99)
    page_of(client, listing)
    with CaptureQueriesContext(connection) as few:
        page_of(client, listing)
    for day in range(60):
        point(listing, 3_000 + day, days_ago=90 - day)
    with CaptureQueriesContext(connection) as many:
        page = page_of(client, listing)
    assert len(many) == len(few)
    assert len(history(page)) == 50
    assert "Only the last 50 prices are shown." in page


def test_another_dealer_does_not_see_it(client: Client) -> None:
    listing = ListingFactory()
    point(listing, 90_000, days_ago=9)
    point(listing, 81_000, days_ago=3)
    client.force_login(member(listing.dealer))
    assert "81,000 BYN" in page_of(client, listing)
    client.force_login(member(DealerFactory(slug="other")))
    assert "81,000" not in page_of(client, listing)
