"""/api/v1/listings and /api/v1/reference: reads published documents, and nothing else."""

import contextlib
import json
import re
import uuid
from typing import Any, Literal

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from cms.http import gone, json_response, not_found, problem, tagged

from .catalogue.index import current_view
from .catalogue.query import MAX_LIMIT, SORTS, CatalogueFilterSet, InvalidQuery, answer
from .catalogue.reference import reference_json
from .filters import CodesField, YesNoField
from .models import PublishedListing, Version
from .schemas import Card, Detail, ListingPage, Problem, Reference

router = Router(tags=["catalogue"])

SLUG_OR_UUID = re.compile(r"[a-z0-9-]{1,200}", re.IGNORECASE)


def _parameter(name: str, field: forms.Field) -> dict[str, Any]:
    """The OpenAPI description of a filter, from the filter itself."""
    schema: dict[str, Any] = {"type": "integer", "minimum": 0}
    if isinstance(field, CodesField):
        items = {"type": "string"} | ({"enum": sorted(field.codes)} if field.codes else {})
        schema = {"type": "array", "items": items}
    elif isinstance(field, YesNoField):
        schema = {"type": "boolean"}
    return {"name": name, "in": "query", "required": False, "schema": schema, "style": "form", "explode": True}


def _plain(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


PARAMETERS = [
    *(_parameter(name, item.field) for name, item in CatalogueFilterSet.base_filters.items()),
    _plain("q", "Words; Russian word forms and Cyrillic names of makes are understood.", type="string"),
    _plain("currency", "Of price_min, price_max and of sorting by price.", type="string", enum=["BYN", "USD"]),
    _plain("sort", "Order; the newest first by default.", type="string", enum=list(SORTS)),
    _plain("limit", "Cards in the answer.", type="integer", minimum=1, maximum=MAX_LIMIT),
    _plain("offset", "Cards to skip.", type="integer", minimum=0),
    _plain("facets", "1: count the codes of each filter, each facet without its own filter.", type="string"),
    _plain("fields", "Only these fields of a card, separated by commas.", type="string"),
]


@router.get(
    "/listings",
    response={200: ListingPage, 422: Problem},
    openapi_extra={"parameters": PARAMETERS},
    summary="Catalogue",
)
def list_listings(request: HttpRequest) -> HttpResponse:
    """Public listings by filters. Repeat a parameter for several values: `make=bmw&make=audi`.

    Makes, models, generations, cities, payment types and equipment are found by earlier codes and other names too.
    """

    view = current_view()

    def build() -> HttpResponse:
        try:
            found = answer(request.GET, view)
            cards = _sparse(found.cards, request.GET.get("fields"))
        except InvalidQuery as error:
            return problem(422, _("Something in the request is wrong"), errors=error.errors)
        # The cards are JSON already: joining texts is a hundred times cheaper than parsing and writing them again.
        head = json.dumps(
            {
                "count": found.count,
                "limit": found.limit,
                "offset": found.offset,
                "version": found.version,
                "renamed": found.renamed,
            }
        )
        facets = json.dumps(found.facets, ensure_ascii=False, separators=(",", ":"))
        return json_response(f'{head[:-1]},"facets":{facets},"items":[{",".join(cards)}]}}')

    return tagged(request, f"{view.version} {view.reference}?{request.META['QUERY_STRING']}", build)


@router.get("/listings/{key}", response={200: Detail, 404: Problem, 410: Problem}, summary="One car")
def get_listing(request: HttpRequest, key: str) -> HttpResponse:
    """By slug or uuid. 410 when it was public once and has been withdrawn."""
    if not SLUG_OR_UUID.fullmatch(key):
        return not_found()
    wanted = Q(slug=key)
    with contextlib.suppress(ValueError):
        wanted |= Q(uuid=uuid.UUID(key))
    document = PublishedListing.objects.filter(wanted).first()
    if document is None:
        return not_found()
    if not document.is_public:
        return gone()
    return tagged(request, document.content_hash, lambda: json_response(document.detail))


@router.get("/reference", response={200: Reference}, summary="Reference data and labels")
def get_reference(request: HttpRequest, locale: Literal["ru", "en"] = "ru") -> HttpResponse:
    """Makes with models and generations, cities, dealers, exchange rates, and the labels of all codes."""
    version = Version.current(Version.Of.REFERENCE)
    return tagged(request, f"reference {version} {locale}", lambda: json_response(reference_json(locale, version)))


def _sparse(cards: list[str], fields: str | None) -> list[str]:
    """Cuts the cards down to the fields asked for."""
    if not fields:
        return cards
    names = {name.strip() for name in fields.split(",") if name.strip()}
    unknown = sorted(names - set(Card.model_fields))
    if unknown:
        raise InvalidQuery({"fields": [_("A card has no field “%s”.") % name for name in unknown]})
    return [
        json.dumps({name: value for name, value in json.loads(card).items() if name in names}, ensure_ascii=False)
        for card in cards
    ]
