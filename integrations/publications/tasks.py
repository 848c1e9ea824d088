"""Celery: thin wrappers, ids only. A lost message loses nothing, the sweep looks at whatever is due."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cms.celery import LATER, send

from .engine import TASK_HARD_LIMIT, TASK_SOFT_LIMIT, reconcile
from .models import Channel, MasterSwitch, Publication
from .pruning import prune_attempts
from .queues import RECONCILE, tell_worker
from .refresh import REFRESH_CHANNEL, channels_to_refresh, refresh_channel
from .renewal import renew_old_posts

SWEEP_PER_CHANNEL = 100
"""Publications of one channel for which a sweep sends messages, so that none fills the queue."""
SIGNAL_AGAIN_AFTER = 60
"""Seconds after which a message counts as lost."""


@shared_task(name=RECONCILE, soft_time_limit=TASK_SOFT_LIMIT, time_limit=TASK_HARD_LIMIT)
def reconcile_publication(publication_id: int) -> None:
    reconcile(publication_id)


@shared_task(name="publications.sweep_publications", soft_time_limit=50, time_limit=60, expires=30)
def sweep_publications() -> int:
    """Tells workers of everything that is due and of which they may not know. Returns how many."""
    if MasterSwitch.objects.exists():
        return 0
    now = timezone.now()
    lost = Q(signalled_at__lt=now - timedelta(seconds=SIGNAL_AGAIN_AFTER))
    # Whoever took the message has died at it.
    orphaned = Q(signalled_at__lt=F("lease_until"))
    unsignalled = Q(signalled_at=None) | lost | orphaned
    count = 0
    for channel in Channel.objects.working():
        with transaction.atomic():
            # Rows that somebody else holds are skipped: waiting for several of them could end in a deadlock.
            due = Publication.objects.due(now).filter(unsignalled, channel=channel).order_by("next_attempt_at")
            locked = due.select_for_update(skip_locked=True).values_list("pk", flat=True)
            ids = list(locked[:SWEEP_PER_CHANNEL])
            Publication.objects.filter(pk__in=ids).update(signalled_at=now)
        for publication_id in ids:
            # What a person has just done goes first.
            tell_worker(publication_id, channel.adapter, LATER)
        count += len(ids)
    return count


@shared_task(name="publications.renew_old_posts", soft_time_limit=50, time_limit=60, expires=300)
def renew() -> int:
    return renew_old_posts(timezone.now())


@shared_task(name="credentials.refresh", soft_time_limit=50, time_limit=60, expires=1800)
def refresh_credentials() -> None:
    """One message for each channel, so that a slow platform holds up no other."""
    for channel_id in channels_to_refresh(timezone.now()):
        send(REFRESH_CHANNEL, channel_id)


@shared_task(name=REFRESH_CHANNEL, soft_time_limit=210, time_limit=230, expires=1800)
def refresh_credentials_of_channel(channel_id: int) -> None:
    refresh_channel(channel_id)


@shared_task(name="publications.prune_attempts", soft_time_limit=500, time_limit=600, expires=3600)
def prune() -> int:
    return prune_attempts(timezone.now())
