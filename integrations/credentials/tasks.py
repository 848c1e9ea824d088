"""Celery: what has to be done once a day."""

from celery import shared_task

from . import events
from .store import credential_store


@shared_task(name="credentials.prune", soft_time_limit=250, time_limit=270)
def prune() -> None:
    """Old events go, and whatever could not be taken out of a store when it was no longer needed."""
    events.prune()
    credential_store().clear_stores()
