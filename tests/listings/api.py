"""A dealer's program, as tests need it."""

import json
from typing import Any

from django.test import Client

from listings.dealer_api.tokens import issue
from listings.models import Dealer
from listings.vocabulary import Scope
from tests.factories import UserFactory


class Program:
    """Calls the API with a token of the dealer; answers stay Django's."""

    def __init__(self, dealer: Dealer, *scopes: Scope) -> None:
        # No role: tests with real transactions have emptied the tables that roles are set up from.
        administrator = UserFactory(username="token-maker", is_superuser=True)
        issued = issue("DMS", dealer, scopes or tuple(Scope), administrator)
        self.token, self.secret = issued.token, issued.secret
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self._send("post", path, body, key)

    def put(self, path: str, body: Any) -> Any:
        return self._send("put", path, body, "")

    def upload(self, path: str, *, key: str = "", **data: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", data, headers=self._headers(key))

    def _send(self, method: str, path: str, body: Any, key: str) -> Any:
        return getattr(self.client, method)(
            f"/api/v1/{path}",
            json.dumps(body if body is not None else {}),
            content_type="application/json",
            headers=self._headers(key),
        )

    def _headers(self, key: str = "") -> dict[str, str]:
        headers = {"authorization": f"Bearer {self.secret}", "accept-language": "en"}
        return headers | ({"idempotency-key": key} if key else {})


def car(**changes: Any) -> dict[str, Any]:
    """A car as a DMS sends it. Needs `reference()`."""
    values = {
        "make": "bmw", "model": "X5", "year": 2018, "mileage_km": 120_000, "fuel": "diesel", "engine_cc": 2993,
        "power_hp": 249, "gearbox": "автомат", "drive": "all", "body": "suv", "color": "чёрный", "price": 90_000,
        "city": "minsk",
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value is not ...}
