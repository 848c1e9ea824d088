"""Reference data in the admin: found by any name, counted, merged."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from listings.models import CarModel, Generation, Listing, Make, Trim
from tests.factories import CarModelFactory, ListingFactory, MakeFactory

pytestmark = pytest.mark.django_db


def listing_url(model: Any) -> str:
    return reverse(model.snippet_viewset.get_url_name("list"))


@pytest.mark.parametrize("query", ["bmw", "бмв", "Бэха"])
def test_a_make_is_found_by_any_of_its_names(admin_client: Client, query: str) -> None:
    MakeFactory(slug="bmw", name="BMW", name_ru="БМВ", aliases="бэха")
    MakeFactory(slug="audi", name="Audi")
    page = admin_client.get(listing_url(Make), {"q": query}).content.decode()
    assert "BMW" in page
    assert "Audi" not in page


def test_a_model_is_found_with_its_make(admin_client: Client) -> None:
    CarModelFactory(make=MakeFactory(slug="bmw", name="BMW"), name="X5")
    CarModelFactory(make=MakeFactory(slug="audi", name="Audi"), name="Allroad")
    page = admin_client.get(listing_url(CarModel), {"q": "bmw x5"}).content.decode()
    assert "X5" in page
    assert "Allroad" not in page


def test_cars_are_counted_and_sorted_by_in_a_constant_number_of_queries(
    admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        ListingFactory(make=MakeFactory(slug="bmw", name="BMW"))
    MakeFactory(slug="audi", name="Audi")
    url = listing_url(Make) + "?ordering=-cars"
    page = admin_client.get(url).content.decode()
    assert '?make=bmw">2</a>' in page
    assert page.index("BMW") < page.index("Audi")
    with django_assert_num_queries(20, exact=False) as few:
        admin_client.get(url)
    for number in range(10):
        ListingFactory(make=MakeFactory(slug=f"make-{number}"))
    with django_assert_num_queries(len(few.captured_queries)):
        admin_client.get(url)


def test_ticked_doubles_are_merged_into_the_chosen_one(admin_client: Client) -> None:
    keep, other = MakeFactory(slug="bmw", name="BMW"), MakeFactory(slug="bmv", name="БМВ")
    listing = ListingFactory(make=other)
    url = reverse("wagtail_bulk_action", args=["listings", "make", "merge"])
    url += f"?next={listing_url(Make)}&id={keep.pk}&id={other.pk}"
    page = admin_client.get(url).content.decode()
    assert "BMW" in page
    assert "БМВ" in page
    admin_client.post(url, {"keep": keep.pk})
    listing.refresh_from_db()
    assert listing.make == keep
    assert list(Make.objects.values_list("name", flat=True)) == ["BMW"]


def test_one_entry_alone_is_not_merged(admin_client: Client) -> None:
    make = MakeFactory()
    url = reverse("wagtail_bulk_action", args=["listings", "make", "merge"]) + f"?id={make.pk}"
    response = admin_client.post(url, {"keep": make.pk})
    assert response.status_code == 200
    assert Make.objects.count() == 1


def test_a_trim_tells_what_it_knows_and_fills_in_only_what_is_empty(admin_client: Client) -> None:
    model = CarModelFactory()
    generation = Generation.objects.create(model=model, name="G05", slug="g05", year_from=2018)
    trim = Trim.objects.create(
        generation=generation, name="xDrive30d", slug="g05-30d", fuel="diesel", engine_cc=2993, power_hp=249
    )
    told = admin_client.get(reverse("listing_trim", args=[trim.pk])).json()
    assert told == {"fuel": "diesel", "engine_cc": 2993, "power_hp": 249}
    listing = Listing(model=model, make=model.make, generation=generation, trim=trim, power_hp=300, year=2019)
    listing.fill_in()
    assert (listing.engine_cc, listing.power_hp, listing.fuel) == (2993, 300, "diesel")
