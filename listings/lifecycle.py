"""What may be done with listings: two tables and one verb for each act. Admin, bulk actions, API, imports, commands
and tasks all call these verbs, and nothing else moves a car.

A verb takes many listings and answers who was refused, in words, by id; everything that was not refused is done, in
one transaction and a constant number of queries. Whoever has a single listing calls `single(verb([listing], …))`.
`user` None is the system itself: commands, feeds, the demo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, prefetch_related_objects
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.models import TaskState
from wagtail.permissions import policy_registry

from cms.users.models import User

from . import bulk
from .auto_approval import is_small, may_skip_moderation, within_percents
from .changes import Change, record
from .models import City, InventorySettings, Listing
from .moderation import workflow
from .refusals import Refusals, allowed_rows, in_archive, not_allowed, problems_of, refuse_taken_vins, single
from .signals import moderation_began, moderation_ended
from .vocabulary import ChangeAction, PublicationState, SaleState

DRAFT, IN_MODERATION = PublicationState.DRAFT, PublicationState.IN_MODERATION
PUBLISHED, ARCHIVED = PublicationState.PUBLISHED, PublicationState.ARCHIVED


@dataclass(frozen=True)
class Transition:
    """From where a car may go, to where, and who may send it: the name of a right on listings."""

    sources: tuple[PublicationState, ...]
    target: PublicationState
    right: str
    wish: Promise
    ask: Promise


MODERATOR = gettext_lazy("a moderator")
MANAGER = gettext_lazy("the dealer's manager or a moderator")
OWNER = gettext_lazy("the car's agent or the dealer's manager")

PUBLICATION: dict[str, Transition] = {
    "submit": Transition((DRAFT,), IN_MODERATION, "change", gettext_lazy("submit for moderation"), OWNER),
    "withdraw": Transition((IN_MODERATION,), DRAFT, "change", gettext_lazy("take back from moderation"), OWNER),
    "approve": Transition((IN_MODERATION,), PUBLISHED, "publish", gettext_lazy("approve"), MODERATOR),
    "return_to_dealer": Transition((IN_MODERATION,), DRAFT, "publish", gettext_lazy("return to the dealer"), MODERATOR),
    "publish": Transition((DRAFT, IN_MODERATION, PUBLISHED), PUBLISHED, "publish", gettext_lazy("publish"), MODERATOR),
    "unpublish": Transition((PUBLISHED,), DRAFT, "publish", gettext_lazy("take off the site"), MODERATOR),
    "archive": Transition((DRAFT, IN_MODERATION, PUBLISHED), ARCHIVED, "archive", gettext_lazy("archive"), MANAGER),
    "restore": Transition((ARCHIVED,), DRAFT, "archive", gettext_lazy("restore from the archive"), MANAGER),
}
"""A public car with a newer draft, or one in moderation, is in two of the states at once: `states_of`."""

SALE: dict[SaleState, dict[SaleState, str]] = {
    SaleState.DUE_IN: {SaleState.AVAILABLE: "sell", SaleState.RESERVED: "sell", SaleState.SOLD: "sell"},
    SaleState.AVAILABLE: {SaleState.DUE_IN: "sell", SaleState.RESERVED: "sell", SaleState.SOLD: "sell"},
    SaleState.RESERVED: {SaleState.AVAILABLE: "sell", SaleState.SOLD: "sell"},
    # A deal may fall through.
    SaleState.SOLD: {SaleState.AVAILABLE: "sell"},
}
"""From where, to where, and the right that it takes."""

# States


def states_of(listing: Listing, in_moderation: bool) -> set[PublicationState]:
    """All that is true of a listing: what the public sees, and what waits beside it."""
    if listing.archived_at:
        return {ARCHIVED}
    states = {PUBLISHED} if listing.live else set()
    if in_moderation:
        states.add(IN_MODERATION)
    elif not listing.live or listing.has_unpublished_changes:
        states.add(DRAFT)
    return states


def publication_state(listing: Listing) -> PublicationState:
    return publication_states([listing])[listing.pk]


def publication_states(listings: Sequence[Listing]) -> dict[int, PublicationState]:
    """In one word: of a public car that it is public."""
    waiting = workflow.ids_in_moderation([listing.pk for listing in listings if not listing.live])
    return {listing.pk: _main(states_of(listing, listing.pk in waiting)) for listing in listings}


def transitions_for(user: User, listing: Listing) -> list[str]:
    """Verbs of PUBLICATION that this user may use on the listing now."""
    states = states_of(listing, listing.pk in workflow.ids_in_moderation([listing.pk]))
    policy = policy_registry.get_by_type(Listing)
    return [
        verb
        for verb, transition in PUBLICATION.items()
        if states.intersection(transition.sources)
        and policy.user_has_permission_for_instance(user, transition.right, listing)
    ]


def _main(states: set[PublicationState]) -> PublicationState:
    return next(state for state in (ARCHIVED, PUBLISHED, IN_MODERATION, DRAFT) if state in states)


# Verbs of the publication axis


@transaction.atomic
def submit(listings: Sequence[Listing], user: User | None, comment: str = "") -> Refusals:
    """Drafts, and changes of public cars, wait for a moderator from now on."""
    rows, refused = _ready("submit", listings, user)
    drafts = _drafts(rows, refused)
    _begin_moderation([drafts[row.pk] for row in rows if row.pk in drafts], user, comment)
    return refused


@transaction.atomic
def withdraw(listings: Sequence[Listing], user: User | None) -> Refusals:
    """The dealer has thought better of it."""
    rows, refused = _ready("withdraw", listings, user)
    workflow.end(rows, user, TaskState.STATUS_CANCELLED)
    record([Change(row, ChangeAction.WITHDRAW) for row in rows], user)
    return refused


@transaction.atomic
def approve(
    listings: Sequence[Listing], user: User | None, comment: str = "", *, seen: Mapping[int, int] | None = None
) -> Refusals:
    """`seen`: by listing id the revision that the moderator looked at; a newer one is not approved unseen."""
    rows, refused = _ready("approve", listings, user)
    for row in rows:
        if seen is not None and seen.get(row.pk) != row.latest_revision_id:
            refused[row.pk] = _("The dealer has changed the car meanwhile: look at it again.")
    _publish([row for row in rows if row.pk not in refused], refused, user, comment)
    return refused


@transaction.atomic
def return_to_dealer(listings: Sequence[Listing], user: User | None, comment: str) -> Refusals:
    if not comment.strip():
        return {listing.pk: _("Write what the dealer has to correct.") for listing in listings}
    rows, refused = _ready("return_to_dealer", listings, user)
    if rows:
        workflow.end(rows, user, TaskState.STATUS_REJECTED, comment)
        record([Change(row, ChangeAction.RETURN, comment=comment) for row in rows], user)
        moderation_ended.send(sender=Listing, listings=rows, approved=False, user=user, comment=comment)
    return refused


@transaction.atomic
def publish(listings: Sequence[Listing], user: User | None) -> Refusals:
    """The newest content goes live; a car in moderation is thereby approved."""
    rows, refused = _ready("publish", listings, user)
    _publish(rows, refused, user, "")
    return refused


@transaction.atomic
def unpublish(listings: Sequence[Listing], user: User | None) -> Refusals:
    rows, refused = _ready("unpublish", listings, user)
    hidden = {"live": False, "has_unpublished_changes": True, "live_revision": None}
    bulk.change_state(rows, hidden, user=user, action=ChangeAction.UNPUBLISH, wagtail_action="wagtail.unpublish")
    return refused


@transaction.atomic
def archive(listings: Sequence[Listing], user: User | None, comment: str = "") -> Refusals:
    """Off the site and the channels, and out of the way; nothing is lost."""
    rows, refused = _ready("archive", listings, user)
    workflow.end(rows, user, TaskState.STATUS_CANCELLED)
    hidden = {"live": False, "has_unpublished_changes": True, "live_revision": None, "archived_at": timezone.now()}
    bulk.change_state(
        rows, hidden, user=user, action=ChangeAction.ARCHIVE, wagtail_action="listings.archive", comment=comment
    )
    return refused


@transaction.atomic
def restore(listings: Sequence[Listing], user: User | None) -> Refusals:
    """Back from the archive, as a draft."""
    rows, refused = _ready("restore", listings, user)
    refuse_taken_vins([row for row in rows if row.sale_state != SaleState.SOLD], refused)
    rows = [row for row in rows if row.pk not in refused]
    values = {"archived_at": None}
    bulk.change_state(rows, values, user=user, action=ChangeAction.RESTORE, wagtail_action="listings.restore")
    return refused


# The sale axis


@transaction.atomic
def set_sale_state(listings: Sequence[Listing], state: SaleState, user: User | None = None) -> Refusals:
    """Moves cars along the sale axis. One that is there already is left alone."""
    wish = gettext_lazy("change the sale state of")
    rows, refused = allowed_rows(listings, "view", user, wish, OWNER)
    moving = []
    for row in rows:
        current = SaleState(row.sale_state)
        right = SALE[current].get(state)
        if right and user and not user.has_perm(f"listings.{right}_listing"):
            refused[row.pk] = not_allowed(wish, OWNER)
        elif row.archived_at:
            refused[row.pk] = in_archive()
        elif state != current and state not in SALE[current]:
            reason = _("From “%(current)s” the car cannot become “%(state)s”.")
            refused[row.pk] = reason % {"current": current.label, "state": state.label}
        elif state != current:
            moving.append(row)
    refuse_taken_vins([row for row in moving if row.sale_state == SaleState.SOLD], refused)
    moving = [row for row in moving if row.pk not in refused]
    values = {"sale_state": state}
    bulk.change_state(moving, values, user=user, action=ChangeAction.SALE_STATE, wagtail_action="listings.sale_state")
    _refresh(listings, moving, ("sale_state",))
    return refused


# Changes of content


@transaction.atomic
def save_changes(drafts: Sequence[Listing], user: User | None) -> Refusals:
    """An edit, whichever way it came: `drafts` are `bulk.newest_drafts` with new values, already validated.

    Of a public car: live at once if the user may publish or the settings trust the change, else into moderation
    while the public version stays. What somebody else left unpublished in the draft is never published along.
    """
    rows, refused = _changeable(drafts, user)
    kept = {row.pk: row for row in rows}
    before = {} if may_skip_moderation(user) else bulk.newest_contents(kept)
    rules = InventorySettings.load()
    at_once, later, to_moderate = [], [], []
    for draft in drafts:
        row = kept.get(draft.pk)
        if row is None:
            continue
        row.keep_state(draft)
        settled = row.live and not row.has_unpublished_changes
        if settled and (may_skip_moderation(user) or is_small(row, draft, before.get(row.pk), rules)):
            at_once.append(draft)
            continue
        later.append(draft)
        if row.live and not may_skip_moderation(user):
            to_moderate.append(draft)
    bulk.save_listings(at_once, user=user, publish=True)
    _save_for_later(later, to_moderate, user)
    return refused


@transaction.atomic
def change_prices(listings: Sequence[Listing], new_prices: Mapping[int, int], user: User | None) -> Refusals:
    """New prices, in each listing's own currency. A discount that is none any more is forgotten."""
    values = {
        listing.pk: {"price": price, "old_price": old if (old := listing.old_price) and old > price else None}
        for listing in listings
        if (price := new_prices.get(listing.pk)) is not None
    }
    return _change_fields(listings, values, user)


@transaction.atomic
def move_to_city(listings: Sequence[Listing], city: City, user: User | None) -> Refusals:
    return _change_fields(listings, {listing.pk: {"city": city} for listing in listings}, user)


# For one listing


@transaction.atomic
def publish_small_change(listing: Listing, before: Mapping[str, Any] | None, user: User) -> None:
    """After an edit on the admin's page: publishes it if the settings trust it. `before`: the content until then."""
    row = Listing.objects.select_for_update().get(pk=listing.pk)
    drafts = bulk.newest_drafts([listing.pk])
    if not may_skip_moderation(user) and is_small(row, drafts[listing.pk], before, InventorySettings.load()):
        bulk.publish_drafts(list(drafts.values()), user=user)


def publish_listing(listing: Listing, user: User | None = None) -> None:
    single(publish([listing], user))
    listing.refresh_from_db()


def unpublish_listing(listing: Listing, user: User | None = None) -> None:
    single(unpublish([listing], user))
    listing.refresh_from_db()


def change_price(listing: Listing, price: int, user: User | None = None) -> None:
    single(change_prices([listing], {listing.pk: price}, user))
    listing.refresh_from_db()


# Inside


def _ready(verb: str, listings: Sequence[Listing], user: User | None) -> tuple[list[Listing], Refusals]:
    """Rows from which the verb is possible, locked; and the refusals of the others."""
    transition = PUBLICATION[verb]
    rows, refused = allowed_rows(listings, transition.right, user, transition.wish, transition.ask)
    waiting = workflow.ids_in_moderation([row.pk for row in rows])
    ready = []
    for row in rows:
        states = states_of(row, row.pk in waiting)
        if states.intersection(transition.sources):
            ready.append(row)
        else:
            reason = _("The car is “%(state)s”: you cannot %(wish)s it.")
            refused[row.pk] = reason % {"state": _main(states).label, "wish": transition.wish}
    return ready, refused


def _changeable(listings: Sequence[Listing], user: User | None) -> tuple[list[Listing], Refusals]:
    rows, refused = allowed_rows(listings, "change", user, pgettext_lazy("wish", "change"), OWNER)
    refused |= {row.pk: in_archive() for row in rows if row.archived_at}
    return [row for row in rows if row.pk not in refused], refused


def _drafts(rows: Iterable[Listing], refused: Refusals) -> dict[int, Listing]:
    """The newest content of the rows. What is not fit for the public, or a VIN that is taken, is refused."""
    drafts = bulk.newest_drafts([row.pk for row in rows])
    prefetch_related_objects(list(drafts.values()), "make", "model", "generation", "trim", "city", "dealer")
    for pk, draft in drafts.items():
        problems = problems_of(draft)
        if problems:
            refused[pk] = problems
    refuse_taken_vins([draft for draft in drafts.values() if draft.sale_state != SaleState.SOLD], refused)
    return {pk: draft for pk, draft in drafts.items() if pk not in refused}


def _publish(rows: Sequence[Listing], refused: Refusals, user: User | None, comment: str) -> None:
    drafts = _drafts(rows, refused)
    waiting = workflow.ids_in_moderation(drafts)
    approved = [draft for pk, draft in drafts.items() if pk in waiting]
    others = [draft for pk, draft in drafts.items() if pk not in waiting]
    if approved:
        workflow.end(approved, user, TaskState.STATUS_APPROVED, comment)
        bulk.publish_drafts(approved, user=user, action=ChangeAction.APPROVE, comment=comment)
        moderation_ended.send(sender=Listing, listings=approved, approved=True, user=user, comment=comment)
    if others:
        # One that was returned before is no longer the dealer's to correct.
        workflow.end(others, user, TaskState.STATUS_CANCELLED)
        bulk.publish_drafts([draft for draft in others if draft.latest_revision_id], user=user)
        bulk.save_listings([draft for draft in others if not draft.latest_revision_id], user=user, publish=True)


def _begin_moderation(drafts: Sequence[Listing], user: User | None, comment: str = "") -> None:
    if not drafts:
        return
    bulk.save_listings([draft for draft in drafts if not draft.latest_revision_id], user=user, publish=False)
    workflow.begin(drafts, user)
    record([Change(draft, ChangeAction.SUBMIT, comment=comment) for draft in drafts], user)
    moderation_began.send(sender=Listing, listings=list(drafts), user=user)


def _save_for_later(later: Sequence[Listing], to_moderate: Sequence[Listing], user: User | None) -> None:
    """New drafts; those in moderation stay there with their new content, `to_moderate` join them."""
    bulk.save_listings(later, user=user, publish=False)
    waiting = workflow.ids_in_moderation([draft.pk for draft in later])
    workflow.follow([draft for draft in later if draft.pk in waiting])
    _begin_moderation([draft for draft in to_moderate if draft.pk not in waiting], user)


def _change_fields(listings: Sequence[Listing], values: Mapping[int, Mapping[str, Any]], user: User | None) -> Refusals:
    rows, refused = _changeable([listing for listing in listings if listing.pk in values], user)
    rules = InventorySettings.load()
    drafts = bulk.newest_drafts([row.pk for row in rows])
    public, later, to_moderate = {}, [], []
    for row in rows:
        draft = drafts[row.pk]
        try:
            for name, value in values[row.pk].items():
                if not isinstance(value, Model):
                    Listing._meta.get_field(name).clean(value, row)
        except ValidationError as error:
            refused[row.pk] = " ".join(error.messages)
            continue
        if row.live and (may_skip_moderation(user) or within_percents(row, values[row.pk], rules)):
            public[row.pk] = values[row.pk]
            continue
        for name, value in values[row.pk].items():
            setattr(draft, name, value)
        later.append(draft)
        if row.live:
            to_moderate.append(draft)
    bulk.change_fields(drafts, public, user=user)
    workflow.follow([drafts[pk] for pk in public])
    _save_for_later(later, to_moderate, user)
    return refused


def _refresh(listings: Iterable[Listing], rows: Iterable[Listing], names: Iterable[str]) -> None:
    """The caller's objects say what their rows say."""
    moved = {row.pk: row for row in rows}
    for listing in listings:
        for name in names if listing.pk in moved else ():
            setattr(listing, name, getattr(moved[listing.pk], name))
