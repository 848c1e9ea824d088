"""How complete a listing is, and what to add next: what buyers look at first weighs most."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from .models import Listing
from .vocabulary import Condition, Fuel

GOOD_PHOTOS = 8
GOOD_TEXT = 150
"""Characters of a description that says something."""


@dataclass(frozen=True)
class Completeness:
    """`score` of 100; `advice`: what to add, the most valuable first."""

    score: int
    advice: list[Promise]


def completeness(listing: Listing) -> Completeness:
    """Reads photos and equipment of the object: prefetch them for many."""
    photos, equipment = len(listing.photos.all()), len(listing.equipment.all())
    electric = listing.fuel == Fuel.ELECTRIC
    parts = [
        (35, min(photos / GOOD_PHOTOS, 1), _("Add photos: 8 and more, inside too.")),
        (15, min(len(strip_tags(listing.text)) / GOOD_TEXT, 1), _("Describe the car in a few sentences.")),
        (10, float(bool(listing.vin)), _("Add the VIN: buyers check it.")),
        (10, min(equipment / 5, 1), _("Tick the equipment.")),
        (8, float(bool(listing.generation_id)), _("Choose the generation.")),
        (7, float(bool(listing.power_hp)), _("Add the power.")),
        (7, float(bool(listing.range_km if electric else listing.engine_cc)),
         _("Add the range on one charge.") if electric else _("Add the engine's size.")),
        (4, float(bool(listing.owners or listing.condition == Condition.NEW)), _("Say how many owners there were.")),
        (4, float(bool(listing.payment_types.all())), _("Say how the car can be paid.")),
    ]  # fmt: skip
    missing = sorted(
        ((weight * (1 - share), text) for weight, share, text in parts if share < 1), key=lambda part: -part[0]
    )
    return Completeness(100 - round(sum(loss for loss, _text in missing)), [text for _loss, text in missing])
