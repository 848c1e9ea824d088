"""The JSON of a listing: its card for lists and its detail for the car's page.

Pure: takes a listing (saved or a draft in memory) and returns dicts of codes, numbers and the dealer's own words.
"""

import re
from collections import defaultdict
from typing import Any

from django.utils import timezone
from wagtail.rich_text import expand_db_html

from cms.images.renditions import photo_document
from listings.models import Listing
from listings.rates import Rates, from_byn, to_byn
from listings.validators import video_id
from listings.vocabulary import Currency

EDITOR_MARKS = re.compile(r' data-block-key="[^"]*"')
VISIBLE_VIN = 4
"""The last characters of a VIN that visitors see: enough to compare, too few to clone a car's papers."""


def card_payload(listing: Listing, photos: list[dict[str, Any]], rates: Rates) -> dict[str, Any]:
    generation, trim = listing.generation, listing.trim
    return {
        "uuid": str(listing.uuid),
        "slug": listing.slug,
        "path": f"/cars/{listing.slug}",
        "title": listing.title,
        "make": {"slug": listing.make.slug, "name": listing.make.name},
        "model": {"slug": listing.model.slug, "name": listing.model.name},
        "generation": {"slug": generation.slug, "name": generation.name} if generation else None,
        "trim": trim.name if trim else None,
        "year": listing.year,
        "mileage_km": listing.mileage_km,
        "condition": listing.condition,
        "fuel": listing.fuel,
        "engine_cc": listing.engine_cc,
        "power_hp": listing.power_hp,
        "battery_kwh": float(listing.battery_kwh) if listing.battery_kwh is not None else None,
        "range_km": listing.range_km,
        "gearbox": listing.gearbox,
        "drive": listing.drive,
        "body": listing.body,
        "color": listing.color,
        "price": _price(listing, rates),
        "vat": listing.vat,
        "exchange": listing.exchange,
        "leasing": listing.leasing,
        "city": {"slug": listing.city.slug, "name": listing.city.name, "oblast": listing.city.oblast},
        "dealer": {"slug": listing.dealer.slug, "name": listing.dealer.name},
        "sale_state": listing.sale_state,
        "photo": photos[0] if photos else None,
        "photos_count": len(photos),
        "published_at": (listing.first_published_at or timezone.now()).isoformat(timespec="seconds"),
    }


def detail_payload(listing: Listing, card: dict[str, Any], photos: list[dict[str, Any]]) -> dict[str, Any]:
    dealer = listing.dealer
    return card | {
        "photos": photos,
        "vin_masked": mask_vin(listing.vin),
        "owners": listing.owners,
        "customs_cleared": listing.customs_cleared,
        "registration_country": listing.registration_country,
        "payment_types": [item.code for item in listing.payment_types.all()],
        "equipment": _equipment(listing),
        "video": _video(listing.video_url),
        "contact": {"name": listing.contact_name, "phone": listing.contact_phone or dealer.phone},
        "dealer": {
            "slug": dealer.slug,
            "name": dealer.name,
            "phone": dealer.phone,
            "address": dealer.address,
            "hours": dealer.hours,
            "city": dealer.city.name,
            "latitude": dealer.latitude,
            "longitude": dealer.longitude,
        },
        "text_html": _html(listing.text),
        "updated_at": (listing.last_published_at or timezone.now()).isoformat(timespec="seconds"),
    }


def photo_payloads(listing: Listing) -> list[dict[str, Any]]:
    return [
        photo_document(photo.image, alt=f"{listing.title}, {listing.year}")
        for photo in sorted(listing.photos.all(), key=lambda photo: photo.sort_order or 0)
    ]


def _price(listing: Listing, rates: Rates) -> dict[str, Any]:
    """The seller's price, and the same by the last rates in every currency; 0 while a currency has no rate."""
    byn = to_byn(listing.price, listing.currency, rates)
    others = {
        code.lower(): listing.price if code == listing.currency else from_byn(byn, code, rates) or 0
        for code in (Currency.USD.value, Currency.EUR.value)
    }
    old = listing.old_price
    return {
        "amount": listing.price,
        "currency": listing.currency,
        "byn": byn,
        **others,
        "old_byn": to_byn(old, listing.currency, rates) if old else None,
    }


def mask_vin(vin: str) -> str:
    return "•" * (len(vin) - VISIBLE_VIN) + vin[-VISIBLE_VIN:] if vin else ""


def _equipment(listing: Listing) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = defaultdict(list)
    items = sorted(listing.equipment.all(), key=lambda item: (item.group.position, item.position))
    for item in items:
        groups[item.group.code].append(item.code)
    return [{"group": group, "items": codes} for group, codes in groups.items()]


def _html(text: str) -> str:
    """Links resolved, the editor's own marks removed."""
    return EDITOR_MARKS.sub("", expand_db_html(text)) if text else ""


def _video(url: str) -> dict[str, str] | None:
    found = video_id(url) if url else None
    # The no-cookie host sets no cookie before the visitor presses play.
    return {"url": url, "embed_url": f"https://www.youtube-nocookie.com/embed/{found}"} if found else None
