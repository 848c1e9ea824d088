"""Asking platforms how posts are: politely, as often as needed, and never mistaking silence for an answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from wagtail.log_actions import log

from integrations.marketplaces.telegram import TelegramAdapter
from integrations.monitoring import checks, following, looking, tasks
from integrations.monitoring.models import ChannelWatch, ChecksAreKeptError, PublicationDay, RemoteCheck, Watch
from integrations.monitoring.vocabulary import CheckSource, PostState
from integrations.publications.models import Channel, MasterSwitch, Publication
from integrations.publications.outcomes import cleared_post
from integrations.publications.vocabulary import Desired, State
from listings.lifecycle import publish_listing, unpublish_listing
from tests.integrations.conftest import Clock, World, work

from .conftest import Asking, due, look

Publish = Callable[..., Publication]

pytestmark = pytest.mark.django_db


def withdraw(publication: Publication, clock: Clock) -> Publication:
    assert publication.document.listing is not None
    unpublish_listing(publication.document.listing)
    return work(publication, clock)


# --- A post that should be there ------------------------------------------------------------------
def test_a_post_that_is_there_is_confirmed_and_asked_for_again_in_a_day(
    publish: Publish, asking: Asking, clock: Clock
) -> None:
    publication = work(publish())
    Publication.objects.update(confirmed_at=None)
    asking.post(publication)

    watch = look(publication, clock)

    assert publication.confirmed_at is not None
    assert (watch.state, watch.how) == (PostState.LIVE, "HTTP 200")
    assert watch.next_check_at is not None
    assert timedelta(hours=23) < watch.next_check_at - clock.now < timedelta(hours=27)
    assert list(RemoteCheck.objects.values_list("state", "source", "how")) == [("live", "poll", "HTTP 200")]


def test_an_answer_like_the_last_one_writes_nothing(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    asking.post(publication)
    for _ in range(3):
        look(publication, clock)

    assert not RemoteCheck.objects.exists()


def test_a_post_that_was_removed_there_is_told_and_not_published_again(
    publish: Publish, asking: Asking, clock: Clock, world: World
) -> None:
    publication = work(publish())
    asking.post(publication, 404)

    look(publication, clock)

    assert (publication.state, publication.published_at is None) == (State.FAILED, False)
    assert "площадк" in publication.error_text or "platform" in publication.error_text
    assert len(world.messages) == 1
    proof = RemoteCheck.objects.get()
    assert (proof.state, proof.source, proof.how, proof.after_withdrawal) == ("removed", "poll", "HTTP 404", False)


def test_a_post_that_comes_back_is_well_again(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    asking.post(publication, 404)
    look(publication, clock)
    asking.post(publication, 200)

    look(publication, clock)

    assert (publication.state, publication.error_text) == (State.PUBLISHED, "")
    assert [row.state for row in RemoteCheck.objects.all()] == ["live", "removed"]


def test_a_channel_may_publish_again_what_has_disappeared(
    publish: Publish, asking: Asking, clock: Clock, world: World
) -> None:
    publication = work(publish())
    ChannelWatch.objects.create(channel=publication.channel, republish_gone=True)
    asking.post(publication, 404)

    look(publication, clock)
    work(publication, clock)

    assert publication.state == State.PUBLISHED
    assert len(world.messages) == 2


@pytest.mark.parametrize("status", [500, 403, 302])
def test_what_is_not_clear_never_counts_as_removed(publish: Publish, asking: Asking, clock: Clock, status: int) -> None:
    publication = work(publish())
    asking.post(publication, status)

    watch = look(publication, clock)

    assert (watch.state, publication.state) == (PostState.LIVE, State.PUBLISHED)
    assert watch.checked_at is not None
    assert not RemoteCheck.objects.exists()


def test_a_gone_post_stays_gone_while_the_platform_says_nothing_clear(
    publish: Publish, asking: Asking, clock: Clock
) -> None:
    publication = work(publish())
    for status in (404, 500):
        asking.post(publication, status)
        watch = look(publication, clock)

    assert watch.state == PostState.REMOVED


def test_what_the_platform_finds_wrong_is_kept(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    asking.post(publication, 200, "Нет цены")

    assert look(publication, clock).problems == ["Нет цены"]
    assert RemoteCheck.objects.get().problems == ["Нет цены"]


def test_an_adapter_that_breaks_takes_nothing_with_it(
    publish: Publish, asking: Asking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = work(publish())

    def broken(*given: Any) -> None:
        raise KeyError("messages")

    monkeypatch.setattr(TelegramAdapter, "inspect", broken)
    watch = look(publication, clock)

    assert (watch.state, publication.state) == (PostState.LIVE, State.PUBLISHED)
    assert watch.next_check_at is not None
    assert watch.next_check_at > clock.now + timedelta(hours=20)


def test_an_answer_about_an_earlier_post_is_passed_over(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    following.follow(clock.now)
    seen = asking.inspect({"messages": [{"id": 99}]}, type("", (), {"ensure_time": lambda self: None})())

    earlier = publication.published_at - timedelta(days=1)  # type: ignore[operator]
    assert checks.record(publication.pk, seen, CheckSource.POLL, clock.now, post=earlier) is False
    assert checks.record(publication.pk, seen, CheckSource.WEBHOOK, earlier) is False
    assert not RemoteCheck.objects.exists()


# --- A post that should be gone -------------------------------------------------------------------
def test_a_withdrawal_is_proved_by_the_answer_and_then_by_a_look(
    publish: Publish, asking: Asking, clock: Clock, world: World
) -> None:
    publication = work(publish())
    asking.post(publication, 404)
    following.follow(clock.now)
    address = publication.address

    withdraw(publication, clock)
    watch = look(publication, clock)

    look_, answer = RemoteCheck.objects.all()
    assert (answer.source, answer.state, answer.address) == ("withdrawal", "removed", address)
    assert (look_.source, look_.state, look_.how) == ("poll", "removed", "HTTP 404")
    assert (answer.after_withdrawal, look_.after_withdrawal) == (True, True)
    assert watch.next_check_at is None


def test_a_post_that_stays_after_its_withdrawal_is_found(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    asking.post(publication, 200)
    following.follow(clock.now)
    withdraw(publication, clock)

    watch = look(publication, clock)

    assert (watch.state, watch.standing) == (PostState.LIVE, False)
    assert watch.next_check_at is not None
    assert publication.state == State.WITHDRAWN


def test_a_withdrawal_before_the_first_look_is_proved_too(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = withdraw(work(publish()), clock)

    for _ in range(2):
        following.follow(clock.now)

    proof = RemoteCheck.objects.get()
    assert (proof.publication, proof.state, proof.source) == (publication, "removed", "withdrawal")


def test_a_crossed_out_post_is_not_said_to_be_removed(
    publish: Publish, asking: Asking, clock: Clock, world: World
) -> None:
    publication = work(publish())
    following.follow(clock.now)
    clock.forward(hours=49)
    world.sandbox.clock.offset = 49 * 3600
    withdraw(publication, clock)

    following.follow(clock.now)

    proof = RemoteCheck.objects.get()
    assert (proof.state, proof.source, proof.how) == ("marked", "withdrawal", publication.note)
    assert Watch.objects.get().next_check_at is None


def test_a_removal_by_hand_names_who_said_so(
    publish: Publish, asking: Asking, clock: Clock, admin_client: Any, admin_user: Any
) -> None:
    publication = work(publish())
    following.follow(clock.now)
    Publication.objects.update(state=State.MANUAL, desired=Desired.ABSENT)

    admin_client.post(f"/admin/publications/{publication.pk}/decide/by-hand/")
    following.follow(clock.now)

    proof = RemoteCheck.objects.get()
    assert (proof.source, proof.state, proof.person) == ("person", "removed", admin_user.get_username())


def test_a_removal_by_hand_keeps_how_it_was_done(
    publish: Publish, asking: Asking, clock: Clock, admin_user: Any
) -> None:
    publication = work(publish())
    following.follow(clock.now)
    log(instance=publication, action="publications.by_hand", user=admin_user, data={"how": "Удалил сам в 14:05."})
    for name, value in cleared_post().items():
        setattr(publication, name, value)
    publication.save()

    following.follow(clock.now)

    proof = RemoteCheck.objects.get()
    assert (proof.source, proof.person, proof.how) == ("person", admin_user.get_username(), "Удалил сам в 14:05.")


def test_a_post_made_anew_leaves_a_proof_of_the_old_one(publish: Publish, clock: Clock, world: World) -> None:
    publication = work(publish())
    following.follow(clock.now)
    Publication.objects.update(renew=True, state=State.UPDATING, next_attempt_at=timezone.now())
    work(publication)

    following.follow(clock.now)

    proof, watch = RemoteCheck.objects.get(), Watch.objects.get()
    assert (proof.after_withdrawal, "deleted" in proof.how) == (True, True)
    assert (watch.standing, watch.published_at) == (True, publication.published_at)
    assert watch.external == publication.external


def test_proofs_are_never_changed(publish: Publish, clock: Clock) -> None:
    withdraw(work(publish()), clock)
    following.follow(clock.now)
    proof = RemoteCheck.objects.get()

    with pytest.raises(ChecksAreKeptError):
        proof.save()
    with pytest.raises(ChecksAreKeptError):
        RemoteCheck.objects.update(how="")


# --- When, and how politely -----------------------------------------------------------------------
def test_unconfirmed_posts_are_asked_for_sooner(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    Publication.objects.update(confirmed_at=None)
    following.follow(clock.now)
    watch = Watch.objects.get()
    assert watch.next_check_at is not None
    assert watch.next_check_at - clock.now < timedelta(minutes=12)

    asking.post(publication, 500)
    clock.forward(hours=10)
    watch = look(publication, clock)
    assert watch.next_check_at is not None
    assert timedelta(hours=5) <= watch.next_check_at - clock.now < timedelta(hours=6)


def test_looks_are_spread_over_the_day(publish: Publish, asking: Asking, clock: Clock) -> None:
    rows = [work(publish()) for _ in range(8)]
    following.follow(clock.now)

    times = sorted(Watch.objects.values_list("next_check_at", flat=True))
    assert len(rows) == len(set(times)) == 8
    assert times[-1] - times[0] > timedelta(hours=2)


@pytest.mark.parametrize("reason", ["paused", "off", "switch", "resting"])
def test_nothing_is_asked_where_nothing_may_be_called(
    publish: Publish, asking: Asking, clock: Clock, reason: str
) -> None:
    publication = work(publish())
    following.follow(clock.now)
    due(publication, clock.now)
    if reason == "switch":
        MasterSwitch.objects.create(pk=1, paused_at=clock.now)
    values: dict[str, dict[str, Any]] = {
        "paused": {"paused_at": clock.now}, "off": {"is_active": False},
        "resting": {"resting_until": clock.now + timedelta(minutes=5)},
    }  # fmt: skip
    Channel.objects.update(**values.get(reason, {}))

    assert looking.look(publication.channel_id, clock) == 0
    assert tasks.watch() == 0
    assert Watch.objects.get().checked_at == publication.confirmed_at


def test_watching_takes_a_quarter_of_the_channels_limit(publish: Publish, asking: Asking, clock: Clock) -> None:
    rows = [work(publish()) for _ in range(4)]
    for row in rows:
        asking.post(row)
    following.follow(clock.now)
    Watch.objects.update(next_check_at=clock.now)
    Channel.objects.update(settings=rows[0].channel.settings | {"per_minute": 12})

    # Three questions a minute: the platform's limits, then two posts.
    assert looking.look(rows[0].channel_id, clock) == 3
    assert Watch.objects.filter(how="HTTP 200").count() == 2
    assert looking.look(rows[0].channel_id, clock) == 0


def test_one_worker_asks_a_channel(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    ChannelWatch.objects.create(channel=publication.channel, looking_until=clock.now + timedelta(seconds=30))

    assert looking.look(publication.channel_id, clock) == 0


def test_a_post_that_is_being_changed_is_asked_for_later(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    Publication.objects.update(lease_until=clock.now + timedelta(seconds=60))
    asking.post(publication, 404)

    look(publication, clock)

    assert publication.state == State.PUBLISHED
    assert not RemoteCheck.objects.exists()


def test_a_platform_that_is_away_is_left_alone_for_a_while(
    publish: Publish, asking: Asking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.marketplaces.base import RetryLater

    publication = work(publish())

    def away(*given: Any) -> None:
        raise RetryLater("Площадка не отвечает.")

    monkeypatch.setattr(TelegramAdapter, "inspect", away)
    look(publication, clock)
    row = ChannelWatch.objects.get()
    assert (row.problem, row.looking_until) == ("Площадка не отвечает.", None)
    due(publication, clock.now)
    assert looking.look(publication.channel_id, clock) == 0

    monkeypatch.setattr(TelegramAdapter, "inspect", lambda self, *given: asking.inspect(*given))
    asking.post(publication)
    clock.forward(minutes=6)
    look(publication, clock)
    assert ChannelWatch.objects.get().problem == ""
    assert Channel.objects.get().failures == 0


# --- Figures --------------------------------------------------------------------------------------
def test_figures_are_fetched_once_a_day_and_quota_once_an_hour(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    asking.views(publication, 100)
    following.follow(clock.now)
    due(publication, clock.now, "next_stats_at")
    for _ in range(2):
        looking.look(publication.channel_id, clock)

    assert PublicationDay.objects.get().views == 100
    watch, row = Watch.objects.get(), ChannelWatch.objects.get()
    assert watch.next_stats_at is not None
    assert watch.next_stats_at > clock.now + timedelta(hours=23)
    assert (row.quota_used, row.quota_total, row.quota_hours) == (7, 50, 24)


# --- Many -----------------------------------------------------------------------------------------
def test_following_takes_the_same_queries_for_any_number(
    publish: Publish, asking: Asking, clock: Clock, django_assert_num_queries: Any
) -> None:
    def measured() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            following.follow(clock.now)
        return len(queries)

    withdraw(work(publish()), clock)
    few = measured()
    for _ in range(4):
        withdraw(work(publish()), clock)
    assert measured() == few
    assert RemoteCheck.objects.count() == 5


def test_a_car_that_returns_is_watched_anew(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    following.follow(clock.now)
    withdraw(publication, clock)
    following.follow(clock.now)
    assert publication.document.listing is not None
    publish_listing(publication.document.listing)
    work(publication, clock)

    following.follow(clock.now)

    watch = Watch.objects.get()
    assert (watch.standing, watch.state, watch.withdrawn_at) == (True, PostState.LIVE, None)
    assert watch.external == publication.external


def test_only_two_channels_are_asked_at_once(publish: Publish, asking: Asking, clock: Clock) -> None:
    publication = work(publish())
    busy = [
        Channel.objects.create(name=f"Канал {number}", adapter="telegram", webhook_token=str(number))
        for number in range(looking.AT_ONCE)
    ]
    for row in busy:
        ChannelWatch.objects.create(channel=row, looking_until=clock.now + timedelta(seconds=30))
    asking.post(publication, 404)

    look(publication, clock)
    assert publication.state == State.PUBLISHED

    clock.forward(minutes=1)
    look(publication, clock)
    assert publication.state == State.FAILED


def test_a_car_that_is_out_of_a_file_is_not_said_to_be_removed(
    publish: Publish, asking: Asking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = work(publish())
    asking.post(publication, 404)
    following.follow(clock.now)
    withdraw(publication, clock)
    monkeypatch.setattr(TelegramAdapter, "capabilities", replace(TelegramAdapter.capabilities, delivery="feed"))

    following.follow(clock.now)

    assert RemoteCheck.objects.get().state == "unknown"
    watch = Watch.objects.get()
    assert watch.next_check_at is not None
    assert watch.next_check_at > clock.now + timedelta(hours=23)

    assert look(publication, clock).state == PostState.REMOVED
    assert [row.state for row in RemoteCheck.objects.all()] == ["removed", "unknown"]
