"""Reads: what has changed since the last time, and one car."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query

from cms.http import problem
from listings.marks import Place, changes_since
from listings.models import ListingMark
from listings.schemas import Problem
from listings.vocabulary import Removal, Scope

from .auth import Bearer, token_of
from .common import REFUSED, own_car, own_cars, reply
from .own import own_listing, own_listings
from .routes import router
from .schemas import Changes, OwnListing

MAX_CHANGES = 500


@router.get(
    "/dealer/listings",
    auth=Bearer(Scope.LISTINGS_READ),
    response={200: Changes, 422: Problem, **REFUSED},
    summary="Your cars, and what has changed",
)
def list_own(
    request: HttpRequest,
    cursor: str = Query("", description="From the last answer; without it, from the beginning.", max_length=64),
    updated_since: datetime | None = Query(None, description="Begin with changes from this moment on."),  # noqa: B008
    limit: int = Query(100, ge=1, le=MAX_CHANGES),
) -> HttpResponse:
    """All cars of the dealer, drafts, archived and deleted ones too, those that changed first come first.

    Read until `has_more` is false, keep `cursor`, and go on with it later: nothing is left out, whatever happens
    meanwhile. A car that changes while you read comes once more.
    """
    dealer = token_of(request).dealer
    try:
        place = Place.parse(cursor) if cursor else Place()
    except ValueError:
        error = _("This is no cursor of ours: begin again without one.")
        return problem(422, _("Something in the request is wrong"), errors={"cursor": [error]})
    if updated_since is not None and timezone.is_naive(updated_since):
        updated_since = timezone.make_aware(updated_since)
    marks, more = changes_since(dealer, place, limit, at=updated_since)
    if marks:
        place = Place(marks[-1].number or 0, marks[-1].listing_id)
    data = {"items": _changes(request, marks), "cursor": str(place), "has_more": more}
    return reply(Changes, data)


@router.get(
    "/dealer/listings/{key}",
    auth=Bearer(Scope.LISTINGS_READ),
    response={200: OwnListing, 404: Problem, **REFUSED},
    summary="One of your cars",
)
def get_own(request: HttpRequest, key: str) -> HttpResponse:
    """`key`: the number in your system, or `id:17`, `uuid:…`, `vin:WBAKS410900C12345`."""
    return reply(OwnListing, own_listing(own_car(request, key).pk))


def _changes(request: HttpRequest, marks: Sequence[ListingMark]) -> list[dict[str, Any]]:
    there = own_cars(request).filter(pk__in=[mark.listing_id for mark in marks if not mark.removed])
    listings = own_listings(list(there.values_list("pk", flat=True)))
    return [_change(mark, listings.get(mark.listing_id)) for mark in marks]


def _change(mark: ListingMark, listing: dict[str, Any] | None) -> dict[str, Any]:
    head = {"id": mark.listing_id, "changed_at": mark.at, "listing": listing}
    if listing is None:
        # Gone, or going at this moment: then its mark comes again.
        return head | {
            "uuid": str(mark.uuid or ""),
            "external_id": mark.external_id,
            "vin": mark.vin,
            "removed": mark.removed or Removal.DELETED,
        }
    removed = Removal.ARCHIVED if listing["archived_at"] else None
    keys = {name: listing[name] for name in ("uuid", "external_id", "vin")}
    return head | keys | {"removed": removed}
