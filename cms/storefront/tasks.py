"""Celery's way in. The tasks take no arguments: what has to be done stands in the database."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from wagtail.models import Page

from cms.celery import send

from .models import DirtyRoute, Priority
from .publisher import publish_all
from .queue import PUBLISH_TASK, mark_dirty
from .routes import for_page

# One run of the task; the next continues. Short enough to let a worker stop politely.
RUN_SECONDS = 60

# Wagtail publishes a page and tells us in two steps; a process may die between them.
RECHECK_WINDOW = timedelta(minutes=15)


@shared_task(name=PUBLISH_TASK)
def publish_dirty_routes() -> None:
    """Renders what has been marked, the most urgent first."""
    if not publish_all(RUN_SECONDS):
        send(PUBLISH_TASK)


@shared_task(name="cms.storefront.tasks.sweep")
def sweep() -> None:
    """Takes up what a lost message, a dead worker or a failed attempt has left."""
    if DirtyRoute.objects.due().exists():
        publish_dirty_routes()


@shared_task(name="cms.storefront.tasks.recheck_pages")
def recheck_pages() -> None:
    """Marks lately published pages once more. An unchanged page is rendered, compared and left as it is."""
    recent = Page.objects.filter(last_published_at__gte=timezone.now() - RECHECK_WINDOW)
    mark_dirty({path for page in recent for path in for_page(page)}, Priority.BULK)
