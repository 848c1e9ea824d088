"""Who may see how a channel fares."""

from typing import Any

from django.db.models import QuerySet

from integrations.publications.models import Channel
from listings.permissions import own_rows


def visible_channels(user: Any) -> QuerySet[Channel]:
    """All of them for the group's staff who see channels at all; a dealer's people see their own."""
    if not any(user.has_perm(f"publications.{verb}_channel") for verb in ("view", "change")):
        return Channel.objects.none()
    return Channel.objects.filter(own_rows(user, "dealer", None))
