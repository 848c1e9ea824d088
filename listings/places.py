"""Where a listing can be seen: the site and every channel, for the edit page.

Who publishes listings somewhere registers the hook `register_listing_places`: a function of a listing
that returns its places. `listings` itself knows none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from wagtail import hooks

from .models import Listing

Tone = Literal["good", "waiting", "bad", "off"]


@dataclass(frozen=True)
class PlaceAction:
    """A button: posts to `url`, which answers with a redirect back."""

    label: str
    url: str


@dataclass(frozen=True)
class Place:
    """One row of "where it can be seen". Texts are ready to be shown."""

    name: str
    state_label: str
    tone: Tone
    url: str = ""
    at: datetime | None = None
    detail: str = ""
    actions: Sequence[PlaceAction] = field(default_factory=tuple)


def links_of(listing: Listing, user: Any) -> list[PlaceAction]:
    """Pages that lead further, from hooks `register_listing_links`: functions of a listing and a user."""
    return [link for find in hooks.get_hooks("register_listing_links") for link in find(listing, user)]


def places_of(listing: Listing) -> list[Place]:
    return [place for find in hooks.get_hooks("register_listing_places") for place in find(listing)]
