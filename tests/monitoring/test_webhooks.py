"""Events that platforms send: taken only from them, kept once, read by a worker, whatever is in them."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.marketplaces.telegram import TelegramAdapter
from integrations.marketplaces.telegram_webhook import SECRET_HEADER
from integrations.monitoring import doors, processing
from integrations.monitoring.models import ChannelWatch, IncomingWebhook, PublicationDay
from integrations.publications.accounts import webhook_secret
from integrations.publications.models import Channel, Publication
from tests.factories import staff
from tests.integrations.conftest import World, work

Publish = Callable[..., Publication]
MAX_QUERIES = 6

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_door(channel: Channel) -> Channel:
    """A channel with an address, without asking the platform."""
    channel.webhook_token = "a-token-of-this-test-1234567890"
    channel.save()
    return channel


def deliver(channel: Channel, body: bytes | dict[str, Any], secret: str | None = None, **extra: Any) -> Any:
    """A call as Telegram makes it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = {f"HTTP_{SECRET_HEADER.upper().replace('-', '_')}": webhook_secret(channel) if secret is None else secret}
    url = reverse("incoming_webhook", args=[channel.webhook_token])
    return Client(enforce_csrf_checks=True).post(url, content, content_type="application/json", **header, **extra)


def reactions(publication: Publication, total: int, *, update: int = 1, date: int | None = None) -> dict[str, Any]:
    chat, number = publication.key.split("/")
    told = {
        "chat": {"id": int(chat), "type": "channel"},
        "message_id": int(number),
        "date": date or int(timezone.now().timestamp()),
        "reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": total}],
    }
    return {"update_id": update, "message_reaction_count": told}


def process_all() -> None:
    for row in IncomingWebhook.objects.filter(processed_at=None).order_by("pk"):
        processing.process(row.pk)


def likes(publication: Publication) -> int | None:
    return PublicationDay.objects.get(publication=publication).likes


# --- The whole way --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("photos", [0, 3])
def test_readers_reactions_arrive_over_http(connected: Channel, publish: Publish, world: World, photos: int) -> None:
    publication = work(publish(photos=photos))
    last = int(publication.key.split("/")[1]) + max(photos - 1, 0)

    world.sandbox.control({"telegram": {"react": {"chat": "avtofamily_demo", "message_id": last, "count": 3}}})
    httpx.post(f"{world.telegram.url}/avtofamily_demo/{last}/react", trust_env=False)
    process_all()

    assert likes(publication) == 4
    assert world.sandbox.state()["telegram"]["webhook"]["pending_update_count"] == 0


@pytest.mark.django_db(transaction=True)
def test_an_update_that_was_not_taken_comes_again(connected: Channel, publish: Publish, world: World) -> None:
    publication = work(publish())
    token = connected.webhook_token
    Channel.objects.update(webhook_token="another-token")
    world.telegram.updates.react("avtofamily_demo", int(publication.key.split("/")[1]))
    state = world.sandbox.state()["telegram"]["webhook"]
    assert (state["pending_update_count"], state["last_error_message"]) == (1, "Wrong response from the webhook: 404")

    Channel.objects.update(webhook_token=token)
    world.sandbox.clock.offset += 5
    world.telegram.updates.deliver()
    process_all()

    assert likes(publication) == 1


def test_the_platform_is_told_address_and_secret(connected: Channel, world: World) -> None:
    webhook = world.telegram.store.webhook()

    assert webhook["url"] == doors.address_of(connected)
    assert webhook["secret_token"] == webhook_secret(connected)
    assert webhook["allowed_updates"] == ["message_reaction_count"]


# --- Who is let in --------------------------------------------------------------------------------
@pytest.mark.parametrize("secret", ["", "wrong", "ё"])
def test_a_forged_call_is_refused_counted_and_not_kept(
    open_door: Channel, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = deliver(open_door, {"update_id": 1}, secret=secret)

    assert response.status_code == 403
    assert not IncomingWebhook.objects.exists()
    assert ChannelWatch.objects.get(channel=open_door).forged == 1
    assert str(open_door.webhook_token) not in caplog.text
    assert webhook_secret(open_door) not in caplog.text


def test_another_channels_secret_does_not_open_this_door(open_door: Channel) -> None:
    other = Channel(webhook_token="another-token-1234567890")

    assert deliver(open_door, {"update_id": 1}, secret=webhook_secret(other)).status_code == 403


def test_an_unknown_address_does_not_exist(open_door: Channel) -> None:
    assert Client().post("/webhooks/unknown/", b"{}", content_type="application/json").status_code == 404
    assert Client().get(f"/webhooks/{open_door.webhook_token}/").status_code == 403
    assert Client().put(f"/webhooks/{open_door.webhook_token}/").status_code == 405


def test_a_body_that_is_too_large_is_not_read(open_door: Channel) -> None:
    assert deliver(open_door, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert not IncomingWebhook.objects.exists()


def test_a_channel_whose_secrets_are_away_asks_to_come_again(open_door: Channel) -> None:
    Channel.objects.update(settings={})

    response = deliver(open_door, {"update_id": 1})

    assert (response.status_code, response["Retry-After"]) == (503, "60")


# --- What becomes of it ---------------------------------------------------------------------------
def test_the_answer_needs_no_network_and_few_queries(
    open_door: Channel, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(open_door, {"update_id": 0})
    calls = dict(world.sandbox.calls)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("The view speaks to somebody.")

    monkeypatch.setattr("cms.outgoing._exchange", refuse)
    with CaptureQueriesContext(connection) as queries:
        assert deliver(open_door, {"update_id": 1}).status_code == 200
    assert len(queries) <= MAX_QUERIES, [query["sql"] for query in queries]
    assert world.sandbox.calls == calls


def test_a_repeated_call_changes_nothing(open_door: Channel, publish: Publish) -> None:
    publication = work(publish())
    call = reactions(publication, 5)
    for _ in range(2):
        assert deliver(open_door, call).status_code == 200
        process_all()
    deliver(open_door, reactions(publication, 2, update=2, date=int(timezone.now().timestamp()) + 1))
    process_all()
    deliver(open_door, call)
    process_all()

    assert IncomingWebhook.objects.count() == 2
    assert likes(publication) == 2


def test_older_news_that_come_later_change_nothing(open_door: Channel, publish: Publish) -> None:
    publication, now = work(publish()), int(timezone.now().timestamp())
    deliver(open_door, reactions(publication, 9, update=7, date=now))
    deliver(open_door, reactions(publication, 4, update=6, date=now - 5))
    process_all()

    assert likes(publication) == 9


def test_a_time_from_the_future_does_not_outlive_the_next_call(open_door: Channel, publish: Publish) -> None:
    publication, now = work(publish()), int(timezone.now().timestamp())
    deliver(open_door, reactions(publication, 9, update=1, date=now + 10**6))
    process_all()
    deliver(open_door, reactions(publication, 3, update=2, date=now + 1))
    IncomingWebhook.objects.filter(processed_at=None).update(received_at=timezone.now() + timedelta(seconds=2))
    process_all()

    assert likes(publication) == 3


def test_an_event_concerns_posts_of_its_own_channel_only(open_door: Channel, publish: Publish) -> None:
    publication = work(publish())
    other = Channel.objects.create(name="Другой", adapter="telegram", settings=open_door.settings,
                                   credential=open_door.credential, webhook_token="other-1234567890")  # fmt: skip
    deliver(other, reactions(publication, 5))
    process_all()

    assert not PublicationDay.objects.exists()
    assert not IncomingWebhook.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{" * 1000,
        b"[" * 100_000,
        b'{"message_reaction_count": {"chat": 5, "message_id": 1}}',
        b'{"message_reaction_count": {"chat": {"id": 1}, "message_id": "1"}}',
        b'{"message_reaction_count": {"chat": {"id": 1}, "message_id": 1, "reactions": 7}}',
    ],
)
def test_a_poisoned_body_is_tried_again_and_then_set_aside(open_door: Channel, publish: Publish, body: bytes) -> None:
    publication = work(publish())
    assert deliver(open_door, body).status_code == 200
    deliver(open_door, reactions(publication, 5))
    process_all()
    row, sound = IncomingWebhook.objects.order_by("pk")
    assert (row.tries, row.processed_at, sound.tries) == (1, None, 0)
    assert likes(publication) == 5

    for day in range(1, processing.TRIES):
        processing.process(row.pk, partial(_in_days, day))

    assert list(IncomingWebhook.objects.set_aside()) == [row]
    assert processing.overdue(timezone.now() + timedelta(days=30)) == []


def _in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@pytest.mark.parametrize(
    "told",
    [
        {"message_reaction_count": {"chat": {"id": -1001, "username": ["x"]}, "message_id": 5, "reactions": []}},
        {"message_reaction_count": {"chat": {"id": 1}, "message_id": 5, "date": 10**30, "reactions": [1, {"x": "7"}]}},
        {"channel_post": {"text": "<b>"}},
    ],
)  # fmt: skip
def test_what_concerns_no_post_of_ours_is_read_and_forgotten(open_door: Channel, told: dict[str, Any]) -> None:
    deliver(open_door, told)
    process_all()

    assert IncomingWebhook.objects.exclude(processed_at=None).count() == 1


def test_a_number_that_no_column_holds_is_left_out(open_door: Channel, publish: Publish) -> None:
    deliver(open_door, reactions(work(publish()), 10**30))
    process_all()

    assert not PublicationDay.objects.exists()
    assert not IncomingWebhook.objects.filter(processed_at=None).exists()


def test_a_lost_message_is_swept_and_old_calls_are_forgotten(open_door: Channel) -> None:
    deliver(open_door, {"update_id": 1})
    row, now = IncomingWebhook.objects.get(), timezone.now()

    assert processing.overdue(now) == []
    assert processing.overdue(now + processing.LOST_AFTER + timedelta(seconds=1)) == [row.pk]
    assert processing.prune(now + timedelta(days=13)) == 0
    assert processing.prune(now + timedelta(days=15)) == 1


# --- The button -----------------------------------------------------------------------------------
def test_pressing_receive_events_connects_once_and_for_all(
    admin_client: Client, channel: Channel, world: World
) -> None:
    for _ in range(2):
        admin_client.post(reverse("monitoring_connect", args=[channel.pk]))
    channel.refresh_from_db()
    page = admin_client.get(reverse("monitoring_channel", args=[channel.pk])).content.decode()

    assert channel.webhook_token is not None
    assert len(channel.webhook_token) >= 40
    assert world.calls("setWebhook") == 2
    assert doors.address_of(channel) in page
    assert webhook_secret(channel) not in page
    assert page.count(channel.name) >= 2


def test_a_platform_that_refuses_is_told_and_nothing_is_switched_on(
    admin_client: Client, channel: Channel, world: World
) -> None:
    world.fault(answer="auth", done=False)

    response = admin_client.post(reverse("monitoring_connect", args=[channel.pk]), follow=True)

    assert "токен" in response.content.decode()
    assert not ChannelWatch.objects.filter(connected_at__isnull=False).exists()


@pytest.mark.parametrize("role", ["moderator", "dealer_manager", "marketer"])
def test_only_who_may_change_channels_connects_them_and_sees_the_address(
    client: Client, open_door: Channel, role: str, world: World
) -> None:
    client.force_login(staff(role))
    connect = client.post(reverse("monitoring_connect", args=[open_door.pk]))
    page = client.get(reverse("monitoring_channel", args=[open_door.pk]))

    assert connect.status_code in {302, 403, 404}
    assert world.calls("setWebhook") == 0
    assert str(open_door.webhook_token) not in page.content.decode()
    assert page.status_code == (200 if role == "moderator" else 404)


def test_a_slow_reader_does_not_hold_up_the_answer(open_door: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(TelegramAdapter, "events", lambda self, call: read.append("read") or ())

    assert deliver(open_door, {"update_id": 1}).status_code == 200
    assert read == []

    process_all()
    assert read == ["read"]


def test_a_platforms_question_is_answered_in_its_words_and_not_kept(
    open_door: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TelegramAdapter, "verify", lambda self, call, account: call.query["hub.challenge"])

    response = Client().get(f"/webhooks/{open_door.webhook_token}/?hub.challenge=<b>1</b>")

    assert (response.content.decode(), response["Content-Type"]) == ("<b>1</b>", "text/plain; charset=utf-8")
    assert not IncomingWebhook.objects.exists()


def test_an_adapter_that_cannot_check_lets_nobody_in(
    open_door: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Any, call: Any, account: Any) -> str:
        raise ValueError(account.webhook_secret)

    monkeypatch.setattr(TelegramAdapter, "verify", broken)

    assert deliver(open_door, {"update_id": 1}).status_code == 403
    assert webhook_secret(open_door) not in caplog.text
    assert not IncomingWebhook.objects.exists()
