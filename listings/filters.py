"""The filters of listings: one class per kind, one meaning each, for the API and for the admin.

Each filter knows two ways to answer: `filter` narrows a queryset (admin, exports), `mask` marks the rows of the
catalogue's index in memory (API). A test holds both against each other on random queries.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import django_filters
import numpy as np
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator, validate_slug
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.enums import ChoicesType
from django.utils.translation import gettext_lazy as _

from .known_names import NAMED, todays_codes
from .models import ListingPhoto, Version
from .validators import validate_plain_text
from .vocabulary import Body, Color, Condition, Currency, Drive, Fuel, Gearbox, Oblast, SaleState

if TYPE_CHECKING:
    from .catalogue.view import CatalogueView

Mask = np.ndarray[Any, np.dtype[np.bool_]]

MAX_VALUES = 50
"""Repeated values of one parameter; more is no visitor."""


VALIDATE_NAME = (MaxLengthValidator(200), ProhibitNullCharactersValidator(), validate_plain_text)
"""What may be asked for where people's names of things are understood."""


class CodesField(forms.Field):
    """Repeated parameter of codes. With `choices` an unknown code is an error; without, it matches nothing.

    With `names` other names than the code are understood, and so any text may come.
    """

    widget = forms.SelectMultiple
    hidden_widget = forms.MultipleHiddenInput

    def __init__(self, *, choices: ChoicesType | None = None, names: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.codes = frozenset(choices.values) if choices else None
        self.value_validators = VALIDATE_NAME if names else (validate_slug,)

    @property
    def choices(self) -> Any:
        return getattr(self.widget, "choices", ())

    def clean(self, value: Any) -> list[str] | None:
        values = list(dict.fromkeys(value or []))
        if len(values) > MAX_VALUES:
            raise ValidationError(_("At most %(limit)s values, please."), params={"limit": MAX_VALUES})
        for code in values:
            if self.codes is not None and code not in self.codes:
                raise ValidationError(
                    _("“%(value)s” is not one of: %(codes)s."),
                    params={"value": code[:40], "codes": ", ".join(sorted(self.codes))},
                )
            for validate in self.value_validators:
                validate(code)
        return values or None


class AnyOfFilter(django_filters.Filter):
    """The column has one of the codes. A reference row is found by its other names too: see `todays_codes`."""

    field_class = CodesField
    one_each = False
    """Whether each value stands for one code only."""

    def __init__(self, column: str, *, lookup: str = "", **kwargs: Any) -> None:
        if column in NAMED:
            kwargs["names"] = True
        super().__init__(field_name=lookup or column, **kwargs)
        self.column = column

    def todays(self, values: Sequence[str], version: int) -> list[str]:
        """The codes that the values mean at a version of the reference data."""
        if self.column not in NAMED:
            return list(values)
        return todays_codes(self.column, values, version, one_each=self.one_each)

    def filter(self, qs: QuerySet[Any], value: Sequence[str] | None) -> QuerySet[Any]:
        if not value:
            return qs
        version = Version.current(Version.Of.REFERENCE) if self.column in NAMED else 0
        return self.narrow(qs, self.todays(value, version))

    def narrow(self, qs: QuerySet[Any], codes: Sequence[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": codes})

    def mask(self, view: "CatalogueView", value: Sequence[str] | None) -> Mask | None:
        return view.any_of(self.column, value) if value else None


class AnyOfSetFilter(AnyOfFilter):
    """The car has at least one of the codes in a set of its own (payment types)."""

    def narrow(self, qs: QuerySet[Any], codes: Sequence[str]) -> QuerySet[Any]:
        return super().narrow(qs, codes).distinct()

    def mask(self, view: "CatalogueView", value: Sequence[str] | None) -> Mask | None:
        return view.set_has_any(self.column, value) if value else None


class AllOfSetFilter(AnyOfFilter):
    """The car has every one of the codes (equipment)."""

    one_each = True

    def narrow(self, qs: QuerySet[Any], codes: Sequence[str]) -> QuerySet[Any]:
        for code in codes:
            qs = qs.filter(**{self.field_name: code})
        return qs

    def mask(self, view: "CatalogueView", value: Sequence[str] | None) -> Mask | None:
        return view.set_has_all(self.column, value) if value else None


class YesNoField(forms.Field):
    """ "true" or "false"; empty is no filter."""

    def clean(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if value not in ("true", "false"):
            raise ValidationError(_("Write true or false."))
        return bool(value == "true")


class YesNoFilter(django_filters.Filter):
    field_class = YesNoField

    def __init__(self, column: str, *, condition: Q | None = None, **kwargs: Any) -> None:
        super().__init__(field_name=column, **kwargs)
        self.column = column
        self.condition = condition or Q(**{column: True})

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        if value is None:
            return qs
        return qs.filter(self.condition if value else ~self.condition)

    def mask(self, view: "CatalogueView", value: bool | None) -> Mask | None:
        return None if value is None else view.between(self.column, int(value), int(value))


class BoundFilter(django_filters.Filter):
    """One end of a range: `year_min` or `year_max`. A car without the number is outside every range."""

    field_class = forms.IntegerField

    def __init__(self, column: str, end: str, **kwargs: Any) -> None:
        super().__init__(field_name=column, min_value=0, max_value=2_000_000_000, **kwargs)
        self.column, self.end = column, end

    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{f"{self._column(qs)}__{self._lookup}": value})

    def mask(self, view: "CatalogueView", value: int | None) -> Mask | None:
        if value is None:
            return None
        return view.between(self.column, value if self.end == "min" else 0, value if self.end == "max" else None)

    @property
    def _lookup(self) -> str:
        return "gte" if self.end == "min" else "lte"

    def _column(self, qs: QuerySet[Any]) -> str:
        return self.field_name


PRICE_COLUMNS = {Currency.BYN: "price_byn", Currency.USD: "price_usd", Currency.EUR: "price_eur"}
"""The index's column of the price in each currency."""


class PriceBoundFilter(BoundFilter):
    """A range of the price in the currency that the parameter `currency` names (BYN by default)."""

    def in_currency(self, currency: str) -> BoundFilter:
        return BoundFilter(PRICE_COLUMNS[Currency(currency or Currency.BYN)], self.end)


class ListingFilters(django_filters.FilterSet):
    """Declared once; `CatalogueFilterSet` and the admin's `ListingFilterSet` inherit them."""

    make = AnyOfFilter("make", lookup="make__slug")
    model = AnyOfFilter("model", lookup="model__slug")
    generation = AnyOfFilter("generation", lookup="generation__slug")
    city = AnyOfFilter("city", lookup="city__slug")
    oblast = AnyOfFilter("oblast", lookup="city__oblast", choices=Oblast)
    dealer = AnyOfFilter("dealer", lookup="dealer__slug")
    fuel = AnyOfFilter("fuel", choices=Fuel)
    gearbox = AnyOfFilter("gearbox", choices=Gearbox)
    drive = AnyOfFilter("drive", choices=Drive)
    body = AnyOfFilter("body", choices=Body)
    color = AnyOfFilter("color", choices=Color)
    condition = AnyOfFilter("condition", choices=Condition)
    sale_state = AnyOfFilter("sale_state", choices=SaleState)
    payment = AnyOfSetFilter("payment_types", lookup="payment_types__code")
    equipment = AllOfSetFilter("equipment", lookup="equipment__code")
    vat = YesNoFilter("vat")
    exchange = YesNoFilter("exchange")
    leasing = YesNoFilter("leasing")
    customs_cleared = YesNoFilter("customs_cleared")
    has_photo = YesNoFilter("has_photo", condition=Q(Exists(ListingPhoto.objects.filter(listing=OuterRef("pk")))))
    year_min, year_max = BoundFilter("year", "min"), BoundFilter("year", "max")
    price_min, price_max = PriceBoundFilter("price_byn", "min"), PriceBoundFilter("price_byn", "max")
    mileage_min, mileage_max = BoundFilter("mileage_km", "min"), BoundFilter("mileage_km", "max")
    engine_min, engine_max = BoundFilter("engine_cc", "min"), BoundFilter("engine_cc", "max")
    power_min, power_max = BoundFilter("power_hp", "min"), BoundFilter("power_hp", "max")
    owners_max = BoundFilter("owners", "max")
