"""Writes: one car or a thousand, created or changed by your own number."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query

from listings.exchange.states import RowOutcome
from listings.schemas import Problem
from listings.vocabulary import Scope

from .auth import Bearer, token_of
from .common import REFUSED, invalid, refused, reply
from .idempotency import HEADER, idempotent
from .own import own_listing
from .routes import router
from .schemas import CarIn, CarResults, CarsIn, OwnListing
from .upsert import Options, Result, upsert


@router.post(
    "/dealer/listings/batch",
    auth=Bearer(Scope.LISTINGS_WRITE),
    response={200: CarResults, 409: Problem, 413: Problem, 422: Problem, **REFUSED},
    openapi_extra={"parameters": [HEADER]},
    summary="Create or change up to 1,000 cars",
)
@idempotent
def post_batch(request: HttpRequest, cars: CarsIn) -> HttpResponse:
    """Each car by `external_id`, or by `vin` without one. Answers 200 with a result for each, refused ones too."""
    given = [car.model_dump(exclude_unset=True) for car in cars.items]
    options = Options(submit=cars.submit, together=cars.mode == "all", dry_run=cars.dry_run)
    try:
        results = upsert(token_of(request), given, options)
    except IntegrityError:
        return _conflict()
    data = {
        "dry_run": cars.dry_run,
        "counts": {outcome.value: sum(result.outcome == outcome for result in results) for outcome in RowOutcome},
        "results": [_line(index, car, result) for index, (car, result) in enumerate(zip(given, results, strict=True))],
    }
    return reply(CarResults, data)


@router.put(
    "/dealer/listings/{key}",
    auth=Bearer(Scope.LISTINGS_WRITE),
    response={200: OwnListing, 201: OwnListing, 409: Problem, 422: Problem, **REFUSED},
    summary="Create or change a car",
)
def put_car(
    request: HttpRequest,
    key: str,
    car: CarIn,
    submit: bool = Query(False, description="Submit a new car for moderation at once."),
) -> HttpResponse:
    """`key`: the number in your system. 201 if the car is new. Of a published car the public sees the old content
    until a moderator has approved the new one; sending the same again changes nothing.
    """
    given: dict[str, Any] = car.model_dump(exclude_unset=True)
    if given.get("external_id", key) != key:
        message = _("The address names another number.")
        return invalid([{"pointer": "/external_id", "message": message}])
    try:
        (result,) = upsert(token_of(request), [given | {"external_id": key}], Options(submit=submit))
    except IntegrityError:
        return _conflict()
    if result.outcome == RowOutcome.REFUSED or result.listing_id is None:
        return invalid(result.errors)
    return reply(OwnListing, own_listing(result.listing_id), 201 if result.outcome == RowOutcome.CREATE else 200)


def _line(index: int, car: Mapping[str, Any], result: Result) -> dict[str, Any]:
    external_id = car.get("external_id")
    return {
        "index": index,
        "outcome": result.outcome.value,
        "external_id": external_id if isinstance(external_id, str) else None,
        "id": result.listing_id,
        "changes": result.changes,
        "errors": [error | {"pointer": f"/items/{index}{error['pointer']}"} for error in map(dict, result.errors)],
    }


def _conflict() -> HttpResponse:
    return refused(_("Somebody else was writing the same cars at this moment: send the request again."))
