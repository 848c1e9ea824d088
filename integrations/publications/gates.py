"""What a step may have to wait for: the platform's rest, a free place, the window, the limits. Cheapest first."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from integrations.marketplaces.base import Account
from integrations.marketplaces.registry import Adapter

from . import breaker, limits
from .models import Channel, MasterSwitch, Publication
from .steps import Step
from .vocabulary import Desired, Operation
from .windows import next_opening

NO_PLACE = 2.0
"""Seconds until a place among the channel's calls is asked for again."""


def is_stopped(channel: Channel) -> bool:
    """By itself or with all others."""
    return is_off(channel) or MasterSwitch.objects.exists()


def is_off(channel: Channel) -> bool:
    """By a person or by a problem that only a person ends: then nothing is even looked at."""
    return not channel.is_active or channel.paused_at is not None


def time_to_wait(
    publication: Publication, step: Step, adapter: Adapter, account: Account[Any, Any], now: datetime
) -> datetime | None:
    """When to look again; None: go on now. Counts what it lets through."""
    channel = publication.channel
    renewed = step.operation == Operation.WITHDRAW and publication.desired == Desired.PRESENT
    if renewed or (step.operation == Operation.CREATE and not account.progress):
        later = _when_new_posts_may_go(publication, now)
        if later:
            return later
    if _calls_under_way(channel, now) > settings.CALLS_PER_CHANNEL:
        return _scattered(now, NO_PLACE)
    if adapter.capabilities.delivery == "call":
        rest = breaker.rest_until(channel, now)
        if rest:
            return _scattered(rest, 1)
    seconds = _limits(channel, step, adapter, account)
    return _scattered(now, seconds) if seconds > 0 else None


def _when_new_posts_may_go(publication: Publication, now: datetime) -> datetime | None:
    if publication.not_before and publication.not_before > now:
        return publication.not_before
    return next_opening(publication.channel, now)


def _calls_under_way(channel: Channel, now: datetime) -> int:
    """Of this channel, with ours: a slow platform must not occupy every worker."""
    return Publication.objects.filter(channel_id=channel.pk, lease_until__gte=now).count()


def _limits(channel: Channel, step: Step, adapter: Adapter, account: Account[Any, Any]) -> float:
    name, per_minute = adapter.rate(account)
    created = step.operation == Operation.CREATE
    cost = adapter.cost(step.payload) if created else 1
    wait = limits.seconds_to_wait(name, limit=per_minute, cost=cost)
    if wait > 0 or not created or channel.per_hour is None or account.progress:
        return wait
    return limits.seconds_to_wait(f"channel {channel.pk}", limit=channel.per_hour, window=limits.HOUR)


def _scattered(moment: datetime, seconds: float) -> datetime:
    """A little later than that, each a little different, so that the waiting ones do not come all at once."""
    return moment + timedelta(seconds=seconds * random.uniform(1, 1.3))  # noqa: S311  no secret
