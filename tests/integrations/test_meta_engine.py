"""Meta's platforms through the engine: steps, deaths and faults in each of them, and never two posts."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from integrations.credentials.store import credential_store
from integrations.monitoring import following, processing
from integrations.monitoring.models import IncomingWebhook, Watch
from integrations.monitoring.vocabulary import PostState
from integrations.publications import engine, limits
from integrations.publications.accounts import open_account, webhook_secret
from integrations.publications.actions import publish_anew
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Desired, Result, State
from integrations.sandbox import facebook, instagram, meta_catalogue
from integrations.sandbox.meta import APP_SECRET
from integrations.sandbox.server import Sandbox
from listings.lifecycle import change_price, unpublish_listing

from .conftest import Clock, work
from .photo_server import PhotoServer, serve_photos

Publish = Callable[..., Publication]
FAST = {"per_minute": 3000}
PLATFORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "instagram": (instagram.FACEBOOK_TOKEN, {"ig_user_id": instagram.USER, "login": "facebook"}),
    "facebook": (facebook.TOKEN, {"page_id": facebook.PAGE}),
    "meta_catalogue": (meta_catalogue.TOKEN, {"catalog_id": meta_catalogue.CATALOG}),
}
VISIBLE = {"instagram": "media", "facebook": "posts", "meta_catalogue": "items"}
OPERATIONS = {
    "instagram": ["quota", "createContainer", "read", "publish"],
    "facebook": ["uploadPhoto", "listPosts", "post", "read"],
    "meta_catalogue": ["batch", "status"],
}
LAST_CALL = {"instagram": "publish", "facebook": "post", "meta_catalogue": "batch"}
SHOWS = [(platform, operation) for platform, operations in OPERATIONS.items() for operation in operations]
VIN = "WBAKS410500H12345"

pytestmark = pytest.mark.django_db


class Death(BaseException):
    """The worker is killed."""


@pytest.fixture(params=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def photos(folders: Path, settings: Settings) -> Iterator[PhotoServer]:
    """The site, as platforms reach its pictures."""
    with serve_photos() as server:
        server.folder = folders / "media"
        settings.SITE_URL = server.url
        yield server


@pytest.fixture
def channel(db: None, sandbox: Sandbox, photos: PhotoServer, platform: str) -> Channel:
    token, settings = PLATFORMS[platform]
    return Channel.objects.create(
        name=platform,
        adapter=platform,
        credential=credential_store().put("", {"token": token}, owner=platform),
        settings={"base_url": f"{sandbox.url}/{platform}"} | FAST | settings,
    )


@pytest.fixture
def seen(sandbox: Sandbox, platform: str) -> Callable[[], list[dict[str, Any]]]:
    """What visitors of the platform see."""

    def go() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = sandbox.state()[platform][VISIBLE[platform]]
        return [item for item in items if item.get("deleted") is None]

    return go


class Worker:
    """Works on a publication as often as it is due, and moves both clocks."""

    def __init__(self, sandbox: Sandbox, clock: Clock) -> None:
        self.sandbox, self.clock = sandbox, clock

    def forward(self, **by: float) -> None:
        self.clock.forward(**by)
        offset = self.sandbox.clock.offset + timedelta(**by).total_seconds()
        self.sandbox.control({"clock_offset": offset})

    def finish(self, publication: Publication, times: int = 12) -> Publication:
        for _time in range(times):
            publication.refresh_from_db()
            due = publication.lease_until or publication.next_attempt_at
            if due is None:
                break
            self.forward(seconds=max(0.0, (due - self.clock.now).total_seconds()) + 0.01)
            work(publication, self.clock)
        return publication


@pytest.fixture
def worker(sandbox: Sandbox, clock: Clock) -> Worker:
    return Worker(sandbox, clock)


@pytest.mark.parametrize("count", [1, 3])
def test_a_car_appears_once_with_pictures_that_the_platform_fetched(
    publish: Publish, worker: Worker, seen: Any, platform: str, count: int
) -> None:
    publication = worker.finish(publish(photos=count, vin=VIN))

    assert (publication.state, publication.error_text) == (State.PUBLISHED, "")
    assert publication.key
    assert publication.progress == {}
    assert len(seen()) == 1


@pytest.mark.parametrize("step", [0, 1, 2, 3])
@pytest.mark.parametrize("place", ["before", "after"])
def test_whatever_step_a_worker_dies_in_there_is_one_post_and_nobody_is_asked(
    publish: Publish, worker: Worker, seen: Any, platform: str, step: int, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = publish(photos=2, vin=VIN)
    adapter = type(engine.get_adapter(platform))
    real_create, steps = adapter.create, iter(range(100))

    def create(*args: Any) -> Any:
        mortal = next(steps) == step
        if mortal and place == "before":
            raise Death
        try:
            return real_create(*args)
        finally:
            if mortal:
                raise Death

    with monkeypatch.context() as patch:
        patch.setattr(adapter, "create", create)
        died = False
        for _time in range(2 * step + 4):
            try:
                worker.finish(publication, times=1)
            except Death:
                died = True
                break
    worker.finish(publication)

    assert (publication.state, len(seen())) == (State.PUBLISHED, 1)
    assert died or publication.attempts.count() <= step


@pytest.mark.parametrize(("platform", "operation"), SHOWS, indirect=["platform"])
@pytest.mark.parametrize(
    "fault",
    [
        {"answer": "drop", "done": True},
        {"answer": "drop", "done": False},
        {"answer": "500", "done": False},
    ],
)
def test_whatever_fails_the_engine_ends_with_one_post(
    publish: Publish, worker: Worker, seen: Any, sandbox: Sandbox, platform: str, operation: str, fault: dict[str, Any]
) -> None:
    sandbox.control({"faults": [{"platform": platform, "methods": [operation]} | fault]})
    publication = worker.finish(publish(photos=2, vin=VIN))

    assert (publication.state, len(seen())) == (State.PUBLISHED, 1)
    assert publication.key


def test_too_many_calls_are_waited_for_with_the_whole_account(
    publish: Publish, worker: Worker, seen: Any, sandbox: Sandbox, channel: Channel, platform: str
) -> None:
    sandbox.control({"faults": [{"platform": platform, "methods": [OPERATIONS[platform][0]], "answer": "429"}]})
    publication = work(publish(photos=1, vin=VIN), worker.clock)
    assert publication.error_class == Result.RATE_LIMITED
    account, _limit = engine.get_adapter(platform).rate(open_account(channel))
    assert limits.seconds_to_wait(account, limit=3000) > 200

    # Redis has a clock of its own, which no test moves.
    limits.pause(account, 0)
    time.sleep(0.01)
    publication = worker.finish(publication)
    assert (publication.state, len(seen())) == (State.PUBLISHED, 1)


def test_an_expired_token_pauses_the_channel_and_a_new_one_goes_on(
    publish: Publish, worker: Worker, seen: Any, sandbox: Sandbox, channel: Channel, platform: str
) -> None:
    sandbox.control(
        {"faults": [{"platform": platform, "methods": [LAST_CALL[platform]], "answer": "auth", "done": False}]}
    )
    publication = worker.finish(publish(photos=1, vin=VIN), times=6)
    channel.refresh_from_db()
    assert channel.paused_at is not None
    assert PLATFORMS[platform][0] not in channel.paused_reason
    assert seen() == []

    Channel.objects.filter(pk=channel.pk).update(paused_at=None, paused_reason="")
    publication = worker.finish(publication)
    assert (publication.state, len(seen())) == (State.PUBLISHED, 1)


@pytest.mark.parametrize("platform", ["instagram", "facebook"], indirect=True)
def test_a_car_that_is_withdrawn_between_two_steps_never_appears(
    publish: Publish, worker: Worker, seen: Any, clock: Clock, platform: str
) -> None:
    publication = work(publish(photos=2, vin=VIN), clock)
    assert publication.progress
    unpublish_listing(publication.document.listing)
    publication = worker.finish(publication)

    assert (publication.state, publication.desired) == (State.WITHDRAWN, Desired.ABSENT)
    assert seen() == []


def test_what_was_published_is_withdrawn(publish: Publish, worker: Worker, seen: Any, platform: str) -> None:
    publication = worker.finish(publish(photos=1, vin=VIN))
    unpublish_listing(publication.document.listing)
    publication = worker.finish(publication)

    assert (publication.state, seen()) == (State.WITHDRAWN, [])


def test_a_price_change_is_edited_or_left_to_a_person(
    publish: Publish, worker: Worker, seen: Any, platform: str, clock: Clock, admin_user: Any
) -> None:
    publication = worker.finish(publish(photos=1, vin=VIN))
    change_price(publication.document.listing, 90_000)
    publication = worker.finish(publication)
    assert publication.state == (State.MANUAL if platform == "instagram" else State.PUBLISHED)
    if platform == "instagram":
        publish_anew(publication, admin_user)
        publication = worker.finish(publication)
        assert publication.state == State.PUBLISHED
        return
    [item] = seen()
    shown = item["message"] if platform == "facebook" else item["data"]["price"]
    assert "90000" in shown.replace("\N{NO-BREAK SPACE}", "")


@pytest.mark.parametrize("platform", ["instagram"], indirect=True)
@pytest.mark.parametrize("fault", [None, {"answer": "drop", "done": True}, {"answer": "drop", "done": False}])
def test_a_post_is_replaced_where_the_channel_says_so(
    publish: Publish, worker: Worker, seen: Any, channel: Channel, sandbox: Sandbox, fault: dict[str, Any] | None
) -> None:
    Channel.objects.filter(pk=channel.pk).update(settings=channel.settings | {"when_changed": "replace"})
    publication = worker.finish(publish(photos=1, vin=VIN))
    change_price(publication.document.listing, 90_000)
    if fault:
        sandbox.control({"faults": [{"platform": "instagram", "methods": ["publish"]} | fault]})
    publication = worker.finish(publication)

    assert publication.state == State.PUBLISHED
    [post] = seen()
    assert "90\N{NO-BREAK SPACE}000" in post["caption"]
    assert publication.external["media"] == post["id"]


# --- Notifications --------------------------------------------------------------------------------
def comment(platform: str, key: str) -> dict[str, Any]:
    """What Meta sends when somebody comments on a post."""
    if platform == "instagram":
        change = {"field": "comments", "value": {"id": "1", "text": "Торг?", "media": {"id": key}}}
        return {"object": "instagram", "entry": [{"id": instagram.USER, "time": 1, "changes": [change]}]}
    change = {"field": "feed", "value": {"item": "comment", "verb": "add", "post_id": key}}
    return {"object": "page", "entry": [{"id": facebook.PAGE, "time": 1, "changes": [change]}]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("platform", ["instagram", "facebook"], indirect=True)
def test_a_comment_that_meta_tells_of_proves_that_the_post_is_there(
    publish: Publish, worker: Worker, channel: Channel, sandbox: Sandbox, live_server: Any, platform: str
) -> None:
    secrets = {"token": PLATFORMS[platform][0], "app_secret": APP_SECRET}
    credential_store().put(channel.credential, secrets, owner=platform)
    channel.webhook_token = "a-token-of-this-test-1234567890"
    channel.save()
    publication = worker.finish(publish(photos=1, vin=VIN))
    url = f"{live_server.url}{reverse('incoming_webhook', args=[channel.webhook_token])}"
    question = {"hub.mode": "subscribe", "hub.verify_token": webhook_secret(channel), "hub.challenge": "1158201444"}
    asked = httpx.get(url, params=question, trust_env=False)
    assert (asked.status_code, asked.text) == (200, "1158201444")
    assert httpx.get(url, params=question | {"hub.verify_token": "x"}, trust_env=False).status_code == 403

    # The post is older than the comment: the engine's clock was moved, the webhook's is the real one.
    before = timezone.now() - timedelta(hours=1)
    Publication.objects.filter(pk=publication.pk).update(published_at=before, confirmed_at=before)
    following.follow(before)
    body = comment(platform, publication.key)
    sandbox.control({platform: {"webhook": {"url": url, "body": body}}})
    sandbox.control({platform: {"app_secret": "another", "webhook": {"url": url, "body": body | {"forged": 1}}}})
    row = IncomingWebhook.objects.get()
    processing.process(row.pk)

    row.refresh_from_db()
    assert (row.processed_at is not None, row.error) == (True, "")
    watch = Watch.objects.get(publication=publication)
    assert (watch.state, watch.checked_at) == (PostState.LIVE, row.received_at)
