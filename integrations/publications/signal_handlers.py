"""Hears that documents have changed."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from listings.signals import ListingChange, listing_changed

from .wishes import follow_changes


@receiver(listing_changed)
def listings_changed(changes: Sequence[ListingChange], **kwargs: Any) -> None:
    follow_changes(changes)
