"""How the channels stand, counted by the database in one query of the user's publications."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import HELD, TROUBLED, State


@dataclass
class ChannelLine:
    channel: Channel
    counts: dict[State, int] = field(default_factory=dict)
    oldest_due: datetime | None = None
    """When the longest waiting car should have been worked on; empty: nothing is overdue."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def troubled(self) -> int:
        return sum(self.counts.get(state, 0) for state in TROUBLED)


def channel_lines(publications: QuerySet[Publication], now: datetime) -> list[ChannelLine]:
    """A line for each channel with publications of the given rows, by name. Two queries however many rows there are."""
    due = Q(next_attempt_at__lte=now) & ~Q(state__in=HELD)
    found: Any = (
        publications.order_by()
        .values("channel", "state")
        .annotate(count=Count("pk"), due=Min("next_attempt_at", filter=due))
    )
    found = list(found)
    channels = Channel.objects.in_bulk({row["channel"] for row in found})
    lines = {pk: ChannelLine(channel) for pk, channel in channels.items()}
    for row in found:
        line = lines[row["channel"]]
        line.counts[State(row["state"])] = row["count"]
        line.oldest_due = min(filter(None, (line.oldest_due, row["due"])), default=None)
    return sorted(lines.values(), key=lambda line: line.channel.name)
