"""An ad platform with an API for partners, at /avby_push/api. **The contract is invented**: av.by has published none.

It is what docs/adapters/avby_push.example.json describes, so that the adapter can be tried over real HTTP.
"""

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .forms import BadForm
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response

TOKEN = "avby-sandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
SCHEMA = """
CREATE TABLE IF NOT EXISTS offer (number INTEGER PRIMARY KEY, external TEXT NOT NULL, body TEXT NOT NULL,
    made REAL NOT NULL, edited REAL, deleted REAL);
"""
API_PATH = re.compile(r"/api/(?P<name>offers|profile)(?:/(?P<number>\d{1,15}))?")
REQUIRED = {"externalId": str, "brand": str, "model": str, "year": int, "price": dict, "phone": str}
OPERATIONS = {"POST": "create", "PUT": "update", "DELETE": "withdraw"}


class OfferRefusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class AvbyPush(Platform):
    key, title = "avby_push", "av.by по вызовам (договор выдуман)"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "avby_push.sqlite3", SCHEMA)
        self.token = TOKEN

    def operation(self, request: Request) -> str | None:
        match = API_PATH.fullmatch(request.path)
        if match is None:
            return None
        return "profile" if match["name"] == "profile" else OPERATIONS.get(request.method, "find")

    def handle(self, request: Request) -> Response:
        operation, match = self.operation(request), API_PATH.fullmatch(request.path)
        if operation is None or match is None:
            return self._page() if request.path == "/" else NOT_FOUND
        try:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                raise OfferRefusal(401, "access key is not valid")
            with self.database.transaction():
                return self._answer(operation, match["number"], request)
        except OfferRefusal as refusal:
            return _refused(refusal)
        except BadForm:
            return _refused(OfferRefusal(400, "this is no JSON"))

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "429":
            return json_response(429, {"error": {"message": "too many"}}, {"Retry-After": str(retry_after)})
        return _refused(OfferRefusal(401, "access key has expired") if kind == "auth" else OfferRefusal(500, "failure"))

    def configure(self, options: Mapping[str, Any]) -> None:
        """`token`: the one that is valid."""
        left = dict(options)
        self.token = str(left.pop("token", self.token))
        super().configure(left)

    def state(self) -> Any:
        return {"offers": self._all()}

    def posts(self) -> int:
        return len([row for row in self._all() if row["deleted"] is None])

    def close(self) -> None:
        self.database.close()

    def _answer(self, operation: str, number: str | None, request: Request) -> Response:
        if operation == "profile":
            return json_response(200, {"company": "Avtofamily"})
        if operation == "find":
            wanted = request.params.get("externalId", "")
            found = [row for row in self._all() if row["external"] == wanted and row["deleted"] is None]
            return json_response(200, {"items": [self._described(row["number"]) for row in found]})
        if operation == "create":
            body = _checked(request.json())
            added = self.database.run(
                "INSERT INTO offer (external, body, made) VALUES (?, ?, ?)",
                *(body["externalId"], json.dumps(body), self.clock.now()),
            )
            return json_response(201, self._described(added))
        known = self._present(number)
        if operation == "withdraw":
            self.database.run("UPDATE offer SET deleted = ? WHERE number = ?", self.clock.now(), known)
            return Response(204)
        body = _checked(request.json())
        self.database.run(
            "UPDATE offer SET body = ?, edited = ? WHERE number = ?", json.dumps(body), self.clock.now(), known
        )
        return json_response(200, self._described(known))

    def _present(self, number: str | None) -> int:
        found = self.database.rows("SELECT number FROM offer WHERE number = ? AND deleted IS NULL", int(number or 0))
        if not found:
            raise OfferRefusal(404, "no such offer")
        return int(found[0]["number"])

    def _described(self, number: int) -> dict[str, Any]:
        return {"id": number, "url": f"{self.url}/#{number}"}

    def _all(self) -> list[dict[str, Any]]:
        rows = self.database.rows("SELECT * FROM offer ORDER BY number")
        return [row | {"body": json.loads(row["body"])} for row in rows]

    def _page(self) -> Response:
        shown = [
            ShownPost(
                id=str(row["number"]),
                html=_words(row["body"]),
                photos=row["body"].get("photos", [])[:4],
                at=row["made"],
                edited=row["edited"] is not None,
                removed_at=row["deleted"],
            )
            for row in self._all()
        ]
        subtitle = "Договора с av.by нет: так выглядели бы объявления, если бы он был таким"
        return page_response(posts_page(self.title, subtitle, shown))


def _words(body: dict[str, Any]) -> str:
    price = f"{body['price']['amount']:,}".replace(",", " ")
    head = f"<b>{escape(body['brand'])} {escape(body['model'])}, {body['year']}</b>\n{price} BYN"
    return f"{head}\n\n{escape(str(body.get('description', '')))}\n\n{escape(body['phone'])}"


def _checked(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise OfferRefusal(422, "an object is expected")
    for name, kind in REQUIRED.items():
        if not isinstance(body.get(name), kind):
            raise OfferRefusal(422, f"{name} is missing or not right")
    price = body["price"]
    if not isinstance(price.get("amount"), int) or price.get("currency") != "BYN":
        raise OfferRefusal(422, "price is missing or not right")
    return body


def _refused(refusal: OfferRefusal) -> Response:
    return json_response(refusal.status, {"error": {"message": refusal.words}})
