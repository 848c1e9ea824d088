"""How a car becomes what a partner's API wants: a contract as JSON, entered in the channel and checked here.

Fields of our document go to places in the platform's JSON; codes are exchanged; places in its answers say what
number and address the ad has got. docs/adapters/avby_push.md explains every part with an example.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self
from urllib.parse import urljoin

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import InvalidPayload
from .explaining import explained
from .photos import document_photos
from .text import plain_text

LONGEST = 20_000
PHOTO_LIMIT = 40
Scalar = str | int | float | bool
Place = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,9}$", max_length=200)]
"""Names with dots between them: price.amount. In answers a number is a place in a list: items.0.id."""
Path = Annotated[str, Field(pattern=r"^/[!-~]*$", max_length=300)]
"""Below the API's address; {id} is the ad's number there, {uuid} the car's number here."""
Status = Annotated[int, Field(ge=300, le=599)]

SOURCES: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "uuid": lambda car, site: car["uuid"],
    "url": lambda car, site: f"{site}{car['path']}",
    "title": lambda car, site: car["title"],
    "make": lambda car, site: car["make"]["name"],
    "model": lambda car, site: car["model"]["name"],
    "generation": lambda car, site: (car.get("generation") or {}).get("name"),
    "city": lambda car, site: car["city"]["name"],
    "price.byn": lambda car, site: car["price"]["byn"],
    "price.usd": lambda car, site: car["price"].get("usd") or None,
    "price.eur": lambda car, site: car["price"].get("eur") or None,
    "contact.name": lambda car, site: car["contact"].get("name"),
    "contact.phone": lambda car, site: car["contact"]["phone"],
    "dealer.name": lambda car, site: car["dealer"]["name"],
    "dealer.address": lambda car, site: car["dealer"].get("address"),
    "text": lambda car, site: plain_text(car.get("text_html", "")),
    "photos": lambda car, site: [urljoin(f"{site}/", p.url) for p in document_photos(car, PHOTO_LIMIT)],
}
SAME = (
    *("trim", "vin", "year", "mileage_km", "condition", "fuel", "engine_cc", "power_hp", "battery_kwh", "gearbox"),
    *("drive", "body", "color", "owners", "customs_cleared", "exchange", "leasing", "vat", "sale_state"),
)
"""Fields that a document has under the same name."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Authorization(Part):
    header: str = Field("Authorization", pattern=r"^[A-Za-z0-9-]{1,60}$")
    prefix: str = Field("Bearer ", pattern=r"^[!-~]*[ ]?$", max_length=40)


class Call(Part):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Path
    body: dict[str, Scalar] | None = None
    """Of calls that do not carry the car."""


class Search(Part):
    """A way to ask whether the car is there."""

    path: Path
    id: Place
    address: Place | None = None


class Statuses(Part):
    """What refusals mean. Any 2xx is success, any 5xx says nothing."""

    auth: tuple[Status, ...] = (401, 403)
    invalid: tuple[Status, ...] = (400, 409, 422)
    rate_limited: tuple[Status, ...] = (429,)
    gone: tuple[Status, ...] = (404, 410)


class FieldRule(Part):
    """One place of the platform's JSON: a field of ours, or always the same value."""

    target: Place
    source: str | None = None
    constant: Scalar | None = None
    values: dict[str, Scalar] | None = None
    """Codes of ours and what the platform calls them."""
    required: bool = False

    @model_validator(mode="after")
    def _says_where_from(self) -> Self:
        if (self.source is None) == (self.constant is None):
            raise ValueError("either source or constant")
        if self.source is not None and self.source not in SOURCES and self.source not in SAME:
            raise ValueError(f"source is one of {', '.join(sorted({*SOURCES, *SAME}))}")
        return self


class PushMapping(Part):
    authorization: Authorization = Authorization()
    create: Call
    update: Call
    withdraw: Call
    find: Search | None = None
    check: Call
    id: Place
    """Where the answer to `create` has the ad's number."""
    address: Place | None = None
    problem: Place | None = None
    """Where a refusal says what is wrong."""
    statuses: Statuses = Statuses()
    fields: tuple[FieldRule, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        targets = [rule.target for rule in self.fields]
        for target in targets:
            if targets.count(target) > 1 or any(other.startswith(f"{target}.") for other in targets):
                raise ValueError(f"target {target} is filled twice")
        if "{id}" in self.create.path:
            raise ValueError("create.path: there is no {id} yet")
        if self.create.method == "GET" or self.update.method == "GET" or self.withdraw.method == "GET":
            raise ValueError("GET changes nothing")
        return self

    def body(self, document: Mapping[str, Any], site_url: str, photos: Any = None) -> dict[str, Any]:
        """What the platform gets; `photos` stand in for the addresses. Raises InvalidPayload."""
        body: dict[str, Any] = {}
        for rule in self.fields:
            value = rule.constant
            if rule.source is not None:
                value = _value(rule, rule.source, document, site_url)
                value = photos if rule.source == "photos" and photos is not None else value
            if value not in (None, "", []):
                _put(body, rule.target.split("."), value)
        return body


def _value(rule: FieldRule, source: str, document: Mapping[str, Any], site_url: str) -> Any:
    found = SOURCES[source](document, site_url) if source in SOURCES else document.get(source)
    if found in (None, "", []):
        if rule.required:
            raise InvalidPayload([_("The platform takes no car without this: %(field)s.") % {"field": source}])
        return None
    if rule.values is None:
        return found
    code = str(found).lower() if isinstance(found, bool) else str(found)
    if code not in rule.values:
        words = _("The channel's mapping does not say what the platform calls “%(code)s” (%(field)s).")
        raise InvalidPayload([words % {"code": code, "field": source}])
    return rule.values[code]


def _put(body: dict[str, Any], names: list[str], value: Any) -> None:
    for name in names[:-1]:
        body = body.setdefault(name, {})
    body[names[-1]] = value


def at(answer: Any, place: str | None) -> str:
    """What stands there in an answer; empty where nothing does. Whatever it contains is hostile."""
    for name in (place or "").split("."):
        if isinstance(answer, dict):
            answer = answer.get(name)
        elif isinstance(answer, list) and name.isascii() and name.isdigit():
            answer = answer[int(name)] if int(name) < len(answer) else None
        else:
            return ""
    return str(answer)[:300] if isinstance(answer, (str, int)) and not isinstance(answer, bool) else ""


@cache
def parse(text: str) -> PushMapping:
    """Raises ValidationError."""
    return PushMapping.model_validate_json(text)


def checked(text: str) -> str:
    """The text, if it is a mapping; else an error whose words say where what is wrong."""
    try:
        parse(text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"]) or "JSON"
        words = _("The mapping is not right at “%(place)s”: %(problem)s.")
        raise explained(words % {"place": place, "problem": problem["msg"]}) from None
    return text
