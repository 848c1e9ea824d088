"""What several screens ask of reference rows: who uses them, and which have a word in any of their names."""

from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from listings.models import (
    CarModel,
    City,
    Equipment,
    EquipmentGroup,
    Generation,
    Listing,
    Make,
    PaymentType,
    Trim,
)

USED_BY: dict[type[Any], str] = {
    Make: "make",
    CarModel: "model",
    Generation: "generation",
    Trim: "trim",
    City: "city",
    PaymentType: "payment_types",
    Equipment: "equipment",
}
"""Kinds that cars choose from, and the listing's field."""

MERGEABLE: tuple[type[Any], ...] = (*USED_BY, EquipmentGroup)

NAMES = {"name", "name_ru", "name_be", "name_en", "aliases", "code", "slug", "text", "currency"}


def count_of(model: type[Model], field: str) -> Coalesce:
    """How many rows of `model` point here by `field`, as a subquery: one query for the whole page."""
    rows = model._default_manager.order_by().filter(**{field: OuterRef("pk")}).values(field)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def with_cars(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With `cars`, the number of cars that use each row, where cars use rows of this kind."""
    return rows.annotate(cars=count_of(Listing, USED_BY[rows.model])) if rows.model in USED_BY else rows


def cars_in_words(count: int) -> str:
    return ngettext("(%(count)s car)", "(%(count)s cars)", count) % {"count": count}


def with_parents(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With all that a row's name begins with: a trim is called by its generation, model and make."""
    model, path, paths = rows.model, "", []
    while parent := next((field for field in model._meta.fields if field.many_to_one), None):
        path = f"{path}__{parent.name}".removeprefix("__")
        paths.append(path)
        model = parent.related_model
    return rows.select_related(*paths) if paths else rows


def with_words(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Rows that have each word in one of their names or their parent's. Small tables: no search index to keep."""
    for word in query.split():
        rows = rows.filter(_has(rows.model, word))
    return rows


def _has(model: type[Model], word: str) -> Q:
    own = [field.name for field in model._meta.fields if field.name in NAMES]
    parents = [f"{field.name}__name" for field in model._meta.fields if field.many_to_one]
    found = Q()
    # SQLite ignores the case of Latin letters only.
    for form in {word, word.lower(), word.upper(), word.capitalize()}:
        for field in (*own, *parents):
            found |= Q(**{f"{field}__icontains": form})
    return found
