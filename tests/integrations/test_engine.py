"""The engine against the sandbox: what is written, what is called, what a person is asked."""

from collections.abc import Callable

import pytest

from integrations.publications.models import Channel, Publication, PublicationAttempt
from integrations.publications.vocabulary import Desired, Operation, Result, State
from listings.lifecycle import change_price, publish_listing, set_sale_state, single, unpublish_listing
from listings.models import Listing
from listings.vocabulary import SaleState

from .conftest import Clock, World, work

Publish = Callable[..., Publication]

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def test_publishing_a_listing_writes_the_wish_in_the_same_transaction(publish: Publish) -> None:
    publication = publish()

    assert (publication.desired, publication.state) == (Desired.PRESENT, State.PENDING)
    assert publication.next_attempt_at is not None
    assert publication.desired_version == publication.document.version


@pytest.mark.parametrize(
    ("photos", "method", "messages"), [(0, "sendMessage", 1), (1, "sendPhoto", 1), (3, "sendMediaGroup", 3)]
)
def test_a_car_becomes_a_text_a_photo_or_an_album(
    publish: Publish, world: World, photos: int, method: str, messages: int
) -> None:
    publication = work(publish(photos))

    assert (publication.state, publication.next_attempt_at, publication.lease_holder) == (State.PUBLISHED, None, "")
    assert world.calls(method) == 1
    assert [message["id"] for message in world.present] == list(range(1, messages + 1))
    assert [message["id"] for message in publication.external["messages"]] == list(range(1, messages + 1))
    assert publication.address == f"{world.telegram.url}/avtofamily_demo/1"
    attempt = publication.attempts.get()
    assert (attempt.operation, attempt.result) == (Operation.CREATE, Result.DONE)
    assert attempt.started_at <= attempt.finished_at


def test_nothing_is_sent_when_nothing_changed(publish: Publish, world: World) -> None:
    publication = work(publish())
    Publication.objects.update(next_attempt_at=publication.changed_at)

    work(publication)

    assert publication.attempts.count() == 1
    assert publication.next_attempt_at is None
    assert len(world.messages) == 1


def test_a_new_price_edits_the_same_post(publish: Publish, world: World) -> None:
    publication = work(publish(photos=2))
    change_price(publication.document.listing, 91_500)

    publication.refresh_from_db()
    assert publication.state == State.UPDATING
    work(publication)

    assert publication.state == State.PUBLISHED
    assert [message["id"] for message in world.messages] == [1, 2]
    assert "91\N{NO-BREAK SPACE}500" in world.messages[0]["text"]
    assert world.messages[0]["edited"] is not None
    assert world.messages[1]["edited"] is None


def test_many_changes_become_one_edit(publish: Publish, world: World) -> None:
    publication = work(publish())
    for price in (94_000, 93_000, 92_000):
        change_price(publication.document.listing, price)

    work(publication)

    assert world.calls("editMessageText") == 1
    assert "92\N{NO-BREAK SPACE}000" in world.messages[0]["text"]


def test_an_attempt_knows_since_when_it_was_wanted(publish: Publish) -> None:
    publication = work(publish())
    created = publication.attempts.get()
    assert publication.wanted_at is None
    change_price(publication.document.listing, 94_000)
    publication.refresh_from_db()
    first_change = publication.wanted_at
    change_price(publication.document.listing, 93_000)

    work(publication)

    edited = publication.attempts.get(operation=Operation.UPDATE)
    assert created.wanted_at < created.started_at < first_change == edited.wanted_at < edited.started_at


def test_unpublishing_deletes_the_post_and_publishing_again_makes_a_new_one(publish: Publish, world: World) -> None:
    publication = work(publish(photos=2))
    listing = publication.document.listing
    unpublish_listing(listing)
    work(publication)

    assert (publication.state, publication.external, publication.address) == (State.WITHDRAWN, {}, "")
    assert world.present == []

    listing.refresh_from_db()
    publish_listing(listing)
    work(publication)

    assert publication.state == State.PUBLISHED
    assert [message["id"] for message in world.present] == [3, 4]


def test_an_old_post_is_crossed_out_because_telegram_does_not_delete_it(
    publish: Publish, world: World, clock: Clock
) -> None:
    publication = work(publish(), clock)
    clock.forward(hours=49)
    unpublish_listing(publication.document.listing)
    work(publication, clock)

    assert publication.state == State.WITHDRAWN
    assert "48" in publication.note
    assert world.calls("deleteMessages") == 0
    assert world.present[0]["text"] == "Снято с продажи\nBMW X5, 2018"


def test_a_sold_car_is_marked_and_never_advertised_anew(publish: Publish, world: World) -> None:
    publication, waiting = work(publish()), publish()
    for row in (publication, waiting):
        single(set_sale_state([row.document.listing], SaleState.SOLD))
        work(row)

    assert publication.state == State.PUBLISHED
    assert world.present[0]["text"].startswith("ПРОДАНО\n")
    assert waiting.state == State.WITHDRAWN
    assert len(world.messages) == 1


def test_a_channel_may_remove_sold_cars_instead(publish: Publish, world: World, channel: Channel) -> None:
    Channel.objects.update(when_sold="withdraw")
    publication = work(publish())
    single(set_sale_state([publication.document.listing], SaleState.SOLD))
    work(publication)

    assert (publication.state, world.present) == (State.WITHDRAWN, [])


def test_a_car_of_another_dealer_is_not_published(
    channel: Channel, make_listing: Callable[..., Listing], dealer: object
) -> None:
    from listings.models import Dealer

    other = Dealer.objects.get()
    other.pk, other.name, other.slug, other.group, other.manager_group = None, "Другой", "drugoj", None, None
    other.save()
    Channel.objects.update(dealer=other)

    publish_listing(make_listing())

    assert Publication.objects.count() == 0


def test_a_time_out_after_the_platform_accepted_is_uncertain_and_never_doubled(
    publish: Publish, world: World, clock: Clock
) -> None:
    world.fault(methods=["sendMediaGroup"], answer="drop", done=True)
    publication = work(publish(photos=2), clock)

    assert publication.state == State.UNCERTAIN
    assert publication.attempts.get().result == Result.UNCERTAIN
    for _hour in range(5):
        clock.forward(hours=1)
        change_price(publication.document.listing, 90_000 + _hour)
        work(publication, clock)

    assert (publication.state, world.calls("sendMediaGroup"), len(world.messages)) == (State.UNCERTAIN, 1, 2)


def test_unpublishing_an_uncertain_car_waits_for_the_person(publish: Publish, world: World) -> None:
    world.fault(answer="drop")
    publication = work(publish())
    unpublish_listing(publication.document.listing)
    work(publication)

    assert (publication.desired, publication.state) == (Desired.ABSENT, State.UNCERTAIN)
    assert len(world.present) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"answer": "500", "done": False}, State.PENDING),
        ({"answer": "502", "done": True}, State.UNCERTAIN),
        ({"answer": "429", "done": False}, State.PENDING),
    ],
)
def test_what_a_failed_create_leads_to(publish: Publish, world: World, fault: dict[str, object], state: State) -> None:
    world.fault(**fault)
    publication = work(publish())

    assert publication.state == state
    assert publication.attempts.count() == 1


def test_a_failure_of_the_platform_is_tried_again_later_and_then_works(
    publish: Publish, world: World, clock: Clock
) -> None:
    world.fault(answer="500", done=False, count=3)
    publication = publish()
    pauses = []
    for _try in range(3):
        work(publication, clock)
        assert publication.next_attempt_at is not None
        pauses.append((publication.next_attempt_at - clock.now).total_seconds())
        work(publication, clock)  # too early: nothing happens
        clock.forward_to(publication.next_attempt_at)
    work(publication, clock)

    assert [pause <= limit for pause, limit in zip(pauses, (5, 10, 20), strict=True)] == [True, True, True]
    assert (publication.state, publication.tries, publication.attempts.count()) == (State.PUBLISHED, 0, 4)
    assert len(world.messages) == 1


def test_a_429_is_obeyed_by_every_publication_of_the_channel(publish: Publish, world: World, clock: Clock) -> None:
    first, second = publish(), publish()
    world.fault(answer="429", done=False, retry_after=40)
    work(first, clock)
    work(second, clock)

    assert first.next_attempt_at is not None
    assert 39 <= (first.next_attempt_at - clock.now).total_seconds() <= 41
    assert (second.state, second.attempts.count()) == (State.PENDING, 0)
    assert second.next_attempt_at is not None
    assert (second.next_attempt_at - clock.now).total_seconds() >= 39
    assert world.calls("sendMessage") == 1


def test_the_minute_of_an_account_is_counted_before_the_platform_has_to(
    publish: Publish, world: World, channel: Channel
) -> None:
    Channel.objects.update(settings=channel.settings | {"per_minute": 5})
    rows = [work(publish(photos=2)) for _car in range(3)]

    assert [row.state for row in rows] == [State.PUBLISHED, State.PUBLISHED, State.PENDING]
    assert world.calls("sendMediaGroup") == 2


def test_a_refused_token_stops_the_channel_and_a_new_one_starts_it(publish: Publish, world: World) -> None:
    world.sandbox.control({"telegram": {"token": "999:another-token-of-the-same-bot-00001"}})
    publication = work(publish())

    channel = Channel.objects.get()
    assert channel.paused_at is not None
    assert channel.paused_reason
    assert (publication.state, world.messages) == (State.PENDING, [])
    work(publication)
    assert publication.attempts.count() == 1

    world.sandbox.control({"telegram": {"token": "100200300:AAsandbox-of-avtofamily-demo-00001"}})
    from integrations.publications.actions import resume

    resume(channel)
    work(publication)
    assert publication.state == State.PUBLISHED


def test_a_payload_that_the_platform_refuses_is_not_sent_again_unchanged(
    publish: Publish, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.sandbox.telegram_api.TEXT_LIMIT", 10)
    publication = work(publish())
    assert (publication.state, publication.error_class) == (State.FAILED, Result.INVALID)

    Publication.objects.update(next_attempt_at=publication.changed_at)
    work(publication)
    assert (publication.state, world.calls("sendMessage")) == (State.FAILED, 1)

    monkeypatch.setattr("integrations.sandbox.telegram_api.TEXT_LIMIT", 4096)
    change_price(publication.document.listing, 90_000)
    work(publication)
    assert publication.state == State.PUBLISHED


def test_removal_after_a_failed_create_calls_nobody(publish: Publish, world: World) -> None:
    world.fault(answer="500", done=False)
    publication = work(publish())
    unpublish_listing(publication.document.listing)
    work(publication)

    assert (publication.state, world.calls("deleteMessages"), publication.attempts.count()) == (State.WITHDRAWN, 0, 1)


def test_a_post_deleted_in_the_channel_is_told_and_can_be_made_anew(publish: Publish, world: World) -> None:
    publication = work(publish())
    world.telegram.store.delete_message(-1001000000001, 1, 1.0)
    change_price(publication.document.listing, 90_000)
    work(publication)

    assert publication.state == State.FAILED

    unpublish_listing(publication.document.listing)
    work(publication)
    assert publication.state == State.WITHDRAWN


def test_a_switched_off_channel_is_left_alone_and_catches_up(publish: Publish, world: World, channel: Channel) -> None:
    from integrations.publications.wishes import catch_up

    publication = work(publish())
    Channel.objects.update(is_active=False)
    unpublish_listing(publication.document.listing)
    work(publication)
    assert (publication.state, len(world.present)) == (State.PUBLISHED, 1)

    Channel.objects.update(is_active=True)
    catch_up(Channel.objects.get())
    work(publication)
    assert (publication.state, world.present) == (State.WITHDRAWN, [])


def test_attempts_hold_what_was_sent_without_secrets(publish: Publish, world: World) -> None:
    work(publish(photos=1))

    attempt = PublicationAttempt.objects.get()
    assert attempt.payload["text"].startswith("<b>BMW X5, 2018</b>")
    assert "AAsandbox" not in str(attempt.__dict__)
