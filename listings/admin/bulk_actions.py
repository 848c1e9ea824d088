"""What somebody does with many ticked cars: first a page that says what will happen, then the verbs of `mass`.

An action that wants an answer (a price, a comment) asks for it first. What the page says is not foretold: everything
is done and taken back, so that a refusal here is the refusal there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import hooks
from wagtail.admin import messages

from listings.mass import Act, Wish, carry_out
from listings.models import Listing

from .bulk_forms import ChannelForm, CityForm, PriceForm, ReturnForm
from .filters import ListingFilterSet, search_listings
from .row_guard import OwnRowsBulkAction, rows_of

BATCH = 1000
"""Cars of one transaction."""
FORETOLD = 500
"""Up to so many cars the page tries everything out before; of more it would take too long to come."""
LISTED = 100
SAID = 5
"""Refusals that the message afterwards names."""
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Line:
    """A car on the page: what will happen to it, or why nothing will."""

    listing: Listing
    news: str
    refusal: str


class ListingBulkAction(OwnRowsBulkAction):
    """One wish for all ticked cars."""

    models = [Listing]
    template_name = "listings/admin/bulk_action.html"
    act: Act | None = None
    explanation: Any = ""
    """A sentence above the button, translated."""

    def wish(self, values: dict[str, Any]) -> Wish:
        return Wish(act=self.act, comment=values.get("comment", ""))

    def news(self, listing: Listing, wish: Wish) -> str:
        """What the page says of a car beside its name."""
        return ""

    # --- Which cars ---------------------------------------------------------------------------------------

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Any:
        """ "All" are those that the list shows: its filters and its search are in the address."""
        rows = rows_of(self.request.user, Listing)
        filters = ListingFilterSet(self.request.GET, queryset=rows, request=self.request)
        if filters.is_valid():
            rows = filters.qs
        return search_listings(rows, self.request.GET.get("q", "")).values_list("pk", flat=True)

    def get_queryset(self, model: Any, object_ids: Any) -> list[Any]:
        return super().get_queryset(model, [str(key) for key in object_ids])

    def get_actionable_objects(self) -> Any:
        return self._actionable_objects

    @cached_property
    def _actionable_objects(self) -> Any:
        found = super().get_actionable_objects()
        prefetch_related_objects(found[0], "dealer")
        return found

    def object_context(self, listing: Any) -> dict[str, Any]:
        """Without Wagtail's address of each row's edit page, which costs a query."""
        return {"item": listing}

    @cached_property
    def cars(self) -> list[Listing]:
        """Ticked, and the user's. Newest first, as in the list."""
        found: list[Listing] = sorted(self.get_actionable_objects()[0], key=lambda listing: -listing.pk)
        return found

    # --- Before: the page ---------------------------------------------------------------------------------

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        kwargs["form"] = form
        wish = self._wish_of(form)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lines = self._lines(wish)
        return context | {
            "action": self,
            "number": len(self.cars),
            "lines": lines[:LISTED],
            "more": max(len(lines) - LISTED, 0),
            "refused": sum(bool(line.refusal) for line in lines),
            "is_foretold": wish is not None and len(self.cars) <= FORETOLD,
            "asks": wish is None,
        }

    def _wish_of(self, form: forms.Form) -> Wish | None:
        """None: the form has not been filled in yet."""
        if not form.fields:
            return self.wish({})
        return self.wish(form.cleaned_data) if form.is_bound and form.is_valid() else None

    def _lines(self, wish: Wish | None) -> list[Line]:
        refused: dict[int, str] = {}
        if wish is not None and len(self.cars) <= FORETOLD:
            refused = carry_out({car.pk: wish for car in self.cars}, self.request.user, dry_run=True)
        lines = [
            Line(car, self.news(car, wish) if wish and car.pk not in refused else "", refused.get(car.pk, ""))
            for car in self.cars
        ]
        # Refusals are what one has to read: they come first, and so onto the page.
        return sorted(lines, key=lambda line: not line.refusal)

    # --- The deed -----------------------------------------------------------------------------------------

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if CONFIRMED not in self.request.POST:
            return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))
        wish = self.wish(form.cleaned_data)
        refused: dict[int, str] = {}
        for start in range(0, len(self.cars), BATCH):
            batch = self.cars[start : start + BATCH]
            refused |= carry_out({car.pk: wish for car in batch}, self.request.user)
        self._tell(refused)
        return redirect(self.next_url)

    def _tell(self, refused: dict[int, str]) -> None:
        done = len(self.cars) - len(refused)
        if done:
            text = ngettext("%(action)s: done for %(count)d car.", "%(action)s: done for %(count)d cars.", done)
            messages.success(self.request, text % {"action": self.display_name, "count": done})
        if refused:
            text = ngettext("%(count)d car was refused.", "%(count)d cars were refused.", len(refused))
            messages.warning(self.request, " ".join([text % {"count": len(refused)}, *self._reasons(refused)]))

    def _reasons(self, refused: dict[int, str]) -> list[str]:
        named = [car for car in self.cars if car.pk in refused]
        reasons = [f"{car}: {refused[car.pk]}" for car in named[:SAID]]
        return reasons + ([_("And others.")] if len(named) > SAID else [])


class PriceAction(ListingBulkAction):
    display_name = gettext_lazy("Change the price")
    action_type = "price"
    aria_label = gettext_lazy("Change the price of the ticked cars")
    verb = "change"
    form_class = PriceForm
    action_priority = 60
    explanation = gettext_lazy(
        "A dealer's new price of a public car may wait for a moderator; until then the old one stays."
    )

    def wish(self, values: dict[str, Any]) -> Wish:
        return Wish(percent=values["percent"] or None, amount=values["amount"] or None)

    def news(self, listing: Listing, wish: Wish) -> str:
        return f"{listing.price} → {wish.price_for(listing)} {listing.currency}"


class CityAction(ListingBulkAction):
    display_name = gettext_lazy("Change the city")
    action_type = "city"
    aria_label = gettext_lazy("Move the ticked cars to another city")
    verb = "change"
    form_class = CityForm
    action_priority = 61

    def wish(self, values: dict[str, Any]) -> Wish:
        return Wish(city=values["city"])

    def news(self, listing: Listing, wish: Wish) -> str:
        return f"→ {wish.city}"


class ChannelAction(ListingBulkAction):
    verb = "change"
    form_class = ChannelForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"user": self.request.user}


class AddChannelAction(ChannelAction):
    display_name = gettext_lazy("Put into channels")
    action_type = "add-channel"
    aria_label = gettext_lazy("Put the ticked cars into channels")
    action_priority = 62
    explanation = gettext_lazy("Cars that are not public yet appear there once they are.")

    def wish(self, values: dict[str, Any]) -> Wish:
        return Wish(into=frozenset(values["channels"]))


class RemoveChannelAction(ChannelAction):
    display_name = gettext_lazy("Take out of channels")
    action_type = "remove-channel"
    aria_label = gettext_lazy("Take the ticked cars out of channels")
    action_priority = 63
    explanation = gettext_lazy("The posts are withdrawn and do not come again until you put the cars back.")

    def wish(self, values: dict[str, Any]) -> Wish:
        return Wish(out_of=frozenset(values["channels"]))


RIGHTS = {
    Act.SUBMIT: "change",
    Act.APPROVE: "publish",
    Act.RETURN: "publish",
    Act.PUBLISH: "publish",
    Act.UNPUBLISH: "publish",
    Act.RESERVE: "sell",
    Act.SELL: "sell",
    Act.AVAILABLE: "sell",
    Act.ARCHIVE: "archive",
    Act.RESTORE: "archive",
}
"""Acts in the order of the list's footer, and the right that each takes."""
FORMS: dict[Act, type[forms.Form]] = {Act.RETURN: ReturnForm}


def act_action(act: Act, priority: int) -> type[ListingBulkAction]:
    """The bulk action of a verb that wants no answer, or only a comment."""
    attributes = {
        "display_name": act.label,
        "action_type": act.value.replace("_", "-"),
        "aria_label": act.label,
        "act": act,
        "verb": RIGHTS[act],
        "form_class": FORMS.get(act, forms.Form),
        "action_priority": priority,
    }
    return type(f"{act.name.title()}Action", (ListingBulkAction,), attributes)


ACTIONS: Sequence[type[ListingBulkAction]] = [
    *(act_action(act, 40 + place) for place, act in enumerate(RIGHTS)),
    PriceAction,
    CityAction,
    AddChannelAction,
    RemoveChannelAction,
]


def register() -> None:
    for action in ACTIONS:
        hooks.register("register_bulk_action", action)
