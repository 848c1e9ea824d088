"""Celery: thin wrappers, ids only."""

from celery import shared_task
from django.utils import timezone

from cms.celery import send
from integrations.publications.models import Channel

from . import remote
from .pruning import prune_pulls

PULL_STATES = "monitoring.pull_feed_states"


@shared_task(name="monitoring.sweep_feed_states", soft_time_limit=50, time_limit=60, expires=600)
def sweep_feed_states() -> None:
    """One message for each channel, so that a slow platform holds up no other."""
    for channel in remote.channels_that_tell():
        send(PULL_STATES, channel.pk)


@shared_task(name=PULL_STATES, soft_time_limit=500, time_limit=520, expires=600)
def pull_feed_states(channel_id: int) -> int:
    channel = Channel.objects.working().filter(pk=channel_id).first()
    return remote.pull_states(channel) if channel else 0


@shared_task(name="monitoring.prune_feed_pulls", soft_time_limit=250, time_limit=270, expires=3600)
def prune() -> int:
    return prune_pulls(timezone.now())
