"""Keeps the pieces of the files: called by the engine in the transaction that writes a publication's outcome.

The feed's row is locked first. So versions and totals follow the commits: whoever has read version N has missed
nothing of it, and a 304 costs one row.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.marketplaces.base import InvalidPayload, Words
from integrations.marketplaces.feed import FeedAdapter, FeedFile, FeedLimits
from integrations.marketplaces.registry import get_adapter
from integrations.publications.models import Channel, Publication

from .models import ChannelFeed, FeedEntry

LINE_END = 2
"""Bytes at most, behind each piece."""

Adapter = FeedAdapter[Any, Any]


@dataclass(frozen=True)
class Totals:
    cars: int = 0
    images: int = 0
    bytes: int = 0


def is_feed(channel: Channel) -> bool:
    return get_adapter(channel.adapter).capabilities.delivery == "feed"


def feed_adapter(channel: Channel) -> Adapter:
    return cast(Adapter, get_adapter(channel.adapter))


def feed_of(channel: Channel) -> ChannelFeed:
    """The channel's feed; made if missing, without an address."""
    feed, _created = ChannelFeed.objects.get_or_create(channel=channel, defaults={"changed_at": timezone.now()})
    return feed


def write_entry(publication: Publication, entry: str) -> None:
    """Puts the car's piece into the file; an empty one takes it out. Raises InvalidPayload if the file is full.

    An unchanged piece changes nothing.
    """
    if not entry:
        drop_entry(publication)
        return
    with transaction.atomic():
        feed = _locked(publication.channel)
        row = FeedEntry.objects.filter(publication=publication).first()
        if row is not None and row.entry == entry:
            return
        file = feed_adapter(publication.channel).file
        new = Totals(1, _count_images(entry, file), _size(entry))
        old = _totals_of(row)
        _require_room(feed, file.limits, old, new)
        version = feed.version + 1
        FeedEntry.objects.bulk_create(
            [FeedEntry(publication=publication, feed=feed, entry=entry, images=new.images, version=version)],
            update_conflicts=True,
            unique_fields=["publication"],
            update_fields=["entry", "images", "version"],
        )
        _save(feed, version, old, new)


def drop_entry(publication: Publication) -> None:
    """Takes the car out of the file; one that is not in it is no error."""
    with transaction.atomic():
        row = FeedEntry.objects.filter(publication=publication).first()
        if row is None:
            return
        feed = _locked(publication.channel)
        # Read again: the piece may have been exchanged before the lock was ours.
        row = FeedEntry.objects.filter(publication=publication).first()
        if row is None:
            return
        row.delete()
        _save(feed, feed.version + 1, _totals_of(row), Totals())


def follow_frame(feed: ChannelFeed, frame: tuple[str, str]) -> ChannelFeed:
    """A changed frame (the shop's name, a column) is a change of the file as well."""
    digest = hashlib.sha256("\0".join(frame).encode()).hexdigest()
    if feed.frame_hash == digest:
        return feed
    with transaction.atomic():
        locked = _locked(feed.channel)
        if locked.frame_hash != digest:
            locked.frame_hash = digest
            _save(locked, locked.version + 1, Totals(), Totals())
    return locked


def modified_at(feed: ChannelFeed, now: datetime | None = None) -> int | None:
    """Unix seconds for Last-Modified; None in the very second of a change, when another one may still follow."""
    second = -int(-feed.changed_at.timestamp() // 1)
    return second if (now or timezone.now()).timestamp() > second else None


def _locked(channel: Channel) -> ChannelFeed:
    feed_of(channel)
    return ChannelFeed.objects.select_for_update().get(channel=channel)


def _save(feed: ChannelFeed, version: int, old: Totals, new: Totals) -> None:
    feed.version = version
    # With the lock in hand: of two changes the later one has the later time.
    feed.changed_at = max(timezone.now(), feed.changed_at)
    feed.cars += new.cars - old.cars
    feed.images += new.images - old.images
    feed.bytes += new.bytes - old.bytes
    feed.save(update_fields=["version", "changed_at", "frame_hash", "cars", "images", "bytes"])


def _totals_of(row: FeedEntry | None) -> Totals:
    return Totals(1, row.images, _size(row.entry)) if row else Totals()


def _require_room(feed: ChannelFeed, limits: FeedLimits, old: Totals, new: Totals) -> None:
    """Raises InvalidPayload with words that name the limit. A car that gets smaller always fits."""
    words = {
        "cars": _("The platform takes at most %(limit)d cars in a file, and there are as many already."),
        "images": _("The platform takes at most %(limit)d photos in a file, and this car's photos are too many."),
        "bytes": _("The platform takes a file of at most %(limit)d bytes, and with this car it would be larger."),
    }
    problems: list[Words] = []
    for name, text in words.items():
        limit, more = getattr(limits, name), getattr(new, name) - getattr(old, name)
        if limit is not None and more > 0 and getattr(feed, name) + more > limit:
            problems.append(text % {"limit": limit})
    if problems:
        raise InvalidPayload(problems)


def _size(entry: str) -> int:
    return len(entry.encode()) + LINE_END


def _count_images(entry: str, file: FeedFile) -> int:
    """By the element's name: counting must not parse 30,000 pieces. No limit of photos is known of any CSV."""
    name = re.escape(file.images.split("@", 1)[0].rsplit("/", 1)[-1])
    return len(re.findall(rf"<{name}[\s/>]", entry)) if file.kind == "xml" else 0
