"""Mass changes: one wish for up to 1,000 cars, or one for each; and the verbs for a single car."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cms.users.models import User
from listings.channels import channels_for
from listings.exchange.errors import CellError
from listings.exchange.reference import Names
from listings.mass import MODERATORS_ACTS, Act, Wish, carry_out
from listings.models import City, Listing
from listings.schemas import Problem
from listings.vocabulary import Scope

from .auth import Bearer, require_scope, token_of
from .common import MAX_ID, REFUSED, by_vin, own_car, own_cars, refused, reply
from .idempotency import HEADER, idempotent
from .own import own_listing
from .routes import router
from .schemas import BulkIn, BulkItem, BulkResults, Comment, OwnListing

PRICES = ("price", "price_percent", "price_amount")
KEYS = ("id", "external_id", "vin")
OPERATION = ("action", "comment", "city", "add_channels", "remove_channels")


class ItemError(ValueError):
    """What is wrong with one item: the field, and why in words."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


@dataclass
class Line:
    """One item on its way: the car that it means, and what is wrong with it."""

    item: BulkItem
    listing: Listing | None = None
    errors: list[dict[str, str]] = field(default_factory=list)


@router.post(
    "/listings/bulk",
    auth=Bearer(Scope.LISTINGS_WRITE),
    response={200: BulkResults, 409: Problem, 413: Problem, 422: Problem, **REFUSED},
    openapi_extra={"parameters": [HEADER]},
    summary="Change up to 1,000 cars at once",
)
@idempotent
def bulk(request: HttpRequest, body: BulkIn) -> HttpResponse:
    """Status, price, city and channels of your cars, each named by `id`, `external_id` or `vin`.

    A car gets all that is wished for it, or nothing. Answers 200 with a result for each item, refused ones too.
    Approving, returning and publishing take the scope `listings:moderate` as well.
    """
    acts = {body.action, *(item.action for item in body.items)}
    if acts.intersection(MODERATORS_ACTS):
        require_scope(token_of(request), Scope.LISTINGS_MODERATE)
    lines = [Line(item) for item in body.items]
    _find(request, lines)
    wishes = _wishes(request, body, lines)
    broken = any(line.errors for line in lines)
    together = body.mode == "all"
    if not (together and broken):
        _carry_out(lines, wishes, _user(request), together=together, dry_run=body.dry_run)
    return reply(BulkResults, _results(lines, body.dry_run, together))


@router.post(
    "/dealer/listings/{key}/actions/{action}",
    auth=Bearer(Scope.LISTINGS_WRITE),
    response={200: OwnListing, 404: Problem, 409: Problem, 422: Problem, **REFUSED},
    openapi_extra={"parameters": [HEADER]},
    summary="Submit, approve, return, archive, reserve, sell, …",
)
@idempotent
def act(request: HttpRequest, key: str, action: Act, body: Comment) -> HttpResponse:
    """One act on one car. 409 says why it cannot be done: the car's state, or who may do it."""
    if action in MODERATORS_ACTS:
        require_scope(token_of(request), Scope.LISTINGS_MODERATE)
    listing = own_car(request, key)
    found = carry_out({listing.pk: Wish(act=action, comment=body.comment)}, _user(request))
    if found:
        return refused(found[listing.pk])
    return reply(OwnListing, own_listing(listing.pk))


def _user(request: HttpRequest) -> User:
    return token_of(request).user


def _find(request: HttpRequest, lines: Sequence[Line]) -> None:
    """Finds the cars of all items with three queries. A foreign car is not there."""
    cars = own_cars(request)
    ids = [line.item.id for line in lines if line.item.id is not None and 0 < line.item.id <= MAX_ID]
    external = [line.item.external_id for line in lines if line.item.external_id]
    known: dict[tuple[str, Any], Listing] = {("id", car.pk): car for car in cars.filter(pk__in=ids)}
    known |= {("external_id", car.external_id): car for car in cars.filter(external_id__in=external)}
    known |= {
        ("vin", vin): car for vin, car in by_vin(cars, [line.item.vin for line in lines if line.item.vin]).items()
    }
    seen: dict[int, int] = {}
    for index, line in enumerate(lines):
        named = [name for name in KEYS if getattr(line.item, name) not in (None, "")]
        if len(named) != 1:
            line.errors.append({"pointer": "", "message": _("Name the car by one of id, external_id and vin.")})
            continue
        value = getattr(line.item, named[0])
        line.listing = known.get((named[0], value.upper() if named[0] == "vin" else value))
        if line.listing is None:
            line.errors.append({"pointer": f"/{named[0]}", "message": _("There is no such car.")})
        elif seen.setdefault(line.listing.pk, index) != index:
            message = _("The same car as item %d: name it once.") % seen[line.listing.pk]
            line.errors.append({"pointer": f"/{named[0]}", "message": message})


def _wishes(request: HttpRequest, body: BulkIn, lines: Sequence[Line]) -> dict[int, Wish]:
    """By listing id. What cannot be understood becomes an error of its item."""
    reader = _Reader(body, [token_of(request).dealer.pk])
    wishes = {}
    for line in lines:
        if line.errors or line.listing is None:
            continue
        try:
            wishes[line.listing.pk] = reader.wish(line.item)
        except ItemError as error:
            line.errors.append({"pointer": error.name and f"/{error.name}", "message": error.message})
    return wishes


class _Reader:
    """Makes wishes of items: looks names up once for all of them."""

    def __init__(self, body: BulkIn, dealer_ids: list[int]) -> None:
        self.body = body
        parts = [body, *body.items]
        self.cities = Names(City.objects.all()) if any(part.city for part in parts) else None
        wanted = any(part.add_channels or part.remove_channels for part in parts)
        self.channels: dict[str, str] = {}
        for channel in channels_for(dealer_ids) if wanted else ():
            self.channels |= {channel.name.casefold(): channel.key, channel.key: channel.key}

    def wish(self, item: BulkItem) -> Wish:
        given = {name: self._value(item, name) for name in OPERATION}
        prices = self._prices(item)
        wish = Wish(
            act=given["action"],
            comment=given["comment"],
            price=prices["price"],
            percent=prices["price_percent"],
            amount=prices["price_amount"],
            city=self._city(given["city"]),
            into=self._channels("add_channels", given["add_channels"]),
            out_of=self._channels("remove_channels", given["remove_channels"]),
        )
        if not wish.steps:
            raise ItemError("", _("Say what to do: an action, a price, a city or a channel."))
        return wish

    def _value(self, item: BulkItem, name: str) -> Any:
        return getattr(item if name in item.model_fields_set else self.body, name)

    def _prices(self, item: BulkItem) -> dict[str, Any]:
        """An item that names any kind of price has said all about it."""
        part = item if item.model_fields_set.intersection(PRICES) else self.body
        found = {name: getattr(part, name) for name in PRICES}
        named = [name for name in PRICES if found[name] is not None]
        if len(named) > 1:
            raise ItemError(named[1], _("Of price, price_percent and price_amount give only one."))
        return found

    def _city(self, name: str | None) -> City | None:
        if not name or self.cities is None:
            return None
        try:
            city: City = self.cities.find("city", name, None, _("There is no such city in the reference data."))
        except CellError as error:
            raise ItemError("city", error.reason) from error
        return city

    def _channels(self, field_name: str, names: list[str]) -> frozenset[str]:
        unknown = [name for name in names if name.casefold() not in self.channels]
        if unknown:
            raise ItemError(field_name, _("You have no such channel: %s.") % ", ".join(unknown))
        return frozenset(self.channels[name.casefold()] for name in names)


def _carry_out(lines: Sequence[Line], wishes: dict[int, Wish], user: User, *, together: bool, dry_run: bool) -> None:
    found = carry_out(wishes, user, together=together, dry_run=dry_run)
    for line in lines:
        if not line.errors and line.listing is not None and line.listing.pk in found:
            line.errors.append({"pointer": "", "message": found[line.listing.pk]})


def _results(lines: Sequence[Line], dry_run: bool, together: bool) -> dict[str, Any]:
    if together and any(line.errors for line in lines):
        for line in lines:
            message = _("Nothing was done, because other cars of the request are refused.")
            line.errors = line.errors or [{"pointer": "", "message": message}]
    results = [
        {
            "index": index,
            "id": line.listing.pk if line.listing else line.item.id,
            "external_id": (line.listing.external_id if line.listing else line.item.external_id) or None,
            "outcome": "refused" if line.errors else "done",
            "errors": [{**error, "pointer": f"/items/{index}{error['pointer']}"} for error in line.errors],
        }
        for index, line in enumerate(lines)
    ]
    number = sum(bool(line.errors) for line in lines)
    return {"dry_run": dry_run, "counts": {"done": len(lines) - number, "refused": number}, "results": results}
