"""Writes what should stand in the channels, in the transaction that changes the listings.

Every UPDATE here filters by the row's own columns only: joined to another table, PostgreSQL would not look again
at a row that a worker has just moved to "uncertain", and a post could appear twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from cms.celery import send
from listings.models import PublishedListing, Version
from listings.signals import ListingChange

from .models import Channel, KeptOut, Publication
from .vocabulary import HELD, Desired, State

BATCH = 500
"""Documents whose wishes are written in one go by the long runs."""

RECONCILE = "publications.reconcile_publication"

WAITING_STATE = Case(
    When(desired=Desired.PRESENT, published_at=None, then=Value(State.PENDING)),
    When(desired=Desired.PRESENT, then=Value(State.UPDATING)),
    When(published_at=None, then=Value(State.WITHDRAWN)),
    default=Value(State.WITHDRAWING),
)
"""`Publication.waiting_state` in SQL."""


def follow_changes(changes: Sequence[ListingChange]) -> None:
    """A constant number of queries for any number of changes. Clicks are told to workers, imports are swept."""
    channels = list(Channel.objects.active().select_related("dealer"))
    if not channels:
        return
    write_wishes([change.document for change in changes], channels)
    clicked = [change.document.pk for change in changes if not change.bulk]
    if clicked:
        rows = Publication.objects.filter(document_id__in=clicked, channel_id__in=[channel.pk for channel in channels])
        look_soon(rows.values_list("pk", flat=True))


def write_wishes(documents: Sequence[PublishedListing], channels: Sequence[Channel]) -> None:
    """Each document shall stand in those channels that accept it, and in no other of these channels."""
    now = timezone.now()
    _wish_present(documents, channels, now)
    by_version: dict[int, list[int]] = defaultdict(list)
    for document in documents:
        by_version[document.version].append(document.pk)
    # One transaction of `listings` gives all its documents one version, so this loop runs once for a signal.
    for version, ids in by_version.items():
        known = Publication.objects.filter(document_id__in=ids, channel_id__in=[channel.pk for channel in channels])
        # Accepted ones carry the version by now.
        known.exclude(desired_version=version).update(
            desired=Desired.ABSENT, desired_version=version, next_attempt_at=now
        )
        known.filter(next_attempt_at__isnull=False).exclude(state__in=HELD).update(state=WAITING_STATE)


def _wish_present(documents: Sequence[PublishedListing], channels: Sequence[Channel], now: datetime) -> None:
    """A wish, with the document's version, wherever a channel accepts it and nobody keeps it out."""
    kept_out = _kept_out(documents, channels)
    rows = [
        Publication(
            document=document,
            channel=channel,
            desired=Desired.PRESENT,
            desired_version=document.version,
            next_attempt_at=now,
        )
        for document in documents
        for channel in channels
        if channel.accepts(document) and (channel.pk, document.listing_id) not in kept_out
    ]
    Publication.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["document", "channel"],
        update_fields=["desired", "desired_version", "next_attempt_at"],
    )


def look_again(listing_ids: Sequence[int], channel: Channel) -> None:
    """Writes the wishes of these cars for the channel anew: what it takes has changed. Belongs into a transaction."""
    _stand_in_line()
    documents = list(
        PublishedListing.objects.filter(listing_id__in=listing_ids).defer("card", "detail", "search_words")
    )
    now, newest = timezone.now(), max((document.version for document in documents), default=0)
    known = Publication.objects.filter(channel_id=channel.pk, document_id__in=[document.pk for document in documents])
    known.update(desired_version=0)
    _wish_present(documents, [channel], now)
    # Accepted ones carry their document's version by now. These are of many versions, often each of its own.
    known.filter(desired_version=0).update(desired=Desired.ABSENT, desired_version=newest, next_attempt_at=now)
    known.filter(next_attempt_at__isnull=False).exclude(state__in=HELD).update(state=WAITING_STATE)
    if len(documents) == 1:
        # A click; many are the sweep's.
        look_soon(known.values_list("pk", flat=True))


def publish_existing(channel: Channel) -> int:
    """Wishes for every public listing that the channel accepts; returns how many. The sweep does the work."""
    documents = PublishedListing.objects.public().exclude(sale_state="sold")
    if channel.dealer is not None:
        documents = documents.filter(dealer=channel.dealer.slug)
    return _in_batches(documents, channel)


def catch_up(channel: Channel) -> int:
    """Looks at all publications of the channel again, after it was switched on or its rules have changed."""
    with transaction.atomic():
        _stand_in_line()
        # Version 0 makes `write_wishes` treat them all as not looked at yet.
        Publication.objects.filter(channel_id=channel.pk).update(desired_version=0)
        return _in_batches(PublishedListing.objects.filter(publications__channel=channel), channel)


def look_soon(publication_ids: Iterable[int]) -> None:
    """Tells workers after the commit. Lost messages are the sweep's."""
    for publication_id in publication_ids:
        transaction.on_commit(partial(send, RECONCILE, publication_id))


def _in_batches(documents: QuerySet[PublishedListing], channel: Channel) -> int:
    small = documents.defer("card", "detail", "search_words").order_by("pk")
    count, last = 0, 0
    while True:
        with transaction.atomic():
            _stand_in_line()
            batch = list(small.filter(pk__gt=last)[:BATCH])
            write_wishes(batch, [channel])
        if not batch:
            return count
        count, last = count + len(batch), batch[-1].pk


def _kept_out(documents: Sequence[PublishedListing], channels: Sequence[Channel]) -> set[tuple[int, int | None]]:
    rows = KeptOut.objects.filter(
        channel_id__in=[channel.pk for channel in channels],
        listing_id__in=[document.listing_id for document in documents if document.listing_id],
    )
    return set(rows.values_list("channel_id", "listing_id"))


def _stand_in_line() -> None:
    """Waits for those who write documents, and holds them up until the commit.

    A listing that is being withdrawn right now must not get a wish from what it was a moment ago; and two who lock
    many publications in different orders would wait for each other.
    """
    Version.objects.select_for_update().filter(pk=Version.Of.CATALOGUE).first()
