"""Forgets who fetched a file long ago."""

from datetime import datetime, timedelta

from .models import ChannelFeed, FeedPull

KEPT_FOR = timedelta(days=90)
KEPT_PER_FEED = 2000
"""A platform that comes every minute fills that in a day and a half; nobody reads more."""


def prune_pulls(now: datetime) -> int:
    count, _kinds = FeedPull.objects.filter(at__lt=now - KEPT_FOR).delete()
    for feed_id in ChannelFeed.objects.values_list("pk", flat=True):
        newest = FeedPull.objects.filter(feed=feed_id).order_by("-at")
        oldest_kept = newest.values_list("at", flat=True)[KEPT_PER_FEED - 1 : KEPT_PER_FEED].first()
        if oldest_kept is not None:
            count += FeedPull.objects.filter(feed=feed_id, at__lt=oldest_kept).delete()[0]
    return count
