"""Removes files and rows of old imports; their numbers and the change log go on saying what they did."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from listings.models import Import, PhotoDownload

from .states import ENDED, WORKABLE, ImportState, PhotoState

KEPT = timedelta(days=90)
"""A dealer asks about last month's file, hardly about last quarter's."""
FEED_KEPT = timedelta(days=14)
"""A feed comes every hour."""


def prune() -> int:
    """Returns how many imports lost file and rows."""
    now = timezone.now()
    is_old = Q(created_at__lt=now - KEPT) | Q(feed__isnull=False, created_at__lt=now - FEED_KEPT)
    old = Import.objects.filter(is_old, pruned_at__isnull=True)
    count = 0
    for job in old.exclude(state__in=WORKABLE).iterator(chunk_size=100):
        lost = PhotoDownload.objects.filter(job=job, state=PhotoState.WAITING).exclude(member="")
        lost.update(state=PhotoState.FAILED, error=_("The archive is not here any more."))
        job.rows.all().delete()
        for stored in (job.file, job.archive):
            if stored:
                stored.delete(save=False)
        # Nobody can go on with what waits for a person: its file is gone.
        Import.objects.filter(pk=job.pk).exclude(state__in=ENDED).update(state=ImportState.CANCELLED, finished_at=now)
        Import.objects.filter(pk=job.pk).update(pruned_at=timezone.now(), unmatched=[], file="", archive="")
        count += 1
    return count
