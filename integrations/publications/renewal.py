"""Makes posts anew that have stood for long, a few at a time."""

from datetime import datetime, timedelta

from listings.vocabulary import SaleState

from .models import Channel, Publication
from .vocabulary import Desired, State

SWEEPS_AN_HOUR = 6
PER_SWEEP = 5
"""Of one channel: subscribers shall see cars come up again, not a flood of them."""


def renew_old_posts(now: datetime) -> int:
    """Wishes a new post instead of each that is older than its channel wants. Returns how many."""
    return sum(_renew(channel, now) for channel in Channel.objects.working().exclude(repost_days=None))


def _renew(channel: Channel, now: datetime) -> int:
    old = Publication.objects.filter(
        channel_id=channel.pk,
        desired=Desired.PRESENT,
        state=State.PUBLISHED,
        renew=False,
        published_at__lte=now - timedelta(days=channel.repost_days or 0),
        document__sale_state=SaleState.AVAILABLE,
    ).order_by("published_at")
    few = PER_SWEEP if channel.per_hour is None else max(1, min(PER_SWEEP, channel.per_hour // SWEEPS_AN_HOUR))
    ids = list(old.values_list("pk", flat=True)[:few])
    # By the row's own columns: a worker may have moved it meanwhile.
    return Publication.objects.filter(pk__in=ids, state=State.PUBLISHED).update(
        renew=True, state=State.UPDATING, next_attempt_at=now
    )
