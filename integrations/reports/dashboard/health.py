"""What is known of the channels themselves: their limits and their access data. For who may see the channels."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F
from pydantic import ValidationError

from integrations.credentials.models import CredentialInfo
from integrations.marketplaces.base import Quota
from integrations.marketplaces.registry import get_adapter
from integrations.monitoring.models import ChannelWatch
from integrations.publications.models import Channel, PublicationAttempt
from integrations.publications.vocabulary import Operation, Result

HOUR = timedelta(hours=1)
NEARLY = 0.9
"""Part of a limit that is used, from which somebody should know."""


@dataclass(frozen=True)
class Health:
    quota: Quota | None
    """The platform's own limit, as it last told."""
    quota_at: datetime | None
    this_hour: int
    """New posts of the last hour: what `Channel.per_hour` limits."""
    per_minute: int | None
    """What we allow ourselves to send."""
    expires_at: datetime | None
    """Of the access data."""
    renewal_problem: str

    @property
    def quota_left(self) -> int:
        return max(self.quota.total - self.quota.used, 0) if self.quota else 0

    @property
    def is_nearly_used(self) -> bool:
        return self.quota is not None and self.quota.used >= NEARLY * self.quota.total


def health_of(channels: Iterable[Channel], now: datetime) -> dict[int, Health]:
    """By channel. Three queries, none for no channels."""
    channels = list(channels)
    if not channels:
        return {}
    watches = {row.channel_id: row for row in ChannelWatch.objects.filter(channel__in=channels)}
    references = [channel.credential for channel in channels if channel.credential]
    infos = {str(info.pk): info for info in CredentialInfo.objects.filter(pk__in=references)}
    created = _created(channels, now)
    found = {}
    for channel in channels:
        watch, info = watches.get(channel.pk), infos.get(channel.credential)
        quota = _quota(watch, now) if watch else None
        found[channel.pk] = Health(
            quota=quota,
            quota_at=watch.quota_at if watch and quota else None,
            this_hour=created.get(channel.pk, 0),
            per_minute=_per_minute(channel),
            expires_at=info.expires_at if info else None,
            renewal_problem=info.problem if info else "",
        )
    return found


def _quota(watch: ChannelWatch, now: datetime) -> Quota | None:
    """None where the platform has told nothing, or so long ago that its period is over."""
    used, total, hours, at = watch.quota_used, watch.quota_total, watch.quota_hours, watch.quota_at
    if used is None or not total or hours is None or at is None or at < now - timedelta(hours=hours):
        return None
    return Quota(used, total, hours)


def _created(channels: list[Channel], now: datetime) -> dict[int, int]:
    rows: Any = (
        PublicationAttempt.objects.filter(
            publication__channel__in=[channel for channel in channels if channel.per_hour],
            started_at__gt=now - HOUR,
            operation=Operation.CREATE,
            result=Result.DONE,
        )
        .order_by()
        .values(line=F("publication__channel_id"))
        .annotate(count=Count("pk"))
    )
    return {row["line"]: row["count"] for row in rows}


def _per_minute(channel: Channel) -> int | None:
    """None where nothing is called, or where the settings do not say it."""
    adapter = get_adapter(channel.adapter)
    if adapter.capabilities.delivery == "feed":
        return None
    try:
        return getattr(adapter.Settings.model_validate(channel.settings), "per_minute", None)
    except ValidationError:
        return None
