"""Asks a platform how posts and their figures are: one worker for a channel, never in the way of publishing."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    AuthFailed,
    InvalidPayload,
    ManualActionRequired,
    MarketplaceAdapter,
    RateLimited,
    Seen,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.publications import gates, limits
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel

from . import checks, figures, timing
from .models import ChannelWatch, Watch
from .vocabulary import CheckSource

logger = logging.getLogger(__name__)

PER_RUN = 60
"""Questions of one run; the next follows within a minute."""
SHARE = 4
"""Watching takes at most a quarter of the messages that the channel may send in a minute."""
WORKING_TIME = timedelta(seconds=50)
TASK_SOFT_LIMIT, TASK_HARD_LIMIT = 150, 170
"""Seconds. The last question has its own time-out after the working time."""
LEASE = timedelta(seconds=TASK_HARD_LIMIT + 10)
AT_ONCE = 2
"""Channels that are asked at the same time: the other workers publish."""
QUOTA_EVERY = timedelta(hours=1)
PAUSE = timedelta(minutes=5)
"""For which a platform that fails is not asked."""
PAUSE_WITHOUT_ACCESS = timedelta(hours=1)
PAUSE_OF_POST = timedelta(hours=6)
"""Before a post is asked for again that could not be asked for: it must not stand in the way of the others."""

Clock = Callable[[], datetime]


class Stop(Exception):
    """No more questions to this channel for now."""

    def __init__(self, rest: timedelta = timedelta(), words: str = "") -> None:
        super().__init__(words)
        self.rest, self.words = rest, words


def look(channel_id: int, clock: Clock = timezone.now) -> int:
    """Asks all that is due in the channel, as far as its limits let it. Returns how many questions were answered."""
    channel = Channel.objects.filter(pk=channel_id).first()
    now = clock()
    if channel is None or gates.is_stopped(channel) or (channel.resting_until and channel.resting_until > now):
        return 0
    watch, _created = ChannelWatch.objects.get_or_create(channel=channel)
    if not _take(watch, now):
        return 0
    run = _Run(channel, watch, clock, until=now + WORKING_TIME)
    ended: dict[str, Any]
    try:
        run.go()
        ended = {"problem": "", "problem_at": None} if watch.problem and run.answered else {}
    except Stop as stop:
        ended = {"rest_until": clock() + stop.rest} if stop.rest else {}
        ended |= {"problem": stop.words, "problem_at": clock()} if stop.words else {}
    ChannelWatch.objects.filter(pk=watch.pk).update(looking_until=None, **ended)
    return run.answered


def _take(watch: ChannelWatch, now: datetime) -> bool:
    """A conditional UPDATE: of several workers one asks."""
    if ChannelWatch.objects.filter(looking_until__gte=now).count() >= AT_ONCE:
        return False
    free = Q(looking_until=None) | Q(looking_until__lt=now)
    rested = Q(rest_until=None) | Q(rest_until__lte=now)
    return bool(ChannelWatch.objects.filter(free, rested, pk=watch.pk).update(looking_until=now + LEASE))


class _Run:
    """One worker's time with a channel."""

    def __init__(self, channel: Channel, watch: ChannelWatch, clock: Clock, *, until: datetime) -> None:
        self.channel, self.watch, self.clock, self.until = channel, watch, clock, until
        self.adapter: Adapter = get_adapter(channel.adapter)
        self.answered = 0

    def go(self) -> None:
        try:
            self.account: Account[Any, Any] = open_account(self.channel, clock=self.clock, until=self.until)
        except AdapterError as error:
            raise Stop(PAUSE, str(error)) from None
        self._quota()
        left = PER_RUN
        for question, column in ((self._inspect, "next_check_at"), (self._figures, "next_stats_at")):
            for row in self._due(column, left):
                left -= 1
                question(row)

    def _due(self, column: str, count: int) -> list[Watch]:
        """Posts that nobody is changing right now, the longest overdue first."""
        now = self.clock()
        rows = Watch.objects.filter(publication__channel=self.channel, **{f"{column}__lte": now})
        idle = Q(publication__lease_until=None) | Q(publication__lease_until__lt=now)
        found = list(rows.filter(idle).select_related("publication").order_by(column)[:count])
        for row in found:
            if row.standing and row.published_at == row.publication.published_at:
                # Some things are learnt of a post without the publication being saved whole.
                row.external = row.publication.external
        return found

    def _inspect(self, row: Watch) -> None:
        seen = self._ask(row, "next_check_at", lambda: self.adapter.inspect(row.external, self.account))
        if seen is None:
            seen = Seen("unknown")
        checks.record(row.publication_id, seen, CheckSource.POLL, self.clock(), post=row.published_at)

    def _figures(self, row: Watch) -> None:
        stats = self._ask(row, "next_stats_at", lambda: self.adapter.fetch_stats(row.external, self.account))
        now = self.clock()
        if stats is not None:
            figures.record(row.publication_id, stats, now)
        Watch.objects.filter(pk=row.pk, published_at=row.published_at, standing=True).update(
            stats_at=now, next_stats_at=timing.a_day_later(now)
        )

    def _quota(self) -> None:
        """Once an hour, where the platform tells."""
        now, last = self.clock(), self.watch.quota_at
        if type(self.adapter).quota is MarketplaceAdapter.quota or (last and now - last < QUOTA_EVERY):
            return
        quota = self._ask(None, "", lambda: self.adapter.quota(self.account))
        values = {"quota_used": quota.used, "quota_total": quota.total, "quota_hours": quota.hours} if quota else {}
        ChannelWatch.objects.filter(pk=self.watch.pk).update(quota_at=now, **values)

    def _ask(self, row: Watch | None, column: str, question: Callable[[], Any]) -> Any:
        """The answer; None where the platform or the adapter has none. Raises Stop."""
        self._wait_for_nobody()
        try:
            answer = question()
        except RateLimited as error:
            if self.adapter.capabilities.delivery != "feed":
                # Cars of a file are rows of ours: questions to the platform pause, the file does not.
                limits.pause(self.adapter.rate(self.account)[0], error.retry_after)
            raise Stop(timedelta(seconds=error.retry_after)) from None
        except AuthFailed as error:
            # Rights to publish and rights to read figures are different ones: publishing goes on.
            raise Stop(PAUSE_WITHOUT_ACCESS, str(error)) from None
        except (InvalidPayload, ManualActionRequired) as error:
            answer = Seen("unknown", str(error)) if column == "next_check_at" else None
        except AdapterError as error:
            self._put_off(row, column)
            raise Stop(PAUSE, str(error)) from None
        except Exception:
            logger.exception("Channel %s: the adapter failed while watching", self.channel.pk)
            answer = None
        self.answered += 1
        return answer

    def _wait_for_nobody(self) -> None:
        """Whoever has to wait asks later: this worker has other channels to look at. Raises Stop."""
        if self.clock() > self.until or gates.is_stopped(Channel.objects.get(pk=self.channel.pk)):
            raise Stop
        if self.adapter.capabilities.delivery == "feed":
            return
        name, per_minute = self.adapter.rate(self.account)
        if limits.seconds_to_wait(f"watching {name}", limit=max(1, per_minute // SHARE)) > 0:
            raise Stop
        if limits.seconds_to_wait(name, limit=per_minute) > 0:
            raise Stop

    def _put_off(self, row: Watch | None, column: str) -> None:
        if row is not None:
            later = self.clock() + PAUSE_OF_POST
            Watch.objects.filter(pk=row.pk, **{column: getattr(row, column)}).update(**{column: later})
