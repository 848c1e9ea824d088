"""av.by by calls against an invented platform whose contract is the documented example."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr, ValidationError

from integrations.marketplaces.avby_push import AvbyPushCredentials, AvbyPushSettings
from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    InvalidPayload,
    ManualActionRequired,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.sandbox.avby_push import TOKEN
from integrations.sandbox.server import Sandbox

from .meta_helpers import Meta, car

Open = Callable[..., Account[Any, Any]]
EXAMPLE = (Path(__file__).parents[2] / "docs" / "adapters" / "avby_push.example.json").read_text()


def mapping(**changes: Any) -> str:
    return json.dumps(json.loads(EXAMPLE) | changes)


@pytest.fixture
def avby(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "avby_push")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("avby_push")


@pytest.fixture
def open_account(sandbox: Sandbox, avby: Meta) -> Open:
    def go(text: str = EXAMPLE, token: str = TOKEN) -> Account[Any, Any]:
        return Account(
            settings=AvbyPushSettings.model_validate({"base_url": f"{sandbox.url}/avby_push/api", "mapping": text}),
            credentials=AvbyPushCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: b"",
            now=avby.now,
        )

    return go


def present(avby: Meta) -> list[dict[str, Any]]:
    return [row for row in avby.state["offers"] if row["deleted"] is None]


def test_an_ad_is_made_changed_and_taken_down_by_the_documented_mapping(
    adapter: Adapter, open_account: Open, avby: Meta
) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(2), account), account)
    [offer] = present(avby)
    assert offer["body"]["price"] == {"amount": 95000, "currency": "BYN"}
    assert offer["body"]["engine"] == {"type": 2, "capacity": 2993}
    assert offer["body"]["photos"][0] == "https://avtofamily.example/media/images/car-1.width-1600.jpg"
    assert (placed.key, placed.address) == ("1", f"{avby.sandbox.url}/avby_push/#1")

    changed = adapter.update(placed.external, adapter.render(car(2, mileage_km=1), account), account)
    assert present(avby)[0]["body"]["mileage"] == 1
    goodbye = Farewell("BMW X5, 2018", sold=True)
    assert adapter.withdraw(changed.external, goodbye, account).response == "withdrawn"
    assert adapter.withdraw(changed.external, goodbye, account).response == "not found"
    with pytest.raises(InvalidPayload, match="Опубликуйте его заново"):
        adapter.update(placed.external, adapter.render(car(2), account), account)


@pytest.mark.parametrize("done", [True, False])
def test_an_interrupted_create_is_asked_about_if_the_contract_lets_us(
    adapter: Adapter, open_account: Open, avby: Meta, done: bool
) -> None:
    account, blind = open_account(), open_account(mapping(find=None))
    payload = adapter.render(car(), account)
    avby.fault("create", answer="drop", done=done)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)

    assert adapter.lookup(payload, account).outcome == ("found" if done else "absent")
    assert adapter.lookup(payload, blind).outcome == "unknown"


def test_a_page_of_something_in_between_proves_no_absence(
    adapter: Adapter, open_account: Open, sandbox: Sandbox
) -> None:
    account = open_account()
    page = AvbyPushSettings.model_validate(
        {"base_url": f"{sandbox.url}/avby_push", "mapping": mapping(find={"path": "/?{uuid}", "id": "id"})}
    )

    assert adapter.lookup(adapter.render(car(), account), replace(account, settings=page)).outcome == "unknown"


@pytest.mark.parametrize(
    ("answer", "error"), [("500", Ambiguous), ("502", Ambiguous), ("429", RateLimited), ("auth", AuthFailed)]
)
def test_each_failure_has_its_class(
    adapter: Adapter, open_account: Open, avby: Meta, answer: str, error: type[AdapterError]
) -> None:
    account = open_account()
    avby.fault("create", answer=answer, done=False)
    with pytest.raises(error):
        adapter.create(adapter.render(car(), account), account)


def test_what_may_be_repeated_is_tried_again(adapter: Adapter, open_account: Open, avby: Meta) -> None:
    avby.fault("withdraw", answer="502")
    with pytest.raises(RetryLater):
        adapter.withdraw({"id": "1", "uuid": "x"}, Farewell("BMW", sold=True), open_account())


def test_the_platforms_words_and_the_mappings_gaps_are_told(adapter: Adapter, open_account: Open) -> None:
    without = [rule for rule in json.loads(EXAMPLE)["fields"] if rule["target"] != "brand"]
    account = open_account(mapping(fields=without))
    with pytest.raises(InvalidPayload, match="brand is missing"):
        adapter.create(adapter.render(car(), account), account)
    with pytest.raises(InvalidPayload, match="steam"):
        adapter.render(car(fuel="steam"), account)
    with pytest.raises(InvalidPayload, match=r"contact\.phone"):
        adapter.render(car(contact={"name": "", "phone": ""}), account)


def test_an_answer_without_the_ads_number_is_unclear(adapter: Adapter, open_account: Open, avby: Meta) -> None:
    account = open_account(mapping(id="result.number"))
    with pytest.raises(Ambiguous, match="нет номера"):
        adapter.create(adapter.render(car(), account), account)

    assert len(present(avby)) == 1


def test_a_status_that_the_mapping_does_not_know_stops_the_channel(adapter: Adapter, open_account: Open) -> None:
    account = open_account(mapping(statuses={"gone": [], "auth": [], "invalid": [], "rate_limited": []}), "wrong")
    checked = adapter.check(account)

    assert (checked.ok, "401" in str(checked.words)) == (False, True)
    assert adapter.check(open_account()).ok


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"create": {"method": "POST", "path": "/offers/{id}"}}, "there is no {id} yet"),
        ({"create": {"method": "POST", "path": "https://evil.example/"}}, "create.path"),
        ({"update": {"method": "GET", "path": "/x"}}, "GET changes nothing"),
        ({"fields": []}, "fields"),
        ({"fields": [{"target": "a", "source": "secret"}]}, "fields.0"),
        ({"fields": [{"target": "a"}]}, "either source or constant"),
        ({"fields": [{"target": "a", "source": "year"}, {"target": "a.b", "source": "year"}]}, "filled twice"),
        ({"authorization": {"header": "A\r\nB"}}, "authorization.header"),
        ({"statuses": {"gone": [200]}}, "statuses.gone.0"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place_of_the_mistake(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AvbyPushSettings.model_validate({"base_url": "https://api.example", "mapping": mapping(**change)})

    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '{"fields": ' + "[" * 500])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        AvbyPushSettings.model_validate({"base_url": "https://api.example", "mapping": text})


@pytest.mark.parametrize("token", ["a\nb", "ключ", " a"])
def test_a_key_that_fits_no_header_is_refused_and_not_quoted(token: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AvbyPushCredentials.model_validate({"token": token})

    assert repr(token) not in str(caught.value)


def test_the_form_says_where_the_mapping_is_wrong(admin_client: Client) -> None:
    values = {
        "name": "av.by", "is_active": "on", "setting_base_url": "https://api.example", "setting_per_minute": "20",
        "setting_mapping": mapping(fields=[{"target": "a", "source": "secret"}]), "secret_token": TOKEN,
        "when_sold": "mark",
    }  # fmt: skip
    page = admin_client.post("/admin/channels/new/?adapter=avby_push", values).content.decode()

    assert "fields.0" in page
    assert "<textarea" in page
    assert TOKEN not in page


def test_an_ad_that_a_person_points_at_is_found_by_the_cars_number(
    adapter: Adapter, open_account: Open, avby: Meta
) -> None:
    account, blind = open_account(), open_account(mapping(find=None))
    payload = adapter.render(car(), account)
    adapter.create(payload, account)

    assert adapter.adopt(payload, "https://cars.av.by/1", avby.now(), account).key == "1"
    known = adapter.adopt(payload, "https://cars.av.by/1", avby.now(), blind)
    assert (known.key, known.address) == ("", "https://cars.av.by/1")
    assert adapter.adopt(payload, "javascript:alert(1)", avby.now(), blind).address == ""
    with pytest.raises(ManualActionRequired):
        adapter.withdraw(known.external, Farewell("BMW", sold=True), blind)


def test_another_size_of_the_same_photo_is_no_change(adapter: Adapter, open_account: Open) -> None:
    small = car(1)
    small["photos"][0]["sources"]["jpeg"][0] = {"url": "/media/images/car-1.width-800.jpg", "width": 800}
    account = open_account()

    assert adapter.render(small, account).digest() == adapter.render(car(1), account).digest()
    assert adapter.render(car(2), account).digest() != adapter.render(car(1), account).digest()
