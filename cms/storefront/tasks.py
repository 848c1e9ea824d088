"""Celery's way in. The tasks take no arguments: what has to be done stands in the database."""

from celery import shared_task

from cms.celery import send

from .models import DirtyRoute
from .publisher import publish_all
from .queue import PUBLISH_TASK

# One run of the task; the next continues. Short enough to let a worker stop politely.
RUN_SECONDS = 60


@shared_task(name=PUBLISH_TASK)
def publish_dirty_routes() -> None:
    """Renders what has been marked, the most urgent first."""
    if not publish_all(RUN_SECONDS):
        send(PUBLISH_TASK)


@shared_task(name="storefront.sweep")
def sweep() -> None:
    """Takes up what a lost message, a dead worker or a failed attempt has left."""
    if DirtyRoute.objects.due().exists():
        publish_dirty_routes()
