"""Why a verb of `lifecycle` leaves a car as it is, in words that say what to do next."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail.permissions import policy_registry

from cms.users.models import User

from .models import Listing
from .vocabulary import SaleState

Refusals = dict[int, str]
"""Reason by listing id. Empty: all was done."""

UNCHECKED = [field.name for field in Listing._meta.fields if field.is_relation] + ["slug", "uuid"]
"""References are what the database holds; checking each would be a query."""


def single(refusals: Refusals) -> None:
    """For a caller with one listing. Raises ValidationError with the refusal's words."""
    for reason in refusals.values():
        raise ValidationError(reason, code="refused")


def allowed_rows(
    listings: Sequence[Listing], right: str, user: User | None, wish: Promise, ask: Promise
) -> tuple[list[Listing], Refusals]:
    """Locked rows that are the user's to treat so. A foreign row does not exist."""
    ids = [listing.pk for listing in listings]
    rows = {row.pk: row for row in Listing.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}
    policy = policy_registry.get_by_type(Listing)
    refused: Refusals = {}
    visible = allowed = set(rows)
    if user is not None:
        known = policy.instances_user_has_any_permission_for(user, ("view", "change", "publish", right))
        visible = set(known.filter(pk__in=ids).values_list("pk", flat=True)) & set(rows)
        allowed = visible if policy.user_has_permission(user, right) else set()
    for pk in ids:
        if pk not in visible:
            refused[pk] = _("There is no such car.")
        elif pk not in allowed:
            refused[pk] = not_allowed(wish, ask)
        elif user is not None and rows[pk].locked and rows[pk].locked_by_id != user.pk:
            refused[pk] = _("The car is locked: whoever locked it has to unlock it first.")
    return [rows[pk] for pk in dict.fromkeys(ids) if pk not in refused], refused


def not_allowed(wish: Promise, ask: Promise) -> str:
    return _("You may not %(wish)s this car: ask %(who)s.") % {"wish": wish, "who": ask}


def in_archive() -> str:
    return _("The car is in the archive: restore it first.")


def problems_of(draft: Listing) -> str:
    """What a draft still lacks, in words. Empty: nothing."""
    found = []
    for check in (lambda: draft.clean_fields(exclude=UNCHECKED), draft.clean):
        try:
            check()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                field = next((field for field in Listing._meta.fields if field.name == name), None)
                prefix = f"{field.verbose_name}: " if field else ""
                found += [f"{prefix}{message}" for message in messages]
    return " ".join(found)


def refuse_taken_vins(listings: Sequence[Listing], refused: Refusals) -> None:
    """Of cars with one VIN only one may be on sale in the group."""
    vins = {listing.vin for listing in listings if listing.vin}
    active = Listing.objects.filter(vin__in=vins, archived_at__isnull=True).exclude(sale_state=SaleState.SOLD)
    holders: dict[str, int] = dict(active.values_list("vin", "pk")) if vins else {}
    for listing in listings:
        if listing.vin and holders.setdefault(listing.vin, listing.pk) != listing.pk:
            refused[listing.pk] = _("Another car on sale has the VIN %s.") % listing.vin
