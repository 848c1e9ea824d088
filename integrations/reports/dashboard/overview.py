"""How the channels stand and fare, counted by the database: a line for each of them.

The number of queries grows neither with channels nor with publications. What a line says of cars is of the user's own
cars; what it says of the channel itself (`health`) is there only for who may see the channel.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from integrations.monitoring.drift import with_drift
from integrations.monitoring.visibility import visible_channels
from integrations.publications.admin.views import visible_publications
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import HELD, TROUBLED, State

from .health import Health, health_of
from .pace import Pace, Paces, Stretch, paces_of


@dataclass
class ChannelLine:
    channel: Channel
    counts: dict[State, int] = field(default_factory=dict)
    oldest_due: datetime | None = None
    """When the longest waiting car should have been worked on; empty: nothing is overdue."""
    standing: int = 0
    """Posts that stand there, also while they are changed or taken out."""
    drifting: int = 0
    """Posts that are not on the platform as they should be."""
    pace: Pace = field(default_factory=Pace)
    health: Health | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def troubled(self) -> int:
        return sum(self.counts.get(state, 0) for state in TROUBLED)


@dataclass(frozen=True)
class Overview:
    lines: list[ChannelLine]
    paces: Paces


def overview_of(user: Any, stretch: Stretch) -> Overview:
    """All that the user may know: channels with his cars, and channels that he may see."""
    publications, now = visible_publications(user), stretch.ends
    seen = {channel.pk: channel for channel in visible_channels(user)}
    lines = channel_lines(publications, now, seen.values())
    paces = paces_of(publications, stretch)
    drifting = _drifting(publications, now)
    health = health_of(seen.values(), now)
    for line in lines:
        line.pace = paces.of(line.channel.pk)
        line.drifting = drifting.get(line.channel.pk, 0)
        line.health = health.get(line.channel.pk)
    return Overview(lines, paces)


def channel_lines(
    publications: QuerySet[Publication], now: datetime, known: Iterable[Channel] = ()
) -> list[ChannelLine]:
    """A line for each channel with publications of the given rows, and for each known one, by name. Two queries."""
    due = Q(next_attempt_at__lte=now) & ~Q(state__in=HELD) & (Q(lease_until=None) | Q(lease_until__lt=now))
    counted: Any = (
        publications.order_by()
        .values("channel", "state")
        .annotate(
            count=Count("pk"),
            standing=Count("pk", filter=Q(published_at__isnull=False)),
            due=Min("next_attempt_at", filter=due),
        )
    )
    found = list(counted)
    lines = {channel.pk: ChannelLine(channel) for channel in known}
    for channel in Channel.objects.filter(pk__in={row["channel"] for row in found} - lines.keys()):
        lines[channel.pk] = ChannelLine(channel)
    for row in found:
        line = lines[row["channel"]]
        line.counts[State(row["state"])] = row["count"]
        line.standing += row["standing"]
        line.oldest_due = min(filter(None, (line.oldest_due, row["due"])), default=None)
    return sorted(lines.values(), key=lambda line: line.channel.name)


def overdue(line: ChannelLine, now: datetime) -> timedelta:
    return now - line.oldest_due if line.oldest_due else timedelta()


def _drifting(publications: QuerySet[Publication], now: datetime) -> dict[int, int]:
    rows: Any = with_drift(publications.order_by(), now).values("channel_id").annotate(count=Count("pk"))
    return {row["channel_id"]: row["count"] for row in rows}
