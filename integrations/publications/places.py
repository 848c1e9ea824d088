"""Each channel as a place of the listing, for its edit page."""

from listings.models import Listing
from listings.places import Place, PlaceAction

from .models import Publication
from .texts import actions_of, problem_of, state_label, tone


def channel_places(listing: Listing) -> list[Place]:
    rows = Publication.objects.filter(document__listing=listing).select_related("channel").order_by("channel__name")
    return [
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
