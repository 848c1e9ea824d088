"""The file as a platform fetches it: valid, streamed, cheap when unchanged, closed to everybody else."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from integrations.credentials.models import Credential
from integrations.feeds import pruning
from integrations.feeds.addresses import address_of, exchange_address
from integrations.feeds.checking import check_pieces
from integrations.feeds.entries import feed_adapter, feed_of
from integrations.feeds.models import ChannelFeed, FeedPull
from integrations.feeds.serving import Told, open_file, stream
from integrations.publications.models import Channel
from tests.factories import DealerFactory, UserFactory

from .conftest import DIALECTS, Car, put_in

pytestmark = pytest.mark.django_db


def path(channel: Channel) -> str:
    return "/" + address_of(channel).split("/", 3)[3]


def fetch(client: Client, address: str, **headers: str) -> Any:
    response = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def settle(channel: Channel) -> None:
    """The second of the last change is over."""
    ChannelFeed.objects.filter(channel=channel).update(changed_at=timezone.now() - timedelta(minutes=5))


def test_the_file_holds_each_car_once(client: Client, channel: Channel, car: Car) -> None:
    for year in (2018, 2019):
        put_in(car(year=year))
    response = fetch(client, path(channel))
    cars = fromstring(response.body).findall("cars/car")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert [item.findtext("year") for item in cars] == ["2018", "2019"]


def test_an_unchanged_file_is_not_sent_again(client: Client, channel: Channel, car: Car) -> None:
    publication = car()
    put_in(publication)
    address = path(channel)
    first = fetch(client, address)
    put_in(publication)

    assert fetch(client, address, If_None_Match=first["ETag"]).status_code == 304
    put_in(publication, mileage_km=5)
    changed = fetch(client, address, If_None_Match=first["ETag"])
    assert (changed.status_code, b"<run>5</run>" in changed.body) == (200, True)


def test_dates_work_as_well_as_marks_but_never_within_the_second_of_a_change(
    client: Client, channel: Channel, car: Car
) -> None:
    put_in(car())
    address = path(channel)
    assert "Last-Modified" not in fetch(client, address)

    settle(channel)
    modified = fetch(client, address)["Last-Modified"]
    assert fetch(client, address, If_Modified_Since=modified).status_code == 304
    put_in(car(), mileage_km=6)
    assert fetch(client, address, If_Modified_Since=modified).status_code == 200


def test_head_tells_the_marks_and_reads_no_cars(client: Client, channel: Channel, car: Car) -> None:
    put_in(car())
    address = path(channel)
    etag = fetch(client, address)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        response = client.head(address)

    assert (response.status_code, response["ETag"], b"".join(response.streaming_content)) == (200, etag, b"")
    assert not any("feeds_feedentry" in query["sql"] for query in queries)
    assert FeedPull.objects.count() == 1


def test_it_is_compressed_for_those_who_take_it(client: Client, channel: Channel, car: Car) -> None:
    put_in(car())
    address = path(channel)
    plain, packed = fetch(client, address), fetch(client, address, Accept_Encoding="br, gzip")

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed["ETag"] != plain["ETag"]
    assert fetch(client, address, Accept_Encoding="gzip", If_None_Match=packed["ETag"]).status_code == 304
    assert "Content-Encoding" not in fetch(client, address, Accept_Encoding="gzip;q=0, identity")
    assert "Accept-Encoding" in packed["Vary"]


def test_the_number_of_queries_does_not_grow_with_the_cars(client: Client, channel: Channel, car: Car) -> None:
    counts = []
    address = path(channel)
    fetch(client, address)
    for _round in range(2):
        put_in(car())
        with CaptureQueriesContext(connection) as queries:
            response = fetch(client, address)
        counts.append(len(queries))
    with CaptureQueriesContext(connection) as queries:
        unchanged = fetch(client, address, If_None_Match=response["ETag"])

    assert counts[0] == counts[1]
    assert unchanged.status_code == 304
    assert not any("feeds_feedentry" in query["sql"] for query in queries)


@pytest.mark.parametrize("change", ["x", "", "A" * 43])
def test_a_wrong_token_finds_nothing(client: Client, channel: Channel, change: str) -> None:
    address = path(channel)
    token = address.split("/")[2]

    assert client.get(address.replace(token, (token + change if change == "x" else change) or "-")).status_code == 404
    assert client.get(address.replace("autoru.xml", "avito.xml")).status_code == 404
    assert client.post(address).status_code == 405


def test_neither_the_token_nor_its_hash_can_be_read_from_the_database_or_the_log(
    client: Client, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    address = path(channel)
    token = address.split("/")[2]
    for _time in range(35):
        client.get(address)
    client.get(f"/feeds/{token}x/autoru.xml")

    assert token not in str(list(ChannelFeed.objects.values()))
    assert token not in str(list(Credential.objects.values()))
    assert token not in caplog.text


def test_an_exchanged_address_stops_the_old_one_at_once(client: Client, channel: Channel) -> None:
    old = path(channel)
    exchange_address(channel, UserFactory())
    new = path(channel)

    assert new != old
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    assert ModelLogEntry.objects.get(action="feeds.exchange_address").object_id == str(channel.pk)


def test_a_dealers_file_holds_his_cars_alone(client: Client, make_channel: Callable[..., Channel], car: Car) -> None:
    files = []
    for slug in ("one", "two"):
        dealer = DealerFactory(slug=slug)
        own = make_channel("autoru", dealer)
        put_in(car(own, dealer=dealer, year=2010 + len(slug), contact_name=f"Продавец {slug}"))
        files.append(fetch(client, path(own)).body.decode())

    assert ["Продавец one" in file for file in files] == [True, False]
    assert ["Продавец two" in file for file in files] == [False, True]


def test_who_comes_too_often_has_to_wait(
    client: Client, channel: Channel, make_channel: Callable[..., Channel]
) -> None:
    address, other = path(channel), path(make_channel("avito"))
    answers = [fetch(client, address) for _ in range(31)]

    assert {answer.status_code for answer in answers[:30]} == {200}
    assert (answers[30].status_code, answers[30]["Retry-After"]) == (429, "60")
    assert fetch(client, other).status_code == 200


def test_every_pull_is_written_down_without_the_whole_address(client: Client, channel: Channel, car: Car) -> None:
    put_in(car())
    address = path(channel)
    etag = fetch(client, address, User_Agent="Bot\x00" + "x" * 200)["ETag"]
    client.get(address, headers={"If-None-Match": etag, "X-Forwarded-For": "198.51.100.77"})
    first, second = FeedPull.objects.order_by("pk")

    assert (first.status, first.cars, first.finished, first.network) == (200, 1, True, "127.0.0.0/24")
    assert first.bytes > 500
    assert first.user_agent == ("Bot" + "x" * 200)[:120]
    assert (second.status, second.bytes, second.network) == (304, 0, "198.51.100.0/24")


def test_a_reader_that_goes_away_is_told_from_one_that_got_all(channel: Channel, car: Car) -> None:
    put_in(car())
    body = stream(open_file(feed_of(channel)), Told(), compressed=False)
    next(body)
    # As the web server does when its connection is gone.
    body.close()

    assert list(FeedPull.objects.values_list("finished", "cars")) == [(False, 0)]


def test_a_changed_frame_is_a_changed_file(client: Client, make_channel: Callable[..., Channel]) -> None:
    channel = make_channel("yml")
    address = path(channel)
    etag = fetch(client, address)["ETag"]
    assert fetch(client, address, If_None_Match=etag).status_code == 304

    Channel.objects.filter(pk=channel.pk).update(settings=channel.settings | {"shop": "Иначе"})
    changed = fetch(client, address, If_None_Match=etag)
    assert "<name>Иначе</name>" in changed.body.decode()


def test_a_channel_without_its_settings_is_not_there_for_now(
    client: Client, make_channel: Callable[..., Channel]
) -> None:
    channel = make_channel("yml")
    address = path(channel)
    Channel.objects.filter(pk=channel.pk).update(settings={})

    assert client.get(address).status_code == 503


def test_every_dialect_is_served_with_its_type(client: Client, make_channel: Callable[..., Channel], car: Car) -> None:
    kinds = {}
    for key in DIALECTS:
        own = make_channel(key)
        put_in(car(own))
        response = fetch(client, path(own))
        kinds[key] = response["Content-Type"]
        assert check_pieces([response.body], feed_adapter(own).file).problems == []

    assert kinds == dict.fromkeys(DIALECTS, "application/xml; charset=utf-8") | {"google": "text/csv; charset=utf-8"}


def test_old_pulls_are_forgotten_and_never_too_many_kept(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "KEPT_PER_FEED", 3)
    now, feed = timezone.now(), feed_of(channel)
    for days in (0, 1, 2, 3, 89, 91):
        FeedPull.objects.create(feed=feed, at=now - timedelta(days=days), status=200)

    assert pruning.prune_pulls(now) == 3
    assert FeedPull.objects.count() == 3
