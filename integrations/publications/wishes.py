"""Writes what should stand in the channels, in the transaction that changes the listings.

Every UPDATE here filters by the row's own columns only: joined to another table, PostgreSQL would not look again
at a row that a worker has just moved to "uncertain", and a post could appear twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from listings.models import PublishedListing, Version
from listings.signals import ListingChange

from .models import Channel, Choice, Publication
from .queues import tell_worker
from .vocabulary import HELD, Desired, State

BATCH = 500
"""Documents whose wishes are written in one go by the long runs."""

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
        look_soon(rows)


def write_wishes(documents: Sequence[PublishedListing], channels: Sequence[Channel]) -> None:
    """Each document shall stand in those channels that take it, and in no other of these channels."""
    now = timezone.now()
    _wish_present(documents, channels, now)
    by_version: dict[int, list[int]] = defaultdict(list)
    for document in documents:
        by_version[document.version].append(document.pk)
    # One transaction of `listings` gives all its documents one version, so this loop runs once for a signal.
    for version, ids in by_version.items():
        known = Publication.objects.filter(document_id__in=ids, channel_id__in=[channel.pk for channel in channels])
        # Those that shall be there carry the version by now.
        known.exclude(desired_version=version).update(desired=Desired.ABSENT, desired_version=version)
        _stand_in_line_for_workers(known, now)


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
    # Those that shall be there carry their document's version by now, often each its own.
    known.filter(desired_version=0).update(desired=Desired.ABSENT, desired_version=newest)
    _stand_in_line_for_workers(known, now)
    if len(documents) == 1:
        # A click; many are the sweep's.
        look_soon(known)


def _wish_present(documents: Sequence[PublishedListing], channels: Sequence[Channel], now: datetime) -> None:
    """A wish, with the document's version, wherever a channel takes the car or somebody has put it there."""
    choices = _choices(documents, channels)
    rows = []
    for document in documents:
        for channel in channels:
            choice = choices.get((channel.pk, document.listing_id))
            if channel.accepts(document, choice):
                rows.append(
                    Publication(
                        document=document,
                        channel=channel,
                        desired=Desired.PRESENT,
                        desired_version=document.version,
                        next_attempt_at=now,
                        not_before=choice.not_before if choice else None,
                    )
                )
    Publication.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["document", "channel"],
        update_fields=["desired", "desired_version", "not_before"],
    )


def _stand_in_line_for_workers(rows: QuerySet[Publication], now: datetime) -> None:
    """The state and time of what is to be done next. Changes of a post wait a while: ten of them are one edit."""
    edit = Value(now + timedelta(seconds=settings.EDIT_DELAY))
    due = Case(
        When(desired=Desired.ABSENT, then=Value(now)),
        When(published_at=None, not_before__gt=now, then=F("not_before")),
        When(published_at=None, then=Value(now)),
        # Never later than was said before: who keeps changing the price must not put the edit off for ever.
        When(next_attempt_at__lt=edit, then=F("next_attempt_at")),
        default=edit,
        output_field=DateTimeField(),
    )
    wanted = Case(
        When(desired=Desired.PRESENT, published_at=None, not_before__gt=now, then=F("not_before")),
        default=Least(Coalesce("wanted_at", Value(now)), Value(now)),
        output_field=DateTimeField(),
    )
    rows.exclude(state__in=HELD).update(state=WAITING_STATE, next_attempt_at=due, wanted_at=wanted)


def publish_existing(channel: Channel) -> int:
    """Wishes for every public listing that the channel takes; returns how many wait. The sweep does the work."""
    documents = PublishedListing.objects.public().exclude(sale_state="sold")
    if channel.dealer is not None:
        documents = documents.filter(dealer=channel.dealer.slug)
    _in_batches(documents, channel)
    return Publication.objects.filter(channel=channel, state=State.PENDING).count()


def catch_up(channel: Channel) -> None:
    """Looks at all publications of the channel again, after it was switched on or its rules have changed."""
    with transaction.atomic():
        _stand_in_line()
        # Version 0 makes `write_wishes` treat them all as not looked at yet.
        Publication.objects.filter(channel_id=channel.pk).update(desired_version=0)
        _in_batches(PublishedListing.objects.filter(publications__channel=channel), channel)


def look_soon(rows: QuerySet[Publication]) -> None:
    """Tells workers after the commit. Lost messages are the sweep's."""
    for publication_id, adapter in rows.values_list("pk", "channel__adapter"):
        transaction.on_commit(partial(tell_worker, publication_id, adapter))


def _in_batches(documents: QuerySet[PublishedListing], channel: Channel) -> None:
    small = documents.defer("card", "detail", "search_words").order_by("pk")
    last = 0
    while True:
        with transaction.atomic():
            _stand_in_line()
            batch = list(small.filter(pk__gt=last)[:BATCH])
            write_wishes(batch, [channel])
        if not batch:
            return
        last = batch[-1].pk


def _choices(
    documents: Sequence[PublishedListing], channels: Sequence[Channel]
) -> dict[tuple[int, int | None], Choice]:
    rows = Choice.objects.filter(
        channel_id__in=[channel.pk for channel in channels],
        listing_id__in=[document.listing_id for document in documents if document.listing_id],
    )
    return {(row.channel_id, row.listing_id): row for row in rows}


def _stand_in_line() -> None:
    """Waits for those who write documents, and holds them up until the commit.

    A listing that is being withdrawn right now must not get a wish from what it was a moment ago; and two who lock
    many publications in different orders would wait for each other.
    """
    Version.objects.select_for_update().filter(pk=Version.Of.CATALOGUE).first()
