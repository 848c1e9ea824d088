"""The whole way over real HTTP: the engine writes the piece, a marketplace fetches the file, its page is looked at."""

import dataclasses
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.feeds import actions
from integrations.feeds.addresses import address_of
from integrations.feeds.entries import feed_adapter, write_entry
from integrations.feeds.models import ChannelFeed, FeedEntry, FeedPull
from integrations.marketplaces import public_page
from integrations.marketplaces.base import RateLimited, RetryLater
from integrations.marketplaces.feed import FeedLimits
from integrations.publications.actions import publish_anew
from integrations.publications.engine import reconcile
from integrations.publications.models import Channel, Publication, PublicationAttempt
from integrations.publications.vocabulary import State
from integrations.sandbox.server import Sandbox
from listings.lifecycle import publish_listing, set_sale_state, unpublish_listing
from listings.vocabulary import SaleState
from tests.factories import UserFactory
from tests.web import Pages

from .conftest import Car, account_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    server = Sandbox(tmp_path / "sandbox")
    server.start()
    settings.SANDBOX_URL = server.url
    yield server
    server.server.shutdown()
    server.close()


@pytest.fixture
def platform(sandbox: Sandbox, live_server: LiveServer, settings: Settings) -> Sandbox:
    """The sandbox, which can fetch from the CMS."""
    settings.CMS_URL = live_server.url
    return sandbox


def work(publication: Publication) -> Publication:
    reconcile(publication.pk)
    publication.refresh_from_db()
    return publication


def pull(platform: Sandbox, channel: Channel, dialect: str = "autoru") -> dict[str, Any]:
    answer = httpx.post(
        f"{platform.url}/feed_reader/fetch",
        json={"address": address_of(channel), "dialect": dialect},
        trust_env=False,
        timeout=30,
    )
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def test_a_car_goes_into_the_file_is_fetched_changed_and_taken_out(
    platform: Sandbox, channel: Channel, car: Car
) -> None:
    publication = work(car())
    assert (publication.state, publication.confirmed_at) == (State.PUBLISHED, None)
    assert pull(platform, channel)["added"] == 1
    assert pull(platform, channel) == {"status": 304}

    listing = publication.document.listing
    listing.price = 50_000
    listing.save()
    publish_listing(listing)
    work(publication)
    assert pull(platform, channel)["changed"] == 1

    unpublish_listing(listing)
    assert work(publication).state == State.WITHDRAWN
    assert pull(platform, channel)["removed"] == 1
    assert [pull.status for pull in FeedPull.objects.order_by("pk")] == [200, 304, 200, 200]


def test_a_car_to_be_published_anew_is_out_of_the_file_until_it_is(channel: Channel, car: Car) -> None:
    publication = work(car())
    Publication.objects.filter(pk=publication.pk).update(state=State.FAILED)
    publish_anew(publication, UserFactory(is_superuser=True))
    assert FeedEntry.objects.count() == 0
    unpublish_listing(publication.document.listing)
    assert work(publication).state == State.WITHDRAWN
    assert FeedEntry.objects.count() == 0


def test_a_sold_car_leaves_the_file_even_where_posts_are_marked(channel: Channel, car: Car) -> None:
    publication = work(car())
    set_sale_state([publication.document.listing], SaleState.SOLD)
    work(publication)

    assert FeedEntry.objects.count() == 0
    assert "продан" in publication.note.lower() or "sold" in publication.note.lower()


def test_a_car_that_cannot_be_in_the_file_is_told_what_to_change(channel: Channel, car: Car) -> None:
    publication = work(car(vin=""))

    assert (publication.state, "VIN" in publication.error_text) == (State.FAILED, True)
    assert FeedEntry.objects.count() == 0


def test_a_full_file_refuses_further_cars_with_its_limit(
    channel: Channel, car: Car, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = dataclasses.replace(feed_adapter(channel).file, limits=FeedLimits(cars=1))
    monkeypatch.setattr(type(feed_adapter(channel)), "file", file)
    first, second = work(car()), work(car())

    assert (first.state, second.state) == (State.PUBLISHED, State.FAILED)
    assert " 1 " in second.error_text
    feed = ChannelFeed.objects.get()
    assert (feed.cars, FeedEntry.objects.get().publication) == (1, first)


def test_an_interrupted_run_is_finished_by_the_next_one(channel: Channel, car: Car) -> None:
    publication = car()
    PublicationAttempt.objects.create(
        publication=publication, operation="create", wanted_at=timezone.now(), started_at=timezone.now(),
        request_id=uuid.uuid4(), payload={"id": str(publication.document.uuid), "entry": "<car/>"},
    )  # fmt: skip

    assert work(publication).state == State.PUBLISHED
    assert FeedEntry.objects.get().entry == "<car/>"


def test_totals_and_versions_are_right_when_many_write_at_once(channel: Channel, car: Car) -> None:
    """Later commits have higher versions, so that no change hides behind an unchanged mark."""
    publications = [car() for _ in range(6)]

    def write(publication: Publication) -> None:
        for round_number in range(3):
            write_entry(publication, f"<car><image>{round_number}</image></car>")
        connection.close()

    threads = [Thread(target=write, args=[publication]) for publication in publications]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    feed = ChannelFeed.objects.get()

    assert (feed.cars, feed.images, feed.version) == (6, 6, 18)
    assert FeedEntry.objects.aggregate(newest=Max("version"))["newest"] == 18
    assert feed.bytes == sum(len(entry.entry) + 2 for entry in FeedEntry.objects.all())


# --- The ad's own page ----------------------------------------------------------------------------
@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_page, "SECONDS_BETWEEN", 1)
    monkeypatch.setattr(public_page, "PATIENCE", 3.0)


def test_a_person_enters_the_ads_address_and_its_page_is_looked_at(
    platform: Sandbox, make_channel: Callable[..., Channel], car: Car, quick: None
) -> None:
    channel = make_channel("avby", site=platform.url)
    publication = work(car(channel))
    pull(platform, channel)
    adapter, account = account_of(channel)
    assert adapter.inspect(publication.external, account).state == "unknown"

    ad = platform.state()["feed_reader"]["ads"][0]["number"]
    actions.seen_there(publication, UserFactory(is_superuser=True), address=f"{platform.url}/feed_reader/ads/{ad}")
    publication.refresh_from_db()
    assert publication.confirmed_at is not None
    assert adapter.inspect(publication.external, account).state == "live"

    external = publication.external
    unpublish_listing(publication.document.listing)
    work(publication)
    pull(platform, channel)
    assert adapter.inspect(external, account).state == "removed"


def test_an_address_elsewhere_is_not_taken(make_channel: Callable[..., Channel], car: Car) -> None:
    publication = work(car(make_channel("avby")))
    with pytest.raises(ValidationError):
        actions.seen_there(publication, UserFactory(is_superuser=True), address="https://evil.example/1")
    with pytest.raises(PermissionDenied):
        actions.seen_there(publication, UserFactory())


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, "<title>BMW X5</title><h1>BMW X5</h1><p>Ничего не найдено похожего</p>", "live"),
        (404, "", "removed"), (410, "", "removed"),
        (200, "<html><h1>Объявление <b>не найдено</b></h1>", "removed"),
        (200, "<title>Страница не найдена</title>", "removed"),
        (200, "<title>Подтвердите, что вы не робот</title>", "unknown"),
        (403, "<h1>не найден</h1>", "unknown"), (301, "", "unknown"), (500, "", "unknown"), (503, "", "unknown"),
        (200, "x" * (3 * 1024 * 1024), "unknown"),
        (200, "<title>BMW X5</title><![bad[x]]>", "unknown"),
    ],
)  # fmt: skip
def test_only_a_clear_answer_counts(web: Pages, quick: None, status: int, body: str, state: str) -> None:
    address = web.add("/1", body.encode(), status=status)

    assert public_page.look(address).state == state


def test_a_site_that_asks_for_a_pause_gets_it(web: Pages, quick: None) -> None:
    with pytest.raises(RateLimited) as caught:
        public_page.look(web.add("/1", b"", status=429, Retry_After="77"))
    assert caught.value.retry_after == 77


def test_a_pause_that_is_no_number_is_a_minute(web: Pages, quick: None) -> None:
    with pytest.raises(RateLimited) as caught:
        public_page.look(web.add("/1", b"", status=429, Retry_After="\N{SUPERSCRIPT TWO}"))
    assert caught.value.retry_after == 60


def test_a_site_that_is_away_is_asked_later(web: Pages, settings: Settings, quick: None) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    with pytest.raises(RetryLater):
        public_page.look("http://127.0.0.1:9/1")


def test_pages_of_one_host_are_read_slowly_whoever_asks(web: Pages, quick: None) -> None:
    address, start = web.add("/1", b""), time.monotonic()
    for _look in range(3):
        public_page.look(address)

    assert time.monotonic() - start >= 1.9


def test_nobody_waits_endlessly_for_a_turn(web: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_page, "PATIENCE", 0.0)
    address = web.add("/1", b"")
    public_page.look(address)
    with pytest.raises(RateLimited):
        public_page.look(address)
    assert web.asked == ["/1"]
