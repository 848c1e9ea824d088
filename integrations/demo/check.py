"""What has become of one car in each of the demo's channels, as the sandbox shows it."""

from collections.abc import Mapping
from typing import Any

import httpx
from django.conf import settings

from integrations.feeds.addresses import address_of
from integrations.feeds.entries import is_feed
from integrations.marketplaces.registry import get_adapter
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import State
from listings.models import Listing

from .channels import demo_channels
from .posts import SeenPost, posts_in


class NotAccepted(Exception):
    """A channel has refused the car: waiting does not help."""


class SandboxChannels:
    """`look`, then ask: each question is answered with words for the line, or with nothing while it is not so yet."""

    def __init__(self, car: Listing, http: httpx.Client) -> None:
        self.car, self.http = car, http
        self.all = demo_channels()
        self.files = {channel.pk: address_of(channel) for channel in self.all if is_feed(channel)}
        self._state: Mapping[str, Any] = {}
        self._first: dict[int, str] = {}

    def look(self) -> None:
        self._state = self.http.get(f"{settings.SANDBOX_URL}/__state").raise_for_status().json()

    def arrived(self, channel: Channel) -> str:
        """Raises NotAccepted."""
        posts = self._posts(channel)
        if len(posts) != 1:
            self._require_hope(channel)
            return ""
        self._first[channel.pk] = posts[0].words
        return "one post"

    def changed(self, channel: Channel) -> str:
        posts = self._posts(channel)
        if len(posts) == 1 and posts[0].words != self._first[channel.pk]:
            return "the post has changed"
        return "a person is asked" if not self._can(channel, "can_update") and self._asks(channel) else ""

    def gone(self, channel: Channel) -> str:
        if not self._posts(channel):
            return "no post"
        return "a person is asked" if not self._can(channel, "can_withdraw") and self._asks(channel) else ""

    def _posts(self, channel: Channel) -> list[SeenPost]:
        posts = posts_in(
            channel.adapter, self._state, sandbox=settings.SANDBOX_URL, file=self.files.get(channel.pk, "")
        )
        return [post for post in posts if post.is_about(self.car.slug, str(self.car.uuid), self.car.vin)]

    def _can(self, channel: Channel, capability: str) -> bool:
        return bool(getattr(get_adapter(channel.adapter).capabilities, capability))

    def _asks(self, channel: Channel) -> bool:
        return Publication.objects.filter(channel=channel, document__listing=self.car.pk, state=State.MANUAL).exists()

    def _require_hope(self, channel: Channel) -> None:
        row = Publication.objects.filter(channel=channel, document__listing=self.car.pk).first()
        if row is not None and row.state in {State.FAILED, State.MANUAL}:
            raise NotAccepted(f"{channel.name}: {row.error_text}")
