"""What a car has cost so far, on its edit page: a step line and a table, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from wagtail.admin.panels import Panel

from listings.models import ChangeLogEntry, Listing, PricePoint
from listings.vocabulary import Currency

SHOWN = 50
"""A feed may move a price every hour; people read the last ones."""
WIDTH, HEIGHT, MARGIN = 600, 120, 6
"""Of the drawing, in its own units: the page stretches it."""
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class PriceRow:
    """One line of the table; texts are ready to be shown. The first price has no change."""

    at: datetime
    price: str
    change: str
    percent: str
    who: str


@dataclass(frozen=True)
class StepLine:
    """The drawing: a path in `WIDTH` × `HEIGHT`, and what stands at its ends."""

    path: str
    lowest: str
    highest: str
    start: datetime
    width: int = WIDTH
    height: int = HEIGHT


class PriceHistoryPanel(Panel):
    """Read-only. Two queries, however often the price has moved."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "listings/admin/price_history.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            newest = list(PricePoint.objects.filter(listing=self.instance).order_by("-at", "-pk")[: SHOWN + 1])
            points = newest[:SHOWN][::-1]
            if len(points) > 1:
                rows = price_rows(points, self.instance)
                context |= {"rows": rows[::-1], "line": step_line(points, timezone.now())}
            price = money(points[0].price, points[0].currency) if points else ""
            return context | {"price": price, "shown": SHOWN, "is_cut": len(newest) > SHOWN}


def price_rows(points: Sequence[PricePoint], listing: Listing) -> list[PriceRow]:
    """One row for each point, oldest first."""
    names = _who(points, listing)
    before = [None, *points[:-1]]
    return [
        PriceRow(point.at, money(point.price, point.currency), *_change(last, point), who=name)
        for last, point, name in zip(before, points, names, strict=True)
    ]


def step_line(points: Sequence[PricePoint], end: datetime) -> StepLine:
    """From the first price to `end`. In roubles when the seller has changed the currency meanwhile."""
    one_currency = len({point.currency for point in points}) == 1
    currency = points[0].currency if one_currency else str(Currency.BYN)
    prices = [point.price if one_currency else point.price_byn for point in points]
    lowest, highest = min(prices), max(prices)
    start = points[0].at
    seconds = max((end - start).total_seconds(), 1)

    def x(at: datetime) -> str:
        return f"{MARGIN + (WIDTH - 2 * MARGIN) * min((at - start).total_seconds() / seconds, 1):.1f}"

    def y(price: int) -> str:
        share = (price - lowest) / (highest - lowest) if highest > lowest else 0.5
        return f"{HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share:.1f}"

    steps = "".join(f"H{x(point.at)}V{y(price)}" for point, price in zip(points[1:], prices[1:], strict=True))
    path = f"M{x(start)} {y(prices[0])}{steps}H{x(end)}"
    return StepLine(path, money(lowest, currency), money(highest, currency), start)


def money(amount: int, currency: str) -> str:
    return f"{intcomma(amount)}{NO_BREAK_SPACE}{currency}"


def _change(before: PricePoint | None, point: PricePoint) -> tuple[str, str]:
    """Amount and percent. Prices in two currencies are compared in roubles of their days."""
    if before is None:
        return "", ""
    same = before.currency == point.currency
    old, new = (before.price, point.price) if same else (before.price_byn, point.price_byn)
    amount = money(abs(new - old), point.currency if same else Currency.BYN)
    share = number_format(abs(new - old) / old * 100, decimal_pos=1) if old else "0"
    sign = "+" if new > old else MINUS if new < old else ""
    return f"{sign}{amount}", f"{sign}{share}{NO_BREAK_SPACE}%"


def _who(points: Sequence[PricePoint], listing: Listing) -> list[str]:
    """Who wrote each price: by the change log, the last one who had set it before it became public."""
    entries = list(
        ChangeLogEntry.objects.filter(Q(fields__has_key="price") | Q(fields__has_key="currency"), listing=listing)
        .order_by("-at", "-pk")
        .values_list("at", "user_name", "fields")
    )
    return [next((name for at, name, fields in entries if _set(point, at, fields)), "") for point in points]


def _set(point: PricePoint, at: datetime, fields: dict[str, Any]) -> bool:
    # The price is public in the same transaction in which the log is written: before or after it.
    if (at - point.at).total_seconds() > 10:
        return False
    if "price" in fields:
        return bool(fields["price"][1] == point.price)
    return bool(fields["currency"][1] == point.currency)
