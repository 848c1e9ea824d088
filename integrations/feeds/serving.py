"""Streams a channel's file from its rows: constant memory, one query for all cars, and none for a 304."""

import time
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import timezone
from pydantic import ValidationError

from .entries import feed_adapter, follow_frame
from .models import ChannelFeed, FeedEntry, FeedPull

ROWS_AT_ONCE = 200
"""Pieces of two to three kilobytes each: half a megabyte at a time."""
LONGEST = 600.0
"""Seconds. A reader that needs longer holds up a worker of ours and is cut off."""
GZIP = 31
"""zlib's name of the gzip format with its largest window."""
GZIP_LEVEL = 5
SAME_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


class FeedBroken(Exception):
    """The channel's settings are not complete: no file can be made."""


@dataclass
class Told:
    """What the pull's log entry says, filled while the file streams."""

    status: int = 200
    user_agent: str = ""
    network: str = ""
    bytes: int = 0
    cars: int = 0
    started: float = field(default_factory=time.monotonic)

    def write(self, feed: ChannelFeed, *, finished: bool = True) -> None:
        FeedPull.objects.create(
            feed=feed,
            at=timezone.now(),
            status=self.status,
            bytes=self.bytes,
            cars=self.cars,
            user_agent=self.user_agent,
            network=self.network,
            seconds=time.monotonic() - self.started,
            finished=finished,
        )


@dataclass(frozen=True)
class OpenFile:
    """A feed with what stands around its cars."""

    feed: ChannelFeed
    header: str
    footer: str
    line_end: str

    def pieces(self, told: Told) -> Iterator[bytes]:
        yield self.header.encode()
        rows: Any = FeedEntry.objects.filter(feed=self.feed).order_by("publication_id").values_list("entry", flat=True)
        entries = rows.iterator(chunk_size=ROWS_AT_ONCE)
        while batch := list(islice(entries, ROWS_AT_ONCE)):
            told.cars += len(batch)
            yield "".join(f"{entry}{self.line_end}" for entry in batch).encode()
        yield self.footer.encode()


def open_file(feed: ChannelFeed) -> OpenFile:
    """Raises FeedBroken."""
    adapter = feed_adapter(feed.channel)
    try:
        values = adapter.Settings.model_validate(feed.channel.settings)
    except ValidationError:
        raise FeedBroken from None
    feed = follow_frame(feed, adapter.frame(values, settings.SITE_URL, SAME_MOMENT))
    header, footer = adapter.frame(values, settings.SITE_URL, feed.changed_at)
    return OpenFile(feed, header, footer, adapter.file.line_end)


def stream(file: OpenFile, told: Told, *, compressed: bool) -> Generator[bytes, None, None]:
    """The body. Writes the log entry at its end, also when the reader goes away in the middle."""
    finished = False
    try:
        pieces = file.pieces(told)
        for piece in _gzip(pieces) if compressed else pieces:
            told.bytes += len(piece)
            yield piece
            if time.monotonic() - told.started > LONGEST:
                # Without the end of the answer: the reader must notice that it has not got all.
                raise TimeoutError("The reader is too slow.")
        finished = True
    finally:
        told.write(file.feed, finished=finished)


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP)
    for piece in pieces:
        if out := compressor.compress(piece):
            yield out
    yield compressor.flush()
