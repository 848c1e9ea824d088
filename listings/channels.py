"""Into which channels a car goes. `listings` knows no channel; who has some registers a switchboard for them:

@hooks.register("register_listing_channels")
def switchboard() -> ChannelSwitchboard: …
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wagtail import hooks

from cms.users.models import User

from .changes import Change, record
from .models import Listing
from .vocabulary import ChangeAction


@dataclass(frozen=True)
class ListingChannel:
    """A channel as somebody chooses it: by its key in forms, by key or name in the API."""

    key: str
    name: str


class ChannelSwitchboard(Protocol):
    def channels(self, dealer_ids: Sequence[int] | None) -> list[ListingChannel]:
        """Channels that take cars of these dealers; None: all."""

    def switch(self, listings: Sequence[Listing], key: str, on: bool) -> dict[int, str]:
        """Lets cars go into the channel, or keeps them out of it from now on. Refusals in words by listing id.

        Whether somebody may change the cars has been asked before. Belongs into a transaction; a constant number of
        queries.
        """


def switchboards() -> list[ChannelSwitchboard]:
    return [make() for make in hooks.get_hooks("register_listing_channels")]


def channels_for(dealer_ids: Sequence[int] | None) -> list[ListingChannel]:
    return [channel for board in switchboards() for channel in board.channels(dealer_ids)]


def switch(listings: Sequence[Listing], key: str, on: bool, user: User | None) -> dict[int, str]:
    """As a switchboard's, with an entry in the change log. Raises LookupError for a channel that nobody has."""
    for board in switchboards():
        channel = next((channel for channel in board.channels(None) if channel.key == key), None)
        if channel is None:
            continue
        refused = board.switch(listings, key, on)
        pair = ["", channel.name] if on else [channel.name, ""]
        done = [listing for listing in listings if listing.pk not in refused]
        record([Change(listing, ChangeAction.CHANNELS, {"channels": pair}) for listing in done], user)
        return refused
    raise LookupError(key)
