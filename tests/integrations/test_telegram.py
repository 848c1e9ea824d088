"""The Telegram adapter against the sandbox, without the engine."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr, ValidationError

from integrations.marketplaces.base import (
    Account,
    Ambiguous,
    AuthFailed,
    Farewell,
    InvalidPayload,
    ManualActionRequired,
    PhotoUnavailable,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.marketplaces.telegram import TelegramCredentials, TelegramPayload, TelegramSettings
from integrations.sandbox.server import Sandbox
from integrations.sandbox.telegram import TOKEN

from .conftest import World
from .test_text import document

Open = Callable[..., Account[Any, Any]]


def jpeg(url: str) -> bytes:
    if "missing" in url:
        raise PhotoUnavailable
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (len(url) * 37 % 255, sum(url.encode()) % 255, 9)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("telegram")


@pytest.fixture
def open_account(sandbox: Sandbox) -> Open:
    def go(token: str = TOKEN, age: timedelta = timedelta(), **changes: Any) -> Account[Any, Any]:
        settings = {
            "chat_id": "@avtofamily_demo",
            "base_url": f"{sandbox.url}/telegram",
            "post_url": "https://t.me",
        } | changes
        return Account(
            settings=TelegramSettings.model_validate(settings),
            credentials=TelegramCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=jpeg,
            now=lambda: datetime.now(UTC) + age,
        )

    return go


def photo(name: str, width: int = 960, height: int = 720, number: int = 1) -> dict[str, Any]:
    widths = [w for w in (480, 960, 1600, 2560) if w <= width] or [width]
    sources = [{"url": f"/media/images/{name}.width-{w}.jpg", "width": w} for w in widths]
    return {"id": number, "width": width, "height": height, "sources": {"jpeg": sources}}


def car(*photos: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return document(photos=list(photos), text_html="<p>Торг.</p>", **fields)


def test_the_largest_rendition_up_to_1600_is_sent(adapter: Adapter, open_account: Open) -> None:
    payload = adapter.render(car(photo("a", 2560), photo("b", 300)), open_account())

    assert [item.url for item in payload.photos] == ["/media/images/a.width-1600.jpg", "/media/images/b.width-300.jpg"]


def test_a_larger_rendition_of_the_same_photo_does_not_change_the_digest(adapter: Adapter, open_account: Open) -> None:
    account = open_account()
    small, large = adapter.render(car(photo("a", 960)), account), adapter.render(car(photo("a", 1600)), account)
    other = adapter.render(car(photo("b", 960)), account)

    assert small.digest() == large.digest() != other.digest()


def test_rendering_takes_ten_photos_and_a_caption_that_fits(adapter: Adapter, open_account: Open) -> None:
    text = "<p>" + "Очень длинное предложение о машине. " * 100 + "</p>"
    many = car(*(photo(f"p{number}") for number in range(15)))
    payload = adapter.render(many | {"text_html": text}, open_account())

    assert len(payload.photos) == 10
    assert adapter.cost(payload) == 10
    adapter.create(payload, open_account())


@pytest.mark.parametrize(("width", "height"), [(2100, 100), (100, 2100), (9000, 1001)])
def test_a_photo_of_an_impossible_shape_is_named(adapter: Adapter, open_account: Open, width: int, height: int) -> None:
    shape = photo("long", width, height)
    shape["sources"]["jpeg"] = [{"url": "/media/long.jpg", "width": width}]
    with pytest.raises(InvalidPayload) as caught:
        adapter.render(car(photo("a"), shape), open_account())

    assert len(caught.value.problems) == 1
    assert "2" in str(caught.value.problems[0])


def test_exchanged_photos_are_exchanged_in_the_post(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(photo("a"), photo("b")), account), account)
    before = [message["photo"] for message in world.messages]
    changed = adapter.update(placed.external, adapter.render(car(photo("a"), photo("c")), account), account)

    after = [message["photo"] for message in world.messages]
    assert (before[0], len(world.messages)) == (after[0], 2)
    assert before[1] != after[1]
    assert changed.note == ""
    assert world.calls("editMessageMedia") == 1


def test_surplus_photos_are_deleted_while_telegram_deletes(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(photo("a"), photo("b"), photo("c")), account), account)
    changed = adapter.update(placed.external, adapter.render(car(photo("a")), account), account)

    assert [message["id"] for message in world.present] == [1]
    assert len(changed.external["messages"]) == 1

    late = open_account(age=timedelta(hours=50))
    kept = adapter.update(placed.external, adapter.render(car(photo("a")), account), late)
    assert len(kept.external["messages"]) == 3
    assert kept.note


def test_added_photos_stay_on_the_site_and_it_is_said(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(photo("a")), account), account)
    changed = adapter.update(placed.external, adapter.render(car(photo("a"), photo("b")), account), account)

    assert len(world.messages) == 1
    assert changed.note


def test_a_text_gets_its_first_photo(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(), account), account)
    changed = adapter.update(placed.external, adapter.render(car(photo("a")), account), account)

    assert world.messages[0]["photo"] is not None
    assert changed.external["messages"][0]["photo"] == "1:a"


def test_a_post_that_lost_all_photos_needs_a_person(adapter: Adapter, open_account: Open) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(photo("a")), account), account)
    with pytest.raises(ManualActionRequired):
        adapter.update(placed.external, adapter.render(car(), account), account)


def test_an_update_without_a_difference_is_success(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    payload = adapter.render(car(photo("a")), account)
    placed = adapter.create(payload, account)
    adapter.update(placed.external, payload, account)

    assert world.messages[0]["edited"] is None


def test_withdrawing_twice_is_success(adapter: Adapter, open_account: Open, world: World) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(photo("a"), photo("b")), account), account)

    assert adapter.withdraw(placed.external, Farewell("BMW", sold=False), account).removed
    assert adapter.withdraw(placed.external, Farewell("BMW", sold=False), account).removed
    assert world.present == []


def test_an_old_sold_post_is_marked_as_sold(adapter: Adapter, open_account: Open, world: World) -> None:
    placed = adapter.create(adapter.render(car(photo("a"), photo("b")), open_account()), open_account())
    result = adapter.withdraw(placed.external, Farewell("BMW, 2018", sold=True), open_account(age=timedelta(hours=49)))

    assert result.removed is False
    assert [message["text"] for message in world.present] == ["Продано\nBMW, 2018", ""]


@pytest.mark.parametrize(
    ("chat", "username", "address"),
    [
        ("@avtofamily_demo", "avtofamily_demo", "https://t.me/avtofamily_demo/7"),
        ("-1001234567890", "", "https://t.me/c/1234567890/7"),
    ],
)
def test_addresses_of_public_and_private_channels(open_account: Open, chat: str, username: str, address: str) -> None:
    from integrations.marketplaces.telegram import _address

    external = {"username": username, "messages": [{"id": 7}]}
    assert _address(open_account(chat_id=chat), external) == address


@pytest.mark.parametrize(
    ("fault", "on_create", "on_update"),
    [
        ({"answer": "drop", "done": True}, Ambiguous, RetryLater),
        ({"answer": "drop", "done": False}, Ambiguous, RetryLater),
        ({"answer": "502", "done": False}, Ambiguous, RetryLater),
        ({"answer": "500", "done": False}, RetryLater, RetryLater),
        ({"answer": "429", "done": False, "retry_after": 17}, RateLimited, RateLimited),
    ],
)
def test_errors_are_mapped_by_what_may_have_happened(
    adapter: Adapter, open_account: Open, world: World, fault: dict[str, Any], on_create: type, on_update: type
) -> None:
    account = open_account()
    payload = adapter.render(car(), account)
    placed = adapter.create(payload, account)
    world.fault(**fault, count=2)
    with pytest.raises(on_create) as caught:
        adapter.create(payload, account)
    with pytest.raises(on_update):
        adapter.update(placed.external, adapter.render(car(year=2020), account), account)
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "100200300:a-revoked-token-of-this-very-bot"},
        {"token": "nonsense"},
        {"chat_id": "@another_channel"},
    ],
)
def test_what_concerns_the_whole_channel_stops_the_channel(
    adapter: Adapter, open_account: Open, changes: dict[str, str]
) -> None:
    account = open_account(**changes)
    with pytest.raises(AuthFailed):
        adapter.create(adapter.render(car(), account), account)
    assert adapter.check(account).ok is False


def test_nothing_listens_means_nothing_was_sent(adapter: Adapter, open_account: Open, sandbox: Sandbox) -> None:
    sandbox.server.shutdown()
    sandbox.server.server_close()
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(), open_account()), open_account())


def test_a_photo_that_cannot_be_read_is_tried_later(adapter: Adapter, open_account: Open, world: World) -> None:
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(photo("missing")), open_account()), open_account())
    assert world.calls("sendPhoto") == 0


def test_no_request_begins_after_the_working_time(adapter: Adapter, open_account: Open, world: World) -> None:
    from dataclasses import replace

    account = replace(open_account(), until=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(), account), account)
    assert world.messages == []


def test_check_names_bot_and_channel(adapter: Adapter, open_account: Open) -> None:
    result = adapter.check(open_account())

    assert result.ok
    assert "@avtofamily_sandbox_bot" in str(result.words)


@pytest.mark.parametrize("typed", ["https://t.me/avtofamily_demo/12", "https://t.me/c/1234567890/12?single"])
def test_a_person_points_at_an_album_by_its_link(adapter: Adapter, open_account: Open, typed: str) -> None:
    payload = adapter.render(car(photo("a"), photo("b", number=2)), open_account())
    placed = adapter.adopt(payload, typed, datetime.now(UTC), open_account())

    assert [(message["id"], message["photo"]) for message in placed.external["messages"]] == [(12, "1:a"), (13, "2:b")]


def test_an_unknown_post_can_only_be_changed_by_hand(adapter: Adapter, open_account: Open) -> None:
    account = open_account()
    placed = adapter.adopt(TelegramPayload(text="x"), "", datetime.now(UTC), account)
    with pytest.raises(ManualActionRequired):
        adapter.withdraw(placed.external, Farewell("BMW", sold=False), account)
    with pytest.raises(InvalidPayload):
        adapter.adopt(TelegramPayload(text="x"), "t.me nonsense", datetime.now(UTC), account)


@pytest.mark.parametrize("chat", ["avtofamily", "@a", "@имя", "12", "https://t.me/x", "@name; drop"])
def test_a_chat_that_telegram_cannot_know_is_refused(chat: str) -> None:
    with pytest.raises(ValidationError):
        TelegramSettings(chat_id=chat)
