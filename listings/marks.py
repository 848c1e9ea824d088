"""Keeps what dealers' programs follow: which of their cars have changed or gone, in an order that loses nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import Dealer, Listing, ListingMark, Version
from .vocabulary import Removal


@dataclass(frozen=True, order=True)
class Place:
    """A place in a dealer's list of changes: what stands behind it has not been read yet."""

    number: int = 0
    listing_id: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{self.listing_id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError."""
        number, _, listing_id = text.partition(".")
        if not (number.isascii() and number.isdigit() and listing_id.isascii() and listing_id.isdigit()):
            raise ValueError(text)
        if len(text) > 36:
            raise ValueError(text)
        return cls(int(number), int(listing_id))


def mark(listing_ids: Iterable[int]) -> None:
    """These cars have changed. Belongs into the transaction of the change; three queries for any number of cars."""
    now = timezone.now()
    rows = Listing.objects.filter(pk__in=set(listing_ids)).order_by("pk").values_list("pk", "dealer_id")
    dealers = dict(rows)
    ListingMark.objects.bulk_create(
        [ListingMark(dealer_id=dealer_id, listing_id=pk, at=now) for pk, dealer_id in dealers.items()],
        update_conflicts=True,
        unique_fields=["dealer", "listing_id"],
        update_fields=["number", "at", "removed"],
    )
    elsewhere = ListingMark.objects.filter(listing_id__in=dealers, removed="").values_list("listing_id", "dealer_id")
    moved = [pk for pk, dealer_id in elsewhere if dealers[pk] != dealer_id]
    if moved:
        for listing in Listing.objects.filter(pk__in=moved):
            stale = ListingMark.objects.filter(listing_id=listing.pk).exclude(dealer_id=listing.dealer_id)
            _mark_removed(listing, Removal.MOVED, stale)


def mark_deleted(listing: Listing) -> None:
    """The car is about to be deleted."""
    marks = ListingMark.objects.filter(listing_id=listing.pk)
    if not marks.exists():
        # Nobody has heard of it yet, unless somebody has read the list before marks were kept.
        dealer_id = Listing.objects.filter(pk=listing.pk).values_list("dealer_id", flat=True).first()
        if dealer_id is None:
            return
        ListingMark.objects.create(dealer_id=dealer_id, listing_id=listing.pk)
    _mark_removed(listing, Removal.DELETED, marks)


def mark_all(dealer: Dealer) -> None:
    """For cars that have not changed since marks are kept: whoever begins to follow is told of all cars."""
    known = ListingMark.objects.filter(dealer=dealer).values("listing_id")
    ids = dealer.listings.exclude(pk__in=known).values_list("pk", flat=True)
    ListingMark.objects.bulk_create(
        [ListingMark(dealer=dealer, listing_id=pk) for pk in ids], ignore_conflicts=True, batch_size=5_000
    )


def changes_since(
    dealer: Dealer, place: Place, limit: int, *, at: datetime | None = None
) -> tuple[Sequence[ListingMark], bool]:
    """The next changes behind a place, oldest first, and whether there are more. `at`: none that is older."""
    if place == Place():
        mark_all(dealer)
    give_numbers(dealer)
    behind = Q(number__gt=place.number) | Q(number=place.number, listing_id__gt=place.listing_id)
    found = ListingMark.objects.filter(behind, dealer=dealer, number__isnull=False)
    if at is not None:
        found = found.filter(at__gte=at)
    rows = list(found.order_by("number", "listing_id")[: limit + 1])
    return rows[:limit], len(rows) > limit


def give_numbers(dealer: Dealer) -> None:
    """Numbers the marks that are committed and have none. One reader at a time; no writer waits for it long."""
    if not ListingMark.objects.filter(dealer=dealer, number=None).exists():
        return
    with transaction.atomic():
        number = Version.take_next(f"dealer {dealer.pk}")
        # A mark that somebody is writing again at this moment gets its number when that is committed.
        waiting = ListingMark.objects.filter(dealer=dealer, number=None).select_for_update(skip_locked=True)
        ids = list(waiting.values_list("pk", flat=True))
        ListingMark.objects.filter(pk__in=ids).update(number=number)


def _mark_removed(listing: Listing, removal: Removal, marks: QuerySet[ListingMark]) -> None:
    marks.update(
        number=None,
        at=timezone.now(),
        removed=removal,
        uuid=listing.uuid,
        external_id=listing.external_id,
        vin=listing.vin,
    )
