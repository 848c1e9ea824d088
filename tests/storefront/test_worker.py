"""The publisher as it runs: a Celery worker of its own, killed and raced."""

import os
import time
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from cms.celery import send
from cms.storefront.models import DirtyRoute, Priority
from cms.storefront.queue import PUBLISH_TASK, mark_dirty
from cms.storefront.targets import FolderTarget
from scripts.lib.processes import Process

from .conftest import FakeRenderer, page, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Worker = Callable[..., Process]


def test_click_is_on_the_site_within_two_seconds_of_the_commit(
    renderer: FakeRenderer, target: FolderTarget, worker: Worker
) -> None:
    worker("storefront")
    renderer.pages["/cars/x"] = "new"
    with transaction.atomic():
        mark_dirty(["/cars/x"])
        time.sleep(0.2)
        assert renderer.asked == []

    seconds = wait_for(lambda: target.has("/cars/x"))

    assert seconds < 2


def test_click_is_on_the_site_within_two_seconds_while_a_rebuild_is_under_way(
    renderer: FakeRenderer, target: FolderTarget, worker: Worker
) -> None:
    bulk = [f"/cars/{number}" for number in range(3_000)]
    renderer.pages |= dict.fromkeys(bulk, "x")
    worker("storefront")
    mark_dirty(bulk, Priority.BULK)
    wait_for(lambda: len(renderer.asked) > 20)

    renderer.pages["/cars/click"] = "x"
    mark_dirty(["/cars/click"])
    seconds = wait_for(lambda: target.has("/cars/click"))

    assert seconds < 2
    assert DirtyRoute.objects.filter(priority=Priority.BULK).count() > 500


def test_killed_worker_loses_nothing(renderer: FakeRenderer, target: FolderTarget, worker: Worker) -> None:
    paths = [f"/cars/{number}" for number in range(300)]
    renderer.pages |= dict.fromkeys(paths, "x")
    victim = worker("storefront")
    mark_dirty(paths)
    wait_for(lambda: len(renderer.asked) > 30)
    victim.kill()
    done, left = set(target.paths()), set(DirtyRoute.objects.values_list("path", flat=True))
    assert left, "the worker was too quick to be killed in the middle"
    assert done | left == set(paths)

    # Nobody waits a minute in a test: the dead worker's leases are over.
    DirtyRoute.objects.update(lease_until=timezone.now())
    worker("storefront")
    send(PUBLISH_TASK)
    wait_for(lambda: not DirtyRoute.objects.exists(), 30)

    assert {path: target.file_for(path).read_text() for path in paths} == {path: page(path, "x") for path in paths}


def test_stopped_worker_ends_politely(renderer: FakeRenderer, target: FolderTarget, worker: Worker) -> None:
    process = worker("storefront")

    process.stop()

    assert not process.running()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
