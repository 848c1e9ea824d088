"""Viber: the API of channels at /viber/pa/<method>, the channel as people see it at /viber/."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .forms import BadForm
from .meta_errors import GraphRefusal
from .meta_pictures import fetch, keep
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response

TOKEN = "4e8a5f-sandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
NAME, ADMIN = "Avtofamily", "sandbox-chief-1=="
SCHEMA = """
CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, text TEXT NOT NULL, photo TEXT NOT NULL,
    made REAL NOT NULL);
"""
API_PATH = re.compile(r"/pa/(?P<method>[a-z_]+)")
PHOTO_PATH = re.compile(r"/photos/(?P<name>[0-9a-f]{32})\.jpg")
TEXT_LIMIT, CAPTION_LIMIT = 7000, 768
PHOTO_BYTES = 1024 * 1024


class ViberRefusal(Exception):
    """An answer whose status is not 0."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Viber(Platform):
    key, title = "viber", "Viber"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "viber.sqlite3", SCHEMA)
        self.token = TOKEN
        self.webhook = "https://avtofamily.example/set-before"
        """Set already, so that a demo without HTTPS can post."""

    def operation(self, request: Request) -> str | None:
        match = API_PATH.fullmatch(request.path)
        return match["method"] if match else None

    def handle(self, request: Request) -> Response:
        method = self.operation(request)
        if method is None:
            return self._page(request.path)
        try:
            return json_response(200, {"status": 0, "status_message": "ok"} | self._call(method, request))
        except ViberRefusal as refusal:
            return _refused(refusal)
        except (BadForm, AttributeError):
            return _refused(ViberRefusal(3, "badData"))

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "auth":
            return _refused(ViberRefusal(2, "invalidAuthToken"))
        if kind == "429":
            return _refused(ViberRefusal(12, "tooManyRequests"))
        return json_response(500, {"error": "Internal Server Error"})

    def configure(self, options: Mapping[str, Any]) -> None:
        """`token`: the one that is valid; `webhook`: the address that is set, "" for none."""
        left = dict(options)
        self.token = str(left.pop("token", self.token))
        self.webhook = str(left.pop("webhook", self.webhook))
        super().configure(left)

    def state(self) -> Any:
        return {"messages": self._messages(), "webhook": self.webhook}

    def posts(self) -> int:
        return len(self._messages())

    def close(self) -> None:
        self.database.close()

    def _call(self, method: str, request: Request) -> dict[str, Any]:
        if request.headers.get("x-viber-auth-token") != self.token:
            raise ViberRefusal(2, "invalidAuthToken")
        body = request.json()
        if method == "get_account_info":
            members = [{"id": "sandbox-admin-2==", "role": "admin"}, {"id": ADMIN, "role": "superadmin"}]
            return {"name": NAME, "webhook": self.webhook, "members": members}
        if method == "set_webhook":
            if not str(body.get("url", "")).startswith("https://"):
                raise ViberRefusal(1, "invalidUrl")
            self.webhook = body["url"]
            return {"event_types": body.get("event_types", [])}
        if method == "post":
            return self._post(body)
        raise ViberRefusal(3, "badData")

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.webhook:
            raise ViberRefusal(10, "webhookNotSet")
        text, kind = body.get("text", ""), body.get("type")
        if body.get("from") != ADMIN:
            raise ViberRefusal(15, "publicAccountNotAuthorized")
        if not isinstance(text, str) or kind not in {"text", "picture"}:
            raise ViberRefusal(3, "badData")
        if kind == "text" and not text:
            raise ViberRefusal(4, "missingData")
        if len(text) > (TEXT_LIMIT if kind == "text" else CAPTION_LIMIT):
            raise ViberRefusal(3, "badData: text is too long")
        photo = self._picture(str(body.get("media", ""))) if kind == "picture" else ""
        number = self.database.run(
            "INSERT INTO message (text, photo, made) VALUES (?, ?, ?)", text, photo, self.clock.now()
        )
        return {"message_token": number}

    def _picture(self, url: str) -> str:
        """Viber fetches it. Name of its file."""
        try:
            picture = fetch(url)
        except GraphRefusal:
            raise ViberRefusal(3, "badData: media cannot be fetched") from None
        if not picture.jpeg or len(picture.content) > PHOTO_BYTES:
            raise ViberRefusal(3, "badData: media must be a JPEG of up to 1 MB")
        return keep(picture.content, self.folder)

    def _messages(self) -> list[dict[str, Any]]:
        return self.database.rows("SELECT * FROM message ORDER BY number")

    def _page(self, path: str) -> Response:
        photo = PHOTO_PATH.fullmatch(path)
        if photo:
            file = self.folder / "photos" / f"{photo['name']}.jpg"
            return Response(200, file.read_bytes(), "image/jpeg") if file.exists() else NOT_FOUND
        if path != "/":
            return NOT_FOUND
        shown = [
            ShownPost(
                id=str(row["number"]),
                html=escape(row["text"]),
                photos=[f"{self.url}/photos/{row['photo']}.jpg"] if row["photo"] else [],
                at=row["made"],
            )
            for row in self._messages()
        ]
        return page_response(posts_page(self.title, f"{NAME}: так выглядел бы канал", shown))


def _refused(refusal: ViberRefusal) -> Response:
    # Viber answers 200 whatever has happened.
    return json_response(200, {"status": refusal.status, "status_message": refusal.words})
