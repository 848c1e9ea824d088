"""What may be done with a listing: one verb each, called by admin, API, import, commands and tasks alike."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from cms.users.models import User

from .catalogue.documents import publish_documents
from .models import Listing
from .vocabulary import SaleState

SALE_TRANSITIONS: dict[SaleState, tuple[SaleState, ...]] = {
    SaleState.AVAILABLE: (SaleState.DUE_IN, SaleState.RESERVED, SaleState.SOLD),
    SaleState.RESERVED: (SaleState.AVAILABLE, SaleState.SOLD),
    SaleState.DUE_IN: (SaleState.AVAILABLE, SaleState.RESERVED, SaleState.SOLD),
    # A deal may fall through.
    SaleState.SOLD: (SaleState.AVAILABLE,),
}


def publish_listing(listing: Listing, user: User | None = None) -> None:
    """Publishes the newest draft. `user` None: the system itself (demo, commands)."""
    _require(user, "publish", listing)
    with transaction.atomic():
        revision = listing.get_latest_revision() or listing.save_revision(user=user, clean=False)
        revision.publish(user=user)
    listing.refresh_from_db()


def unpublish_listing(listing: Listing, user: User | None = None) -> None:
    """Takes the listing off the site and the channels."""
    _require(user, "publish", listing)
    listing.unpublish(user=user)


def set_sale_state(listing: Listing, state: SaleState, user: User | None = None) -> None:
    """Moves the car along the sale axis; ValidationError names a move that is not possible."""
    _require(user, "change", listing)
    with transaction.atomic():
        row = Listing.objects.select_for_update().get(pk=listing.pk)
        current = SaleState(row.sale_state)
        if state == current:
            return
        if state not in SALE_TRANSITIONS[current]:
            raise ValidationError(
                _("From “%(current)s” the car cannot become “%(state)s”."),
                params={"current": current.label, "state": SaleState(state).label},
            )
        _change_live_fields(row, user, "listings.sale_state", sale_state=state)
    listing.sale_state = state


def change_price(listing: Listing, price: int, user: User | None = None) -> None:
    """A new price, in the listing's currency, for the live listing and its newest draft alike."""
    _require(user, "change", listing)
    with transaction.atomic():
        row = Listing.objects.select_for_update().get(pk=listing.pk)
        _change_live_fields(row, user, "listings.price", price=price)
    listing.price = price


def _change_live_fields(row: Listing, user: User | None, action: str, **values: object) -> None:
    """Writes fields to the live row and into the newest draft, so that a later publish keeps them."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
        row._meta.get_field(name).clean(value, row)
    row.save()
    draft = row.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save_revision(user=user, clean=False, changed=False)
    log(instance=row, action=action, user=user, data={"before": before, "after": values}, content_changed=True)
    if row.live:
        publish_documents([row.pk])


def _require(user: User | None, action: str, listing: Listing) -> None:
    policy = policy_registry.get(listing)
    if user is not None and not policy.user_has_permission_for_instance(user, action, listing):
        raise PermissionDenied
