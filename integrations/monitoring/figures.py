"""Daily figures of publications: written as platforms tell them, read by reports."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from integrations.marketplaces.base import Stats

from .models import FIGURES, PublicationDay

KEPT_FOR = timedelta(days=2 * 366)
LARGEST = 2**63 - 1
"""What the column holds; no post has so many readers."""


def record(publication_id: int, stats: Stats, at: datetime) -> None:
    """Writes down the figures for the day. Older news never replace newer ones, they fill only what is not known."""
    told = {name: value for name in FIGURES if (value := getattr(stats, name)) is not None and 0 <= value <= LARGEST}
    if not told:
        return
    with transaction.atomic():
        day, _created = PublicationDay.objects.get_or_create(
            publication_id=publication_id, day=timezone.localdate(at), defaults={"at": at}
        )
        row = PublicationDay.objects.select_for_update().get(pk=day.pk)
        newer = at >= row.at
        for name, value in told.items():
            if newer or getattr(row, name) is None:
                setattr(row, name, value)
        row.at = max(at, row.at)
        row.save()


def stats_of(publications: Iterable[int] | QuerySet, since: date, until: date) -> QuerySet[PublicationDay]:
    """The days of these publications (rows or ids), both ends included, in order. Figures count from the first day."""
    rows = PublicationDay.objects.filter(publication__in=publications, day__gte=since, day__lte=until)
    return rows.order_by("publication_id", "day")


def newest_of(publications: Iterable[int] | QuerySet) -> QuerySet[PublicationDay]:
    """The last known day of each publication."""
    newest = PublicationDay.objects.filter(publication=OuterRef("publication")).order_by("-day").values("pk")[:1]
    return PublicationDay.objects.filter(publication__in=publications, pk=Subquery(newest))


def prune(now: datetime) -> int:
    return PublicationDay.objects.filter(day__lt=timezone.localdate(now - KEPT_FOR)).delete()[0]
