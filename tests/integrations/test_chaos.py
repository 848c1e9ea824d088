"""scripts/chaos at a small size: a real worker is killed, and the account says what is really there."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.publications.engine import reconcile
from integrations.publications.models import Channel, Publication
from integrations.publications.queues import tell_worker
from integrations.publications.vocabulary import State
from listings.catalogue.documents import publish_documents
from listings.models import Listing
from scripts.lib.chaos import ledger
from scripts.lib.chaos.account import Account
from scripts.lib.chaos.faults import SandboxDoor
from scripts.lib.paths import ROOT
from scripts.lib.processes import Process

from .conftest import World

CARS = 12
RIGHT = Account("publications", desired=12, reached=12, lost=0, doubled=0, uncertain=0)


@pytest.fixture
def cars(channel: Channel, make_listing: Callable[..., Listing]) -> list[int]:
    ids = [make_listing().pk for _car in range(CARS)]
    Listing.objects.filter(pk__in=ids).update(live=True)
    publish_documents(ids, bulk=True)
    return list(Publication.objects.order_by("pk").values_list("pk", flat=True))


def counted(door: SandboxDoor) -> Account:
    return Account("publications", **ledger.account(), unanswered=door.unanswered())


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_lost_or_doubled_and_a_person_answers_the_rest(
    cars: list[int], worker: Callable[..., Process], world: World
) -> None:
    door = SandboxDoor(world.sandbox.url, seed=1)
    door.control(faults=[{"answer": "drop", "done": True}])
    victim = worker("publications")
    for publication_id in cars[:4]:
        tell_worker(publication_id, "telegram")
    _wait_for(lambda: len(world.present) >= 4)
    door.control(faults=[{"delay": 30, "count": 2}])
    for publication_id in cars[4:]:
        tell_worker(publication_id, "telegram")
    _wait_for(lambda: len(world.present) >= 6)
    victim.kill()
    door.clear()
    # What three minutes do: the dead worker's leases run out.
    Publication.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))
    _work_on(cars)

    before = counted(door)
    assert (before.desired, before.lost, before.doubled, before.reached + before.uncertain) == (CARS, 0, 0, CARS)
    assert (before.uncertain, before.unanswered) == (3, 1)

    assert ledger.resolve() == {"there": 3}
    _work_on(cars)
    after = counted(door)
    assert (after.reached, after.doubled, after.uncertain) == (CARS, 0, 0)
    assert after.unfinished() == []


@pytest.mark.django_db(transaction=True)
def test_the_account_sees_what_is_lost_doubled_and_too_many(cars: list[int], world: World) -> None:
    _work_on(cars)
    door, right = SandboxDoor(world.sandbox.url, seed=1), counted(SandboxDoor(world.sandbox.url, seed=1))
    assert right == RIGHT

    first, second, third = Publication.objects.order_by("pk")[:3]
    _post(world, f"/cars/{first.document.slug}")
    world.telegram.store.delete_message(-1001000000001, second.external["messages"][0]["id"], time.time())
    Publication.objects.filter(pk=third.pk).update(desired="absent")

    account = counted(door)
    assert (account.doubled, account.lost, account.wrong, account.reached) == (1, 1, 1, CARS - 3)
    assert account.problems() == ["1 lost, 1 doubled, 1 too many, 0 failed"]


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (RIGHT, ""),
        (replace(RIGHT, reached=11, lost=1), "1 lost"),
        (replace(RIGHT, doubled=1), "1 doubled"),
        (replace(RIGHT, reached=9, uncertain=3, in_flight=2, unanswered=1), ""),
        (replace(RIGHT, reached=9, uncertain=3, in_flight=1, unanswered=1), "3 uncertain, but only 1 calls"),
    ],
)
def test_more_questions_than_calls_that_nobody_saw_end_are_a_failure(account: Account, words: str) -> None:
    assert words in "; ".join(account.problems())
    assert bool(words) == bool(account.problems())


def test_faults_come_with_the_work_and_all_of_them_come(db: None, world: World) -> None:
    door, out = SandboxDoor(world.sandbox.url, seed=1), []
    door.control = lambda **settings: out.extend(settings["faults"])  # type: ignore[method-assign]
    door.plan(2)
    planned = len(door.waiting)

    door.sprinkle(0, planned)
    assert len(out) == 1
    door.sprinkle(0.5, planned)
    assert len(out) == planned // 2 + 1
    door.sprinkle(1, planned)
    assert (len(out), door.waiting) == (planned, [])


def test_the_command_says_what_it_can_do() -> None:
    shown = subprocess.run([ROOT / "scripts" / "chaos", "--help"], capture_output=True, text=True, check=True).stdout
    assert all(word in shown for word in ("publications", "--json", "--quick"))


def _work_on(publications: list[int]) -> None:
    for publication_id in publications:
        Publication.objects.filter(pk=publication_id).exclude(state=State.UNCERTAIN).exclude(
            next_attempt_at=None
        ).update(next_attempt_at=timezone.now())
        reconcile(publication_id)


def _post(world: World, words: str) -> None:
    world.telegram.store.add_message(-1001000000001, html=words, text=words, picture=None, album=None, now=time.time())


def _wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
