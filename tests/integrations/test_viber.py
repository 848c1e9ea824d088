"""The adapter of Viber against the sandbox, without the engine."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    Forged,
    IncomingCall,
    InvalidPayload,
    ManualActionRequired,
    RateLimited,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.marketplaces.viber import ViberCredentials, ViberSettings
from integrations.sandbox.server import Sandbox
from integrations.sandbox.viber import TOKEN

from .meta_helpers import Meta, car
from .photo_server import PhotoServer, serve_photos

Open = Callable[..., Account[Any, Any]]


@pytest.fixture(scope="module")
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


@pytest.fixture
def viber(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "viber")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("viber")


@pytest.fixture
def open_account(sandbox: Sandbox, photos: PhotoServer) -> Open:
    def go(token: str = TOKEN) -> Account[Any, Any]:
        return Account(
            settings=ViberSettings.model_validate({"base_url": f"{sandbox.url}/viber"}),
            credentials=ViberCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: b"",
            photo_address=photos.address,
        )

    return go


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_car_becomes_one_message_with_one_photo_at_most(
    adapter: Adapter, open_account: Open, viber: Meta, count: int
) -> None:
    document = car(count, text_html=f"<p>{'Длинное описание. ' * 1000}</p>")
    placed = adapter.create(adapter.render(document, open_account()), open_account())

    [message] = viber.state["messages"]
    assert bool(message["photo"]) is bool(count)
    assert len(message["text"]) <= (768 if count else 7000)
    assert message["text"].startswith("BMW X5 xDrive30d, 2018")
    assert placed.key == "1"


def test_nothing_is_changed_or_deleted_by_program(adapter: Adapter, open_account: Open) -> None:
    payload = adapter.render(car(), open_account())
    with pytest.raises(ManualActionRequired):
        adapter.update({"message": "1"}, payload, open_account())
    with pytest.raises(ManualActionRequired):
        adapter.withdraw({"message": "1"}, Farewell("BMW", sold=True), open_account())


@pytest.mark.parametrize(
    ("answer", "error"),
    [("drop", Ambiguous), ("502", Ambiguous), ("500", Ambiguous), ("429", RateLimited), ("auth", AuthFailed)],
)
def test_each_failure_has_its_class(
    adapter: Adapter, open_account: Open, viber: Meta, answer: str, error: type[AdapterError]
) -> None:
    payload = adapter.render(car(0), open_account())
    viber.fault("post", answer=answer, done=answer in {"drop", "502", "500"})

    with pytest.raises(error):
        adapter.create(payload, open_account())
    assert adapter.lookup(payload, open_account()).outcome == "unknown"


def test_a_photo_that_viber_cannot_fetch_is_told(
    adapter: Adapter, open_account: Open, photos: PhotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "url", f"{photos.url}/nowhere")
    with pytest.raises(InvalidPayload, match="media cannot be fetched"):
        adapter.create(adapter.render(car(1), open_account()), open_account())


def test_without_a_webhook_nothing_is_posted_and_a_person_is_told_what_to_do(
    adapter: Adapter, open_account: Open, viber: Meta
) -> None:
    assert adapter.check(open_account()).ok
    viber.configure(webhook="")

    assert not adapter.check(open_account()).ok
    with pytest.raises(AuthFailed, match="Получать события"):
        adapter.create(adapter.render(car(0), open_account()), open_account())


def test_the_webhook_is_set_only_with_https(adapter: Adapter, open_account: Open, viber: Meta) -> None:
    with pytest.raises(InvalidPayload):
        adapter.connect_webhook("http://avtofamily.example/in", open_account())
    adapter.connect_webhook("https://avtofamily.example/in", open_account())

    assert viber.state["webhook"] == "https://avtofamily.example/in"


def test_only_what_viber_has_signed_is_believed(adapter: Adapter, open_account: Open) -> None:
    body = b'{"event":"webhook"}'
    signature = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    genuine = IncomingCall("POST", {}, {"x-viber-content-signature": signature}, body)

    assert adapter.verify(genuine, open_account()) == ""
    for headers in ({}, {"x-viber-content-signature": "é" * 64}, {"x-viber-content-signature": "0" * 64}):
        with pytest.raises(Forged):
            adapter.verify(IncomingCall("POST", {}, headers, body), open_account())


def test_the_name_that_limits_are_counted_for_is_no_secret(adapter: Adapter, open_account: Open) -> None:
    assert TOKEN not in adapter.rate(open_account())[0]
    assert adapter.rate(open_account("other"))[0] != adapter.rate(open_account())[0]


def test_a_person_confirms_a_message_without_an_address(adapter: Adapter, open_account: Open) -> None:
    payload = adapter.render(car(0), open_account())

    assert adapter.adopt(payload, "", datetime.now(UTC), open_account()).external == {"message": ""}
