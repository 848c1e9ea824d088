"""The file on its channel's page: who sees the address, who may exchange it, what the check finds."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from integrations.credentials.store import credential_store
from integrations.feeds.addresses import address_of
from integrations.feeds.entries import feed_of
from integrations.feeds.models import FeedEntry
from integrations.feeds.panel import feed_panel
from integrations.publications.models import Channel
from listings.vocabulary import MemberRole
from tests.factories import DealerFactory, UserFactory, member, staff

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


def test_a_channel_that_is_called_has_no_file(admin: Client, db: None) -> None:
    telegram = Channel.objects.create(name="Telegram", adapter="telegram", settings={"chat_id": "@abcde"})
    page = admin.get(reverse("channel:edit", args=[telegram.pk])).content.decode()

    assert "feed-title" not in page
    for name in ("check", "preview"):
        assert admin.get(reverse(f"channel_feed_{name}", args=[telegram.pk])).status_code == 404


def test_the_address_is_exchanged_by_a_button(admin: Client, channel: Channel) -> None:
    old = path(channel)
    admin.post(reverse("channel_feed_exchange", args=[channel.pk]))

    assert path(channel) != old
    assert admin.get(reverse("channel_feed_exchange", args=[channel.pk])).status_code == 405


def test_a_look_at_the_file_is_no_pull(admin: Client, channel: Channel, car: Car) -> None:
    put_in(car())
    response = admin.get(reverse("channel_feed_preview", args=[channel.pk]))

    assert b"".join(response.streaming_content).count(b"<car>") == 1
    assert not feed_of(channel).pulls.exists()


def test_the_check_names_the_car_and_what_is_wrong(admin: Client, channel: Channel, car: Car) -> None:
    put_in(car())
    check = reverse("channel_feed_check", args=[channel.pk])
    assert "help-critical" not in admin.get(check).content.decode()

    entry = FeedEntry.objects.get()
    broken = entry.entry.replace("<mark_id>BMW</mark_id>", "<image>x</image>")
    FeedEntry.objects.update(entry=broken.replace("</car>", "<images><image>/x.jpg</image></images></car>"))
    page = admin.get(check).content.decode()
    number = str(entry.publication.document.uuid)
    assert page.count(number) == 2
    assert "mark_id" in page
    assert "/x.jpg" in page

    FeedEntry.objects.update(entry="<car>")
    assert "XML" in admin.get(check).content.decode()


def test_avito_is_told_the_address_by_a_button_and_others_cannot_be(
    admin: Client, channel: Channel, make_channel: Callable[..., Channel]
) -> None:
    assert admin.post(reverse("channel_feed_announce", args=[channel.pk])).status_code == 404
    avito = make_channel("avito", base_url="http://127.0.0.1:9")
    announce = reverse("channel_feed_announce", args=[avito.pk])

    assert announce in admin.get(reverse("channel:edit", args=[avito.pk])).content.decode()
    assert announce not in admin.get(reverse("channel:edit", args=[channel.pk])).content.decode()
    # The platform is away: words on the page, no broken page.
    assert admin.post(announce).status_code == 302


def test_a_car_of_a_file_is_never_called_published(admin: Client, channel: Channel, car: Car) -> None:
    publication = car()
    put_in(publication)
    type(publication).objects.update(state="published", published_at=publication.changed_at, external={"id": "1"})
    inspect = reverse("publication:inspect", args=[publication.pk])
    page = admin.get(inspect).content.decode()
    assert "площадка забирает файл" in page or "the platform fetches the file" in page

    admin.post(reverse("publication_seen_there", args=[publication.pk]), {"address": "https://auto.ru/1"})
    publication.refresh_from_db()
    assert (publication.address, publication.external["address"]) == ("https://auto.ru/1", "https://auto.ru/1")
    assert publication.confirmed_at is not None


def test_nobody_reaches_another_dealers_file(client: Client, make_channel: Callable[..., Channel]) -> None:
    channel = make_channel("autoru", DealerFactory(slug="own"))
    stranger = member(DealerFactory(slug="other"), MemberRole.MANAGER, is_staff=True)
    client.force_login(stranger)
    old = path(channel)

    for name in ("check", "preview"):
        assert client.get(reverse(f"channel_feed_{name}", args=[channel.pk])).status_code in {302, 404}
    client.post(reverse("channel_feed_exchange", args=[channel.pk]))
    assert path(channel) == old


def test_who_may_only_look_sees_no_address(client: Client, channel: Channel) -> None:
    viewer = staff("moderator", is_staff=True)
    panel = feed_panel(channel, viewer)

    assert panel is not None
    assert panel.address == ("" if not viewer.has_perm("publications.change_channel") else address_of(channel))
    assert feed_panel(channel, UserFactory()).address == ""  # type: ignore[union-attr]


def test_a_deleted_channel_takes_its_address_along(admin: Client, channel: Channel) -> None:
    address_of(channel)
    reference = feed_of(channel).credential
    admin.post(reverse("channel:delete", args=[channel.pk]))

    assert not Channel.objects.filter(pk=channel.pk).exists()
    assert credential_store().get(reference) == {}
