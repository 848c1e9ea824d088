"""Writes published documents: the one door from the write side to everything that the public sees."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from cms.bulk_insert import insert_many
from cms.images.models import CustomImage
from cms.images.renditions import make_card_renditions
from listings.models import Listing, PricePoint, PublishedListing, Version
from listings.rates import Rates, current_rates
from listings.signals import ListingChange, listing_changed
from listings.vocabulary import Oblast

from .payload import card_payload, detail_payload, photo_payloads
from .words import index_words

COPIED = (
    *("fuel", "gearbox", "drive", "body", "color", "condition", "sale_state"),
    *("year", "mileage_km", "engine_cc", "power_hp", "owners"),
    *("vat", "exchange", "leasing", "customs_cleared"),
    *("vin", "uuid", "slug", "title"),
)
"""Columns of a document with the listing's own names and values."""

KEPT = ("id", "listing", "uuid", "slug", "published_at")
"""Columns that never change after the first publishing."""

LABELS = {
    name: dict(Listing._meta.get_field(name).flatchoices)
    for name in ("fuel", "gearbox", "drive", "body", "color", "condition")
}
"""What codes are called, by field: `get_fuel_display` builds this anew for every car."""

UPDATED = [field.name for field in PublishedListing._meta.concrete_fields if field.name not in KEPT]


EMPTIED = [
    *("is_public", "version", "removed_at", "updated_at", "card", "detail", "content_hash", "vin", "search_words"),
]
"""What a withdrawn document loses, and says of it."""


def publish_documents(
    listing_ids: Iterable[int], *, bulk: bool = False, fresh: Sequence[Listing] = ()
) -> list[ListingChange]:
    """Writes the documents of these listings as they stand now, and tells who listens.

    A listing that is not public, or is gone, loses its document's content. Unchanged documents are left alone.
    One transaction, a constant number of queries for any number of ids. `fresh`: the listings themselves, just
    created in this transaction; there is nothing to read about them.
    """
    ids = list(listing_ids)
    # Drawing pictures takes its time: before the lock, or every other publisher would wait for it.
    for image in CustomImage.objects.filter(
        listing_photos__listing__in=ids, renditions_at__isnull=True
    ).prefetch_related("renditions"):
        make_card_renditions(image)
    with transaction.atomic():
        # The number is taken first: its row lock puts concurrent writers of documents in one line.
        version = Version.take_next(Version.Of.CATALOGUE)
        known: dict[int, PublishedListing] = {}
        if fresh:
            _complete(fresh)
            listings = {item.pk: item for item in fresh}
        else:
            listings = {item.pk: item for item in Listing.objects.public().with_document_parts().filter(pk__in=ids)}
            known = {item.listing_id or 0: item for item in PublishedListing.objects.filter(listing__in=ids)}
        changes = _write(build_documents(list(listings.values()), version=version), known, bulk=bulk)
        changes += _remove([known[pk] for pk in ids if pk in known and pk not in listings], version, bulk=bulk)
        _keep_price_history(listings)
        if changes:
            listing_changed.send(sender=PublishedListing, changes=changes)
    return changes


def _complete(listings: Sequence[Listing]) -> None:
    """What `with_document_parts` reads, for listings in memory: only what they do not have yet."""
    prefetch_related_objects(listings, "dealer__city", "make", "model", "generation", "trim", "city")
    prefetch_related_objects([item for listing in listings for item in listing.equipment.all()], "group")
    prefetch_related_objects([photo for listing in listings for photo in listing.photos.all()], "image__renditions")


def remove_documents(documents: Sequence[PublishedListing]) -> None:
    """Withdraws documents whose listings are being deleted."""
    with transaction.atomic():
        changes = _remove(documents, Version.take_next(Version.Of.CATALOGUE), bulk=False)
        if changes:
            listing_changed.send(sender=PublishedListing, changes=changes)


def build_documents(listings: Sequence[Listing], *, version: int) -> list[PublishedListing]:
    """Unsaved documents of the listings. Makes missing card renditions; nothing else is written."""
    rates = current_rates()
    with override("ru"):
        return [_build(listing, version, rates) for listing in listings]


def preview_payload(listing: Listing) -> dict[str, Any]:
    """The detail of a draft in memory, exactly as it would be published."""
    photos = photo_payloads(listing)
    return detail_payload(listing, card_payload(listing, photos, current_rates()), photos)


def _build(listing: Listing, version: int, rates: Rates) -> PublishedListing:
    photos = photo_payloads(listing)
    card = card_payload(listing, photos, rates)
    detail = detail_payload(listing, card, photos)
    text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"))
    now = timezone.now()
    return PublishedListing(
        listing=listing,
        is_public=True,
        version=version,
        content_hash=_content_hash(detail, listing.vin),
        card=json.dumps(card, ensure_ascii=False, separators=(",", ":")),
        detail=text,
        search_words=index_words(_searchable(listing)),
        make=listing.make.slug,
        model=listing.model.slug,
        generation=listing.generation.slug if listing.generation else "",
        city=listing.city.slug,
        oblast=listing.city.oblast,
        dealer=listing.dealer.slug,
        price_byn=card["price"]["byn"],
        price_usd=card["price"]["usd"],
        price_eur=card["price"]["eur"],
        has_photo=bool(photos),
        payment_types=" ".join(detail["payment_types"]),
        equipment=" ".join(code for group in detail["equipment"] for code in group["items"]),
        published_at=listing.first_published_at or now,
        updated_at=now,
        **{name: getattr(listing, name) for name in COPIED},
    )


def _write(fresh: list[PublishedListing], known: dict[int, PublishedListing], *, bulk: bool) -> list[ListingChange]:
    """Saves what is new or different; returns the changes."""
    added, changed, changes = [], [], []
    for document in fresh:
        before = known.get(document.listing_id or 0)
        if before is None:
            added.append(document)
        elif before.content_hash != document.content_hash or not before.is_public:
            document.pk, document.published_at = before.pk, before.published_at
            changed.append(document)
        else:
            continue
        changes.append(ListingChange("updated" if before and before.is_public else "published", document, bulk))
    insert_many(PublishedListing, added)
    _update(changed, UPDATED)
    return changes


def _keep_price_history(listings: dict[int, Listing]) -> None:
    """A point for every public price that is not the last one known."""
    newest = PricePoint.objects.filter(listing=OuterRef("listing")).order_by("-at", "-pk").values("pk")[:1]
    last = {
        point.listing_id: (point.price, point.currency)
        for point in PricePoint.objects.filter(listing__in=listings, pk=Subquery(newest))
    }
    insert_many(
        PricePoint,
        (
            PricePoint(listing=item, price=item.price, currency=item.currency, price_byn=item.price_byn)
            for item in listings.values()
            if last.get(item.pk) != (item.price, item.currency)
        ),
    )


def _remove(documents: Sequence[PublishedListing], version: int, *, bulk: bool) -> list[ListingChange]:
    """Empties the documents: the address is remembered, the content is gone from every reader."""
    public = [document for document in documents if document.is_public]
    now = timezone.now()
    for document in public:
        document.is_public, document.version, document.removed_at, document.updated_at = False, version, now, now
        document.card = document.detail = "{}"
        document.content_hash = document.vin = document.search_words = ""
    _update(public, EMPTIED)
    return [ListingChange("removed", document, bulk) for document in public]


def _update(documents: Sequence[PublishedListing], columns: list[str]) -> None:
    """One statement of plain values: `bulk_update` writes a CASE of all rows for every column."""
    PublishedListing.objects.bulk_create(documents, update_conflicts=True, unique_fields=["id"], update_fields=columns)


def _content_hash(detail: dict[str, Any], vin: str) -> str:
    """Changes with anything that a reader could see; not with the time of publishing alone."""
    seen = {name: value for name, value in detail.items() if name != "updated_at"}
    return hashlib.sha256(json.dumps([seen, vin], sort_keys=True).encode()).hexdigest()


def _searchable(listing: Listing) -> list[str]:
    """All texts by whose words a visitor finds the car. Labels in the active language (Russian)."""
    labels = [choices[getattr(listing, name)] for name, choices in LABELS.items() if getattr(listing, name)]
    return [
        listing.title,
        str(listing.year),
        *listing.make.words(),
        *listing.model.words(),
        listing.generation.name if listing.generation else "",
        listing.trim.name if listing.trim else "",
        listing.city.name,
        str(Oblast(listing.city.oblast).label),
        listing.dealer.name,
        f"{listing.engine_cc / 1000:.1f}" if listing.engine_cc else "",
        *(str(label) for label in labels),
        *(item.name for item in listing.equipment.all()),
        strip_tags(listing.text.replace("<", " <")),
        listing.stock_number,
    ]
