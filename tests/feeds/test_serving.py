"""The file as a platform fetches it: valid, streamed, cheap when unchanged, closed to everybody else."""

from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import timezone

from integrations.feeds.addresses import address_of
from integrations.feeds.models import ChannelFeed
from integrations.publications.models import Channel

from .conftest import Car, put_in

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
