"""Platforms that fetch a file and can be spoken to as well: what became of the cars, and "come and fetch it"."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.marketplaces.base import AdapterError, RateLimited
from integrations.marketplaces.feed import FeedAdapter, Listed
from integrations.monitoring import checks
from integrations.monitoring.models import ChannelWatch
from integrations.monitoring.vocabulary import CheckSource
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel, MasterSwitch, Publication
from integrations.publications.vocabulary import Result, State

from .addresses import address_of
from .entries import feed_adapter, is_feed

logger = logging.getLogger(__name__)

BATCH = 500
READ_WITHIN = timedelta(days=1)
"""A platform that does not say when it read the file has read it at least as lately as this."""


def tells(adapter: Any) -> bool:
    """Whether the platform reports on all cars at once."""
    return isinstance(adapter, FeedAdapter) and type(adapter).inspect_all is not FeedAdapter.inspect_all


def can_be_told(adapter: Any) -> bool:
    """Whether the platform can be told the file's address by program."""
    return isinstance(adapter, FeedAdapter) and type(adapter).announce is not FeedAdapter.announce


def channels_that_tell() -> list[Channel]:
    if MasterSwitch.objects.exists():
        return []
    return [channel for channel in Channel.objects.working() if is_feed(channel) and tells(feed_adapter(channel))]


def pull_states(channel: Channel, now: datetime | None = None) -> int:
    """Asks once for all cars and writes down what became of each. Returns of how many the platform told."""
    adapter, asked = feed_adapter(channel), now or timezone.now()
    try:
        account = open_account(channel, until=asked + timedelta(minutes=3))
        listed = adapter.inspect_all(account)
    except RateLimited:
        # The next sweep asks again. The file itself needs no pause: its cars are rows of ours.
        return 0
    except AdapterError as error:
        logger.warning("Channel %s: its platform does not say what became of the cars: %s", channel.pk, error)
        # Nothing is paused: the platform fetches the file whether it answers or not.
        ChannelWatch.objects.update_or_create(channel=channel, defaults={"problem": str(error), "problem_at": asked})
        return 0
    ChannelWatch.objects.filter(channel=channel).exclude(problem="").update(problem="", problem_at=None)
    return sum(_record(channel, listed or {}, asked, keys) for keys in _batches(sorted(listed or {})))


def announce(channel: Channel) -> None:
    """Raises AdapterError, CredentialsUnavailable and CredentialsUnreadable."""
    adapter = feed_adapter(channel)
    adapter.announce(address_of(channel), open_account(channel))


def ask_to_fetch(channel: Channel) -> None:
    """Raises AdapterError; RateLimited where it is too early."""
    feed_adapter(channel).ask_to_fetch(open_account(channel))


def _record(channel: Channel, listed: Mapping[str, Listed], at: datetime, keys: list[str]) -> int:
    rows = Publication.objects.filter(channel=channel, key__in=keys).exclude(published_at=None)
    count = 0
    for row in rows.only("pk", "key", "published_at", "address"):
        told = listed[row.key]
        if row.published_at is None or row.published_at > (told.read_at or at - READ_WITHIN):
            # The platform speaks of an earlier reading of the file, in which this post was not.
            continue
        checks.record(row.pk, told.seen, CheckSource.POLL, at, post=row.published_at)
        _tell(row, told)
        count += 1
    return count


def _tell(row: Publication, told: Listed) -> None:
    """The ad's address, and why it was refused, on the publication itself."""
    same = Publication.objects.filter(pk=row.pk, published_at=row.published_at)
    if told.address and told.address != row.address:
        same.update(address=told.address)
    if told.seen.state == "removed" and told.seen.problems:
        words = " ".join(str(problem) for problem in told.seen.problems)
        same.filter(state=State.FAILED, error_class=Result.INVALID).update(error_text=words)


def _batches(keys: list[str]) -> list[list[str]]:
    return [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
