"""The generic webhook against a receiver that checks signatures and drops doubles."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    AuthFailed,
    Farewell,
    InvalidPayload,
    ManualActionRequired,
    Placed,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.marketplaces.webhook import WebhookCredentials, WebhookSettings
from integrations.marketplaces.webhook_event import WebhookEvent
from integrations.sandbox.server import Sandbox
from integrations.sandbox.webhook_receiver import SECRET

from .meta_helpers import Meta, car

Open = Callable[..., Account[Any, Any]]
SCHEMA = Path(__file__).parents[2] / "docs" / "adapters" / "webhook.schema.json"
OTHER = f"whsec_{base64.b64encode(b'another secret of at least 24 bytes').decode()}"


@pytest.fixture
def receiver(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "webhook")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("webhook")


@pytest.fixture
def open_account(sandbox: Sandbox, receiver: Meta) -> Open:
    def go(secret: str = SECRET, previous: str = "", **changes: Any) -> Account[Any, Any]:
        return Account(
            settings=WebhookSettings.model_validate({"url": f"{sandbox.url}/webhook/events"} | changes),
            credentials=WebhookCredentials(secret=SecretStr(secret), previous_secret=SecretStr(previous)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: b"",
            now=receiver.now,
        )

    return go


@pytest.fixture
def publish(adapter: Adapter, open_account: Open, receiver: Meta) -> Callable[..., Placed]:
    def go(**fields: Any) -> Placed:
        payload = adapter.render(car(**fields), open_account())
        return receiver.carry_through(lambda known: adapter.create(payload, known), open_account())

    return go


def kinds(receiver: Meta) -> list[str]:
    return [row["type"] for row in receiver.state["deliveries"]]


def test_a_receiver_follows_a_car_from_beginning_to_end(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], receiver: Meta
) -> None:
    placed = publish()
    changed = adapter.update(placed.external, adapter.render(car(mileage_km=130_000), open_account()), open_account())
    [known] = receiver.state["cars"]
    assert (known["listing"]["mileage_km"], known["listing"]["make"], known["deleted"]) == (130_000, "BMW", None)
    assert placed.address.endswith(f"/webhook/#{car()['uuid']}")

    adapter.withdraw(changed.external, Farewell("BMW X5, 2018", sold=True), open_account())
    [known] = receiver.state["cars"]
    assert known["deleted"]
    assert kinds(receiver) == ["listing.published", "listing.updated", "listing.withdrawn"]
    assert receiver.state["deliveries"][2]["body"]["data"]["listing"]["reason"] == "sold"


def test_an_unclear_delivery_is_repeated_with_the_same_id(adapter: Adapter, open_account: Open, receiver: Meta) -> None:
    payload = adapter.render(car(), open_account())
    account = receiver.waiting(lambda known: adapter.create(payload, known), open_account())
    receiver.fault("deliver", answer="drop")
    with pytest.raises(RetryLater):
        adapter.create(payload, account)
    assert adapter.lookup(payload, account).outcome == "absent"

    adapter.create(payload, account)
    [delivery] = receiver.state["deliveries"]
    assert delivery["times"] == 2


def test_a_change_back_and_forth_and_a_second_publishing_are_no_repetitions(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], receiver: Meta
) -> None:
    placed = publish()
    for mileage in (1, 120_000, 1):
        payload = adapter.render(car(mileage_km=mileage), open_account())
        placed = adapter.update(placed.external, payload, open_account())
    adapter.withdraw(placed.external, Farewell("BMW", sold=False), open_account())
    publish()

    assert len(kinds(receiver)) == 6
    assert {row["times"] for row in receiver.state["deliveries"]} == {1}


def test_events_are_signed_with_both_secrets_while_one_is_exchanged(
    adapter: Adapter, open_account: Open, receiver: Meta
) -> None:
    assert not adapter.check(open_account(OTHER)).ok
    assert adapter.check(open_account(OTHER, previous=SECRET)).ok
    receiver.configure(secrets=[OTHER])
    assert adapter.check(open_account(OTHER, previous=SECRET)).ok
    assert receiver.state["cars"] == []


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_кириллица", "whsec_c2hvcnQ=", "whsec_" + "x" * 401])
def test_a_secret_that_signs_badly_is_refused_and_not_quoted(secret: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookCredentials(secret=SecretStr(secret))
    assert not secret.removeprefix("whsec_") or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidPayload), (401, AuthFailed), (404, AuthFailed), (410, AuthFailed), (422, InvalidPayload),
        (302, AuthFailed), (408, RetryLater), (429, RateLimited), (500, RetryLater), (503, RetryLater),
    ],
)  # fmt: skip
def test_each_answer_has_its_class(
    adapter: Adapter, open_account: Open, receiver: Meta, status: int, error: type[AdapterError]
) -> None:
    payload = adapter.render(car(), open_account())
    account = receiver.waiting(lambda known: adapter.create(payload, known), open_account())
    receiver.configure(status=status)

    with pytest.raises(error):
        adapter.create(payload, account)


def test_a_pause_that_the_receiver_names_is_kept(adapter: Adapter, open_account: Open, receiver: Meta) -> None:
    payload = adapter.render(car(), open_account())
    account = receiver.waiting(lambda known: adapter.create(payload, known), open_account())
    receiver.fault("deliver", answer="429", done=False, retry_after=17)

    with pytest.raises(RateLimited) as caught:
        adapter.create(payload, account)
    assert caught.value.retry_after == 17


def test_the_whole_vin_goes_only_where_it_may(adapter: Adapter, open_account: Open) -> None:
    assert adapter.render(car(), open_account()).listing.vin is None
    assert adapter.render(car(), open_account(with_vin=True)).listing.vin == car()["vin"]


def test_another_size_of_the_same_photo_is_no_change(adapter: Adapter, open_account: Open) -> None:
    small, large = car(1), car(1)
    small["photos"][0]["sources"]["jpeg"][0] = {"url": "/media/images/car-1.width-800.jpg", "width": 800}

    assert adapter.render(small, open_account()).digest() == adapter.render(large, open_account()).digest()
    assert adapter.render(car(2), open_account()).digest() != adapter.render(large, open_account()).digest()


def test_an_address_that_is_no_web_address_is_not_shown(adapter: Adapter, open_account: Open, receiver: Meta) -> None:
    payload = adapter.render(car(), open_account())

    assert adapter.adopt(payload, "javascript:alert(1)", receiver.now(), open_account()).address == ""
    assert adapter.adopt(payload, "https://[", receiver.now(), open_account()).address == ""
    with pytest.raises(ManualActionRequired):
        adapter.update({}, payload, open_account())


def test_the_documented_schema_is_that_of_the_events() -> None:
    assert json.loads(SCHEMA.read_text()) == WebhookEvent.model_json_schema()
