"""Death and loss: real workers, killed; messages that never arrive; two workers at one row."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from cms.celery import send
from integrations.publications import engine
from integrations.publications.models import Channel, Publication, PublicationAttempt
from integrations.publications.tasks import sweep_publications
from integrations.publications.vocabulary import Operation, Result, State
from integrations.publications.wishes import catch_up
from listings.catalogue.documents import publish_documents
from listings.lifecycle import change_price, unpublish_listing
from listings.models import Listing
from scripts.lib.processes import Process

from .conftest import Clock, World, work

Publish = Callable[..., Publication]
Worker = Callable[..., Process]

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_click_reaches_the_channel_through_a_real_worker(worker: Worker, publish: Publish, world: World) -> None:
    worker("publications")
    publication = publish(photos=1)

    wait_for(lambda: Publication.objects.get(pk=publication.pk).state == State.PUBLISHED)
    assert len(world.present) == 1


def test_a_worker_killed_after_the_platform_accepted_leaves_one_post_and_a_question(
    worker: Worker, publish: Publish, world: World, clock: Clock
) -> None:
    victim = worker("publications")
    world.fault(methods=["sendMessage"], done=True, delay=60)
    publication = publish()
    wait_for(lambda: len(world.present) == 1)
    os.kill(victim.pid, signal.SIGKILL)

    publication.refresh_from_db()
    assert publication.state == State.PUBLISHING
    work(publication, clock)
    assert publication.state == State.PUBLISHING, "the lease still protects the row"

    clock.forward(seconds=engine.LEASE.total_seconds() + 1)
    work(publication, clock)
    assert publication.state == State.UNCERTAIN
    assert publication.attempts.get().result == Result.UNCERTAIN

    clock.forward(days=1)
    work(publication, clock)
    assert (world.calls("sendMessage"), len(world.messages)) == (1, 1)


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.WITHDRAW])
def test_a_death_during_an_update_or_withdrawal_is_simply_repeated(
    publish: Publish, world: World, clock: Clock, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = work(publish())
    listing = publication.document.listing
    change_price(listing, 90_000) if operation == Operation.UPDATE else unpublish_listing(listing)

    class Death(BaseException):
        pass

    def die(*args: object, **kwargs: object) -> None:
        raise Death

    with monkeypatch.context() as patch:
        patch.setattr(engine.outcomes, "_write", die)
        with pytest.raises(Death):
            engine.reconcile(publication.pk)
    clock.forward(seconds=engine.LEASE.total_seconds() + 1)
    work(publication, clock)

    expected = (State.PUBLISHED, 1) if operation == Operation.UPDATE else (State.WITHDRAWN, 0)
    assert (publication.state, len(world.present)) == expected
    interrupted = publication.attempts.get(result=Result.INTERRUPTED)
    assert interrupted.operation == operation


@pytest.mark.parametrize("place", ["before the attempt", "before the call", "after the call", "before the result"])
def test_whatever_instruction_a_worker_dies_at_there_is_at_most_one_post(
    publish: Publish, world: World, clock: Clock, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = publish()
    adapter = engine.get_adapter("telegram")
    real_create = type(adapter).create

    class Death(BaseException):
        pass

    def die(*args: object, **kwargs: object) -> None:
        raise Death

    def create_and_die(*args: object) -> None:
        real_create(*args)
        raise Death

    with monkeypatch.context() as patch:
        if place == "before the attempt":
            patch.setattr(engine, "_write_attempt", die)
        elif place == "before the call":
            patch.setattr(type(adapter), "create", die)
        elif place == "after the call":
            patch.setattr(type(adapter), "create", create_and_die)
        else:
            patch.setattr(engine.outcomes, "_write", die)
        with pytest.raises(Death):
            engine.reconcile(publication.pk)
    for _try in range(3):
        clock.forward(seconds=engine.LEASE.total_seconds() + 1)
        work(publication, clock)

    expected = {
        "before the attempt": (State.PUBLISHED, 1),
        "before the call": (State.UNCERTAIN, 0),
        "after the call": (State.UNCERTAIN, 1),
        "before the result": (State.UNCERTAIN, 1),
    }
    assert (publication.state, len(world.messages)) == expected[place]


def test_a_lost_message_is_repaired_by_the_sweep(
    publish: Publish, worker: Worker, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("integrations.publications.wishes.tell_worker", lambda *args: None)
        publication = publish()
    worker("publications")
    time.sleep(0.5)
    assert world.messages == []

    send("publications.sweep_publications")

    wait_for(lambda: Publication.objects.get(pk=publication.pk).state == State.PUBLISHED)


def test_the_sweep_signals_a_row_once_a_minute_and_leaves_held_and_paused_ones(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("integrations.publications.tasks.tell_worker", lambda pk, *rest: sent.append(pk))
    due, uncertain, leased = publish(), publish(), publish()
    Publication.objects.filter(pk=uncertain.pk).update(state=State.UNCERTAIN)
    Publication.objects.filter(pk=leased.pk).update(lease_until=timezone.now() + engine.LEASE)

    assert (sweep_publications(), sweep_publications()) == (1, 0)
    assert sent == [due.pk]

    Publication.objects.update(signalled_at=timezone.now() - timedelta(seconds=61))
    Channel.objects.update(paused_at=timezone.now())
    assert sweep_publications() == 0


def test_the_sweep_signals_the_publication_of_a_dead_worker_as_soon_as_its_lease_has_ended(publish: Publish) -> None:
    publication, now = publish(), timezone.now()
    Publication.objects.filter(pk=publication.pk).update(
        signalled_at=now - timedelta(seconds=10), lease_until=now - timedelta(seconds=1), lease_holder="dead"
    )

    assert (sweep_publications(), sweep_publications()) == (1, 0)


def test_two_workers_at_one_row_make_one_post(publish: Publish, world: World) -> None:
    publication = publish()
    world.fault(methods=["sendMessage"], delay=0.3)
    start = threading.Barrier(6)

    def race(_number: int) -> None:
        start.wait()
        try:
            engine.reconcile(publication.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(race, range(6)))

    publication.refresh_from_db()
    assert (len(world.messages), PublicationAttempt.objects.count()) == (1, 1)
    assert publication.state == State.PUBLISHED


def test_a_change_during_the_call_is_followed_in_the_same_run(publish: Publish, world: World) -> None:
    publication = publish()
    world.fault(methods=["sendMessage"], delay=1)
    listing = publication.document.listing

    def unpublish_meanwhile() -> None:
        wait_for(lambda: len(world.messages) == 1)
        unpublish_listing(Listing.objects.get(pk=listing.pk))
        connections.close_all()

    meanwhile = threading.Thread(target=unpublish_meanwhile)
    meanwhile.start()
    work(publication)
    meanwhile.join()

    assert (publication.state, publication.next_attempt_at, world.present) == (State.WITHDRAWN, None, [])
    assert list(publication.attempts.order_by("pk").values_list("operation", flat=True)) == ["create", "withdraw"]


def test_an_import_costs_the_same_queries_for_two_listings_as_for_twelve(
    channel: Channel, make_listing: Callable[..., Listing]
) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (2, 12):
        ids = [make_listing().pk for _car in range(size)]
        Listing.objects.filter(pk__in=ids).update(live=True)
        with CaptureQueriesContext(connection) as queries:
            publish_documents(ids, bulk=True)
        counts.append(sum("publications_" in query["sql"] for query in queries))
        assert Publication.objects.filter(document__listing__in=ids, state=State.PENDING).count() == size

    assert counts[0] == counts[1]
    assert counts[0] <= 5


def test_imports_sweeps_and_settings_never_wait_for_each_other_in_a_circle(
    channel: Channel, make_listing: Callable[..., Listing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.publications.tasks.tell_worker", lambda *args: None)
    monkeypatch.setattr("integrations.publications.wishes.tell_worker", lambda *args: None)
    ids = [make_listing().pk for _car in range(20)]
    Listing.objects.filter(pk__in=ids).update(live=True)
    publish_documents(ids)
    stop = time.monotonic() + 3

    def change_all() -> None:
        order = list(ids)
        while time.monotonic() < stop:
            random.shuffle(order)
            Listing.objects.filter(pk__in=ids).update(mileage_km=random.randint(1, 500_000))
            publish_documents(order, bulk=True)

    def sweep() -> None:
        while time.monotonic() < stop:
            sweep_publications()
            Publication.objects.filter(pk=random.choice(ids)).update(signalled_at=None)

    def settings_change() -> None:
        while time.monotonic() < stop:
            catch_up(channel)

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run, job) for job in (change_all, change_all, sweep, settings_change)]:
            done.result()

    rows = Publication.objects.select_related("document")
    assert {(row.desired_version == row.document.version, row.state) for row in rows} == {(True, State.PENDING)}
