"""The document of a listing that may not be complete yet."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from listings.catalogue.documents import preview_payload
from listings.models import Listing

from .registry import PreviewIncompleteError

NEEDED = ("dealer", "make", "model", "city", "year", "mileage_km", "price")
"""Without these there is no card: everything else may be filled in later."""


def listing_document(listing: Listing) -> dict[str, Any]:
    fields = [Listing._meta.get_field(name) for name in NEEDED]
    missing = [field for field in fields if getattr(listing, field.attname) in (None, "")]
    if missing:
        names = ", ".join(capfirst(str(field.verbose_name)) for field in missing)
        raise PreviewIncompleteError(_("Fill in: %(fields)s. Then the car appears here.") % {"fields": names})
    listing.fill_in()
    return preview_payload(listing)
