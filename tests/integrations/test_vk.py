"""The adapters of VK against the sandbox, without the engine."""

from collections.abc import Callable
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
    InvalidPayload,
    ManualActionRequired,
    Placed,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.marketplaces.vk_api import VkCredentials
from integrations.sandbox.server import Sandbox
from integrations.sandbox.vk import TOKEN
from integrations.sandbox.vk_api import GROUP

from .meta_helpers import Meta, car, photo
from .photo_server import draw

Open = Callable[..., Account[Any, Any]]
GOODBYE = Farewell("BMW X5, 2018", sold=True)


@pytest.fixture
def vk(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "vk")


@pytest.fixture(params=["vk_wall", "vk_market"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return get_adapter(request.param)


@pytest.fixture
def wall() -> Adapter:
    return get_adapter("vk_wall")


@pytest.fixture
def market() -> Adapter:
    return get_adapter("vk_market")


@pytest.fixture
def open_account(sandbox: Sandbox, vk: Meta) -> Open:
    def go(adapter: Adapter, token: str = TOKEN, **changes: Any) -> Account[Any, Any]:
        settings = {"group_id": GROUP, "base_url": f"{sandbox.url}/vk", "post_url": f"{sandbox.url}/vk"} | changes
        if "category_id" in adapter.Settings.model_fields:
            settings = {"category_id": 404} | settings
        return Account(
            settings=adapter.Settings.model_validate(settings),
            credentials=VkCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: draw(len(url), 640, 480),
            now=vk.now,
        )

    return go


@pytest.fixture
def publish(open_account: Open, vk: Meta) -> Callable[..., Placed]:
    def go(adapter: Adapter, count: int = 2, **fields: Any) -> Placed:
        payload = adapter.render(car(count, **fields), open_account(adapter))
        return vk.carry_through(lambda known: adapter.create(payload, known), open_account(adapter))

    return go


def present(vk: Meta) -> list[dict[str, Any]]:
    return [row for row in (*vk.state["posts"], *vk.state["goods"]) if row["deleted"] is None]


def posting(adapter: Adapter) -> str:
    return "wall.post" if adapter is get_adapter("vk_wall") else "market.add"


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, 1), (12, 10)])
def test_a_car_becomes_a_post_with_up_to_ten_photos(
    publish: Callable[..., Placed], wall: Adapter, vk: Meta, count: int, shown: int
) -> None:
    placed = publish(wall, count)

    [post] = present(vk)
    assert len(post["photos"]) == shown
    assert post["message"].startswith("BMW X5 xDrive30d, 2018")
    assert (placed.key, placed.address) == (f"-{GROUP}_1", f"{vk.sandbox.url}/vk/wall-{GROUP}_1")


def test_a_car_becomes_a_good_with_its_price_and_up_to_five_photos(
    publish: Callable[..., Placed], market: Adapter, vk: Meta
) -> None:
    placed = publish(market, 7)

    [good] = present(vk)
    assert (good["name"], good["price"], good["category"]) == ("BMW X5 xDrive30d, 2018", 95000, 404)
    assert (len(good["photos"]), good["sku"]) == (5, car()["uuid"])
    assert placed.address.endswith(f"/product-{GROUP}_1")


def test_prices_are_in_the_currency_of_the_shop(open_account: Open, market: Adapter) -> None:
    assert market.render(car(), open_account(market, currency="USD")).price == 29000

    with pytest.raises(InvalidPayload):
        market.render(car(price={"byn": 1, "usd": 0}), open_account(market, currency="USD"))


def test_a_good_needs_a_photo_and_words(open_account: Open, market: Adapter) -> None:
    account = replace(open_account(market), template="{year}")

    with pytest.raises(InvalidPayload) as caught:
        market.render(car(0, title=""), account)

    assert len(caught.value.problems) == 2


def test_nothing_is_seen_before_the_photos_are_there(open_account: Open, adapter: Adapter, vk: Meta) -> None:
    payload = adapter.render(car(3), open_account(adapter))
    account = vk.waiting(lambda known: adapter.create(payload, known), open_account(adapter))

    assert (present(vk), len(account.progress["photos"])) == ([], 3)
    assert adapter.lookup(payload, open_account(adapter)).outcome == "absent"


def test_photos_that_were_uploaded_are_not_uploaded_again(open_account: Open, adapter: Adapter, vk: Meta) -> None:
    payload = adapter.render(car(3), open_account(adapter))
    vk.fault("upload", count=2)
    vk.fault("upload", answer="drop", done=False)
    vk.carry_through(lambda known: adapter.create(payload, known), open_account(adapter))

    assert (len(vk.state["photos"]), vk.calls("upload")) == (3, 4)


def test_an_interrupted_create_that_happened_is_found(open_account: Open, adapter: Adapter, vk: Meta) -> None:
    payload = adapter.render(car(), open_account(adapter))
    account = vk.waiting(lambda known: adapter.create(payload, known), open_account(adapter))
    vk.fault(posting(adapter), answer="drop")
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)

    found = adapter.lookup(payload, account)
    assert (found.outcome, found.placed and found.placed.key) == ("found", f"-{GROUP}_1")
    # Nor does trying once more double it.
    assert adapter.create(payload, account).key == f"-{GROUP}_1"
    assert len(present(vk)) == 1


def test_an_interrupted_create_that_did_not_happen_is_absent(open_account: Open, adapter: Adapter, vk: Meta) -> None:
    payload = adapter.render(car(), open_account(adapter))
    account = vk.waiting(lambda known: adapter.create(payload, known), open_account(adapter))
    vk.fault(posting(adapter), answer="drop", done=False)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)

    assert adapter.lookup(payload, account).outcome == "absent"


def test_a_repetition_with_its_guid_is_the_same_post_even_if_the_wall_does_not_show_it(
    open_account: Open, wall: Adapter, vk: Meta
) -> None:
    payload = wall.render(car(), open_account(wall))
    account = vk.waiting(lambda known: wall.create(payload, known), open_account(wall))
    first = wall.create(payload, account)
    # As if it stood too far down to be read: its time lies before the create began.
    later = replace(account, progress=dict(account.progress) | {"since": "2100-01-01T00:00:00Z"})

    assert wall.create(payload, later).key == first.key


@pytest.mark.parametrize("fault", ["500", "502", "drop"])
def test_what_vk_leaves_open_is_ambiguous_only_where_it_could_double(
    open_account: Open, adapter: Adapter, publish: Callable[..., Placed], vk: Meta, fault: str
) -> None:
    payload = adapter.render(car(), open_account(adapter))
    account = vk.waiting(lambda known: adapter.create(payload, known), open_account(adapter))
    vk.fault(posting(adapter), answer=fault)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)

    placed = adapter.lookup(payload, account).placed
    assert placed is not None
    vk.fault(answer=fault)
    with pytest.raises(RetryLater):
        adapter.withdraw(placed.external, GOODBYE, account)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (5, AuthFailed), (7, AuthFailed), (14, AuthFailed), (15, AuthFailed), (9, RateLimited), (29, RateLimited),
        (214, RateLimited), (10, Ambiguous), (1, Ambiguous), (100, InvalidPayload), (8, InvalidPayload),
    ],
)  # fmt: skip
def test_each_error_has_its_class(
    open_account: Open, adapter: Adapter, vk: Meta, code: int, error: type[AdapterError]
) -> None:
    payload = adapter.render(car(), open_account(adapter))
    account = vk.waiting(lambda known: adapter.create(payload, known), open_account(adapter))
    vk.configure(refuse=[{"method": posting(adapter), "code": code, "message": f"because of {TOKEN}"}])

    with pytest.raises(error):
        adapter.create(payload, account)


def test_a_captcha_is_told_and_never_answered(open_account: Open, wall: Adapter, vk: Meta) -> None:
    vk.configure(refuse=[{"method": "groups.getById", "code": 14}])

    checked = wall.check(open_account(wall))

    assert (checked.ok, vk.calls("groups.getById")) == (False, 1)
    assert "капча" in str(checked.words)


def test_too_many_calls_a_second_are_repeated_a_second_later(open_account: Open, wall: Adapter, vk: Meta) -> None:
    vk.configure(refuse=[{"method": "groups.getById", "code": 6}])

    assert wall.check(open_account(wall)).ok
    assert vk.calls("groups.getById") == 2


def test_an_edit_changes_words_and_uploads_only_new_photos(
    open_account: Open, adapter: Adapter, publish: Callable[..., Placed], vk: Meta
) -> None:
    placed = publish(adapter, 2)
    document = car(0, photos=[photo(1), photo(3)], price={"byn": 90000, "usd": 27000, "old_byn": None})
    changed = adapter.update(placed.external, adapter.render(document, open_account(adapter)), open_account(adapter))

    [row] = present(vk)
    assert "90" in row.get("message", str(row.get("price")))
    assert (len(row["photos"]), len(vk.state["photos"]), changed.key) == (2, 3, placed.key)


def test_another_main_photo_is_uploaded_as_such(
    open_account: Open, market: Adapter, publish: Callable[..., Placed], vk: Meta
) -> None:
    placed = publish(market, 2)
    payload = market.render(car(0, photos=[photo(2), photo(1)]), open_account(market))
    market.update(placed.external, payload, open_account(market))

    assert len(vk.state["photos"]) == 3


def test_what_somebody_deleted_is_told_on_edit_and_is_success_on_withdrawal(
    open_account: Open, adapter: Adapter, publish: Callable[..., Placed]
) -> None:
    account, placed = open_account(adapter), publish(adapter)
    assert adapter.inspect(placed.external, account).state == "live"
    assert adapter.withdraw(placed.external, GOODBYE, account).response == "deleted"

    assert adapter.inspect(placed.external, account).state == "removed"
    assert adapter.withdraw(placed.external, GOODBYE, account).response == "not found"
    with pytest.raises(InvalidPayload):
        adapter.update(placed.external, adapter.render(car(), account), account)


def test_a_post_that_vk_does_not_let_be_changed_is_a_persons(
    open_account: Open, wall: Adapter, publish: Callable[..., Placed], vk: Meta
) -> None:
    placed = publish(wall)
    vk.configure(refuse=[{"method": "wall.edit", "code": 15}])

    with pytest.raises(ManualActionRequired):
        wall.update(placed.external, wall.render(car(), open_account(wall)), open_account(wall))


def test_a_post_that_a_person_points_at_is_taken_over(
    open_account: Open, adapter: Adapter, publish: Callable[..., Placed], vk: Meta
) -> None:
    account, placed = open_account(adapter), publish(adapter)
    payload = adapter.render(car(), account)
    adopted = adapter.adopt(payload, placed.address, vk.now(), account)
    assert adopted.key == placed.key

    adapter.update(adopted.external, payload, account)
    [row] = present(vk)
    assert len(row["photos"]) == 2
    for address in ("https://vk.com/wall-1_1", "https://vk.com/product-1_1", "nonsense"):
        with pytest.raises(InvalidPayload):
            adapter.adopt(payload, address, vk.now(), account)
    with pytest.raises(ManualActionRequired):
        adapter.withdraw(adapter.adopt(payload, "", vk.now(), account).external, GOODBYE, account)


def test_figures_of_a_post_are_read(open_account: Open, wall: Adapter, publish: Callable[..., Placed]) -> None:
    stats = wall.fetch_stats(publish(wall).external, open_account(wall))

    assert stats is not None
    assert (stats.views, stats.likes, stats.comments, stats.shares, stats.reach) == (0, 0, 0, 0, None)


def test_a_wrong_token_stops_the_channel(open_account: Open, adapter: Adapter) -> None:
    assert not adapter.check(open_account(adapter, token="wrong")).ok
    assert adapter.check(open_account(adapter)).ok


def test_a_shop_too_large_to_be_read_is_not_guessed_about(
    open_account: Open, market: Adapter, publish: Callable[..., Placed], vk: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        publish(market, 1, uuid=f"car-{number}")
    monkeypatch.setattr("integrations.marketplaces.vk_market.PAGE", 2)
    monkeypatch.setattr("integrations.marketplaces.vk_market.MOST_PAGES", 1)
    account = replace(open_account(market), progress={"photos": ["1"]})

    assert market.lookup(market.render(car(1, uuid="car-0"), account), account).outcome == "unknown"
    assert market.lookup(market.render(car(1, uuid="car-2"), account), account).outcome == "found"
