"""Where platforms show something else than they should."""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When

from integrations.publications.models import Publication
from integrations.publications.vocabulary import TROUBLED, Desired

from .vocabulary import Drift, PostState

UNSEEN_AFTER = timedelta(days=3)
"""A post that its platform has not confirmed in this time: feeds are fetched every day."""


def with_drift(publications: QuerySet[Publication], now: datetime) -> QuerySet[Publication]:
    """Only those that differ, with `drift`: in which way."""
    stands = Q(published_at__isnull=False, desired=Desired.PRESENT)
    problems = Q(watch__isnull=False) & ~Q(watch__problems=[])
    # What stands there is an older version that the platform did not let us change.
    older = Q(state__in=TROUBLED) & ~Q(desired_hash="") & ~Q(desired_hash=F("actual_hash"))
    return publications.annotate(
        drift=Case(
            When(stands & Q(watch__state=PostState.REMOVED, watch__standing=True), then=Value(Drift.GONE)),
            When(
                Q(published_at=None, watch__state=PostState.LIVE, watch__standing=False),
                then=Value(Drift.STAYS),
            ),
            When(stands & (problems | older), then=Value(Drift.DIFFERS)),
            When(stands & Q(confirmed_at=None, published_at__lt=now - UNSEEN_AFTER), then=Value(Drift.UNSEEN)),
            default=Value(""),
            output_field=CharField(),
        )
    ).exclude(drift="")


def drift_by_channel(now: datetime) -> dict[int, int]:
    """How many posts differ, by channel. One query."""
    rows = with_drift(Publication.objects.order_by(), now).values("channel_id").annotate(count=Count("pk"))
    return {row["channel_id"]: row["count"] for row in rows}
