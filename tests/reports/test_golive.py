"""A channel is tried with one car over real HTTP: what the machine knows is not asked, what it cannot know is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cms.users.models import User
from integrations.demo.channels import CHANNELS, ensure_demo_channel
from integrations.monitoring.following import follow
from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.vocabulary import State
from integrations.reports import golive
from integrations.reports.golive_stages import next_stage, stages_of
from integrations.reports.models import GoLiveRun, GoLiveStage
from listings.lifecycle import publish_listing
from listings.models import Dealer, Listing
from tests.factories import DealerFactory, ExchangeRateFactory, ListingFactory, UserFactory, member, staff
from tests.integrations.conftest import World, work

pytestmark = pytest.mark.django_db
Make = Callable[..., Listing]


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def boss() -> User:
    person: User = UserFactory(is_superuser=True, first_name="Ольга", last_name="Главная")
    return person


@pytest.fixture
def off(channel: Channel, dealer: Dealer) -> Channel:
    """The dealer's own, not switched on yet."""
    channel.is_active, channel.dealer = False, dealer
    channel.save()
    return channel


@pytest.fixture
def manager(dealer: Dealer) -> User:
    return member(dealer, username="manager", first_name="Иван", last_name="Свой")


def begin(channel: Channel, user: User, listing: Listing) -> GoLiveRun:
    golive.start(channel, user, listing.pk)
    return reread(channel)


def reread(channel: Channel) -> GoLiveRun:
    return GoLiveRun.objects.select_related("channel__dealer", "listing").get(channel=channel, ended_at=None)


def standings(channel: Channel, user: User) -> dict[str, str]:
    return {stage.code.value: stage.standing for stage in stages_of(reread(channel), user)}


def engine(channel: Channel) -> Publication:
    row = Publication.objects.get(channel=channel)
    Publication.objects.filter(pk=row.pk, next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    return work(row)


def new_price(listing: Listing, price: int) -> None:
    """A moderator has approved it."""
    listing.refresh_from_db()
    listing.price = price
    listing.save_revision()
    publish_listing(listing)


def passed(channel: Channel, user: User, listing: Listing) -> GoLiveRun:
    golive.switch_on_for_test(channel, user)
    run = begin(channel, user, listing)
    golive.check_access(run, user)
    golive.send(run, user)
    engine(channel)
    new_price(listing, 93_000)
    engine(channel)
    follow(timezone.now())
    golive.withdraw(run, user)
    engine(channel)
    follow(timezone.now())
    golive.finish(reread(channel), user)
    return GoLiveRun.objects.get(pk=run.pk)


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


def test_two_do_not_try_one_channel_at_a_time(off: Channel, manager: User, make_listing: Make) -> None:
    first, second = make_listing(), make_listing()
    for car in (first, second):
        publish_listing(car)
    golive.start(off, manager, first.pk)
    with pytest.raises(ValidationError, match="already"):
        golive.start(off, manager, second.pk)


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


def test_a_car_of_which_somebody_has_decided_is_not_offered(off: Channel, manager: User, make_listing: Make) -> None:
    planned, free = make_listing(), make_listing()
    for car in (planned, free):
        publish_listing(car)
    Choice.objects.create(channel=off, listing=planned, wanted=True, not_before=timezone.now() + timedelta(days=1))
    assert [car.listing_id for car in golive.cars_to_try(off, manager, "")] == [free.pk]
    with pytest.raises(ValidationError):
        golive.start(off, manager, planned.pk)


def test_only_who_keeps_the_channels_lets_one_loose_and_only_after_it_has_passed(
    off: Channel, manager: User, boss: User, make_listing: Make
) -> None:
    listing = make_listing()
    publish_listing(listing)
    with pytest.raises(ValidationError, match="First try"):
        golive.let_loose(off, boss)
    passed(off, manager, listing)
    with pytest.raises(PermissionDenied):
        golive.let_loose(off, manager)
    golive.let_loose(off, boss)
    off.refresh_from_db()
    assert off.automatic


def test_nobody_tries_a_foreign_channel_or_a_foreign_car(
    off: Channel, manager: User, make_listing: Make, client: Client
) -> None:
    stranger = member(DealerFactory(slug="foreign"), username="stranger")
    listing = make_listing()
    publish_listing(listing)
    with pytest.raises(PermissionDenied):
        golive.start(off, stranger, listing.pk)
    client.force_login(stranger)
    assert client.get(reverse("reports_golive", args=[off.pk])).status_code == 404
    assert off.name not in client.get(reverse("reports_golive_list")).content.decode()
    off.dealer = None
    off.save()
    # The group's own channel is not a dealer's to try.
    with pytest.raises(PermissionDenied):
        golive.start(off, manager, listing.pk)
    client.force_login(staff("marketer"))
    assert client.get(reverse("reports_golive_list")).status_code != 200


def test_the_pages_and_their_buttons(off: Channel, manager: User, make_listing: Make, client: Client) -> None:
    listing = make_listing(2)
    publish_listing(listing)
    client.force_login(manager)

    def press(verb: str, **data: Any) -> str:
        answer = client.post(reverse("reports_golive_act", args=[off.pk, verb]), data, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert off.name in client.get(reverse("reports_golive_list")).content.decode()
    press("switch-on")
    assert listing.make.name in client.get(reverse("reports_golive", args=[off.pk]), {"q": "X5"}).content.decode()
    press("start", listing="foolish")
    assert not GoLiveRun.objects.exists()
    press("start", listing=listing.pk)
    press("check")
    press("send")
    engine(off)
    assert "golive__stage--done" in press("vouch", stage="gone", words="weg")
    assert not reread(off).notes.filter(stage="gone").exists()
    press("vouch", stage="seen\0", words="\0", address="\0")
    press("withdraw")
    press("stop")
    assert client.get(reverse("reports_golive", args=[off.pk]), {"q": "\0' OR 1=1"}).status_code == 200
    assert client.post(reverse("reports_golive_act", args=[off.pk, "nonsense"])).status_code == 404
    assert client.get(reverse("reports_golive_act", args=[off.pk, "send"])).status_code == 405


def test_the_page_costs_the_same_however_long_it_has_been_tried(
    off: Channel, boss: User, make_listing: Make, client: Client
) -> None:
    listing = make_listing()
    publish_listing(listing)
    client.force_login(boss)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("reports_golive", args=[off.pk]))
        return len(captured)

    def ended(count: int) -> None:
        for _run in range(count):
            golive.stop(begin(off, boss, listing), boss)

    ended(1)
    begin(off, boss, listing)
    queries()
    few = queries()
    golive.stop(reread(off), boss)
    ended(8)
    begin(off, boss, listing)
    assert queries() == few


def test_the_channel_s_page_says_when_it_last_passed(
    off: Channel, manager: User, make_listing: Make, admin_client: Client
) -> None:
    listing = make_listing()
    publish_listing(listing)
    page = reverse("channel:edit", args=[off.pk])
    assert "Last passed" not in admin_client.get(page).content.decode()
    passed(off, manager, listing)
    with translation.override("en"):
        assert GoLiveRun.objects.get().passed
    content = admin_client.get(page).content.decode()
    assert reverse("reports_golive", args=[off.pk]) in content


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
