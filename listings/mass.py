"""What somebody wants done with many cars at once: by the admin's bulk actions and by `POST /listings/bulk`.

Nothing is decided here: every step is a verb of `lifecycle`. A car gets all that is wished for it or nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cms.users.models import User

from . import channels, lifecycle
from .models import City, Listing
from .refusals import Refusals, allowed_rows
from .vocabulary import SaleState


class Act(models.TextChoices):
    """Verbs that a car may be sent along its two axes by."""

    SUBMIT = "submit", gettext_lazy("Submit for moderation")
    WITHDRAW = "withdraw", gettext_lazy("Take back from moderation")
    APPROVE = "approve", gettext_lazy("Approve")
    RETURN = "return", gettext_lazy("Return to the dealer")
    PUBLISH = "publish", gettext_lazy("Publish")
    UNPUBLISH = "unpublish", gettext_lazy("Take off the site")
    ARCHIVE = "archive", gettext_lazy("Archive")
    RESTORE = "restore", gettext_lazy("Restore from the archive")
    DUE_IN = "due_in", gettext_lazy("Mark as due in")
    AVAILABLE = "available", gettext_lazy("Put on sale")
    RESERVE = "reserve", gettext_lazy("Reserve")
    SELL = "sell", gettext_lazy("Mark as sold")


SALE_ACTS = {
    Act.DUE_IN: SaleState.DUE_IN,
    Act.AVAILABLE: SaleState.AVAILABLE,
    Act.RESERVE: SaleState.RESERVED,
    Act.SELL: SaleState.SOLD,
}
COMMENTED: dict[Act, Callable[..., Refusals]] = {
    Act.SUBMIT: lifecycle.submit,
    Act.APPROVE: lifecycle.approve,
    Act.RETURN: lifecycle.return_to_dealer,
    Act.ARCHIVE: lifecycle.archive,
}
PLAIN: dict[Act, Callable[..., Refusals]] = {
    Act.WITHDRAW: lifecycle.withdraw,
    Act.PUBLISH: lifecycle.publish,
    Act.UNPUBLISH: lifecycle.unpublish,
    Act.RESTORE: lifecycle.restore,
}
MODERATORS_ACTS = (Act.APPROVE, Act.RETURN, Act.PUBLISH, Act.UNPUBLISH)


@dataclass(frozen=True)
class Wish:
    """What shall be done with one car: RESTORE first, any other act last."""

    act: Act | None = None
    comment: str = ""
    price: int | None = None
    percent: Decimal | None = None
    """By how much the price shall change; negative: down. Only one of the three is given."""
    amount: int | None = None
    city: City | None = None
    into: frozenset[str] = frozenset()
    """Keys of channels."""
    out_of: frozenset[str] = frozenset()

    @property
    def changes_price(self) -> bool:
        return not (self.price is None and self.percent is None and self.amount is None)

    @property
    def steps(self) -> int:
        return sum((self.act is not None, self.changes_price, self.city is not None, bool(self.into or self.out_of)))

    def price_for(self, listing: Listing) -> int:
        if self.price is not None:
            return self.price
        if self.amount is not None:
            return listing.price + self.amount
        factor = 1 + (self.percent or Decimal(0)) / 100
        return int((listing.price * factor).quantize(Decimal(1), ROUND_HALF_UP))


def carry_out(wishes: Mapping[int, Wish], user: User, *, together: bool = False, dry_run: bool = False) -> Refusals:
    """Fulfils wishes by listing id. Answers who was refused and why; with `together` one refusal stops all.

    A constant number of queries for each different wish. `dry_run` leaves nothing behind.
    """
    refused: Refusals = {}
    with transaction.atomic():
        while True:
            todo = {pk: wish for pk, wish in wishes.items() if pk not in refused}
            simple = not together and all(wish.steps == 1 for wish in todo.values())
            found = _attempt(todo, user, keep=lambda found: not dry_run and (simple or not found))  # noqa: B023
            refused |= found
            if dry_run or together or simple or not found:
                return refused


def _attempt(wishes: Mapping[int, Wish], user: User, keep: Callable[[Refusals], bool]) -> Refusals:
    """Does everything, and undoes all of it unless `keep`."""
    run = _Run(wishes, user)
    with transaction.atomic():
        run.go()
        if not keep(run.refused):
            transaction.set_rollback(True)
    return run.refused


class _Run:
    """One attempt: the same step for all cars that want it, one after the other."""

    def __init__(self, wishes: Mapping[int, Wish], user: User) -> None:
        self.wishes, self.user = wishes, user
        self.refused: Refusals = {}
        # Two who treat the same cars stand in line here, and not each with half of them in the middle of a verb.
        rows = Listing.objects.select_for_update(of=("self",)).filter(pk__in=wishes).order_by("pk")
        self.listings: dict[int, Listing] = {row.pk: row for row in rows}
        for pk in wishes.keys() - self.listings.keys():
            self.refused[pk] = _("There is no such car.")

    def go(self) -> None:
        self._act([Act.RESTORE])
        self._prices()
        self._cities()
        self._channels()
        self._act([act for act in Act if act != Act.RESTORE])

    def _wanting(self, wanted: Callable[[Wish], Any]) -> dict[Any, list[Listing]]:
        """Cars that are still in the run, by what they want of a step. None and empty is nothing."""
        groups: dict[Any, list[Listing]] = {}
        for pk, listing in self.listings.items():
            wish = wanted(self.wishes[pk])
            if wish and pk not in self.refused:
                groups.setdefault(wish, []).append(listing)
        return groups

    def _act(self, acts: Iterable[Act]) -> None:
        allowed = set(acts)
        groups = self._wanting(lambda wish: (wish.act, wish.comment) if wish.act in allowed else None)
        for (act, comment), listings in groups.items():
            self.refused |= _do(act, listings, self.user, comment)

    def _prices(self) -> None:
        for listings in self._wanting(lambda wish: wish.changes_price).values():
            prices = {listing.pk: self.wishes[listing.pk].price_for(listing) for listing in listings}
            self.refused |= lifecycle.change_prices(listings, prices, self.user)

    def _cities(self) -> None:
        for city, listings in self._wanting(lambda wish: wish.city).items():
            self.refused |= lifecycle.move_to_city(listings, city, self.user)

    def _channels(self) -> None:
        for on in (True, False):
            groups = self._wanting(lambda wish: wish.into if on else wish.out_of)  # noqa: B023
            for keys, listings in groups.items():
                allowed = self._changeable(listings)
                for key in sorted(keys):
                    self.refused |= channels.switch(allowed, key, on, self.user)

    def _changeable(self, listings: list[Listing]) -> list[Listing]:
        self.refused |= allowed_rows(listings, "change", self.user, pgettext_lazy("wish", "change"), lifecycle.OWNER)[1]
        return [listing for listing in listings if listing.pk not in self.refused]


def _do(act: Act, listings: list[Listing], user: User, comment: str) -> Refusals:
    if act in SALE_ACTS:
        return lifecycle.set_sale_state(listings, SALE_ACTS[act], user)
    if act in COMMENTED:
        return COMMENTED[act](listings, user, comment)
    return PLAIN[act](listings, user)
