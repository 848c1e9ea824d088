"""What a machine sees before a moderator looks: said to the dealer before he submits, and to the moderator.

Checks warn; they refuse nothing. A moderator knows more than they do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.permissions import policy_registry

from cms.images.duplicates import find_similar
from cms.users.models import User
from listings.models import InventorySettings, Listing, ListingPhoto
from listings.vin import check_digit_fits
from listings.vocabulary import SaleState

from .market import Market, market_price

ENOUGH_PHOTOS = 5
PHONE = re.compile(r"(?<!\d)(?:\+?\s*375|8\s*[-(]?\s*0?\d{2}|80\d{2})(?:[\s().\-–]*\d){6,9}(?!\d)")
"""Belarusian numbers, however they are spaced out."""
LINK = re.compile(
    r"https?://|www\.|\bt\.me/|\bvk\.com|\bwa\.me|(?<![\w.])@[a-z]\w{3,}|\b[\w-]+\.(?:by|ru|com|net|org|me|info)\b",
    re.I,
)


@dataclass(frozen=True)
class Check:
    """One finding. `cars`: other listings that it is about."""

    code: str
    text: str
    cars: tuple[Listing, ...] = ()


def checks(listing: Listing, market: Market | None) -> list[Check]:
    """Of the content in memory: a draft before it is submitted, or what waits for the moderator."""
    return [found for check in CHECKS for found in check(listing, market)]


def checks_with_market(listing: Listing, user: User) -> tuple[list[Check], Market | None]:
    """For a person: a car that is not his to see is not named."""
    market = market_price(listing) if listing.model_id and listing.year else None
    return _for_eyes_of(user, checks(listing, market)), market


def _for_eyes_of(user: User, found: list[Check]) -> list[Check]:
    rows = policy_registry.get_by_type(Listing).instances_user_has_any_permission_for(user, ("view", "change"))
    ids = [car.pk for check in found for car in check.cars]
    visible = set(rows.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    shown = []
    for check in found:
        cars = tuple(car for car in check.cars if car.pk in visible)
        elsewhere = _("It is another dealer's.") if check.cars and not cars else ""
        shown.append(replace(check, text=f"{check.text} {elsewhere}".strip(), cars=cars))
    return shown


def _photos(listing: Listing, market: Market | None) -> Iterator[Check]:
    count = len(listing.photos.all())
    if not count:
        yield Check("no_photos", _("There is no photo: hardly anybody opens such a car."))
    elif count < ENOUGH_PHOTOS:
        words = ngettext("Only %d photo: buyers expect more.", "Only %d photos: buyers expect more.", count)
        yield Check("few_photos", words % count)


def _price(listing: Listing, market: Market | None) -> Iterator[Check]:
    limit = InventorySettings.load().market_deviation_percent
    if market is None or not limit:
        return
    deviation = market.deviation(listing.price_byn)
    if abs(deviation) > limit:
        words = (
            _("The price is %(percent)d %% below similar cars. Is it right?")
            if deviation < 0
            else _("The price is %(percent)d %% above similar cars. Is it right?")
        )
        yield Check("price", words % {"percent": abs(deviation)})


def _contacts(listing: Listing, market: Market | None) -> Iterator[Check]:
    for text in (strip_tags(listing.text.replace("<", " <")), listing.title, listing.contact_name):
        phone, link = PHONE.search(text), LINK.search(text)
        if phone:
            yield Check("phone", _("There is a phone number in the text: “%s”.") % phone.group().strip())
        if link:
            yield Check("link", _("There is a link or an address in the text: “%s”.") % _around(text, link))


def _vin(listing: Listing, market: Market | None) -> Iterator[Check]:
    if not listing.vin:
        return
    if not check_digit_fits(listing.vin):
        yield Check("vin_digit", _("The check digit of the VIN does not fit. European cars often have none."))
    others = Listing.objects.filter(vin=listing.vin, archived_at__isnull=True).exclude(pk=listing.pk)
    same = tuple(others.exclude(sale_state=SaleState.SOLD).select_related("dealer")[:3])
    if same:
        yield Check("vin", _("Another car has the same VIN."), same)


def _doubles(listing: Listing, market: Market | None) -> Iterator[Check]:
    images = [photo.image for photo in listing.photos.all()]
    similar = {pk for others in find_similar(images).values() for pk in others} | {image.pk for image in images}
    rows = ListingPhoto.objects.filter(image__in=similar).exclude(listing=listing.pk)
    cars = Listing.objects.filter(pk__in=rows.values("listing"), archived_at__isnull=True)
    found = tuple(cars.select_related("dealer")[:3]) if images else ()
    if found:
        yield Check("photo", _("Another car shows the same photo."), found)


CHECKS: tuple[Callable[[Listing, Market | None], Iterator[Check]], ...] = (_photos, _price, _contacts, _vin, _doubles)


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 5) : match.end() + 20].strip()
