"""Somebody's own system that takes our webhooks at /webhook/events, as Standard Webhooks tells receivers to.

It checks signature and time, drops what it knows by its id, and shows the cars as they would stand there.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .page import ShownPost, moment, posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response

SECRET = "whsec_c2FuZGJveC1vZi1hdnRvZmFtaWx5LWRlbW8tMDE="  # noqa: S105  not a secret: opens only this sandbox
SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    times INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS car (id TEXT PRIMARY KEY, listing TEXT NOT NULL, made REAL NOT NULL, edited REAL,
    deleted REAL);
"""
WINDOW = 5 * 60
"""Seconds that the sender's clock may differ."""
PUTS = {"listing.published", "listing.updated"}


class WebhookReceiver(Platform):
    key, title = "webhook", "Своя система (вебхук)"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "webhook.sqlite3", SCHEMA)
        self.secrets = [SECRET]
        self.status = 204

    def operation(self, request: Request) -> str | None:
        return "deliver" if request.path == "/events" else None

    def handle(self, request: Request) -> Response:
        if request.path == "/events":
            return self._take(request)
        return self._page() if request.path == "/" else NOT_FOUND

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "429":
            return json_response(429, {"error": "Too Many Requests"}, {"Retry-After": str(retry_after)})
        return json_response(401 if kind == "auth" else 500, {"error": "Unauthorized" if kind == "auth" else "Failure"})

    def configure(self, options: Mapping[str, Any]) -> None:
        """`secrets`: those that it knows; `status`: what it answers instead of taking events, 204 to take them."""
        left = dict(options)
        self.secrets = list(left.pop("secrets", self.secrets))
        self.status = int(left.pop("status", self.status))
        super().configure(left)

    def state(self) -> Any:
        return {"deliveries": self._rows("delivery", "body"), "cars": self._rows("car", "listing")}

    def posts(self) -> int:
        return len([row for row in self._rows("car", "listing") if row["deleted"] is None])

    def close(self) -> None:
        self.database.close()

    def _take(self, request: Request) -> Response:
        if request.method != "POST":
            return json_response(405, {"error": "Method Not Allowed"})
        event_id, sent = (request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp"))
        if not self._is_signed(request, event_id, sent):
            return json_response(401, {"error": "the signature does not fit"})
        if not sent.isdigit() or abs(self.clock.now() - int(sent)) > WINDOW:
            return json_response(400, {"error": "the timestamp is more than five minutes off"})
        if self.status != 204:
            return json_response(self.status, {"error": "refused on demand"})
        try:
            event = json.loads(request.body)
            with self.database.transaction():
                return self._carry_out(event_id, event)
        except (ValueError, KeyError, TypeError):
            return json_response(422, {"error": "this is no event"})

    def _is_signed(self, request: Request, event_id: str, sent: str) -> bool:
        content = f"{event_id}.{sent}.".encode() + request.body
        given = request.headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(_sign(secret, content), one) for secret in self.secrets for one in given)

    def _carry_out(self, event_id: str, event: dict[str, Any]) -> Response:
        if self.database.rows("SELECT 1 FROM delivery WHERE id = ?", event_id):
            self.database.run("UPDATE delivery SET times = times + 1 WHERE id = ?", event_id)
            return Response(204)
        now, kind, data = self.clock.now(), str(event["type"]), event["data"]
        self.database.run(
            "INSERT INTO delivery (id, type, body, at) VALUES (?, ?, ?, ?)", event_id, kind, json.dumps(event), now
        )
        if kind in PUTS:
            listing = data["listing"]
            self.database.run(
                "INSERT INTO car (id, listing, made) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "listing = excluded.listing, edited = excluded.made, deleted = NULL",
                *(listing["id"], json.dumps(listing), now),
            )
            return json_response(200, {"url": f"{self.url}/#{listing['id']}"})
        if kind == "listing.withdrawn":
            self.database.run("UPDATE car SET deleted = ? WHERE id = ?", now, data["listing"]["id"])
        return Response(204)

    def _rows(self, table: str, parsed: str) -> list[dict[str, Any]]:
        rows = self.database.rows(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608  a constant
        return [row | {parsed: json.loads(row[parsed])} for row in rows]

    def _page(self) -> Response:
        cars = [
            ShownPost(
                id=row["id"],
                html=_words(row["listing"]),
                photos=[photo["url"] for photo in row["listing"]["photos"][:4]],
                at=row["made"],
                edited=row["edited"] is not None,
                removed_at=row["deleted"],
            )
            for row in self._rows("car", "listing")
        ]
        log = "\n".join(
            f"{moment(row['at'])} · {escape(row['type'])} · {escape(row['id'])}"
            + (f" · пришло {row['times']} раза, учтено один раз" if row["times"] > 1 else "")
            for row in self._rows("delivery", "body")[-20:]
        )
        deliveries = [ShownPost(id="deliveries", html=f"<b>Последние события</b>\n{log}", at=self.clock.now())]
        return page_response(
            posts_page(self.title, "Автомобили, о которых система узнала", cars + deliveries * bool(log))
        )


def _words(listing: dict[str, Any]) -> str:
    price = f"{listing['price']['byn']:,}".replace(",", " ")
    head = f"<b>{escape(listing['title'])}, {listing['year']}</b>\n{price} BYN"
    return f"{head}\n\n{escape(listing['text'])}\n\n{escape(listing['url'])}"


def _sign(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"
