"""Run as a module: one step of `feed_build`. Writes its answer as JSON into the file that is named first."""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

from .figure import median

KIBIBYTES = 1024
REPETITIONS = 5
CHANGES = 50
BATCH = 500


def fill(large: str, small: str) -> dict[str, Any]:
    """A catalogue, and two channels whose files hold all of it and a part of it."""
    from django.core.management import call_command

    from integrations.publications.models import Channel

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    call_command("fill_catalogue", large, stdout=io.StringIO())
    for name, count in {"large": int(large), "small": int(small)}.items():
        channel = Channel.objects.create(name=name, adapter="autoru", settings={"currency": "BYN"})
        _put_in(channel, count)
    return {}


def _put_in(channel: Any, count: int) -> None:
    from django.utils import timezone

    from integrations.feeds.entries import feed_of
    from integrations.feeds.models import FeedEntry
    from integrations.publications.models import Publication
    from listings.models import PublishedListing

    feed, documents, totals = feed_of(channel), PublishedListing.objects.order_by("pk")[:count], 0
    for start in range(0, count, BATCH):
        batch = list(documents[start : start + BATCH])
        rows = Publication.objects.bulk_create(
            Publication(
                document=document, channel=channel, desired="present", desired_version=document.version,
                state="published", published_at=timezone.now(),
            )
            for document in batch
        )  # fmt: skip
        texts = [_render(document.pk, document.detail_data, channel) for document in batch]
        FeedEntry.objects.bulk_create(
            FeedEntry(publication=row, feed=feed, entry=text, version=1) for row, text in zip(rows, texts, strict=True)
        )
        totals += len(texts)
    feed.cars, feed.version = totals, 1
    feed.save()


def serve(name: str) -> dict[str, Any]:
    """As the view does, with its log entry, into a file."""
    from integrations.feeds.serving import Told, open_file, stream

    def write() -> int:
        return _write(stream(open_file(_feed(name)), Told(), compressed=False))

    return _timed(write)


def from_documents(name: str) -> dict[str, Any]:
    """Every piece made anew from its parsed document."""
    from integrations.feeds.serving import open_file

    feed = _feed(name)
    file, documents = open_file(feed), _documents(feed)

    def pieces() -> Iterable[bytes]:
        yield file.header.encode()
        for pk, detail in documents:
            yield f"{_render(pk, detail, feed.channel)}\n".encode()
        yield file.footer.encode()

    return _timed(lambda: _write(pieces()))


def from_texts(name: str) -> dict[str, Any]:
    """The least that anybody can do: the pieces are there, in memory."""
    from integrations.feeds.models import FeedEntry
    from integrations.feeds.serving import open_file

    feed = _feed(name)
    file = open_file(feed)
    texts = list(FeedEntry.objects.filter(feed=feed).order_by("pk").values_list("entry", flat=True))

    def pieces() -> Iterable[bytes]:
        yield file.header.encode()
        for text in texts:
            yield f"{text}\n".encode()
        yield file.footer.encode()

    return _timed(lambda: _write(pieces()))


def change(name: str) -> dict[str, Any]:
    """Median seconds to render and write the piece of one car, and to find the file unchanged."""
    from integrations.feeds.entries import write_entry
    from integrations.feeds.serving import open_file
    from integrations.publications.models import Publication

    feed = _feed(name)
    rows = list(
        Publication.objects.filter(channel=feed.channel).select_related("channel", "document").order_by("?")[:CHANGES]
    )
    changes, checks = [], []
    for row in rows:
        detail = row.document.detail_data
        detail["mileage_km"] += 1
        start = time.perf_counter()
        write_entry(row, _render(row.document_id, detail, row.channel))
        changes.append(time.perf_counter() - start)
        start = time.perf_counter()
        open_file(_feed(name))
        checks.append(time.perf_counter() - start)
    return {"seconds": median(changes), "unchanged": median(checks)}


def _feed(name: str) -> Any:
    from integrations.feeds.models import ChannelFeed

    return ChannelFeed.objects.select_related("channel").get(channel__name=name)


def _documents(feed: Any) -> list[tuple[int, dict[str, Any]]]:
    from listings.models import PublishedListing

    rows = PublishedListing.objects.filter(publications__channel=feed.channel).order_by("publications__pk")
    return [(pk, json.loads(detail)) for pk, detail in rows.values_list("pk", "detail").iterator()]


def _render(pk: int, detail: dict[str, Any], channel: Any) -> str:
    """The made-up catalogue has no VIN; real cars have one."""
    from integrations.marketplaces.registry import get_adapter

    adapter = get_adapter(channel.adapter)
    payload: Any = adapter.render(detail | {"vin": f"WBAKJ8106{pk:08d}", "sale_state": "available"}, _account(channel))
    text: str = payload.entry
    return text


def _account(channel: Any) -> Any:
    from integrations.publications.accounts import open_account

    if channel.pk not in _accounts:
        _accounts[channel.pk] = open_account(channel)
    return _accounts[channel.pk]


_accounts: dict[int, Any] = {}


def _write(pieces: Iterable[bytes]) -> int:
    size = 0
    with open(os.devnull, "wb") as target:
        for piece in pieces:
            size += target.write(piece)
    return size


def _timed(work: Callable[[], int]) -> dict[str, Any]:
    """Median seconds; the first time warms the connection and the pages of the database up."""
    size, seconds = work(), []
    for _repetition in range(REPETITIONS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES
    return {"seconds": median(seconds), "peak_mb": peak, "bytes": size}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    step.__name__: step for step in (fill, serve, from_documents, from_texts, change)
}


def main(answer: str, step: str, *words: str) -> None:
    django.setup()
    Path(answer).write_text(json.dumps(STEPS[step](*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
