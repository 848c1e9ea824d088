"""When a post is looked at: each once a day, spread over the day; what is not known yet, sooner."""

import random
from datetime import datetime, timedelta

DAY = timedelta(days=1)
SOON = timedelta(minutes=10)
GIVE_UP = timedelta(days=7)
"""After a withdrawal that the platform neither confirms nor denies."""


def first_look(published_at: datetime, confirmed: bool, now: datetime) -> datetime:
    """Of a post: one that its platform has confirmed can wait."""
    if not confirmed:
        return next_unconfirmed(published_at, now)
    return now + DAY * random.uniform(0.25, 1)  # noqa: S311  no secret


def next_look(published_at: datetime, confirmed: bool, now: datetime) -> datetime:
    return a_day_later(now) if confirmed else next_unconfirmed(published_at, now)


def next_unconfirmed(since: datetime, now: datetime) -> datetime:
    """Ten minutes after it began, then after half the time that has passed, up to a day."""
    return now + _scattered(min(max((now - since) / 2, SOON), DAY))


def next_after_withdrawal(withdrawn_at: datetime, now: datetime) -> datetime | None:
    return None if now - withdrawn_at > GIVE_UP else next_unconfirmed(withdrawn_at, now)


def a_day_later(now: datetime) -> datetime:
    return now + _scattered(DAY)


def _scattered(pause: timedelta) -> timedelta:
    """A little longer, each a little different, so that a thousand posts of one hour drift apart."""
    return pause * random.uniform(1, 1.1)  # noqa: S311  no secret
