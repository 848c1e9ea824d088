"""Leaves a platform alone that fails again and again: one call in a while finds out whether it is back."""

import logging
import random
from datetime import datetime, timedelta

from django.db.models import F

from .models import Channel

logger = logging.getLogger(__name__)

FAILURES = 5
"""Calls in a row that the platform failed before it gets a rest: fewer may be a hiccup."""
FIRST_REST = 60
"""Seconds; twice as long after each probe that fails …"""
LONGEST_REST = 1800
"""… up to half an hour, so that a platform that is back is noticed."""
PROBE = 120
"""Seconds that a probe has before the next caller may try: longer than any request."""


def rest_until(channel: Channel, now: datetime) -> datetime | None:
    """Until when no call may be made; None: go on. After a rest exactly one caller gets None, as the probe."""
    if channel.resting_until is None:
        return None
    if channel.resting_until > now:
        return channel.resting_until
    ours = Channel.objects.filter(pk=channel.pk, resting_until=channel.resting_until)
    return None if ours.update(resting_until=now + timedelta(seconds=PROBE)) else now + timedelta(seconds=PROBE)


def failed(channel: Channel, now: datetime) -> None:
    """A call that the platform failed. Writes nothing else than the channel's counter."""
    Channel.objects.filter(pk=channel.pk).update(failures=F("failures") + 1)
    failures = Channel.objects.values_list("failures", flat=True).get(pk=channel.pk)
    if failures < FAILURES:
        return
    rest = min(FIRST_REST * 2 ** min(failures - FAILURES, 10), LONGEST_REST) * random.uniform(0.8, 1)  # noqa: S311
    Channel.objects.filter(pk=channel.pk).update(resting_until=now + timedelta(seconds=rest))
    logger.warning("Channel %s rests for %d seconds: %d calls in a row failed", channel.pk, rest, failures)


def worked(channel: Channel) -> None:
    """The platform answered sensibly. Writes only if it had failed before."""
    if channel.failures or channel.resting_until:
        Channel.objects.filter(pk=channel.pk).update(failures=0, resting_until=None)
