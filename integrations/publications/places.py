"""Each channel as a place of the listing, for its edit page."""

from django.utils.translation import gettext as _

from listings.models import Listing
from listings.places import Place, PlaceAction

from .models import Publication
from .pausing import master_switch
from .texts import actions_of, problem_of, state_label, tone


def _stopped() -> list[Place]:
    """All channels are stopped: it stands above them."""
    switch = master_switch()
    if switch is None:
        return []
    by = switch.paused_by.get_full_name() or switch.paused_by.get_username() if switch.paused_by else ""
    detail = ", ".join(part for part in (by, switch.reason) if part)
    return [Place(name=_("All channels"), state_label=_("stopped"), tone="bad", at=switch.paused_at, detail=detail)]


def channel_places(listing: Listing) -> list[Place]:
    rows = Publication.objects.filter(document__listing=listing).select_related("channel").order_by("channel__name")
    return _stopped() + [
        Place(
            name=row.channel.name,
            state_label=state_label(row),
            tone=tone(row),
            url=row.address,
            at=row.published_at,
            detail=problem_of(row),
            actions=[PlaceAction(str(action.label), action.url) for action in actions_of(row)],
        )
        for row in rows
    ]
