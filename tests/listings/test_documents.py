"""Publishing writes the document; nothing else of a listing is ever seen outside."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from cms.images.renditions import make_card_renditions
from listings.bulk import create_listings
from listings.catalogue.documents import publish_documents
from listings.lifecycle import publish_listing, unpublish_listing
from listings.models import Listing, PublishedListing, Version
from listings.schemas import Card, Detail
from listings.signals import ListingChange, listing_changed
from tests.factories import ExchangeRateFactory, ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes() -> Any:
    """Every change that was announced during the test."""
    heard: list[ListingChange] = []

    def hear(changes: list[ListingChange], **kwargs: Any) -> None:
        heard.extend(changes)

    listing_changed.connect(hear)
    yield heard
    listing_changed.disconnect(hear)


@pytest.mark.smoke
def test_the_document_has_exactly_the_documented_shape() -> None:
    ExchangeRateFactory(rate="3.0")
    listing = ListingFactory(
        published=True, photos=2, vin="WBAKS410900C12345", price=90_000, equipment=["abs"], payment_types=["cash"],
        text="<p>Один <b>владелец</b></p>",
    )  # fmt: skip
    document = PublishedListing.objects.get(listing=listing)
    detail = document.detail_data

    assert Card(**document.card_data).model_dump(mode="json").keys() == document.card_data.keys()
    assert Detail(**detail).model_dump(mode="json").keys() == detail.keys()
    expected = {"amount": 90_000, "currency": "BYN", "byn": 90_000, "usd": 30_000, "eur": 0, "old_byn": None}
    assert detail["price"] == expected
    assert detail["vin_masked"] == "•••••••••••••2345"
    assert "WBAKS410900C12345" not in document.detail
    assert detail["equipment"] == [{"group": "safety", "items": ["abs"]}]
    assert [sorted(photo["sources"]) for photo in detail["photos"]] == [["jpeg", "webp"], ["jpeg", "webp"]]
    assert document.path == f"/cars/{listing.slug}"


def test_publishing_again_without_a_change_announces_nothing(changes: list[ListingChange]) -> None:
    listing = ListingFactory(published=True)
    publish_listing(listing)
    publish_documents([listing.pk])

    assert [change.kind for change in changes] == ["published"]


def test_every_step_of_a_life_is_announced_once(changes: list[ListingChange]) -> None:
    listing = ListingFactory(published=True)
    listing.color = "white"
    listing.save_revision()
    publish_listing(listing)
    unpublish_listing(listing)
    publish_listing(listing)
    listing.delete()

    assert [change.kind for change in changes] == ["published", "updated", "removed", "published", "removed"]


def test_the_address_stays_when_the_car_turns_out_to_be_another_year() -> None:
    listing = ListingFactory(published=True)
    first = listing.slug
    listing.year = 2019
    listing.full_clean()
    listing.save_revision()
    publish_listing(listing)

    assert PublishedListing.objects.get().slug == first
    assert PublishedListing.objects.get().detail_data["year"] == 2019


def test_a_withdrawn_document_keeps_its_address_and_nothing_else() -> None:
    listing = ListingFactory(published=True, vin="WBAKS410900C12345", text="<p>Секрет</p>")
    unpublish_listing(listing)
    document = PublishedListing.objects.get()

    assert (document.is_public, document.card, document.detail, document.vin, document.search_words) == (
        False, "{}", "{}", "", "",
    )  # fmt: skip


def test_failing_receiver_leaves_the_listing_unpublished() -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("no room")

    listing = ListingFactory()
    listing_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            publish_listing(listing)
    finally:
        listing_changed.disconnect(fail)
    listing.refresh_from_db()

    assert listing.live is False
    assert PublishedListing.objects.count() == 0


def test_documents_cost_the_same_number_of_queries_for_one_and_for_ten(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = [ListingFactory(published=True, photos=1, equipment=["abs"]).pk for _ in range(10)]
    with CaptureQueriesContext(connection) as one:
        publish_documents(ids[:1])
    with django_assert_num_queries(len(one)):
        publish_documents(ids)


def unsaved(number: int) -> list[Listing]:
    """New cars in memory, as an import makes them; of different dealers, makes and models."""
    found = []
    for model in [ListingFactory(photos=2, equipment=["abs"], payment_types=["cash"]) for _ in range(number)]:
        copy: Listing = Listing.from_serializable_data(
            model.serializable_data() | {"pk": None, "uuid": str(uuid4()), "battery_kwh": "77.40"}
        )
        copy.slug = ""
        copy.fill_in()
        found.append(copy)
    return found


def test_the_document_of_a_car_in_memory_is_that_of_the_stored_one(changes: list[ListingChange]) -> None:
    """Cars that are created in bulk are published without being read back."""
    listings = unsaved(3)
    create_listings(listings, user=None, publish=True)

    assert [change.kind for change in changes] == ["published"] * 3
    assert publish_documents([listing.pk for listing in listings]) == []


def test_creating_ten_cars_costs_as_many_queries_as_creating_two(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, two, ten = unsaved(2), unsaved(2), unsaved(10)
    for listing in [*first, *two, *ten]:
        for photo in listing.photos.all():
            make_card_renditions(photo.image)
    create_listings(first, user=None, publish=True)
    with CaptureQueriesContext(connection) as few:
        create_listings(two, user=None, publish=True)
    with django_assert_num_queries(len(few)):
        create_listings(ten, user=None, publish=True)


def test_versions_grow_by_one_per_change() -> None:
    before = Version.current(Version.Of.CATALOGUE)
    ListingFactory(published=True)
    ListingFactory(published=True)

    assert Version.current(Version.Of.CATALOGUE) == before + 2


DOORS = [
    "/api/v1/listings?facets=1",
    "/api/v1/listings?q=secretword",
    "/api/v1/listings/{slug}",
    "/api/v1/listings/{uuid}",
]


@pytest.mark.parametrize("door", DOORS)
def test_no_draft_and_no_unpublished_change_leaves_through_any_door(client: Client, door: str) -> None:
    draft = ListingFactory(text="<p>secretword</p>")
    live = ListingFactory(published=True)
    live.text = "<p>secretword</p>"
    live.save_revision()

    for listing in (draft, live):
        answer = client.get(door.format(slug=listing.slug, uuid=listing.uuid))
        body = answer.content.decode()
        assert "secretword" not in body.replace("q=secretword", "")
        assert str(draft.uuid) not in body
    assert json.loads(client.get("/api/v1/listings").content)["count"] == 1
