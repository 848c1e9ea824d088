"""The HTTP side: the Bot API for programs, a page for people, a control door for tests."""

import json
import re
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .faults import Fault, Faults
from .forms import BadForm, read_form
from .national_bank import RATES_PATH, todays_rates
from .page import channel_page
from .store import Store
from .telegram import BotApi, Refusal

HOST = "127.0.0.1"
DEMO_TOKEN = "100200300:AAsandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
DEMO_CHAT = "avtofamily_demo"
MAX_BODY = 60 * 1024 * 1024
PHOTO_PATH = re.compile(r"/photos/([0-9a-f]{32})\.jpg")
POST_PATH = re.compile(r"/([A-Za-z]\w{3,31})(?:/\d+)?/?")
API_PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[A-Za-z]+)")


class Sandbox:
    """The server with what it remembers. Tests start it in a thread, the demo as a process."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        token: str = DEMO_TOKEN,
        chats: Sequence[str] = (DEMO_CHAT,),
        per_minute: int = 600,
    ) -> None:
        self.token = token
        self.store = Store(folder, chats)
        self.api = BotApi(self.store, per_minute=per_minute)
        self.faults = Faults()
        sandbox = self

        class BoundHandler(Handler):
            owner = sandbox

        self.server = ThreadingHTTPServer((HOST, port), BoundHandler)
        self.server.daemon_threads = True
        self.url = f"http://{HOST}:{self.server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.server_close()
        self.store.close()

    def state(self) -> dict[str, Any]:
        return {
            "chats": [chat | {"messages": self.store.messages(chat["id"])} for chat in self.store.chats()],
            "calls": {row["method"]: row["times"] for row in self.store.rows("SELECT * FROM call")},
        }

    def control(self, settings: dict[str, Any]) -> None:
        """{"faults": [...], "clear": true, "per_minute": 20, "clock_offset": 180000}. Raises TypeError, ValueError."""
        if settings.pop("clear", False):
            self.faults.clear()
        for fault in settings.pop("faults", []):
            self.faults.add(fault)
        self.api.per_minute = int(settings.pop("per_minute", self.api.per_minute))
        self.api.clock_offset = float(settings.pop("clock_offset", self.api.clock_offset))
        if settings:
            raise ValueError(f"unknown: {', '.join(settings)}")


class Handler(BaseHTTPRequestHandler):
    owner: Sandbox
    server_version = "AvtofamilySandbox"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        photo, post = PHOTO_PATH.fullmatch(path), POST_PATH.fullmatch(path)
        if path == "/healthz":
            self._send_json(200, {"status": "ok"})
        elif path == "/__state":
            self._send_json(200, self.owner.state())
        elif path == RATES_PATH:
            self._send_json(200, todays_rates())
        elif photo:
            file = self.owner.store.photos / f"{photo[1]}.jpg"
            self._send(200, "image/jpeg", file.read_bytes()) if file.exists() else self._not_found()
        elif path == "/" or (post and self.owner.store.chat(f"@{post[1]}")):
            self._send_page(post[1] if post else None)
        elif API_PATH.fullmatch(path):
            self._api(b"")
        else:
            self._not_found()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._refuse(Refusal(413, "Request Entity Too Large"))
            return
        body = self.rfile.read(length)
        if urlsplit(self.path).path == "/__control":
            self._control(body)
        else:
            self._api(body)

    def _control(self, body: bytes) -> None:
        try:
            self.owner.control(json.loads(body or b"{}"))
        except (ValueError, TypeError, AttributeError) as error:
            self._send_json(400, {"error": str(error)})
        else:
            self._send_json(200, {"ok": True})

    def _api(self, body: bytes) -> None:
        address = urlsplit(self.path)
        match = API_PATH.fullmatch(address.path)
        if match is None:
            self._refuse(Refusal(404, "Not Found"))
            return
        if match["token"] != self.owner.token:
            shaped = re.fullmatch(r"\d+:[\w-]{20,}", match["token"])
            self._refuse(Refusal(401, "Unauthorized") if shaped else Refusal(404, "Not Found"))
            return
        self.owner.store.count_call(match["method"])
        fault = self.owner.faults.take(match["method"])
        answer = self._carry_out(match["method"], body, address.query) if fault is None or fault.done else None
        if fault is None:
            self._answer(answer)
        else:
            self._answer_faulty(fault, answer)

    def _carry_out(self, method: str, body: bytes, query: str) -> Any:
        try:
            form = read_form(self.headers.get("Content-Type", ""), body, query)
            return {"ok": True, "result": self.owner.api.call(method, form)}
        except BadForm:
            return Refusal(400, "Bad Request: can't parse the request")
        except Refusal as refusal:
            return refusal

    def _answer(self, answer: Any) -> None:
        self._refuse(answer) if isinstance(answer, Refusal) else self._send_json(200, answer)

    def _answer_faulty(self, fault: Fault, answer: Any) -> None:
        time.sleep(fault.delay)
        if fault.answer == "drop" or (fault.answer == "normal" and answer is None):
            self.close_connection = True
        elif fault.answer == "502":
            self._send(502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>")
        elif fault.answer == "500":
            self._refuse(Refusal(500, "Internal Server Error"))
        elif fault.answer == "429":
            words = f"Too Many Requests: retry after {fault.retry_after}"
            self._refuse(Refusal(429, words, retry_after=fault.retry_after))
        else:
            self._answer(answer)

    def _refuse(self, refusal: Refusal) -> None:
        body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.words}
        if refusal.parameters:
            body["parameters"] = refusal.parameters
        self._send_json(refusal.code, body)

    def _send_page(self, username: str | None) -> None:
        chats = self.owner.store.chats()
        chat = next((chat for chat in chats if chat["username"] == username), chats[0])
        page = channel_page(chat, self.owner.store.messages(chat["id"]), chats)
        self._send(200, "text/html; charset=utf-8", page.encode())

    def _not_found(self) -> None:
        self._send(404, "text/plain; charset=utf-8", "Здесь ничего нет.".encode())

    def _send_json(self, status: int, body: Any) -> None:
        self._send(status, "application/json", json.dumps(body, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # The client has given up waiting: that is what slow answers are for.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the request line contains the token."""
