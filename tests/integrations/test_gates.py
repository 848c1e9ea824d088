"""When the engine waits, and for what: rules, windows, caps, plans, a platform that is down, a create in steps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.marketplaces.base import LookedUp, NotYet, Placed, RateLimited, RetryLater
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.publications import breaker, outcomes
from integrations.publications.models import Channel, Choice, MasterSwitch, Publication
from integrations.publications.renewal import renew_old_posts
from integrations.publications.tasks import sweep_publications
from integrations.publications.vocabulary import Desired, Operation, Result, State
from integrations.publications.windows import next_opening
from listings.lifecycle import change_price, publish_listing, set_sale_state, single
from listings.models import Listing
from listings.vocabulary import SaleState

from .conftest import Clock, World, work

Publish = Callable[..., Publication]
MakeListing = Callable[..., Listing]

pytestmark = pytest.mark.django_db


def price(publication: Publication, amount: int) -> None:
    listing = publication.document.listing
    assert listing is not None
    listing.refresh_from_db()
    change_price(listing, amount)
    publication.refresh_from_db()


# --- Which cars -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rules", "taken"),
    [
        ({}, True),
        ({"makes": ["bmw"]}, True),
        ({"makes": ["audi"]}, False),
        ({"dealers": ["other"]}, False),
        ({"conditions": ["new"]}, False),
        ({"conditions": ["used", "new"]}, True),
        ({"price_min": 95_000, "price_max": 95_000}, True),
        ({"price_min": 95_001}, False),
        ({"price_max": 94_999}, False),
        ({"max_age": 100}, True),
        ({"max_age": 1}, False),
        ({"max_mileage": 120_000}, True),
        ({"max_mileage": 119_999}, False),
        ({"needs_photo": True}, False),
    ],
)
def test_a_channel_takes_the_cars_of_its_rules(
    channel: Channel, make_listing: MakeListing, rules: dict[str, Any], taken: bool
) -> None:
    Channel.objects.update(rules=rules)

    publish_listing(make_listing())

    assert Publication.objects.exists() is taken


def test_a_car_that_leaves_the_rules_leaves_the_channel(publish: Publish, world: World) -> None:
    Channel.objects.update(rules={"price_max": 95_000})
    publication = work(publish())
    assert len(world.present) == 1

    price(publication, 96_000)
    work(publication)

    assert (publication.desired, world.present) == (Desired.ABSENT, [])


def test_a_channel_that_does_not_publish_by_itself_takes_what_somebody_puts_in(
    channel: Channel, make_listing: MakeListing
) -> None:
    Channel.objects.update(automatic=False)
    chosen, other = make_listing(), make_listing()
    Choice.objects.create(channel=channel, listing=chosen, wanted=True)

    publish_listing(chosen)
    publish_listing(other)

    assert Publication.objects.get().document.listing == chosen


def test_nobody_gets_round_the_rules_by_choosing(channel: Channel, make_listing: MakeListing) -> None:
    Channel.objects.update(rules={"makes": ["audi"]})
    listing = make_listing()
    Choice.objects.create(channel=channel, listing=listing, wanted=True)

    publish_listing(listing)

    assert not Publication.objects.exists()


def test_a_post_has_as_many_photos_as_the_channel_wants(publish: Publish, world: World) -> None:
    Channel.objects.update(photo_limit=2)

    work(publish(photos=4))

    assert len(world.present) == 2


def test_a_post_is_written_by_the_channels_template(publish: Publish, world: World) -> None:
    Channel.objects.update(template="Только у нас: {make} {model}\n{link}")

    work(publish())

    assert world.present[0]["text"] == "Только у нас: BMW X5\nПодробнее на сайте"


# --- When -----------------------------------------------------------------------------------------
MINSK = ZoneInfo("Europe/Minsk")
MONDAY = datetime(2026, 11, 23, tzinfo=MINSK)


@pytest.mark.parametrize(
    ("days", "at", "opens"),
    [
        ([], MONDAY + timedelta(hours=12), None),
        ([], MONDAY + timedelta(hours=8), MONDAY + timedelta(hours=9)),
        ([], MONDAY + timedelta(hours=21), MONDAY + timedelta(days=1, hours=9)),
        ([4], MONDAY + timedelta(hours=12), MONDAY + timedelta(days=4, hours=9)),
        ([0], MONDAY + timedelta(hours=22), MONDAY + timedelta(days=7, hours=9)),
    ],
)
def test_a_window_opens_by_local_time(days: list[int], at: datetime, opens: datetime | None) -> None:
    channel = Channel(window_days=days, window_from=time(9), window_to=time(21))

    assert next_opening(channel, at.astimezone(UTC)) == opens


def test_new_posts_wait_for_the_window_and_withdrawals_do_not(publish: Publish, world: World) -> None:
    old = work(publish())
    closed = timezone.localtime() + timedelta(days=2)
    Channel.objects.update(window_days=[closed.weekday()])

    new = work(publish())
    assert (new.state, len(world.present)) == (State.PENDING, 1)
    assert new.next_attempt_at is not None
    assert new.next_attempt_at.astimezone(closed.tzinfo).date() == closed.date()

    price(old, 90_000)
    assert work(old).state == State.PUBLISHED
    assert "90" in world.present[0]["text"]


def test_a_planned_post_waits_for_its_time(
    channel: Channel, make_listing: MakeListing, world: World, clock: Clock
) -> None:
    friday = timezone.now() + timedelta(days=3)
    listing = make_listing()
    Choice.objects.create(channel=channel, listing=listing, wanted=True, not_before=friday)

    publish_listing(listing)
    publication = work(Publication.objects.get())
    assert (publication.next_attempt_at, world.messages) == (friday, [])
    price(publication, 91_000)
    assert publication.next_attempt_at == friday

    clock.forward(days=3)
    assert work(publication, clock).state == State.PUBLISHED


def test_a_channel_makes_only_so_many_new_posts_an_hour(publish: Publish, world: World) -> None:
    Channel.objects.update(per_hour=2)

    rows = [work(publish()) for _ in range(3)]

    assert [row.state for row in rows] == [State.PUBLISHED, State.PUBLISHED, State.PENDING]
    assert rows[2].next_attempt_at is not None
    assert timedelta(minutes=50) < rows[2].next_attempt_at - timezone.now() < timedelta(minutes=80)


def test_ten_prices_in_a_minute_are_one_edit(publish: Publish, world: World, settings: Settings, clock: Clock) -> None:
    settings.EDIT_DELAY = 60
    publication = work(publish())
    first = timezone.now()
    for amount in range(90_000, 90_010):
        price(publication, amount)
        work(publication)
    assert publication.next_attempt_at is not None
    assert abs(publication.next_attempt_at - first - timedelta(seconds=60)) < timedelta(seconds=5)
    assert world.calls("editMessageText") == 0

    clock.forward(seconds=61)
    work(publication, clock)

    assert world.calls("editMessageText") == 1
    assert "90 009" in world.present[0]["text"].replace("\N{NO-BREAK SPACE}", " ")


def test_a_post_is_made_anew_after_some_days(publish: Publish, world: World, clock: Clock) -> None:
    Channel.objects.update(repost_days=14)
    publication = work(publish())
    assert renew_old_posts(timezone.now() + timedelta(days=13)) == 0

    clock.forward(days=15)
    assert renew_old_posts(clock.now) == 1
    work(publication, clock)

    old, new = world.present
    assert old["text"].startswith("Опубликовано заново\n")
    assert new["text"].startswith("BMW X5")
    assert (publication.state, publication.renew, publication.next_attempt_at) == (State.PUBLISHED, False, None)
    assert [attempt.operation for attempt in publication.attempts.all()] == [
        Operation.CREATE, Operation.WITHDRAW, Operation.CREATE
    ]  # fmt: skip


def test_only_a_few_posts_are_made_anew_at_a_time(publish: Publish) -> None:
    Channel.objects.update(repost_days=1, per_hour=12)
    for _ in range(4):
        work(publish())

    assert renew_old_posts(timezone.now() + timedelta(days=2)) == 2


def test_a_sold_car_is_not_advertised_anew(publish: Publish, world: World) -> None:
    Channel.objects.update(repost_days=1)
    publication = work(publish())
    assert publication.document.listing is not None
    single(set_sale_state([publication.document.listing], SaleState.SOLD))
    work(publication)

    assert renew_old_posts(timezone.now() + timedelta(days=2)) == 0
    assert len(world.present) == 1


# --- Stopped, resting, crowded --------------------------------------------------------------------
def test_the_master_switch_stops_every_channel_and_loses_nothing(publish: Publish, world: World) -> None:
    switch = MasterSwitch.objects.create(pk=1, paused_at=timezone.now())
    publication = work(publish())
    assert (publication.state, sweep_publications(), world.messages) == (State.PENDING, 0, [])

    switch.delete()

    assert work(publication).state == State.PUBLISHED


def test_photos_that_we_have_lost_give_no_platform_a_rest(publish: Publish, settings: Settings, tmp_path: Path) -> None:
    rows = [publish(photos=1) for _ in range(breaker.FAILURES + 1)]
    settings.MEDIA_ROOT = tmp_path / "elsewhere"

    assert {work(row).error_class for row in rows} == {Result.RETRY}
    channel = Channel.objects.get()
    assert (channel.failures, channel.resting_until) == (0, None)


def test_a_platform_that_fails_again_and_again_gets_a_rest_and_one_probe(
    publish: Publish, world: World, clock: Clock
) -> None:
    rows = [publish() for _ in range(breaker.FAILURES + 3)]
    world.sandbox.control({"faults": [{"answer": "500", "done": False, "count": breaker.FAILURES + 1}]})
    for row in rows[: breaker.FAILURES]:
        assert work(row).error_class == Result.RETRY
    calls = world.calls("sendMessage")

    waiting = work(rows[breaker.FAILURES])
    assert (world.calls("sendMessage"), waiting.attempts.count(), waiting.error_class) == (calls, 0, "")

    clock.forward(seconds=breaker.FIRST_REST + 1)
    assert work(rows[breaker.FAILURES + 1], clock).error_class == Result.RETRY
    assert world.calls("sendMessage") == calls + 1
    assert work(rows[breaker.FAILURES + 2], clock).attempts.count() == 0

    clock.forward(seconds=breaker.LONGEST_REST)
    assert work(rows[0], clock).state == State.PUBLISHED
    assert work(rows[1], clock).state == State.PUBLISHED
    channel = Channel.objects.get()
    assert (channel.failures, channel.resting_until) == (0, None)


def test_a_slow_channel_does_not_take_every_worker(publish: Publish, world: World, settings: Settings) -> None:
    settings.CALLS_PER_CHANNEL = 2
    busy = [publish(), publish()]
    Publication.objects.filter(pk__in=[row.pk for row in busy]).update(
        lease_until=timezone.now() + timedelta(seconds=60)
    )

    third = work(publish())

    assert (third.state, third.attempts.count(), world.messages) == (State.PENDING, 0, [])
    assert third.next_attempt_at is not None
    assert third.next_attempt_at - timezone.now() < timedelta(seconds=3)


def test_after_a_day_of_failures_a_person_is_asked(publish: Publish, world: World) -> None:
    publication = publish()
    Publication.objects.update(tries=outcomes.BUDGET - 1)
    world.fault(answer="500", done=False)

    work(publication)

    assert (publication.state, publication.next_attempt_at) == (State.FAILED, None)
    assert "Telegram" in publication.error_text
    assert str(outcomes.GIVEN_UP) in publication.error_text


# --- A create in several steps --------------------------------------------------------------------
class Steps:
    """An adapter's create that prepares first, and publishes when it is called again."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def __call__(self, payload: Any, account: Any) -> Placed:
        self.seen.append(dict(account.progress))
        if not account.progress:
            raise NotYet({"container": 7}, after=30)
        if account.progress["container"] == 7 and len(self.seen) == 2:
            raise RetryLater("Not now.")
        return Placed({"id": 1}, key="post-1", confirmed=False)


def test_a_create_goes_on_where_it_left_off(publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    monkeypatch.setattr(TelegramAdapter, "create", steps)
    publication = work(publish())
    assert (publication.state, publication.error_class) == (State.PENDING, "")
    assert publication.next_attempt_at is not None
    assert timedelta(seconds=25) < publication.next_attempt_at - timezone.now() <= timedelta(seconds=30)

    for _ in range(2):
        clock.forward(seconds=60)
        work(publication, clock)

    assert steps.seen == [{}, {"container": 7}, {"container": 7}]
    assert (publication.state, publication.key, publication.progress) == (State.PUBLISHED, "post-1", {})
    assert publication.confirmed_at is None
    assert [attempt.result for attempt in publication.attempts.all()] == [Result.DONE, Result.RETRY, Result.WAITING]


def test_a_changed_car_begins_its_create_anew(publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    monkeypatch.setattr(TelegramAdapter, "create", steps)
    publication = work(publish())

    price(publication, 80_000)
    clock.forward(seconds=60)
    work(publication, clock)

    assert steps.seen == [{}, {}]


def test_a_platform_that_cannot_be_asked_now_is_asked_again_before_a_person(
    publish: Publish, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [RetryLater("Not now."), RateLimited(5), LookedUp("found", Placed({"id": 1}, key="post-1"))]

    def lookup(*args: Any) -> LookedUp:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: LookedUp = answer
        return found

    monkeypatch.setattr(TelegramAdapter, "lookup", lookup)
    monkeypatch.setattr(TelegramAdapter, "capabilities", replace(TelegramAdapter.capabilities, can_look_up=True))
    world.fault(answer="drop", done=True)
    publication = work(publish())
    assert (publication.state, publication.error_class) == (State.PENDING, Result.RETRY)

    for _ in range(2):
        clock.forward(minutes=1)
        work(publication, clock)

    assert (publication.state, publication.key, world.calls("sendMessage")) == (State.PUBLISHED, "post-1", 1)
    assert publication.attempts.get().result == Result.DONE
