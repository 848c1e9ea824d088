"""Telegram: the Bot API at /telegram/bot<token>/<method>, channels as people see them at /telegram/<name>."""

import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from .forms import BadForm
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Clock, Platform, Request, Response, Trouble, json_response, page_response
from .telegram_api import BotApi, Refusal
from .telegram_store import TelegramStore
from .telegram_updates import Updates

TOKEN = "100200300:AAsandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
CHATS = ("avtofamily_demo", "avtofamily_minsk")
PER_MINUTE = 600
"""Messages a minute in a channel: generous, so that the demo's cars appear soon. The real platform allows about 20."""
PHOTO_PATH = re.compile(r"/photos/([0-9a-f]{32})\.jpg")
POST_PATH = re.compile(r"/(?P<name>[A-Za-z]\w{3,31})(?:/(?P<id>\d+))?/?")
REACT_PATH = re.compile(r"/(?P<name>[A-Za-z]\w{3,31})/(?P<id>\d+)/react")
API_PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[A-Za-z]+)")


class Telegram(Platform):
    key, title = "telegram", "Telegram"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.store = TelegramStore(folder, CHATS)
        self.api = BotApi(self.store, clock, per_minute=PER_MINUTE)
        self.updates = Updates(self.store, clock)
        self.token = TOKEN

    def operation(self, request: Request) -> str | None:
        match = API_PATH.fullmatch(request.path)
        return match["method"] if match else None

    def handle(self, request: Request) -> Response:
        match = API_PATH.fullmatch(request.path)
        if match:
            return self._api(request, match["token"], match["method"])
        pressed = REACT_PATH.fullmatch(request.path)
        return self._react(pressed["name"], int(pressed["id"])) if pressed else self._page(request.path)

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "429":
            words = f"Too Many Requests: retry after {retry_after}"
            return _refused(Refusal(429, words, retry_after=retry_after))
        return _refused(Refusal(401, "Unauthorized") if kind == "auth" else Refusal(500, "Internal Server Error"))

    def configure(self, options: Mapping[str, Any]) -> None:
        """`per_minute`: messages in a channel; `token`: the bot's, as after an exchange.

        `react`: {"chat": "avtofamily_demo", "message_id": 7, "emoji": "👍", "count": 3} from readers.
        """
        left = dict(options)
        self.api.per_minute = int(left.pop("per_minute", self.api.per_minute))
        self.token = str(left.pop("token", self.token))
        if reaction := left.pop("react", None):
            self.updates.react(**reaction)
        super().configure(left)

    def state(self) -> Any:
        chats = [chat | {"messages": self.store.messages(chat["id"])} for chat in self.store.chats()]
        return {"chats": chats, "webhook": self.updates.state()}

    def posts(self) -> int:
        return sum(len(_posts(self.store.messages(chat["id"]), present=True)) for chat in self.store.chats())

    def close(self) -> None:
        self.updates.close()
        self.store.database.close()

    def _api(self, request: Request, token: str, method: str) -> Response:
        if token != self.token:
            shaped = re.fullmatch(r"\d+:[\w-]{20,}", token)
            return _refused(Refusal(401, "Unauthorized") if shaped else Refusal(404, "Not Found"))
        try:
            return json_response(200, {"ok": True, "result": self.api.call(method, request.form())})
        except BadForm:
            return _refused(Refusal(400, "Bad Request: can't parse the request"))
        except Refusal as refusal:
            return _refused(refusal)

    def _react(self, name: str, message_id: int) -> Response:
        """A reader presses the heart under a post."""
        try:
            self.updates.react(name, message_id, "❤")
        except ValueError:
            return NOT_FOUND
        return Response(303, headers={"Location": f"{self.url}/{name}/{message_id}"})

    def _page(self, path: str) -> Response:
        photo, post = PHOTO_PATH.fullmatch(path), POST_PATH.fullmatch(path)
        if photo:
            file = self.store.photos / f"{photo[1]}.jpg"
            return Response(200, file.read_bytes(), "image/jpeg") if file.exists() else NOT_FOUND
        chats = self.store.chats()
        chat = next((chat for chat in chats if post and chat["username"] == post["name"]), None)
        if chat is None and path != "/":
            return NOT_FOUND
        shown = chat or chats[0]
        others = [(f"@{c['username']}", f"{self.url}/{c['username']}") for c in chats if c["id"] != shown["id"]]
        groups = _posts(self.store.messages(shown["id"]))
        page = posts_page(
            self.title,
            f"{shown['title']}: так выглядел бы канал",
            [self._shown(shown, group) for group in groups],
            links=others,
            target=post["id"] or "" if post else "",
        )
        return page_response(page)

    def _shown(self, chat: dict[str, Any], messages: list[dict[str, Any]]) -> ShownPost:
        present = [message for message in messages if message["deleted"] is None]
        seen, first = present or messages, messages[0]
        reactions = self.store.reactions(chat["id"], first["id"])
        action = f"{self.url}/{chat['username']}/{first['id']}/react"
        button = f'<form method="post" action="{action}"><button title="Отметить как читатель">❤</button></form>'
        return ShownPost(
            id=str(first["id"]),
            html=seen[0]["html"] + (button if present else ""),
            photos=[f"{self.url}/photos/{message['photo']}.jpg" for message in seen if message["photo"]],
            at=seen[0]["sent"],
            edited=any(message["edited"] for message in present),
            removed_at=None if present else first["deleted"],
            marks=[f"{emoji} {total}" for emoji, total in reactions.items()],
        )


def _refused(refusal: Refusal) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.words}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return json_response(refusal.code, body)


def _posts(messages: list[dict[str, Any]], *, present: bool = False) -> list[list[dict[str, Any]]]:
    """Messages by post: those of an album are one. `present`: only posts that still stand there."""
    kept = [message for message in messages if not (present and message["deleted"])]
    return [list(group) for _, group in groupby(kept, key=lambda message: message["album"] or message["id"])]
