"""The adapter of Facebook pages against the sandbox, without the engine."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    IncomingCall,
    InvalidPayload,
    ManualActionRequired,
    NotYet,
    PhotoUnavailable,
    Placed,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.facebook import FacebookPayload, FacebookSettings
from integrations.marketplaces.meta_api import MetaCredentials
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.sandbox.facebook import PAGE, TOKEN
from integrations.sandbox.server import Sandbox

from .meta_helpers import Meta, car
from .photo_server import PhotoServer, serve_photos

Open = Callable[..., Account[Any, Any]]


@pytest.fixture(scope="module")
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


@pytest.fixture
def meta(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "facebook")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("facebook")


@pytest.fixture
def open_account(sandbox: Sandbox, photos: PhotoServer, meta: Meta) -> Open:
    def go(token: str = TOKEN, **changes: Any) -> Account[Any, Any]:
        settings = {"page_id": PAGE, "base_url": f"{sandbox.url}/facebook"} | changes
        return Account(
            settings=FacebookSettings.model_validate(settings),
            credentials=MetaCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: b"",
            photo_address=photos.address,
            now=meta.now,
        )

    return go


@pytest.fixture
def publish(adapter: Adapter, open_account: Open, meta: Meta) -> Callable[..., Placed]:
    def go(count: int = 2, **fields: Any) -> Placed:
        payload = adapter.render(car(count, **fields), open_account())
        return meta.carry_through(lambda known: adapter.create(payload, known), open_account())

    return go


def shown(meta: Meta) -> list[dict[str, Any]]:
    return [item for item in meta.state["posts"] if item["deleted"] is None]


@pytest.mark.parametrize(("count", "photos_shown"), [(0, 0), (1, 1), (12, 10)])
def test_a_car_becomes_one_post_with_up_to_ten_photos(
    publish: Callable[..., Placed], meta: Meta, count: int, photos_shown: int
) -> None:
    placed = publish(count)

    [post] = shown(meta)
    assert len(post["photos"]) == photos_shown
    assert "BMW X5" in post["message"]
    assert placed.key == post["id"]
    assert placed.address.endswith(f"/posts/{post['number']}")


def test_nothing_is_seen_before_the_photos_are_there(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    payload = adapter.render(car(3), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())

    assert shown(meta) == []
    assert len(account.progress["photos"]) == 3
    assert adapter.lookup(payload, open_account()).outcome == "absent"


def test_photos_that_were_uploaded_are_not_uploaded_again(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    payload = adapter.render(car(3), open_account())
    meta.fault("uploadPhoto", count=2)
    meta.fault("uploadPhoto", answer="drop", done=False)
    meta.carry_through(lambda known: adapter.create(payload, known), open_account())

    assert len(meta.state["photos"]) == 3
    assert len(shown(meta)[0]["photos"]) == 3


def test_uploads_that_facebook_has_dropped_are_made_again(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    payload = adapter.render(car(1), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    meta.forward(25 * 3600)
    meta.carry_through(lambda known: adapter.create(payload, known), account)

    assert len(shown(meta)) == 1


@pytest.mark.parametrize("answer", ["drop", "502", "500"])
@pytest.mark.parametrize("done", [True, False])
def test_an_ambiguous_post_is_found_on_the_page(
    adapter: Adapter, open_account: Open, meta: Meta, answer: str, done: bool
) -> None:
    payload = adapter.render(car(1), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    meta.fault("post", answer=answer, done=done)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)

    assert adapter.lookup(payload, account).outcome == ("found" if done else "absent")
    placed = adapter.create(payload, account)
    assert [post["id"] for post in shown(meta)] == [placed.key]


def test_a_post_behind_many_newer_ones_is_found_and_never_made_again(
    adapter: Adapter, open_account: Open, meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.marketplaces.facebook.RECENT", 2)
    payload = adapter.render(car(0), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    adapter.create(payload, account)
    for number in range(5):
        newer = payload.model_copy(update={"message": f"Car {number}"})
        meta.carry_through(lambda known, newer=newer: adapter.create(newer, known), open_account())  # type: ignore[misc]

    assert adapter.lookup(payload, account).outcome == "found"
    adapter.create(payload, account)
    monkeypatch.setattr("integrations.marketplaces.facebook.PAGES", 2)
    assert adapter.lookup(payload, account).outcome == "unknown"
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)
    assert len(shown(meta)) == 6


@pytest.mark.parametrize("operation", ["uploadPhoto", "listPosts", "post", "read"])
@pytest.mark.parametrize(
    "fault",
    [
        {"answer": "drop", "done": True},
        {"answer": "drop", "done": False},
        {"answer": "500", "done": False},
        {"answer": "502", "done": True},
        {"answer": "429", "done": False},
        {"answer": "auth", "done": False},
        {"delay": 0.2},
    ],
)
def test_whatever_fails_in_whichever_step_there_is_one_post_in_the_end(
    adapter: Adapter, open_account: Open, meta: Meta, operation: str, fault: dict[str, Any]
) -> None:
    account = open_account()
    payload = adapter.render(car(2), account)
    meta.fault(operation, **fault)
    for _try in range(10):
        try:
            adapter.create(payload, account)
            break
        except NotYet as waiting:
            account = replace(account, progress=waiting.progress)
        except AdapterError:
            meta.forward(30)

    assert len(shown(meta)) == 1


def test_an_older_post_with_the_same_words_is_another_one(publish: Callable[..., Placed], meta: Meta) -> None:
    publish(1)
    meta.forward(3600)
    publish(1)

    assert len(shown(meta)) == 2


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, Ambiguous),
        (4, RateLimited),
        (80001, RateLimited),
        (190, AuthFailed),
        (368, AuthFailed),
        (506, InvalidPayload),
    ],
)
def test_each_error_means_what_meta_advises(
    adapter: Adapter, open_account: Open, meta: Meta, code: int, outcome: type[Exception]
) -> None:
    payload = adapter.render(car(0), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    meta.refuse("post", code)
    with pytest.raises(outcome):
        adapter.create(payload, account)
    assert shown(meta) == []


def test_words_are_edited_and_exchanged_photos_are_mentioned(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(2)
    account = open_account()
    words = adapter.update(placed.external, adapter.render(car(2, year=2020), account), account)
    photos = adapter.update(words.external, adapter.render(car(1, year=2021), account), account)

    assert not words.note
    assert "фотографии" in str(photos.note)
    [post] = shown(meta)
    assert "2021" in post["message"]
    assert len(post["photos"]) == 2


def test_withdrawing_twice_is_success(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    for _repeat in range(2):
        assert adapter.withdraw(placed.external, Farewell("BMW", sold=True), open_account()).removed
    assert shown(meta) == []
    assert adapter.inspect(placed.external, open_account()).state == "removed"
    with pytest.raises(InvalidPayload):
        adapter.update(placed.external, adapter.render(car(1), open_account()), open_account())


def test_a_lost_right_is_not_taken_for_a_deleted_post(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    other = open_account(page_id="999999")
    meta.refuse("delete", 100, 33)
    with pytest.raises(InvalidPayload):
        adapter.withdraw(placed.external, Farewell("BMW", sold=True), other)
    meta.refuse("read", 100, 33)
    assert adapter.inspect(placed.external, other).state == "unknown"
    assert adapter.inspect(placed.external, open_account()).state == "live"


def test_a_person_points_at_a_post_by_its_link(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    payload = FacebookPayload(message="x")
    number = placed.key.partition("_")[2]

    for link in (placed.address, f"https://www.facebook.com/permalink.php?story_fbid={number}&id={PAGE}"):
        assert adapter.adopt(payload, link, meta.now(), open_account()).key == placed.key
    with pytest.raises(InvalidPayload):
        adapter.adopt(payload, "https://www.facebook.com/x/posts/pfbid0", meta.now(), open_account())
    with pytest.raises(ManualActionRequired):
        adapter.withdraw(
            adapter.adopt(payload, "", meta.now(), open_account()).external, Farewell("", sold=True), open_account()
        )


def test_check_names_the_page(adapter: Adapter, open_account: Open) -> None:
    assert "Avtofamily" in str(adapter.check(open_account()).words)
    assert adapter.check(open_account("EAAGwrong")).ok is False
    assert adapter.check(open_account(page_id="999999")).ok is False


def test_a_photo_that_cannot_be_read_is_tried_later(adapter: Adapter, open_account: Open) -> None:
    def missing(*args: Any) -> str:
        raise PhotoUnavailable

    account = replace(open_account(), photo_address=missing)
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(1), account), account)


@pytest.mark.parametrize(
    ("value", "states"),
    [
        ({"item": "post", "verb": "remove", "post_id": "1_2"}, ["removed"]),
        ({"item": "comment", "verb": "add", "post_id": "1_2"}, ["live"]),
        ({"item": "comment", "verb": "remove", "post_id": "1_2"}, []),
        ({"item": "post", "verb": "remove"}, []),
        ({"item": [], "verb": "remove", "post_id": None}, []),
        ([], []),
    ],
)
def test_notifications_tell_what_became_of_a_post(adapter: Adapter, value: Any, states: list[str]) -> None:
    body = {"object": "page", "entry": [{"changes": [{"field": "feed", "value": value}]}]}
    events = adapter.events(IncomingCall("POST", {}, {}, json.dumps(body).encode()))

    assert [event.seen.state for event in events] == states
