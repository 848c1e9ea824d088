"""The National Bank's daily rates: fetched, checked, kept. On any doubt the last known rates stay in use.

Source: the bank's public API, https://www.nbrb.by/apihelp/exrates
"""

import json
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import outgoing
from cms.celery import send

from .models import ExchangeRate, RateFetch
from .rates import current_rates
from .vocabulary import Currency, RateSource

PATH = "/exrates/rates?periodicity=0"
WANTED = (Currency.USD, Currency.EUR)
MAX_JUMP = Decimal("0.3")
"""A rate that moves by more in a day is a mistake until a person types it in."""
READ_TIMEOUT = 15.0
KEPT = timedelta(days=90)
"""How long questions to the bank are remembered."""


class RatesRefused(Exception):
    """The bank's answer is not used. The text says why, for people."""


def fetch_rates() -> RateFetch | None:
    """Asks the bank and keeps what it says; None when there is nothing to ask for: the day's rates are here.

    A rate of the same day that a person has typed in stays.
    """
    if not settings.NBRB_URL or _have_todays():
        return None
    return ask_bank()


def ask_bank() -> RateFetch:
    """Asks in any case."""
    try:
        rates = _checked(_ask())
    except RatesRefused as refused:
        return RateFetch.objects.create(problem=str(refused)[:300])
    with transaction.atomic():
        changed = False
        RateFetch.objects.filter(at__lt=timezone.now() - KEPT).delete()
        for (currency, day), rate in rates.items():
            row = ExchangeRate.objects.select_for_update().filter(currency=currency, date=day).first()
            if row is None:
                row = ExchangeRate(currency=currency, date=day, source=RateSource.NATIONAL_BANK)
            if row.source == RateSource.NATIONAL_BANK and row.rate != rate:
                row.rate = rate
                row.save()
                changed = True
        if changed:
            transaction.on_commit(partial(send, "listings.follow_rates"))
        return RateFetch.objects.create()


def _have_todays() -> bool:
    rows = ExchangeRate.objects.filter(date__gte=timezone.localdate(), currency__in=WANTED)
    return rows.values("currency").distinct().count() == len(WANTED)


def _ask() -> list[dict[str, Any]]:
    try:
        answer = outgoing.get(f"{settings.NBRB_URL}{PATH}", read_timeout=READ_TIMEOUT)
    except outgoing.HttpProblem as problem:
        raise RatesRefused(_("The National Bank does not answer (%s).") % problem) from problem
    if answer.status != 200:
        raise RatesRefused(_("The National Bank answers with error %s.") % answer.status)
    try:
        rows = json.loads(answer.body)
    except ValueError as error:
        raise RatesRefused(_("The National Bank's answer is not a table of rates.")) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RatesRefused(_("The National Bank's answer is not a table of rates."))
    return rows


def _checked(rows: list[dict[str, Any]]) -> dict[tuple[str, date], Decimal]:
    """Currency and day to BYN for one unit; all of them or none."""
    known = current_rates()
    found = {}
    for currency in WANTED:
        row = next((row for row in rows if row.get("Cur_Abbreviation") == currency), None)
        if row is None:
            raise RatesRefused(_("The National Bank's table has no %s.") % currency)
        day, rate = _day(row), _rate(row)
        last = known.get(currency)
        if last and abs(rate - last.rate) > last.rate * MAX_JUMP:
            raise RatesRefused(
                _("%(currency)s would jump from %(last)s to %(rate)s: if that is right, type it in.")
                % {"currency": currency, "last": last.rate, "rate": rate}
            )
        found[str(currency), day] = rate
    return found


def _day(row: dict[str, Any]) -> date:
    try:
        day = date.fromisoformat(str(row["Date"])[:10])
    except (KeyError, ValueError) as error:
        raise RatesRefused(_("The National Bank's table has no date.")) from error
    # Rates of the next day are set in the afternoon; on days off Friday's stay.
    if not timedelta(days=-10) <= day - timezone.localdate() <= timedelta(days=3):
        raise RatesRefused(_("The National Bank's table is of another day: %s.") % day)
    return day


def _rate(row: dict[str, Any]) -> Decimal:
    try:
        rate = Decimal(str(row["Cur_OfficialRate"])) / Decimal(str(row["Cur_Scale"]))
    except (KeyError, ArithmeticError, InvalidOperation) as error:
        raise RatesRefused(_("The National Bank's table has a rate that is no number.")) from error
    if not rate.is_finite() or rate <= 0:
        raise RatesRefused(_("The National Bank's table has a rate that is no number."))
    return rate.quantize(Decimal("0.0001"))
