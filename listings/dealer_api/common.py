"""What the routes of the dealers' API share: answers, and the caller's own cars by their keys."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema

from cms.http import json_response, problem
from listings.models import Listing
from listings.permissions import own_rows
from listings.schemas import Problem
from listings.vocabulary import SaleState

from .auth import token_of

REFUSED = {401: Problem, 403: Problem, 429: Problem}
"""What every route of tokens may answer besides its own."""
MAX_ID = 2**63 - 1


def reply(schema: type[Schema], data: Mapping[str, Any], status: int = 200) -> HttpResponse:
    response = json_response(schema.model_validate(data).model_dump_json(), cache_control="no-store")
    response.status_code = status
    return response


def invalid(errors: Sequence[Mapping[str, str]]) -> HttpResponse:
    """422; `errors` with pointers into the body and messages."""
    by_pointer: dict[str, list[str]] = {}
    for error in errors:
        by_pointer.setdefault(error["pointer"], []).append(error["message"])
    return problem(422, _("Something in the request is wrong"), errors=by_pointer)


def refused(reason: str) -> HttpResponse:
    return problem(409, _("This cannot be done"), detail=reason)


def own_cars(request: HttpRequest) -> QuerySet[Listing]:
    """The cars of the token's dealer that its member may see."""
    found: QuerySet[Listing] = Listing.objects.filter(own_rows(request.user), dealer=token_of(request).dealer)
    return found


def own_car(request: HttpRequest, key: str) -> Listing:
    """By the number in the dealer's system, or by `id:`, `uuid:` and `vin:` with what follows. Raises Http404."""
    kind, _colon, value = key.partition(":")
    cars = own_cars(request)
    if kind == "id" and _is_id(value):
        found = cars.filter(pk=int(value)).first()
    elif kind == "uuid" and _is_uuid(value):
        found = cars.filter(uuid=value).first()
    elif kind == "vin" and value:
        found = by_vin(cars, [value]).get(value.upper())
    else:
        found = cars.filter(external_id=key).first() if key.isprintable() else None
    if found is None:
        raise Http404
    return found


def by_vin(cars: QuerySet[Listing], vins: Sequence[str]) -> dict[str, Listing]:
    """Of several with one VIN the one on sale; of those that were sold or archived the newest."""
    found: dict[str, Listing] = {}
    wanted = [vin.upper() for vin in vins]
    for listing in cars.filter(~Q(vin=""), vin__in=wanted).order_by("pk"):
        active = listing.archived_at is None and listing.sale_state != SaleState.SOLD
        known = found.get(listing.vin)
        if active or known is None or known.archived_at is not None or known.sale_state == SaleState.SOLD:
            found[listing.vin] = listing
    return found


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


def _is_uuid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
