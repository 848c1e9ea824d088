"""Celery, queue `imports`: thin wrappers, ids only. A lost message loses nothing: sweeps look at whatever is due."""

from celery import shared_task

from cms.celery import send

from . import engine, feeds, photos, retention
from .messages import FETCH_PHOTOS, SWEEP_PHOTOS, WORK
from .photo_fetching import fetch_photos


@shared_task(name=WORK, soft_time_limit=900, time_limit=960)
def work(import_id: int) -> None:
    engine.work(import_id)


@shared_task(name="imports.sweep", soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """Imports whose worker died or whose message was lost."""
    for import_id in engine.due_imports():
        send(WORK, import_id)


@shared_task(name=FETCH_PHOTOS, soft_time_limit=600, time_limit=660)
def fetch(listing_id: int) -> None:
    fetch_photos(listing_id)


@shared_task(name=SWEEP_PHOTOS, soft_time_limit=50, time_limit=60)
def sweep_photos() -> None:
    for listing_id in photos.due_listings():
        send(FETCH_PHOTOS, listing_id)


@shared_task(name="imports.pull_feeds", soft_time_limit=50, time_limit=60)
def pull_feeds() -> None:
    feeds.pull_due()


@shared_task(name="imports.prune", soft_time_limit=3000, time_limit=3100)
def prune() -> None:
    retention.prune()
