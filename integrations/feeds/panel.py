"""What a channel's page tells of its file."""

from dataclasses import dataclass, field
from typing import Any

from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable
from integrations.publications.models import Channel

from .addresses import address_of
from .entries import feed_adapter, feed_of, is_feed
from .models import ChannelFeed, FeedPull
from .remote import can_be_told

SHOWN_PULLS = 20


@dataclass(frozen=True)
class FeedPanel:
    feed: ChannelFeed
    address: str
    """Only for people who may change the channel."""
    locked: bool
    """The store of access data is away, so that the address cannot be shown."""
    can_announce: bool
    pulls: list[FeedPull] = field(default_factory=list)

    @property
    def last(self) -> FeedPull | None:
        return self.pulls[0] if self.pulls else None


def feed_panel(channel: Channel, user: Any) -> FeedPanel | None:
    """None for channels whose platform fetches nothing."""
    if not is_feed(channel):
        return None
    address, locked = "", False
    if user.has_perm("publications.change_channel"):
        try:
            address = address_of(channel)
        except (CredentialsUnavailable, CredentialsUnreadable):
            locked = True
    feed = feed_of(channel)
    pulls = list(FeedPull.objects.filter(feed=feed).order_by("-at")[:SHOWN_PULLS])
    return FeedPanel(feed, address, locked, can_be_told(feed_adapter(channel)), pulls)
