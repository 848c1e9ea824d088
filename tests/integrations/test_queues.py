"""The order in which workers take messages, over the real broker."""

from typing import Any

from kombu import Consumer, Queue

from cms.celery import LATER, app
from integrations.publications.queues import QUEUE, tell_worker

PLATFORMS = ("telegram", "vk_wall", "viber")


def test_what_a_person_did_overtakes_what_a_sweep_found_on_any_platform() -> None:
    """An import of a thousand cars must not hold up the one that somebody publishes meanwhile."""
    for publication_id in (1, 2, 3):
        for adapter in PLATFORMS:
            tell_worker(publication_id, adapter, LATER)
    tell_worker(7, "viber")

    assert taken(10)[0] == 7


def taken(count: int) -> list[int]:
    """Ids in the order in which one consumer of all the queues gets them."""
    ids: list[int] = []

    def note(body: Any, message: Any) -> None:
        ids.append(body[0][0])
        message.ack()

    with app.connection() as connection:
        queues = [Queue(f"{QUEUE}.{adapter}") for adapter in PLATFORMS]
        with Consumer(connection.channel(), queues, callbacks=[note], accept=["json"], prefetch_count=1):
            while len(ids) < count:
                connection.drain_events(timeout=10)
    return ids
