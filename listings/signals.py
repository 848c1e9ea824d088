"""How the rest of the product hears of changed listings, while `listings` stays ignorant of who listens."""

from dataclasses import dataclass
from typing import Literal

from django.dispatch import Signal

from .models import PublishedListing

listing_changed = Signal()
"""kwargs: changes (list[ListingChange]).

Sent inside the transaction that wrote the documents: receivers write what must follow in it, in a constant
number of queries for the whole list, and start workers with `transaction.on_commit`.
"""

moderation_began = Signal()
"""kwargs: listings (list[Listing]), user. Sent inside the transaction, once for all of them."""

moderation_ended = Signal()
"""kwargs: listings (list[Listing]), approved (bool), user, comment. Sent inside the transaction, once for all."""


@dataclass(frozen=True)
class ListingChange:
    """One document that has changed."""

    kind: Literal["published", "updated", "removed"]
    document: PublishedListing
    bulk: bool = False
    """Part of an import or a rebuild: need not be on the site before what a person waits for."""
