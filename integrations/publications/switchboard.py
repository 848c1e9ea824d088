"""Puts cars into channels and takes them out, for the list of cars and the dealers' API."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from listings.channels import ListingChannel
from listings.models import Listing

from .models import Channel, Choice
from .wishes import look_again


class Switchboard:
    """See `listings.channels.ChannelSwitchboard`."""

    def channels(self, dealer_ids: Sequence[int] | None) -> list[ListingChannel]:
        found = Channel.objects.all()
        if dealer_ids is not None:
            found = found.filter(Q(dealer=None) | Q(dealer__in=dealer_ids))
        return [ListingChannel(str(channel.pk), channel.name) for channel in found]

    def switch(self, listings: Sequence[Listing], key: str, on: bool) -> dict[int, str]:
        channel = Channel.objects.select_related("dealer").get(pk=int(key))
        others = [row for row in listings if channel.dealer_id not in (None, row.dealer_id)]
        refused = {row.pk: _("The channel “%s” takes only its own dealer's cars.") % channel for row in others}
        ids = [listing.pk for listing in listings if listing.pk not in refused]
        Choice.objects.bulk_create(
            [Choice(channel=channel, listing_id=pk, wanted=on) for pk in ids],
            update_conflicts=True,
            unique_fields=["channel", "listing"],
            update_fields=["wanted", "not_before", "campaign"],
        )
        if channel.is_active:
            # One that is switched off catches up with everything when it is switched on.
            look_again(ids, channel)
        return refused
