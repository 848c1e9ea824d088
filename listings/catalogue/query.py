"""Answers a catalogue query: validates its parameters, selects on the index, fetches finished cards."""

from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import numpy as np
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from listings.filters import PRICE_COLUMNS, AllOfSetFilter, AnyOfFilter, ListingFilters, PriceBoundFilter
from listings.models import PublishedListing
from listings.vocabulary import Currency

from .index import CODED, FLAGS, SETS
from .view import CatalogueView, Mask

SORTS = ("-published_at", "price", "-price", "-year", "year", "mileage", "-mileage")
SORT_COLUMNS = {"mileage": "mileage_km"}
MAX_LIMIT, DEFAULT_LIMIT = 96, 24
MAX_OFFSET = 100_000
MAX_QUERY_LENGTH = 200

FACETS: dict[str, str] = {
    **{name: name for name in CODED},
    **{name: name for name in FLAGS},
    "payment": "payment_types",
    "equipment": "equipment",
}
"""Facets by parameter, and the index column each counts."""
NESTED = {"model": "make", "generation": "model"}
"""Counted only when the wider one is chosen: nobody picks from a thousand models."""
RANGES = ("year", *PRICE_COLUMNS.values(), "mileage_km", "engine_cc", "power_hp")


class InvalidQuery(Exception):
    """The parameters are wrong. `errors`: parameter name to messages, in the user's language."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True)
class CatalogueAnswer:
    """`cards` are JSON texts, in order, ready to be sent."""

    count: int
    limit: int
    offset: int
    version: int
    cards: list[str]
    facets: dict[str, Any] | None
    renamed: dict[str, list[str]]
    """Parameters whose values were not the codes of today, and what they mean today."""


class CatalogueFilterSet(ListingFilters):
    """The API's parameters: the common filters and how to order and cut the answer."""

    class Meta:
        model = PublishedListing
        fields: list[str] = []


class PagingForm(forms.Form):
    """Parameters that do not narrow the answer."""

    q = forms.CharField(required=False, max_length=MAX_QUERY_LENGTH)
    currency = forms.ChoiceField(required=False, choices=Currency.choices)
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SORTS],
        error_messages={"invalid_choice": _("“%(value)s” is no order. Use one of: ") + ", ".join(SORTS)},
    )
    limit = forms.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)
    offset = forms.IntegerField(required=False, min_value=0, max_value=MAX_OFFSET)
    facets = forms.ChoiceField(required=False, choices=[("0", "0"), ("1", "1")])
    fields = forms.CharField(required=False, max_length=400)  # type: ignore[assignment]


def answer(parameters: QueryDict, view: CatalogueView) -> CatalogueAnswer:
    """Raises InvalidQuery. One query to the database, for the cards, whatever is asked.

    A name that no car has costs one more after each change of the reference data.
    """
    values = clean(parameters)
    renamed = _renamed(view, values)
    values |= renamed
    version = view.version
    masks = _masks(view, values)
    everything = _all_of(view, masks)
    sort = values["sort"] or SORTS[0]
    direction, column = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if column == "price":
        column = PRICE_COLUMNS[Currency(values["currency"] or Currency.BYN)]
    limit, offset = values["limit"] or DEFAULT_LIMIT, values["offset"] or 0
    found = view.select(everything, sort=direction + SORT_COLUMNS.get(column, column), limit=limit, offset=offset)
    return CatalogueAnswer(
        count=found.count,
        limit=limit,
        offset=offset,
        version=version,
        cards=_cards(found.ids),
        facets=_facets(view, masks, everything, values) if values["facets"] == "1" else None,
        renamed=renamed,
    )


def clean(parameters: QueryDict) -> dict[str, Any]:
    """The typed values of all parameters; only those given are looked at. Raises InvalidQuery."""
    known = _fields()
    unknown = set(parameters) - set(known)
    errors = {name: [str(_("There is no such parameter."))] for name in unknown}
    values: dict[str, Any] = dict.fromkeys(known)
    for name in set(parameters) - unknown:
        field = known[name]
        try:
            values[name] = field.clean(field.widget.value_from_datadict(parameters, {}, name))
        except forms.ValidationError as error:
            errors[name] = [str(message) for message in error.messages]
    if errors:
        raise InvalidQuery(errors)
    return values


@cache
def _fields() -> dict[str, forms.Field]:
    # A FilterSet and its form copy every field per instance (a millisecond); fields keep no state of their own.
    return {name: item.field for name, item in CatalogueFilterSet.base_filters.items()} | dict(PagingForm.base_fields)


def _renamed(view: CatalogueView, values: dict[str, Any]) -> dict[str, list[str]]:
    """Today's codes of the parameters that name something in another way. What cars have needs no asking."""
    renamed = {}
    for name, item in CatalogueFilterSet.base_filters.items():
        asked = values[name]
        if isinstance(item, AnyOfFilter) and asked and not all(view.is_used(item.column, value) for value in asked):
            codes = item.todays(asked, view.reference)
            if codes != asked:
                renamed[name] = codes
    return renamed


def _masks(view: CatalogueView, values: dict[str, Any]) -> dict[str, Mask]:
    """One mark per filter in use, by parameter."""
    masks = {}
    for name, item in CatalogueFilterSet.base_filters.items():
        if values[name] in (None, [], ""):
            continue
        chosen = item.in_currency(values["currency"] or "") if isinstance(item, PriceBoundFilter) else item
        mask = chosen.mask(view, values[name])
        if mask is not None:
            masks[name] = mask
    if values["q"] and (text := view.text(values["q"])) is not None:
        masks["q"] = text
    return masks


def _all_of(view: CatalogueView, masks: dict[str, Mask], without: str = "") -> Mask:
    return reduce(np.logical_and, (mask for name, mask in masks.items() if name != without), view.alive)


def _facets(view: CatalogueView, masks: dict[str, Mask], everything: Mask, values: dict[str, Any]) -> dict[str, Any]:
    """Counts per facet; each ignores its own filter, so that another choice shows what it would bring.

    A facet of which all must be had (equipment) keeps its filter: its counts are what one more would leave.
    """
    facets: dict[str, Any] = {}
    found = view.rows(everything)
    for name, column in FACETS.items():
        if name in NESTED and not values[NESTED[name]]:
            continue
        keeps = name not in masks or isinstance(CatalogueFilterSet.base_filters[name], AllOfSetFilter)
        rows = found if keeps else view.rows(_all_of(view, masks, without=name))
        if column in FLAGS:
            facets[name] = int(np.count_nonzero(view.column(column)[rows]))
        else:
            facets[name] = view.count_sets(column, rows) if column in SETS else view.count_codes(column, rows)
    facets["ranges"] = {column: view.extent(column, found) for column in RANGES}
    return facets


def _cards(ids: list[int]) -> list[str]:
    found = dict(PublishedListing.objects.public().filter(pk__in=ids).values_list("pk", "card"))
    return [found[pk] for pk in ids if pk in found]
