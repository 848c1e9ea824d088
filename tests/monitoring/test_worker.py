"""The whole way with a real worker: a reader's reaction becomes a figure without anybody calling anything."""

import time
from collections.abc import Callable

import pytest

from integrations.monitoring.models import IncomingWebhook, PublicationDay
from integrations.publications.models import Channel, Publication
from scripts.lib.processes import Process
from tests.integrations.conftest import World, work


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_what_the_platform_sends(
    connected: Channel, publish: Callable[..., Publication], world: World, worker: Callable[..., Process]
) -> None:
    publication = work(publish())
    worker("monitoring")

    world.telegram.updates.react("avtofamily_demo", int(publication.key.split("/")[1]), count=2)

    end = time.monotonic() + 20
    while not IncomingWebhook.objects.exclude(processed_at=None).exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert PublicationDay.objects.get(publication=publication).likes == 2
