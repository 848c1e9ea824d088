"""Forgets attempts that are too old to matter."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from .models import PublicationAttempt

KEPT = timedelta(days=400)
"""A year, and a little more to compare it with."""
BATCH = 5000
"""Rows of one DELETE, so that none holds others up for long."""


def prune_attempts(now: datetime) -> int:
    """Deletes what ended longer ago, but never the last that was done for a publication. Returns how many."""
    newer = PublicationAttempt.objects.filter(publication=OuterRef("publication"), pk__gt=OuterRef("pk"))
    old = PublicationAttempt.objects.filter(Exists(newer), finished_at__lt=now - KEPT).order_by("pk")
    count = 0
    while True:
        ids = list(old.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return count
        PublicationAttempt.objects.filter(pk__in=ids).delete()
        count += len(ids)
