"""The admin's list of cars: as many queries for thirty cars as for three, search by an index, an order without gaps."""

from typing import Any

import pytest
from django.core.paginator import Page
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.users.models import User
from listings.admin.filters import search_listings
from listings.lifecycle import set_sale_state
from listings.models import Listing
from listings.vocabulary import SaleState
from tests.factories import DealerFactory, ListingFactory, member

pytestmark = pytest.mark.django_db
PAGES = (
    "",
    "?ordering=-price_byn",
    "?ordering=-_updated_at",
    "?live=live",
    "?q=bmw",
    "?has_photo=true",
    "?q=x5&sale_state=available",
)


def index_address() -> str:
    return reverse(Listing.snippet_viewset.get_url_name("list"))


def shown(client: Client, query: str = "") -> list[Listing]:
    page: Page[Any] = client.get(index_address() + query).context["page_obj"]
    return list(page.object_list)


def queries_of(client: Client, query: str) -> int:
    client.get(index_address() + query)  # content types and sites are remembered from now on
    with CaptureQueriesContext(connection) as queries:
        assert client.get(index_address() + query).status_code == 200
    return len(queries)


@pytest.fixture(params=["administrator", "manager"])
def office(request: pytest.FixtureRequest, folders: Any, client: Client) -> Client:
    dealer = DealerFactory()
    user: User = (
        member(dealer)
        if request.param == "manager"
        else User.objects.create_superuser(username="admin", email="admin@example.com")
    )
    client.force_login(user)
    return client


def test_thirty_cars_take_as_many_queries_as_three(office: Client) -> None:
    cars = ListingFactory.create_batch(3, photos=2, published=True)
    few = {query: queries_of(office, query) for query in PAGES}
    cars += ListingFactory.create_batch(27, photos=1, published=True)
    assert len(shown(office)) == len(cars)
    assert {query: queries_of(office, query) for query in PAGES} == few


def test_pages_show_every_car_once_though_all_prices_are_equal(admin_client: Client) -> None:
    cars = ListingFactory.create_batch(35, price=10_000)
    for key in ("price_byn", "-price_byn", "dealer__name", "-_updated_at"):
        found = [car.pk for page in (1, 2) for car in shown(admin_client, f"?ordering={key}&p={page}")]
        assert sorted(found) == sorted(car.pk for car in cars)


def test_the_car_edited_last_stands_first_by_time_of_change(admin_client: Client) -> None:
    first, second = ListingFactory.create_batch(2)
    second.save_revision()
    first.save_revision()
    assert shown(admin_client, "?ordering=-_updated_at") == [first, second]
    assert shown(admin_client, "?ordering=_updated_at") == [second, first]


@pytest.mark.parametrize("words", ["x5", "BMW x5", "ZZ7K0012", "zz7k0012", "a-17", "dms-9", "bmw a-17 dms"])
def test_search_finds_words_of_the_title_and_parts_of_numbers(words: str) -> None:
    car = ListingFactory(vin="XW8ZZZ7K001234567", stock_number="A-17", external_id="dms-99")
    ListingFactory(title="Audi A6", vin="", stock_number="B-2")
    assert list(search_listings(Listing.objects.all(), words)) == [car]


@pytest.mark.parametrize("words", ["qq", "bmw qqq", "%", "_", "A_17"])
def test_search_takes_no_character_for_a_joker(words: str) -> None:
    ListingFactory(stock_number="A-17")
    assert not search_listings(Listing.objects.all(), words).exists()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite reads all rows")
@pytest.mark.parametrize("words", ["zz7k0012", "x5", "passat a-17"])
def test_search_reads_the_index_and_not_the_catalogue(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = search_listings(Listing.objects.order_by(), words).explain()
    assert "listing_search" in plan
    assert "Seq Scan" not in plan


def test_a_reserved_car_keeps_its_place(admin_client: Client) -> None:
    """The time of change is that of the content: reserving is no edit."""
    first, second = ListingFactory.create_batch(2, published=True)
    set_sale_state([first], SaleState.RESERVED)
    assert shown(admin_client, "?ordering=-_updated_at") == [second, first]
