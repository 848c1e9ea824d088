"""The invented platform keeps to its invented contract, which the documented mapping describes."""

from typing import Any

import httpx
import pytest

from integrations.sandbox.avby_push import TOKEN
from integrations.sandbox.server import Sandbox

OFFER = {
    "externalId": "a", "brand": "BMW", "model": "<b>X5</b>", "year": 2018,
    "price": {"amount": 95000, "currency": "BYN"}, "phone": "+375291234567",
}  # fmt: skip


def call(sandbox: Sandbox, method: str, path: str, body: Any = None, token: str = TOKEN) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{sandbox.url}/avby_push/api{path}"
    return httpx.request(method, url, json=body, headers=headers, trust_env=False)


def test_the_access_key_is_required(sandbox: Sandbox) -> None:
    assert call(sandbox, "GET", "/profile", token="wrong").status_code == 401
    assert call(sandbox, "GET", "/profile").status_code == 200


@pytest.mark.parametrize("field", OFFER)
def test_an_offer_without_a_required_field_is_refused_with_its_name(sandbox: Sandbox, field: str) -> None:
    answer = call(sandbox, "POST", "/offers", {name: value for name, value in OFFER.items() if name != field})

    assert (answer.status_code, field in answer.json()["error"]["message"]) == (422, True)
    assert sandbox.platforms["avby_push"].posts() == 0


@pytest.mark.parametrize("body", [[], None, OFFER | {"price": {"amount": "1", "currency": "BYN"}}])
def test_what_is_no_offer_is_refused(sandbox: Sandbox, body: Any) -> None:
    assert call(sandbox, "POST", "/offers", body).status_code in {400, 422}


def test_an_offer_is_made_found_changed_and_gone(sandbox: Sandbox) -> None:
    number = call(sandbox, "POST", "/offers", OFFER).json()["id"]
    found = call(sandbox, "GET", "/offers?externalId=a").json()["items"]
    assert [item["id"] for item in found] == [number]
    assert call(sandbox, "PUT", f"/offers/{number}", OFFER | {"year": 2019}).status_code == 200
    assert "&lt;b&gt;X5&lt;/b&gt;, 2019" in httpx.get(f"{sandbox.url}/avby_push/", trust_env=False).text

    assert [call(sandbox, "DELETE", f"/offers/{number}").status_code for _ in range(2)] == [204, 404]
    assert call(sandbox, "PUT", f"/offers/{number}", OFFER).status_code == 404
    assert call(sandbox, "GET", "/offers?externalId=a").json()["items"] == []
