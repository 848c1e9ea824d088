"""Whatever comes in, the API answers with a problem that names what is wrong, and never with a 500."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/listings?year_min=x", "year_min"),
        ("/api/v1/listings?sort=beauty", "sort"),
        ("/api/v1/listings?limit=0", "limit"),
        ("/api/v1/listings?fields=secret", "fields"),
        ("/api/v1/listings?price_min=1e12", "price_min"),
        ("/api/v1/listings?make=%00", "make"),
        ("/api/v1/reference?locale=de", "locale"),
        ("/api/v1/pages", "path"),
    ],
)
def test_a_wrong_parameter_is_a_422_that_names_it(client: Client, address: str, field: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = json.loads(answer.content)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/listings/nothing-here",
        "/api/v1/listings/%00",
        "/api/v1/listings/" + "x" * 500,
        "/api/v1/pages?path=//evil.example",
        "/api/v1/preview?token=garbage",
    ],
)
def test_what_is_not_there_is_a_404_problem(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_messages_follow_the_readers_language(client: Client) -> None:
    russian = client.get("/api/v1/listings?sort=x", headers={"accept-language": "ru"}).json()
    english = client.get("/api/v1/listings?sort=x", headers={"accept-language": "en"}).json()

    assert russian["title"] == "В запросе есть ошибка"
    assert english["title"] == "Something in the request is wrong"


def test_an_unchanged_catalogue_is_not_sent_twice(client: Client) -> None:
    first = client.get("/api/v1/listings?facets=1")
    second = client.get("/api/v1/listings?facets=1", headers={"if-none-match": first.headers["ETag"]})
    other = client.get("/api/v1/listings", headers={"if-none-match": first.headers["ETag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert other.status_code == 200


def test_the_catalogue_costs_two_queries(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    from tests.factories import ListingFactory

    for _ in range(3):
        ListingFactory(published=True)
    client.get("/api/v1/listings")

    with django_assert_num_queries(2):
        assert client.get("/api/v1/listings?facets=1&q=bmw&make=bmw&sort=price").json()["count"] == 3


def test_one_car_costs_one_query_and_is_gone_when_withdrawn(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    from listings.lifecycle import unpublish_listing
    from tests.factories import ListingFactory

    listing = ListingFactory(published=True)
    with django_assert_num_queries(1):
        assert client.get(f"/api/v1/listings/{listing.slug}").json()["uuid"] == str(listing.uuid)
    unpublish_listing(listing)
    assert client.get(f"/api/v1/listings/{listing.slug}").status_code == 410
    assert client.get(f"/api/v1/listings/{listing.uuid}").status_code == 410
