"""What the currencies are worth: BYN for one unit, by the last rate known."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Subquery
from django.utils.translation import gettext as _

from .vocabulary import Currency, RateSource


class Rate(NamedTuple):
    """BYN for one unit, the day for which the rate was set, and who says so."""

    rate: Decimal
    date: date
    source: RateSource


Rates = Mapping[str, Rate]

_held: ContextVar[dict[str, Rate] | None] = ContextVar("rates", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Inside, the rates are read once: many listings in a row get the same, without a query each."""
    token = _held.set(current_rates())
    try:
        yield
    finally:
        _held.reset(token)


def current_rates() -> dict[str, Rate]:
    """The last known rate of every currency but BYN. One query, or none inside `held`."""
    from .models import ExchangeRate  # models use this module

    if (known := _held.get()) is not None:
        return known
    # A row a day for years: the index finds the last one of each currency.
    rates = ExchangeRate.objects.order_by("-date").values("pk")
    newest: list[Any] = [Subquery(rates.filter(currency=code)[:1]) for code in Currency.values]
    rows = ExchangeRate.objects.filter(pk__in=newest).values_list("currency", "rate", "date", "source")
    return {currency: Rate(rate, day, RateSource(source)) for currency, rate, day, source in rows}


def to_byn(amount: int, currency: str, rates: Rates | None = None) -> int:
    """Whole roubles. Raises ValidationError when the currency has no rate yet."""
    if currency == Currency.BYN:
        return amount
    rate = (current_rates() if rates is None else rates).get(currency)
    if rate is None:
        raise ValidationError(
            {"currency": _("There is no rate of %s yet: add it to the exchange rates.") % currency}, code="no_rate"
        )
    return round(amount * rate.rate)


def from_byn(amount_byn: int, currency: str, rates: Rates) -> int | None:
    """Whole units of the currency; None while it has no rate."""
    if currency == Currency.BYN:
        return amount_byn
    rate = rates.get(currency)
    return round(amount_byn / rate.rate) if rate else None
