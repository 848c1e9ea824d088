"""The file on its channel's page: who sees the address, who may exchange it, what the check finds."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.feeds.addresses import address_of
from integrations.publications.models import Channel
from tests.factories import UserFactory

from .conftest import Car, put_in
from .test_serving import fetch, path

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


def test_the_channels_page_shows_the_address_and_who_fetched_the_file(
    admin: Client, channel: Channel, car: Car
) -> None:
    put_in(car())
    fetch(Client(), path(channel), User_Agent="YandexBot <b>")
    page = admin.get(reverse("channel:edit", args=[channel.pk])).content.decode()

    assert address_of(channel) in page
    assert "YandexBot &lt;b&gt;" in page
    assert "127.0.0.0/24" in page
