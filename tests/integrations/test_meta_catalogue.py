"""Cars in Meta's catalogue, by calls against the sandbox and as lines of the file that Meta fetches."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.marketplaces import meta_vehicle
from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    InvalidPayload,
    NotYet,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.feed import NoCredentials
from integrations.marketplaces.meta_api import MetaCredentials
from integrations.marketplaces.meta_catalogue import CatalogueSettings
from integrations.marketplaces.meta_feed import MetaFeedSettings
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.sandbox.meta_catalogue import CATALOG, TOKEN
from integrations.sandbox.server import Sandbox
from listings import vocabulary

from .meta_helpers import Meta, car

Open = Callable[..., Account[Any, Any]]
SITE = "https://avtofamily.example"


@pytest.fixture
def meta(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "meta_catalogue")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("meta_catalogue")


@pytest.fixture
def open_account(sandbox: Sandbox, meta: Meta) -> Open:
    def go(token: str = TOKEN, **changes: Any) -> Account[Any, Any]:
        settings = {"catalog_id": CATALOG, "base_url": f"{sandbox.url}/meta_catalogue"} | changes
        return Account(
            settings=CatalogueSettings.model_validate(settings),
            credentials=MetaCredentials(token=SecretStr(token)),
            site_url=SITE,
            read_photo=lambda url: b"",
            now=meta.now,
        )

    return go


def items(meta: Meta) -> list[dict[str, Any]]:
    return [item["data"] for item in meta.state["items"]]


# --- The row --------------------------------------------------------------------------------------
def test_a_row_has_columns_with_paths() -> None:
    row = meta_vehicle.vehicle_row(car(2), SITE, "BYN")

    assert tuple(row) == meta_vehicle.META_COLUMNS
    assert (row["mileage.value"], row["mileage.unit"]) == ("120000", "KM")
    assert row["image[1].url"] == f"{SITE}/media/images/car-2.width-1600.jpg"
    assert (row["price"], row["currency"]) == ("95000 BYN", "BYN")
    assert (row["body_style"], row["state_of_vehicle"], row["fuel_type"]) == ("SUV", "USED", "DIESEL")
    assert (row["address.addr1"], row["address.city"]) == ("Ленина 1", "Минск")


def test_what_is_missing_is_named_all_at_once() -> None:
    poor = car(0, vin="", dealer={"name": "Автосалон", "address": " "})
    with pytest.raises(InvalidPayload) as caught:
        meta_vehicle.vehicle_row(poor, SITE, "BYN")

    named = " ".join(str(problem) for problem in caught.value.problems)
    assert len(caught.value.problems) == 3
    assert all(str(meta_vehicle.REQUIRED[name]) in named for name in ("vin", "image[0].url", "address.addr1"))


def test_a_car_without_a_text_is_described_by_its_facts() -> None:
    row = meta_vehicle.vehicle_row(car(1, text_html=""), SITE, "BYN")

    assert row["description"].startswith("BMW X5 xDrive30d, 2018")


def test_a_currency_without_a_rate_is_told() -> None:
    with pytest.raises(InvalidPayload):
        meta_vehicle.vehicle_row(car(1, price={"byn": 95000, "usd": 0}), SITE, "USD")


def test_calls_get_the_row_as_nested_json() -> None:
    assert meta_vehicle.nested({"a": "1", "b.c": "2", "d[0].e": "3", "d[1].e": "4", "f": ""}) == {
        "a": "1",
        "b": {"c": "2"},
        "d": [{"e": "3"}, {"e": "4"}],
    }


@pytest.mark.parametrize(
    ("known", "codes"),
    [
        (meta_vehicle.BODY, vocabulary.Body),
        (meta_vehicle.DRIVE, vocabulary.Drive),
        (meta_vehicle.OBLAST, vocabulary.Oblast),
    ],
)
def test_every_code_has_a_word_of_meta(known: dict[str, str], codes: Any) -> None:
    assert set(known) == set(codes.values)


# --- Calls ----------------------------------------------------------------------------------------
def test_a_car_is_put_changed_and_taken_out(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(2), account), account)
    assert placed.confirmed
    assert placed.key == items(meta)[0]["vehicle_id"]
    assert adapter.inspect(placed.external, account).state == "live"

    changed = adapter.update(placed.external, adapter.render(car(2, year=2020), account), account)
    assert [item["year"] for item in items(meta)] == ["2020"]
    for _repeat in range(2):
        assert adapter.withdraw(changed.external, Farewell("BMW", sold=True), account).removed
    assert items(meta) == []


def test_a_new_car_counts_as_handed_over_until_meta_is_done(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    meta.configure(processing=60)
    account = open_account()
    placed = adapter.create(adapter.render(car(1), account), account)

    assert placed.confirmed is False
    assert adapter.inspect(placed.external, account).state == "unknown"
    meta.forward(61)
    assert adapter.inspect(placed.external, account).state == "live"


def test_a_change_waits_for_its_batch_without_sending_it_again(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(1), account), account)
    meta.configure(processing=40)
    payload = adapter.render(car(1, year=2020), account)
    with pytest.raises(NotYet) as caught:
        adapter.update(placed.external, payload, account)
    meta.forward(41)
    adapter.update(placed.external, payload, replace(account, progress=caught.value.progress))

    assert items(meta)[0]["year"] == "2020"
    assert meta.calls("batch") == 2


def test_a_batch_that_never_ends_is_given_up(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    meta.configure(processing=100_000)
    payload = adapter.render(car(1), open_account())
    with pytest.raises(RetryLater):
        meta.carry_through(lambda known: adapter.update({"id": payload.id}, payload, known), open_account())
    assert meta.calls("batch") == 1


def test_a_sold_car_is_taken_out_and_comes_back_when_it_is_for_sale_again(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    account = open_account()
    placed = adapter.create(adapter.render(car(1), account), account)
    sold = adapter.update(placed.external, adapter.render(car(1, sale_state="sold"), account), account)
    assert items(meta) == []
    assert "продан" in str(sold.note)
    adapter.update(sold.external, adapter.render(car(1), account), account)
    assert len(items(meta)) == 1


@pytest.mark.parametrize("operation", ["batch", "status"])
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
def test_whatever_fails_the_car_stands_there_once_in_the_end(
    adapter: Adapter, open_account: Open, meta: Meta, operation: str, fault: dict[str, Any]
) -> None:
    account = open_account()
    payload = adapter.render(car(1), account)
    meta.fault(operation, **fault)
    for _try in range(4):
        try:
            adapter.create(payload, account)
            break
        except AdapterError:
            continue

    assert len(items(meta)) == 1


def test_a_lost_answer_is_cleared_up_by_putting_the_car_again(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    account = open_account()
    payload = adapter.render(car(1), account)
    meta.fault("batch", answer="drop", done=False)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)
    assert adapter.lookup(payload, account).outcome == "found"
    assert len(items(meta)) == 1
    meta.fault("batch", answer="502", done=False)
    assert adapter.lookup(payload, account).outcome == "absent"


@pytest.mark.parametrize(
    ("code", "outcome"), [(80014, RateLimited), (190, AuthFailed), (200, AuthFailed), (100, InvalidPayload)]
)
def test_each_error_means_what_meta_advises(
    adapter: Adapter, open_account: Open, meta: Meta, code: int, outcome: type[Exception]
) -> None:
    meta.refuse("batch", code)
    with pytest.raises(outcome):
        adapter.create(adapter.render(car(1), open_account()), open_account())


def test_a_wrong_word_for_vehicles_is_told(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    meta.configure(item_type="AUTO")
    account = open_account()
    with pytest.raises(InvalidPayload) as caught:
        adapter.create(adapter.render(car(1), account), account)
    assert "item_type" in str(caught.value)
    account = open_account(item_type="AUTO")
    adapter.create(adapter.render(car(1), account), account)


def test_what_meta_refuses_in_the_batch_is_told(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    account = open_account()
    payload = adapter.render(car(1), account)
    broken = payload.model_copy(update={"vehicle": {**payload.vehicle, "vin": ""}})
    with pytest.raises(InvalidPayload) as caught:
        adapter.create(broken, account)

    assert "vin" in str(caught.value)
    assert items(meta) == []


def test_check_names_the_catalogue(adapter: Adapter, open_account: Open) -> None:
    assert adapter.check(open_account()).ok
    assert adapter.check(open_account("EAACwrong")).ok is False
    assert adapter.check(open_account(catalog_id="12345")).ok is False


# --- The file -------------------------------------------------------------------------------------
def test_the_file_has_a_header_and_a_line_for_each_car() -> None:
    feed = get_adapter("meta_feed")
    account = Account(
        settings=MetaFeedSettings(), credentials=NoCredentials(), site_url=SITE, read_photo=lambda url: b""
    )
    text = '<p>Цена "с торгом",\nодин хозяин</p>'
    placed = feed.create(feed.render(car(2, text_html=text), account), account)
    before, after = feed.frame(account.settings, SITE, datetime.now(UTC))
    [row] = csv.DictReader(io.StringIO(f"{before}{placed.entry}{feed.file.line_end}{after}"))

    assert placed.confirmed is False
    assert row["description"] == 'Цена "с торгом", один хозяин'
    assert row["image[0].url"].endswith("car-1.width-1600.jpg")
    assert all(row[column] for column in feed.file.required)
    assert feed.render(car(2, sale_state="sold"), account).entry == ""
