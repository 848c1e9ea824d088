"""The Celery application. Tasks are thin: they get ids and call a service of their app."""

import logging
import os

from celery import Celery
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")

app = Celery("avtofamily")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


SOON, LATER = 0, 6
"""Priorities of messages. Redis counts downwards: a worker takes what stands higher in any of its queues first."""


def send(task: str, *ids: object, queue: str | None = None, priority: int = SOON) -> None:
    """Tells a worker to look at something; the queue follows from CELERY_TASK_ROUTES, unless it is named.

    A lost message loses nothing: a sweep looks anyway. Only ids go into a message.
    A broker that is away is logged and forgotten.
    """
    try:
        app.send_task(task, args=ids, queue=queue, priority=priority, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("Broker is away, %s waits for its sweep: %s", task, error)
