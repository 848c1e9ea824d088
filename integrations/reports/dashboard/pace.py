"""How publishing went in the last hours or days: how attempts ended and how long posts took. The database counts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, TextChoices, Window
from django.db.models.functions import RowNumber, Trunc
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from integrations.publications.models import Publication, PublicationAttempt
from integrations.publications.vocabulary import Operation, Result

UNJUDGED = ("", Result.WAITING, Result.RATE_LIMITED)
"""What is still under way, or waits as agreed with the platform, has neither succeeded nor failed."""

MEDIAN, LONGEST = 50, 95
"""Of 100 posts so many were quicker."""


class Span(TextChoices):
    """How far back the dashboard looks."""

    DAY = "day", pgettext_lazy("the last", "24 hours")
    WEEK = "week", pgettext_lazy("the last", "7 days")
    MONTH = "month", pgettext_lazy("the last", "30 days")


DAYS = {Span.WEEK: 7, Span.MONTH: 30}


@dataclass(frozen=True)
class Stretch:
    """Hours or days up to now, the first one whole, on the clock of the site."""

    span: Span
    begins: datetime
    ends: datetime

    @property
    def step(self) -> str:
        return "hour" if self.span == Span.DAY else "day"

    @property
    def slots(self) -> list[datetime]:
        length = timedelta(hours=1) if self.span == Span.DAY else timedelta(days=1)
        zone = timezone.get_default_timezone()
        found, slot = [], self.begins
        while slot < self.ends:
            found.append(slot)
            # Days of the clock on the wall: where it is put forward, one of them has 23 hours.
            slot = slot + length if self.step == "hour" else (slot.replace(tzinfo=None) + length).replace(tzinfo=zone)
        return found


def stretch_of(span: Span, now: datetime) -> Stretch:
    local = timezone.localtime(now, timezone.get_default_timezone())
    hour = local.replace(minute=0, second=0, microsecond=0)
    if span == Span.DAY:
        return Stretch(span, hour - timedelta(hours=23), local)
    midnight = hour.replace(hour=0, tzinfo=None) - timedelta(days=DAYS[span] - 1)
    return Stretch(span, midnight.replace(tzinfo=hour.tzinfo), local)


@dataclass(frozen=True)
class Took:
    """From the wish to the post."""

    median: timedelta
    longest: timedelta
    """95 of 100 were quicker."""


@dataclass
class Pace:
    """Of a channel, or of all."""

    results: Counter[str] = field(default_factory=Counter)
    took: Took | None = None

    @property
    def attempts(self) -> int:
        return sum(self.results.values())

    @property
    def done(self) -> int:
        return self.results[Result.DONE]

    @property
    def judged(self) -> int:
        return sum(count for result, count in self.results.items() if result not in UNJUDGED)

    @property
    def success(self) -> float | None:
        """Percent; None where nothing has ended yet. Rounded down: 100 % means that nothing failed."""
        return int(1000 * self.done / self.judged) / 10 if self.judged else None

    @property
    def errors(self) -> list[tuple[Result, int]]:
        """Those that did not end well, by kind, the most frequent first."""
        good = ("", Result.DONE, Result.WAITING)
        return [(Result(result), count) for result, count in self.results.most_common() if result not in good]


@dataclass(frozen=True)
class Paces:
    stretch: Stretch
    total: Pace
    channels: dict[int, Pace]
    slots: dict[datetime, Pace]

    def of(self, channel_id: int) -> Pace:
        return self.channels.get(channel_id) or Pace()


def paces_of(publications: QuerySet[Publication], stretch: Stretch) -> Paces:
    """Of the attempts of these publications. Three queries, each bounded by the index on the start of attempts."""
    attempts = PublicationAttempt.objects.filter(
        publication__in=publications.order_by(), started_at__gte=stretch.begins, started_at__lte=stretch.ends
    ).order_by()
    slot = Trunc("started_at", stretch.step, tzinfo=timezone.get_default_timezone())
    counted: Any = attempts.values("result", line=F("publication__channel_id"), slot=slot).annotate(count=Count("pk"))
    total, channels, slots = Pace(), defaultdict[int, Pace](Pace), defaultdict[datetime, Pace](Pace)
    for row in counted:
        for pace in (total, channels[row["line"]], slots[row["slot"]]):
            pace.results[row["result"]] += row["count"]
    created = attempts.filter(operation=Operation.CREATE, result=Result.DONE, finished_at__isnull=False)
    for channel_id, took in _took(created, by_channel=True).items():
        channels[channel_id].took = took
    total.took = _took(created).get(None)
    return Paces(stretch, total, dict(channels), dict(slots))


def _took(created: QuerySet[PublicationAttempt], *, by_channel: bool = False) -> dict[Any, Took]:
    """By channel, or of all under None. The database hands out the few attempts that the percentiles lie between:
    PostgreSQL has a function for them, SQLite has none.
    """
    parts = [F("publication__channel_id")] if by_channel else None
    took = ExpressionWrapper(F("finished_at") - F("wanted_at"), output_field=DurationField())
    ranked = created.annotate(
        took=took,
        rank=Window(RowNumber(), partition_by=parts, order_by=[took, "pk"]),
        of=Window(Count("pk"), partition_by=parts),
        # How far from the percentile, in hundredths of a place.
        from_median=(F("rank") - 1) * 100 - (F("of") - 1) * MEDIAN,
        from_longest=(F("rank") - 1) * 100 - (F("of") - 1) * LONGEST,
    ).filter(
        Q(from_median__gt=-100, from_median__lt=100) | Q(from_longest__gt=-100, from_longest__lt=100)
    )  # fmt: skip
    names = ("took", "from_median", "from_longest")
    near: dict[Any, list[Any]] = defaultdict(list)
    rows: Any = ranked.values(*names, line=F("publication__channel_id")) if by_channel else ranked.values(*names)
    for row in rows:
        near[row.get("line")].append(row)
    return {line: Took(_between(found, "from_median"), _between(found, "from_longest")) for line, found in near.items()}


def _between(rows: list[Any], distance: str) -> timedelta:
    """The nearer of two neighbours weighs more."""
    return sum((row["took"] * max(100 - abs(row[distance]), 0) / 100 for row in rows), timedelta())
