"""Which changes of a public car go live without a moderator: `InventorySettings` decide."""

from collections.abc import Mapping
from typing import Any

from cms.users.models import User

from .changes import differences
from .models import InventorySettings, Listing


def may_skip_moderation(user: User | None) -> bool:
    """Whoever may publish is not moderated."""
    return user is None or user.has_perm("listings.publish_listing")


def is_small(row: Listing, draft: Listing, before: Mapping[str, Any] | None, rules: InventorySettings) -> bool:
    """Whether nothing but price and mileage differs from the public content, within the percents of the settings."""
    if not rules.auto_approve_price_percent and not rules.auto_approve_mileage_percent:
        return False
    changed = differences(before, draft.serializable_data())
    if not changed or changed.keys() - {"price", "mileage_km"}:
        return False
    return within_percents(row, {name: getattr(draft, name) for name in changed}, rules)


def within_percents(row: Listing, values: Mapping[str, Any], rules: InventorySettings) -> bool:
    percents = {"price": rules.auto_approve_price_percent, "mileage_km": rules.auto_approve_mileage_percent}
    return all(
        getattr(row, name) == value
        or (name in percents and abs(value - getattr(row, name)) * 100 <= percents[name] * getattr(row, name))
        for name, value in values.items()
    )
