"""The imitated Avito is as strict as the facts that are known of Autoload."""

import time
from typing import Any

import httpx
import pytest

from integrations.sandbox.avito import CLIENT_ID, CLIENT_SECRET, OLD_REPORTS_END
from integrations.sandbox.server import Sandbox
from tests.web import Pages

from .test_feed_reader_rules import AD, avito

SCHEDULE = [{"rate": 0, "time_slots": [10], "weekdays": [0]}]


def token(sandbox: Sandbox, secret: str = CLIENT_SECRET, grant: str = "client_credentials") -> httpx.Response:
    form = {"grant_type": grant, "client_id": CLIENT_ID, "client_secret": secret}
    return httpx.post(f"{sandbox.url}/avito/token", data=form, trust_env=False)


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.url = f"{sandbox.url}/avito"
        self.headers = {"Authorization": f"Bearer {token(sandbox).json()['access_token']}"}

    def __call__(self, method: str, path: str, **parts: Any) -> httpx.Response:
        return httpx.request(method, f"{self.url}{path}", headers=self.headers, trust_env=False, **parts)


@pytest.fixture
def call(sandbox: Sandbox) -> Client:
    return Client(sandbox)


@pytest.fixture
def feed(call: Client, web: Pages) -> Any:
    """Puts a file at the address that the profile names."""

    def put(body: str) -> None:
        address = web.add("/avito.xml", body.encode())
        wanted = {"autoload_enabled": True, "feeds_data": [{"feed_name": "a", "feed_url": address}]}
        assert call("POST", "/autoload/v2/profile", json=wanted | {"schedule": SCHEDULE}).status_code == 200

    return put


def items(call: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", f"/autoload/v4/uploads/last_successful/items{query}").json()["items"]
    return found


def test_wrong_access_data_get_no_token(sandbox: Sandbox) -> None:
    assert token(sandbox, "wrong").status_code == 401
    assert token(sandbox, grant="password").status_code == 400


def test_a_token_lives_for_a_day(sandbox: Sandbox, call: Client) -> None:
    sandbox.control({"clock_offset": 24 * 3600 - 5})
    assert call("GET", "/autoload/v2/profile").status_code == 200
    sandbox.control({"clock_offset": 24 * 3600 + 5})
    assert call("GET", "/autoload/v2/profile").status_code == 401


def test_calls_without_a_token_are_refused(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.url}/avito/autoload/v2/profile", trust_env=False).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"autoload_enabled": "yes"}, {"feeds_data": "x"}, {"feeds_data": [{"feed_name": "a"}]}, {"schedule": []},
    ],
)  # fmt: skip
def test_an_incomplete_profile_is_refused(call: Client, wrong: dict[str, Any]) -> None:
    good = {
        "autoload_enabled": True, "feeds_data": [{"feed_name": "a", "feed_url": "http://a.example"}],
        "schedule": SCHEDULE,
    }  # fmt: skip

    assert call("POST", "/autoload/v2/profile", json=good | wrong).status_code == 400
    assert call("POST", "/autoload/v2/profile", json=good).status_code == 200


def test_a_file_is_fetched_once_an_hour(sandbox: Sandbox, call: Client, feed: Any) -> None:
    assert call("POST", "/autoload/v1/upload").status_code == 400
    feed(avito(AD))
    assert call("POST", "/autoload/v1/upload").status_code == 200
    refused = call("POST", "/autoload/v1/upload")
    assert (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= 3601) == (429, True)
    sandbox.control({"clock_offset": 3601})
    assert call("POST", "/autoload/v1/upload").status_code == 200


def test_each_car_has_a_verdict(sandbox: Sandbox, call: Client, feed: Any) -> None:
    feed(avito(AD, AD | {"Id": "car-2", "Price": ""}, AD | {"Id": "car-3"}))
    sandbox.control({"avito": {"verdicts": {"car-3": ["blocked", "Чужие фото"]}}})
    call("POST", "/autoload/v1/upload")
    found = {item["ad_id"]: item for item in items(call)}

    assert [found[number]["avito_status"] for number in ("car-1", "car-2", "car-3")] == [
        "active",
        "rejected",
        "blocked",
    ]
    assert found["car-2"]["messages"] == [{"title": "нет Price"}]
    assert found["car-3"]["messages"] == [{"title": "Чужие фото"}]
    assert httpx.get(found["car-1"]["url"], trust_env=False).status_code == 200


def test_a_car_that_left_the_file_is_reported_as_removed(sandbox: Sandbox, call: Client, feed: Any) -> None:
    feed(avito(AD, AD | {"Id": "car-2"}))
    call("POST", "/autoload/v1/upload")
    sandbox.control({"clock_offset": 3601})
    feed(avito(AD))
    call("POST", "/autoload/v1/upload")
    gone = next(item for item in items(call) if item["ad_id"] == "car-2")

    assert gone["avito_status"] == "removed"
    assert httpx.get(gone["url"], trust_env=False).status_code == 404


def test_a_broken_file_is_no_successful_upload(sandbox: Sandbox, call: Client, feed: Any) -> None:
    feed("<Ads>")
    call("POST", "/autoload/v1/upload")

    assert call("GET", "/autoload/v4/uploads/current").json()["status"] == "error"
    assert call("GET", "/autoload/v4/uploads/last_successful").status_code == 404


def test_items_come_in_pages_of_at_most_a_hundred(call: Client, feed: Any) -> None:
    feed(avito(*(AD | {"Id": f"car-{number}"} for number in range(5))))
    call("POST", "/autoload/v1/upload")

    assert [len(items(call, f"?page={page}&per_page=2")) for page in range(4)] == [2, 2, 1, 0]
    for query in ("?per_page=101", "?page=x"):
        assert call("GET", f"/autoload/v4/uploads/current/items{query}").status_code == 400


def test_calls_are_counted_and_told(sandbox: Sandbox, call: Client) -> None:
    sandbox.control({"avito": {"per_minute": 2}})
    answers = [call("GET", "/autoload/v2/profile") for _ in range(3)]

    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize(("seconds", "status"), [(-100, 200), (100, 410)])
def test_old_reports_end_in_march_2027(sandbox: Sandbox, seconds: int, status: int) -> None:
    sandbox.control({"clock_offset": OLD_REPORTS_END - time.time() + seconds})

    assert Client(sandbox)("GET", "/autoload/v3/reports").status_code == status


def test_numbers_are_translated_both_ways(call: Client, feed: Any) -> None:
    feed(avito(AD))
    call("POST", "/autoload/v1/upload")
    number = call("GET", "/autoload/v2/items/avito_ids?query=car-1|nobody").json()["items"][0]["avito_id"]

    assert call("GET", f"/autoload/v2/items/ad_ids?query={number}").json()["items"][0]["ad_id"] == "car-1"
