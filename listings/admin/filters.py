"""The filters of the listing index: the common ones, with what only the office asks."""

from collections.abc import Callable, Iterator
from typing import Any

import django_filters
from django import forms
from django.db.models import Func, Model, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _
from wagtail.admin.active_filters import (
    ActiveFilter,
    BaseFilterAdapter,
    MultipleChoiceFilterAdapter,
    filter_adapter_class_registry,
)
from wagtail.admin.filters import WagtailFilterSet
from wagtail.models import WorkflowState
from wagtail.permissions import policy_registry

from listings.filters import AnyOfFilter, BoundFilter, ListingFilters, YesNoFilter
from listings.models import City, Dealer, Import, Listing, Make
from listings.moderation.workflow import listings_with
from listings.vocabulary import Body, Condition, Fuel, Gearbox, SaleState

ID_DIGITS = 10
"""More digits are no id of ours."""
LABELS = {
    "make": _("Make"),
    "dealer": _("Dealer"),
    "city": _("City"),
    "sale_state": _("Sale"),
    "condition": _("Condition"),
    "body": _("Body"),
    "fuel": _("Fuel"),
    "gearbox": _("Gearbox"),
    "has_photo": _("With photos"),
    "year_min": _("Year from"),
    "year_max": _("Year to"),
    "price_min": _("Price from, BYN"),
    "price_max": _("Price to, BYN"),
    "mileage_max": _("Mileage to, km"),
}
"""The common filters that the index shows, in this order."""

CHOICES: dict[str, Any] = {
    "sale_state": SaleState.choices,
    "condition": Condition.choices,
    "body": Body.choices,
    "fuel": Fuel.choices,
    "gearbox": Gearbox.choices,
    "make": lambda: slugs_of(Make),
    "dealer": lambda: slugs_of(Dealer),
    "city": lambda: slugs_of(City),
}


SEARCHED = ("title", "vin", "stock_number", "external_id")
SHORT_WORD = 3
"""A trigram index finds no shorter word but by its beginning."""


class SearchedText(Func):
    """All that the search looks in, each behind a space. Exactly what the index `listing_search` holds."""

    template = "(' ' || %(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def search_listings(queryset: QuerySet[Listing], query: str) -> QuerySet[Listing]:
    """Every word in the title or a number of the car, a word of one or two letters at a beginning.

    Wagtail's index cannot search beside most of the filters, nor for a part of a number.
    """
    words = query.split()
    if words:
        queryset = queryset.alias(searched=SearchedText(*SEARCHED))
    for word in words:
        queryset = queryset.filter(searched__icontains=word if len(word) >= SHORT_WORD else f" {word}")
    return queryset


def slugs_of(model: type[Model]) -> list[tuple[str, str]]:
    return list(model._default_manager.values_list("slug", "name"))


class YesNoFilterAdapter(BaseFilterAdapter):
    def get_active_filters(self) -> Iterator[ActiveFilter]:
        url = self.get_url_without_filter_param(self.name)
        yield ActiveFilter(self.bound_field.auto_id, self.filter.label, _("Yes") if self.value else _("No"), url)


filter_adapter_class_registry.register(AnyOfFilter, value=MultipleChoiceFilterAdapter)
filter_adapter_class_registry.register(YesNoFilter, value=YesNoFilterAdapter)


def chosen_import(request: Any) -> QuerySet[Import]:
    """The import that the address names, if it is the user's."""
    key = request.GET.get("loaded", "")
    mine = policy_registry.get_by_type(Import).instances_user_has_permission_for(request.user, "view")
    return mine.filter(pk=key if key.isdigit() and len(key) < ID_DIGITS else 0)


PUBLICATION: dict[str, tuple[Any, Callable[[], Q]]] = {
    "live": (_("Published"), lambda: Q(live=True)),
    "changed": (_("Has unpublished changes"), lambda: Q(live=True, has_unpublished_changes=True)),
    "moderation": (_("In moderation"), lambda: Q(pk__in=listings_with(WorkflowState.STATUS_IN_PROGRESS))),
    "returned": (_("Returned to be corrected"), lambda: Q(pk__in=listings_with(WorkflowState.STATUS_NEEDS_CHANGES))),
    "draft": (_("Not published"), lambda: Q(live=False, archived_at__isnull=True)),
    "archived": (_("Archived"), lambda: Q(archived_at__isnull=False)),
}
"""Where a car is on its way to the public: what people call it, and the condition. Some overlap."""


class ListingFilterSet(WagtailFilterSet, ListingFilters):
    """Only what LABELS names is shown; the rest works by address, as in the API."""

    live = django_filters.ChoiceFilter(
        label=_("Publication"),
        method="filter_live",
        choices=[(name, label) for name, (label, _condition) in PUBLICATION.items()],
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )

    loaded = django_filters.ModelChoiceFilter(
        label=_("Loaded from"), method="filter_loaded", queryset=chosen_import, empty_label=_("All")
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page of an import leads here; there is nothing to choose from.
        shown = {"live", "loaded"} if "loaded" in self.data else {"live"}
        for name in set(self.filters) - {*shown, *LABELS}:
            del self.filters[name]
        for name, label in LABELS.items():
            # The API shares these filters and has made their fields already, without our labels and widgets.
            vars(self.filters[name]).pop("_field", None)
            self.filters[name].label = label
            widget = self._widget(name)
            if widget is not None:
                self.filters[name].extra["widget"] = widget

    def _widget(self, name: str) -> forms.Widget | None:
        item = self.filters[name]
        if isinstance(item, AnyOfFilter):
            choices = CHOICES[name]
            if callable(choices):
                return forms.SelectMultiple(choices=choices())
            return forms.CheckboxSelectMultiple(choices=choices)
        if isinstance(item, YesNoFilter):
            return forms.Select(choices=[("", _("All")), ("true", _("Yes")), ("false", _("No"))])
        return forms.NumberInput() if isinstance(item, BoundFilter) else None

    def filter_live(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        _label, condition = PUBLICATION[value]
        return queryset.filter(condition())

    def filter_loaded(self, queryset: QuerySet[Listing], name: str, value: Import) -> QuerySet[Listing]:
        return queryset.filter(pk__in=value.rows.filter(listing__isnull=False).values("listing"))
