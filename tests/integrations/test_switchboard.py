"""Cars are put into channels and taken out, by the list of cars and by the dealers' API."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.vocabulary import State
from listings.lifecycle import change_price, publish_listing
from listings.mass import Wish, carry_out
from listings.models import ChangeLogEntry, Dealer, Listing
from tests.factories import DealerFactory, ListingFactory, member, staff
from tests.listings.api import Program

from .conftest import World, work

pytestmark = pytest.mark.django_db

Publish = Callable[..., Publication]


def switch(listing: Listing, channel: Channel, on: bool) -> dict[int, str]:
    keys = frozenset([str(channel.pk)])
    return carry_out({listing.pk: Wish(into=keys) if on else Wish(out_of=keys)}, member(listing.dealer))


def test_a_car_taken_out_is_withdrawn_and_stays_out_until_it_is_put_back(
    publish: Publish, channel: Channel, world: World
) -> None:
    publication = work(publish())
    listing = publication.document.listing
    assert listing is not None
    assert len(world.present) == 1

    assert switch(listing, channel, on=False) == {}
    assert work(publication).state == State.WITHDRAWN
    assert world.present == []
    change_price(listing, 80_000)
    assert work(publication).state == State.WITHDRAWN

    switch(listing, channel, on=True)
    assert work(publication).state == State.PUBLISHED
    assert len(world.present) == 1
    entries = ChangeLogEntry.objects.filter(action="channels").order_by("pk").values_list("fields", flat=True)
    assert list(entries) == [{"channels": [channel.name, ""]}, {"channels": ["", channel.name]}]


def test_a_draft_taken_out_does_not_go_there_when_it_is_published(
    channel: Channel, make_listing: Callable[..., Listing]
) -> None:
    listing = make_listing()

    switch(listing, channel, on=False)
    publish_listing(listing)

    assert not Publication.objects.exists()


def test_a_channel_of_one_dealer_takes_no_others_cars(channel: Channel, dealer: Dealer) -> None:
    other = DealerFactory(slug="other")
    Channel.objects.update(dealer=dealer)
    foreign = ListingFactory(dealer=other)

    refused = carry_out({foreign.pk: Wish(into=frozenset([str(channel.pk)]))}, staff("moderator"))

    assert list(refused) == [foreign.pk]
    assert (
        Program(other)
        .post("listings/bulk", {"remove_channels": [channel.name], "items": [{"id": foreign.pk}]})
        .json()["results"][0]["errors"][0]["message"]
        .startswith("You have no such channel")
    )


def test_the_api_names_a_channel_by_name_or_id(publish: Publish, channel: Channel) -> None:
    listing = publish().document.listing
    assert listing is not None
    program = Program(listing.dealer)

    for name in (channel.name.upper(), str(channel.pk)):
        body = {"remove_channels": [name], "items": [{"id": listing.pk}]}
        assert program.post("listings/bulk", body).json()["counts"] == {"done": 1, "refused": 0}
        assert Choice.objects.get().wanted is False
        program.post("listings/bulk", {"add_channels": [name], "items": [{"id": listing.pk}]})
        assert Choice.objects.get().wanted is True


def test_a_dry_run_leaves_the_channel_as_it_is(publish: Publish, channel: Channel) -> None:
    publication = publish()
    listing = publication.document.listing
    assert listing is not None
    before = Publication.objects.values().get()

    Program(listing.dealer).post(
        "listings/bulk", {"remove_channels": [channel.name], "dry_run": True, "items": [{"id": listing.pk}]}
    )

    assert Publication.objects.values().get() == before
    assert not Choice.objects.exists()


def test_many_cars_take_as_many_queries_as_few(channel: Channel, dealer: Dealer) -> None:
    user = member(dealer)

    def queries(number: int) -> int:
        cars = [ListingFactory(dealer=dealer, published=True) for _ in range(number)]
        with CaptureQueriesContext(connection) as context:
            assert carry_out({car.pk: Wish(out_of=frozenset([str(channel.pk)])) for car in cars}, user) == {}
        return len(context)

    queries(1)
    assert queries(3) == queries(12)
