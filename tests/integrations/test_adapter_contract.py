"""What every adapter keeps, whoever wrote it. A new one needs a case in `adapter_cases.py`."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest
from django.core.cache import cache
from django.utils.translation import override
from pydantic import SecretStr

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    InvalidPayload,
    ManualActionRequired,
    MarketplaceAdapter,
    NotYet,
    Payload,
    Placed,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.registry import Adapter, all_adapters
from integrations.publications.admin.forms import SECRET, SETTING, channel_form
from integrations.sandbox.server import Sandbox

from .adapter_cases import CASES, AdapterCase, documents, whole_car
from .photo_server import PhotoServer, draw, serve_photos

EXPECTED: tuple[str, ...] = ()
"""Adapters whose case is still to come. Empty, except while somebody is at it."""
KEYS = [key for key in all_adapters() if key in CASES]
CALLING = [key for key in KEYS if CASES[key]().platform]
MOST_STEPS = 40
CANARY = "canary-6b1f0c4e9a7d4d2f"
FAULTS = {
    "too many calls": {"answer": "429", "done": False, "retry_after": 1},
    "its own failure": {"answer": "500", "done": False},
    "a gateway's page": {"answer": "502", "done": False},
    "a gateway's page after accepting": {"answer": "502", "done": True},
    "dropped before": {"answer": "drop", "done": False},
    "dropped after accepting": {"answer": "drop", "done": True},
    "expired access": {"answer": "auth", "done": False},
    "slow": {"answer": "normal", "delay": 0.2},
}
GOODBYE = Farewell("BMW X5, 2018", sold=True)


def test_every_adapter_has_a_case() -> None:
    missing = set(all_adapters()) - set(CASES) - set(EXPECTED)

    assert not missing, f"Add a function for {', '.join(sorted(missing))} to tests/integrations/adapter_cases.py."


@pytest.fixture(scope="module")
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


@pytest.fixture(params=KEYS)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def adapter(key: str) -> Adapter:
    return all_adapters()[key]


@pytest.fixture
def case(key: str) -> AdapterCase:
    return CASES[key]()


@pytest.fixture
def account(adapter: Adapter, case: AdapterCase, sandbox: Sandbox, photos: PhotoServer) -> Account[Any, Any]:
    cache.clear()
    return Account(
        settings=adapter.Settings.model_validate(case.pointed_at(sandbox.url)),
        credentials=adapter.Credentials.model_validate(case.secrets),
        site_url="https://avtofamily.example",
        read_photo=lambda url: draw(len(url), 640, 480),
        photo_address=photos.address,
        now=lambda: datetime.fromtimestamp(sandbox.clock.now(), UTC),
    )


def forbidden(*_args: object, **_kwargs: object) -> NoReturn:
    raise AssertionError("rendering must not do this")


class Driver:
    """Does what the engine does with what an adapter raises, and never posts again where it would not."""

    def __init__(self, adapter: Adapter, account: Account[Any, Any], sandbox: Sandbox) -> None:
        self.adapter, self.account, self.sandbox = adapter, account, sandbox
        self.errors: list[AdapterError] = []

    def wait(self, seconds: float) -> None:
        self.sandbox.control({"clock_offset": self.sandbox.clock.offset + seconds})

    def create(self, document: dict[str, Any]) -> Placed | None:
        """None: it ended with a person."""
        payload = self.adapter.render(document, self.account)
        account = self.account
        for _step in range(MOST_STEPS):
            try:
                return self.adapter.create(payload, account)
            except NotYet as error:
                account = replace(account, progress=json.loads(json.dumps(error.progress)))
                self.wait(error.after)
            except Ambiguous as error:
                self.errors.append(error)
                found = self.adapter.lookup(payload, account)
                if found.outcome != "absent":
                    return found.placed
            except (RetryLater, RateLimited) as error:
                self.errors.append(error)
                self.wait(getattr(error, "retry_after", 5))
            except AdapterError as error:
                self.errors.append(error)
                return None
        raise AssertionError("it never ends")

    def repeat(self, step: Callable[[Account[Any, Any]], Any]) -> Any:
        """An update or a withdrawal; None: it ended with a person."""
        account = self.account
        for _step in range(MOST_STEPS):
            try:
                return step(account)
            except (RetryLater, RateLimited) as error:
                self.errors.append(error)
                self.wait(getattr(error, "retry_after", 5))
            except NotYet as error:
                account = replace(account, progress=json.loads(json.dumps(error.progress)))
                self.wait(error.after)
            except Ambiguous as error:
                raise AssertionError("only a create can be unclear") from error
            except AdapterError as error:
                self.errors.append(error)
                return None
        raise AssertionError("it never ends")


@pytest.fixture
def driver(adapter: Adapter, account: Account[Any, Any], sandbox: Sandbox) -> Driver:
    return Driver(adapter, account, sandbox)


# --- Rendering --------------------------------------------------------------------------------------
@pytest.fixture
def bare(adapter: Adapter, case: AdapterCase) -> Account[Any, Any]:
    """All that rendering may look at: neither clock nor photos nor access data."""
    return Account(
        settings=adapter.Settings.model_validate(case.pointed_at("https://sandbox.example")),
        credentials=None,
        site_url="https://avtofamily.example",
        read_photo=forbidden,
        photo_address=forbidden,
        now=forbidden,
    )


def test_rendering_is_pure_and_ends_in_a_payload_or_in_words(
    adapter: Adapter, bare: Account[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, document in documents().items():
        before = json.dumps(document)
        with monkeypatch.context() as offline:
            offline.setattr(socket.socket, "connect", forbidden)
            payload = rendered(adapter, document, bare)
        assert payload is not None or name != "whole"
        assert json.dumps(document) == before, name
        if payload is None:
            continue
        again = adapter.render(document, bare)
        stored = adapter.Payload.model_validate(json.loads(json.dumps(payload.model_dump(mode="json"))))
        assert payload.digest() == again.digest() == stored.digest(), name
        assert adapter.cost(payload) >= 1


def rendered(adapter: Adapter, document: dict[str, Any], account: Account[Any, Any]) -> Payload | None:
    """None: it was refused, in words."""
    try:
        payload: Payload = adapter.render(document, account)
    except InvalidPayload as error:
        if not error.problems or not all(str(problem) for problem in error.problems):
            raise AssertionError("refused without words") from error
        return None
    return payload


def test_the_digest_follows_what_visitors_see_and_nothing_else(adapter: Adapter, bare: Account[Any, Any]) -> None:
    def digest(**fields: Any) -> str:
        return adapter.render(whole_car(**fields), bare).digest()

    unseen = {"updated_at": "2027-01-01T00:00:00+00:00", "vin_masked": "", "photos_count": 9}
    assert digest(**unseen) == digest()
    price = whole_car()["price"]
    assert digest(price=price | {"amount": 1000, "byn": 1000, "usd": 300, "eur": 290}) != digest()


# --- Declarations -----------------------------------------------------------------------------------
def test_the_form_has_a_russian_label_for_each_field(key: str, adapter: Adapter) -> None:
    fields = channel_form(key).base_fields
    declared = {f"{SETTING}{name}" for name in adapter.Settings.model_fields}
    declared |= {f"{SECRET}{name}" for name in adapter.Credentials.model_fields}
    assert declared <= set(fields)

    with override("ru"):
        untranslated = [str(fields[name].label) for name in declared if not is_russian(str(fields[name].label))]
    assert not untranslated


def is_russian(label: str) -> bool:
    """Or a name that is the same in every language."""
    return bool(re.search("[а-яё]", label)) or label in {"Client ID", "Client secret"}


def test_access_data_are_secrets(adapter: Adapter, account: Account[Any, Any]) -> None:
    for name in adapter.Credentials.model_fields:
        assert isinstance(getattr(account.credentials, name), SecretStr)


def test_capabilities_are_those_that_the_class_has(adapter: Adapter) -> None:
    def has(name: str) -> bool:
        return getattr(type(adapter), name) is not getattr(MarketplaceAdapter, name)

    declared = adapter.capabilities
    # Feeds may also be told of many cars at once.
    assert declared.delivery == "feed" or declared.can_inspect == has("inspect")
    assert not declared.has_stats or has("fetch_stats")
    assert declared.has_webhook == has("verify")
    assert has("verify") or not has("events")


# --- Calling ----------------------------------------------------------------------------------------
def test_a_post_is_made_changed_and_withdrawn_and_withdrawing_again_is_success(
    adapter: Adapter, account: Account[Any, Any], case: AdapterCase, sandbox: Sandbox, driver: Driver
) -> None:
    placed = driver.create(whole_car())
    assert placed is not None
    assert posts(sandbox, case) == (1 if case.platform else 0)
    json.dumps(dict(placed.external))

    payload = adapter.render(whole_car(mileage_km=130_000), account)
    changed = driver.repeat(lambda known: adapter.update(placed.external, payload, known))
    assert posts(sandbox, case) == (1 if case.platform else 0)
    assert changed is not None or isinstance(driver.errors[-1], ManualActionRequired)
    known = changed or placed
    again = driver.repeat(lambda current: adapter.update(known.external, payload, current))
    assert again is not None or isinstance(driver.errors[-1], ManualActionRequired)
    last = again or known

    for _time in range(2):
        gone = driver.repeat(lambda current: adapter.withdraw(last.external, GOODBYE, current))
        if adapter.capabilities.can_withdraw:
            assert gone is not None, driver.errors[-1]
            assert not gone.removed or posts(sandbox, case) == 0
        else:
            assert isinstance(driver.errors[-1], ManualActionRequired)


def test_no_secret_gets_into_what_is_stored_or_shown(
    adapter: Adapter, account: Account[Any, Any], case: AdapterCase, driver: Driver
) -> None:
    placed = driver.create(whole_car())
    assert placed is not None
    payload = adapter.render(whole_car(), account)
    stored = [payload.model_dump_json(), json.dumps(dict(placed.external)), placed.response, placed.address, placed.key]
    seen = " ".join([*stored, str(placed.note), repr(account), repr(account.credentials), adapter.rate(account)[0]])

    assert [secret for secret in case.secrets.values() if secret in seen] == []


def test_an_error_never_quotes_the_access_data(
    adapter: Adapter, account: Account[Any, Any], case: AdapterCase, driver: Driver
) -> None:
    if not case.platform or "secret" in case.secrets:
        pytest.skip("nothing is sent that could be quoted")
    driver.account = replace(
        account, credentials=adapter.Credentials.model_validate(dict.fromkeys(case.secrets, CANARY))
    )
    assert driver.create(whole_car()) is None

    assert isinstance(driver.errors[-1], AuthFailed)
    assert CANARY not in f"{driver.errors[-1]} {driver.errors[-1].words} {driver.errors[-1]!r}"
    checked = adapter.check(driver.account)
    assert not checked.ok
    assert CANARY not in str(checked.words)


def test_checking_the_connection_changes_nothing(
    adapter: Adapter, account: Account[Any, Any], case: AdapterCase, sandbox: Sandbox
) -> None:
    before = posts(sandbox, case)

    assert adapter.check(account).ok
    assert posts(sandbox, case) == before == 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("key", CALLING)
def test_no_fault_makes_two_posts_and_each_has_its_class(
    adapter: Adapter, case: AdapterCase, sandbox: Sandbox, driver: Driver, fault: str
) -> None:
    assert driver.create(whole_car()) is not None
    calls = [name.removeprefix(f"{case.platform}.") for name in sandbox.calls if name.startswith(f"{case.platform}.")]
    for number, operation in enumerate(calls, start=1):
        before = posts(sandbox, case)
        driver.errors.clear()
        sandbox.control({"faults": [{"platform": case.platform, "methods": [operation]} | FAULTS[fault]]})
        placed = driver.create(whole_car(number))
        sandbox.control({"clear": True})

        made = posts(sandbox, case) - before
        assert made <= 1, operation
        assert placed is None or made == 1, operation
        if fault == "slow":
            assert (placed is not None, driver.errors) == (True, []), operation
        if fault == "expired access" and placed is None:
            assert isinstance(driver.errors[-1], AuthFailed), operation


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("key", CALLING)
def test_a_withdrawal_outlives_every_fault(
    adapter: Adapter, case: AdapterCase, sandbox: Sandbox, driver: Driver, fault: str
) -> None:
    if not adapter.capabilities.can_withdraw:
        pytest.skip("a person withdraws there")
    placed = driver.create(whole_car())
    assert placed is not None
    sandbox.control({"faults": [{"platform": case.platform} | FAULTS[fault]]})
    if fault == "expired access":
        assert driver.repeat(lambda current: adapter.withdraw(placed.external, GOODBYE, current)) is None
        assert isinstance(driver.errors[-1], AuthFailed)
    # The channel goes on once somebody has seen to its access.
    assert driver.repeat(lambda current: adapter.withdraw(placed.external, GOODBYE, current)) is not None

    assert posts(sandbox, case) == 0


def posts(sandbox: Sandbox, case: AdapterCase) -> int:
    """What a visitor sees on the platform."""
    return sandbox.platforms[case.platform].posts() if case.platform else 0
