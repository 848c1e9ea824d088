"""A channel is tried with one car over real HTTP: what the machine knows is not asked, what it cannot know is."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cms.users.models import User
from integrations.demo.channels import CHANNELS, ensure_demo_channel
from integrations.monitoring.following import follow
from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.vocabulary import State
from integrations.reports.golive import runs as golive
from integrations.reports.golive.stages import next_stage, stages_of
from integrations.reports.models import GoLiveRun, GoLiveStage
from listings.lifecycle import publish_listing
from listings.models import Dealer
from tests.factories import ExchangeRateFactory, ListingFactory
from tests.integrations.conftest import World

from .trying import Make, begin, engine, new_price, reread, standings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_a_manager_tries_his_channel_from_access_to_proof(
    off: Channel, manager: User, make_listing: Make, world: World
) -> None:
    listing, other = make_listing(2), make_listing()
    for car in (listing, other):
        publish_listing(car)
    golive.switch_on_for_test(off, manager)
    run = begin(off, manager, listing)
    before = standings(off, manager)
    assert before["access"] == "open"
    assert [before[name] for name in ("car", "text", "photos")] == ["done"] * 3
    assert golive.check_access(run, manager).passed
    golive.send(run, manager)
    engine(off)
    assert standings(off, manager)["seen"] == "done"
    assert standings(off, manager)["changed"] == "open"
    new_price(listing, 93_000)
    assert standings(off, manager)["changed"] == "waiting"
    engine(off)
    assert standings(off, manager)["changed"] == "done"
    follow(timezone.now())
    golive.withdraw(run, manager)
    assert standings(off, manager)["withdrawn"] == "waiting"
    engine(off)
    assert standings(off, manager)["gone"] == "waiting"
    follow(timezone.now())
    stages = stages_of(reread(off), manager)
    assert [stage.standing for stage in stages] == ["done"] * len(GoLiveStage)
    golive.finish(reread(off), manager)
    run = GoLiveRun.objects.get(pk=run.pk)
    assert run.passed
    assert run.notes.filter(passed=True).count() == len(GoLiveStage)
    # Only the test car was ever there, and it follows the rules again.
    assert {row.document.listing_id for row in Publication.objects.filter(channel=off)} == {listing.pk}
    assert not world.present
    assert not Choice.objects.filter(channel=off).exists()


def test_what_is_missing_is_said_and_nothing_is_finished_early(off: Channel, manager: User, make_listing: Make) -> None:
    listing = make_listing()
    publish_listing(listing)
    run = begin(off, manager, listing)
    with pytest.raises(ValidationError, match="Switch the channel on first"):
        golive.send(run, manager)
    with pytest.raises(ValidationError, match="still missing"):
        golive.finish(run, manager)
    found = next_stage(stages_of(run, manager))
    assert found is not None
    assert found.code == GoLiveStage.ACCESS


def test_a_refused_check_and_a_text_that_does_not_fit_are_told(
    off: Channel, manager: User, make_listing: Make, world: World
) -> None:
    listing = make_listing()
    publish_listing(listing)
    golive.switch_on_for_test(off, manager)
    run = begin(off, manager, listing)
    world.fault(answer="auth", done=False)
    assert not golive.check_access(run, manager).passed
    Channel.objects.filter(pk=off.pk).update(template="x" * 1900)
    told = {stage.code: stage for stage in stages_of(reread(off), manager)}
    for code in (GoLiveStage.ACCESS, GoLiveStage.TEXT):
        assert told[code].standing == "failed"
        assert told[code].words
    golive.send(run, manager)
    with pytest.raises(ValidationError):
        golive.withdraw(run, manager)
    assert not world.messages


def test_a_person_vouches_for_what_the_machine_cannot_know(off: Channel, manager: User, make_listing: Make) -> None:
    listing = make_listing()
    publish_listing(listing)
    golive.switch_on_for_test(off, manager)
    run = begin(off, manager, listing)
    with pytest.raises(ValidationError, match="too early"):
        golive.vouch(run, manager, "seen", address="https://t.example/1")
    golive.send(run, manager)
    engine(off)
    # As of a feed, whose platform tells nothing.
    Publication.objects.filter(channel=off).update(confirmed_at=None)
    assert standings(off, manager)["seen"] == "waiting"
    for bad in ("", "javascript:alert(1)"):
        with pytest.raises(ValidationError, match="address"):
            golive.vouch(run, manager, "seen", address=bad)
    golive.vouch(run, manager, "seen", address="https://t.example/1")
    [seen] = [stage for stage in stages_of(reread(off), manager) if stage.code == GoLiveStage.SEEN]
    assert (seen.standing, seen.address, seen.who) == ("done", "https://t.example/1", "Иван Свой")
    with pytest.raises(ValidationError, match="by itself"):
        golive.vouch(run, manager, "sent", words="It is there")


def test_that_it_was_seen_outlives_the_withdrawal_and_a_second_round_needs_its_own_proof(
    off: Channel, manager: User, make_listing: Make
) -> None:
    listing = make_listing()
    publish_listing(listing)
    golive.switch_on_for_test(off, manager)
    run = begin(off, manager, listing)
    golive.send(run, manager)
    engine(off)
    follow(timezone.now())
    golive.withdraw(run, manager)
    engine(off)
    follow(timezone.now())
    now = standings(off, manager)
    assert (now["seen"], now["gone"], now["changed"]) == ("done", "done", "open")
    golive.send(run, manager)
    engine(off)
    follow(timezone.now())
    golive.withdraw(run, manager)
    engine(off)
    assert standings(off, manager)["gone"] == "waiting"


def test_stopping_takes_the_test_car_out_and_leaves_a_log(
    off: Channel, manager: User, make_listing: Make, world: World, client: Client
) -> None:
    listing = make_listing()
    publish_listing(listing)
    golive.switch_on_for_test(off, manager)
    run = begin(off, manager, listing)
    golive.send(run, manager)
    engine(off)
    golive.stop(run, manager)
    assert engine(off).state == State.WITHDRAWN
    assert not world.present
    client.force_login(manager)
    page = client.get(reverse("reports_golive", args=[off.pk])).content.decode()
    assert "Иван Свой" in page
    with pytest.raises(ValidationError):
        golive.send(run, manager)


def test_a_channel_with_posts_is_not_switched_to_chosen_cars_only(
    channel: Channel, boss: User, make_listing: Make
) -> None:
    listing = make_listing()
    publish_listing(listing)
    engine(channel)
    Channel.objects.update(is_active=False)
    with pytest.raises(ValidationError, match="stand in this channel"):
        golive.switch_on_for_test(channel, boss)
    channel.refresh_from_db()
    assert (channel.is_active, channel.automatic) == (False, True)


def test_of_a_file_nobody_says_that_it_is_published_until_a_person_has_seen_it(
    sandbox: Any, boss: User, dealer: Dealer, folders: Any
) -> None:
    ExchangeRateFactory()
    ExchangeRateFactory(currency="EUR", rate="3.5000")
    channel = ensure_demo_channel("avby")
    Channel.objects.filter(pk=channel.pk).update(is_active=False)
    channel.refresh_from_db()
    listing = ListingFactory(published=True, dealer=dealer, photos=1, vin="WBAKJ810600000001")
    golive.switch_on_for_test(channel, boss)
    run = begin(channel, boss, listing)
    golive.check_access(run, boss)
    golive.send(run, boss)
    engine(channel)
    new_price(listing, 91_000)
    engine(channel)
    words = {stage.code: str(stage.words) for stage in stages_of(reread(channel), boss)}
    assert words[GoLiveStage.SENT] == "It is in the file."
    assert words[GoLiveStage.CHANGED] == "The price 91,000\N{NO-BREAK SPACE}BYN is in the file."
    now = standings(channel, boss)
    assert (now["text"], now["seen"]) == ("skipped", "waiting")
    golive.vouch(run, boss, "seen", address="https://av.example/1")
    follow(timezone.now())
    golive.withdraw(run, boss)
    engine(channel)
    follow(timezone.now())
    assert standings(channel, boss)["gone"] == "waiting"
    with pytest.raises(ValidationError, match="missing"):
        golive.finish(reread(channel), boss)
    golive.vouch(run, boss, "gone", words="The page says that it is gone")
    golive.finish(reread(channel), boss)
    assert GoLiveRun.objects.get().notes.filter(by_hand=True, by=boss).count() == 2


@pytest.mark.parametrize("adapter", list(CHANNELS))
def test_what_is_known_before_anything_is_sent_is_told_for_every_platform(
    adapter: str, sandbox: Any, boss: User, dealer: Dealer, folders: Any
) -> None:
    ExchangeRateFactory()
    ExchangeRateFactory(currency="EUR", rate="3.5000")
    channel = ensure_demo_channel(adapter)
    listing = ListingFactory(published=True, dealer=dealer, photos=2, vin="WBAKJ810600000001")
    begin(channel, boss, listing)
    now = standings(channel, boss)
    assert (now["car"], now["photos"]) == ("done", "done")
    assert now["text"] in ("done", "skipped")
