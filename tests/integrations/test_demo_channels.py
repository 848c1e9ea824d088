"""The demo's channels: one for each platform, accepted by the sandbox, and seen there as a visitor sees them."""

import copy
from collections.abc import Callable

import pytest

from integrations.demo.channels import CHANNELS, connect_sandbox, ensure_demo_channel, ensure_demo_channels
from integrations.demo.posts import posts_in
from integrations.feeds.addresses import address_of
from integrations.marketplaces.registry import all_adapters, get_adapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel, Publication
from integrations.sandbox.__main__ import DEMO
from integrations.sandbox.server import Sandbox
from listings.lifecycle import publish_listing, unpublish_listing

from .conftest import World, work

pytestmark = pytest.mark.django_db


def test_each_demo_channel_opens_with_its_settings_and_access_data_and_the_sandbox_accepts_them(
    sandbox: Sandbox,
) -> None:
    for channel in ensure_demo_channels():
        checked = get_adapter(channel.adapter).check(open_account(channel))
        assert checked.ok, f"{channel}: {checked.words}"


def test_making_the_demo_channels_again_changes_what_they_point_at_and_nothing_that_a_person_has_set(
    sandbox: Sandbox, settings: object
) -> None:
    first = ensure_demo_channels()
    Channel.objects.update(photo_limit=1, template="{title}")

    again = ensure_demo_channels()

    assert [channel.pk for channel in again] == [channel.pk for channel in first]
    assert set(Channel.objects.values_list("photo_limit", "template")) == {(1, "{title}")}


def test_the_sandbox_starts_as_the_demo_wants_it(sandbox: Sandbox) -> None:
    sandbox.control(copy.deepcopy(DEMO))


def test_each_platform_of_the_product_has_a_channel_in_the_demo(sandbox: Sandbox) -> None:
    assert set(CHANNELS) == set(all_adapters())
    assert len({channel.name for channel in CHANNELS.values()}) == len(CHANNELS)


def test_the_sandbox_is_told_the_address_of_each_file(sandbox: Sandbox) -> None:
    ensure_demo_channels()
    connect_sandbox()

    known = {(feed["address"], feed["dialect"]) for feed in sandbox.state()["feed_reader"]["feeds"]}
    assert known == {
        (address_of(channel), CHANNELS[channel.adapter].dialect)
        for channel in Channel.objects.all()
        if CHANNELS[channel.adapter].dialect
    }


@pytest.mark.parametrize("adapter", ["telegram", "facebook", "vk_wall", "webhook"])
def test_a_post_is_seen_while_it_stands_there_and_not_after_it_was_withdrawn(
    sandbox: Sandbox, make_listing: Callable[..., object], world: World, adapter: str
) -> None:
    channel = ensure_demo_channel(adapter)
    listing = make_listing()
    publish_listing(listing)
    publication = Publication.objects.get(channel=channel)
    while publication.state == "pending":
        Publication.objects.update(next_attempt_at=publication.changed_at)
        work(publication)
    assert publication.state == "published", publication.error_text

    def seen() -> list[str]:
        posts = posts_in(adapter, sandbox.state(), sandbox=sandbox.url)
        return [post.address for post in posts if post.is_about(listing.slug, str(listing.uuid))]

    assert seen() == [publication.address]
    unpublish_listing(listing)
    publication.refresh_from_db()
    work(publication)
    assert (seen(), publication.state) == ([], "withdrawn")


def test_the_link_that_a_person_copies_in_the_sandbox_names_the_post(sandbox: Sandbox) -> None:
    account = open_account(ensure_demo_channel())
    adapter = get_adapter("telegram")

    adopted = adapter.adopt(
        adapter.Payload(text="BMW"), f"{sandbox.url}/telegram/avtofamily_demo/7", account.now(), account
    )

    assert adopted.external["messages"][0]["id"] == 7


@pytest.mark.parametrize(
    ("platform", "adapter", "refusal", "state"),
    [
        ("vk", "vk_wall", {"method": "wall.post", "code": 100, "count": 9}, "failed"),
        ("vk", "vk_wall", {"method": "wall.post", "code": 15, "count": 9}, "pending"),
    ],
)
def test_a_refusal_with_the_platforms_own_number_ends_the_run_and_gives_the_lease_back(
    sandbox: Sandbox,
    make_listing: Callable[..., object],
    platform: str,
    adapter: str,
    refusal: dict[str, object],
    state: str,
) -> None:
    channel = ensure_demo_channel(adapter)
    publish_listing(make_listing())
    publication = Publication.objects.get(channel=channel)
    sandbox.control({platform: {"refuse": [refusal]}})

    for _step in range(3):
        Publication.objects.exclude(next_attempt_at=None).update(next_attempt_at=publication.changed_at)
        work(publication)

    assert (publication.state, publication.lease_until) == (state, None)
    assert publication.error_class in {"invalid", "auth"}
