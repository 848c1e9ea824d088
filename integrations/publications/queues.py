"""A queue for each platform, so that a thousand messages for one never stand before the one for another.

A worker that takes `publications` takes the platforms' queues as well, in turn. Whoever wants a worker for one
platform alone starts it with `-Q publications.instagram`.
"""

from typing import Any

from celery.signals import celeryd_after_setup

from cms.celery import SOON, send
from integrations.marketplaces.registry import all_adapters

QUEUE = "publications"
RECONCILE = "publications.reconcile_publication"


def tell_worker(publication_id: int, adapter: str, priority: int = SOON) -> None:
    """Lost messages are the sweep's."""
    send(RECONCILE, publication_id, queue=f"{QUEUE}.{adapter}", priority=priority)


@celeryd_after_setup.connect
def take_every_platform(instance: Any, **kwargs: Any) -> None:
    queues = instance.app.amqp.queues
    if QUEUE in queues.consume_from:
        for adapter in all_adapters():
            queues.select_add(f"{QUEUE}.{adapter}")
