"""Addresses with codes of before a merge, and other names, still find their cars."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from listings.catalogue.index import current_view
from listings.catalogue.query import answer
from listings.filters import ListingFilters
from listings.merging import merge
from listings.models import Listing
from listings.tasks import rebuild_documents
from tests.factories import (
    CarModelFactory,
    CityFactory,
    EquipmentFactory,
    ListingFactory,
    MakeFactory,
    PaymentTypeFactory,
)

pytestmark = pytest.mark.django_db


class ByDatabase(ListingFilters):
    class Meta:
        model = Listing
        fields: list[str] = []


def found(query: str) -> list[str]:
    """Slugs, by the index and by the database alike."""
    parameters = QueryDict(query)
    cards = [json.loads(card)["slug"] for card in answer(parameters, current_view()).cards]
    by_database = ByDatabase(parameters, Listing.objects.public())
    assert by_database.is_valid()
    assert set(by_database.qs.values_list("slug", flat=True)) == set(cards)
    return cards


def merged(keep: Any, other: Any, field: str) -> None:
    merge(keep, [other])
    rebuild_documents(field, keep.pk)


@pytest.mark.parametrize("query", ["make=bmv", "make=BMV", "make=бмв", "make=БМВ&model=bmv-x5", "model=bmv-x5"])
def test_the_code_and_the_names_of_a_merged_make_find_its_cars(query: str) -> None:
    keep, other = MakeFactory(slug="bmw", name="BMW"), MakeFactory(slug="bmv", name="БМВ")
    CarModelFactory(make=keep, name="X5")
    car = ListingFactory(make=other, model=CarModelFactory(make=other, name="X5"), published=True)
    ListingFactory(make=MakeFactory(slug="audi"), published=True)
    assert found("make=bmv") == [car.slug]
    merged(keep, other, "make")
    assert found(query) == [car.slug]
    assert found("make=bmw") == [car.slug]


def test_it_is_so_for_cities_payment_types_and_equipment() -> None:
    ListingFactory(published=True, city=CityFactory(slug="brest", name="Брест"))
    car = ListingFactory(
        published=True,
        city=CityFactory(slug="mensk", name="Менск"),
        equipment=["abs-2", "esp"],
        payment_types=["nal"],
    )
    merged(CityFactory(), CityFactory(slug="mensk"), "city")
    merged(EquipmentFactory(code="abs"), EquipmentFactory(code="abs-2"), "equipment")
    merged(PaymentTypeFactory(code="cash"), PaymentTypeFactory(code="nal"), "payment_types")
    for query in ("city=mensk", "equipment=abs-2", "equipment=abs-2&equipment=esp", "payment=nal"):
        assert found(query) == [car.slug], query
    assert found("equipment=abs-2&equipment=led") == []


def test_a_code_of_today_means_itself_whatever_else_has_that_name() -> None:
    car = ListingFactory(make=MakeFactory(slug="bmw", name="BMW"), published=True)
    ListingFactory(make=MakeFactory(slug="alpina", name="Alpina", aliases="bmw"), published=True)
    assert found("make=bmw") == [car.slug]


def test_a_name_of_two_finds_both_and_an_unknown_one_nothing() -> None:
    cars = {
        ListingFactory(make=MakeFactory(slug=slug, aliases="волга"), published=True).slug for slug in ("gaz", "volga-2")
    }
    assert set(found("make=волга")) == cars
    assert found("make=нет-такой") == []


def test_the_answer_says_which_codes_were_meant_and_counts_by_them(client: Client) -> None:
    keep, other = MakeFactory(slug="bmw", name="BMW"), MakeFactory(slug="bmv", name="БМВ")
    ListingFactory(make=keep, published=True)
    merged(keep, other, "make")
    body = client.get("/api/v1/listings?make=bmv&make=audi&facets=1").json()
    assert body["renamed"] == {"make": ["bmw", "audi"]}
    assert body["facets"]["model"] == {"bmw-x5": 1}
    assert client.get("/api/v1/listings?make=bmw").json()["renamed"] == {}


def test_a_reader_who_keeps_answers_learns_of_a_merge(client: Client) -> None:
    keep, other = MakeFactory(slug="bmw", name="BMW"), MakeFactory(slug="bmv", name="БМВ")
    ListingFactory(make=keep, published=True)
    before = client.get("/api/v1/listings?make=bmv")
    assert before.json()["count"] == 0
    merge(keep, [other])
    after = client.get("/api/v1/listings?make=bmv", headers={"if-none-match": before["ETag"]})
    assert after.json()["count"] == 1


def test_codes_of_today_cost_nothing_and_names_one_query_once(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ListingFactory(make=MakeFactory(slug="bmw", name="BMW", aliases="бэха"), published=True, equipment=["abs"])
    client.get("/api/v1/listings")
    with django_assert_num_queries(2):
        client.get("/api/v1/listings?make=bmw&city=minsk&equipment=abs")
    with django_assert_num_queries(3):
        client.get("/api/v1/listings?make=бэха")
    with django_assert_num_queries(2):
        client.get("/api/v1/listings?make=бэха&sort=price")


@pytest.mark.parametrize("value", ["%00", "<b>", "x" * 201])
def test_what_is_no_name_is_refused(client: Client, value: str) -> None:
    assert client.get(f"/api/v1/listings?make={value}").status_code == 422
