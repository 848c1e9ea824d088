"""The HTTP side: every platform below its own prefix, an overview for people, a control door for tests."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .faults import Fault, Faults
from .page import overview
from .platform import NOT_FOUND, Clock, Platform, Request, Response, json_response, page_response
from .platforms import PLATFORMS

HOST = "127.0.0.1"
MAX_BODY = 60 * 1024 * 1024


class Sandbox:
    """The server with what its platforms remember. Tests start it in a thread, the demo as a process."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.clock, self.faults = Clock(), Faults()
        self.calls: Counter[str] = Counter()
        sandbox = self

        class BoundHandler(Handler):
            owner = sandbox

        self.server = ThreadingHTTPServer((HOST, port), BoundHandler)
        self.server.daemon_threads = True
        self.url = f"http://{HOST}:{self.server.server_address[1]}"
        self.platforms: dict[str, Platform] = {
            platform.key: platform(folder / platform.key, self.clock, f"{self.url}/{platform.key}")
            for platform in PLATFORMS
        }

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.server_close()
        for platform in self.platforms.values():
            platform.close()

    def state(self) -> dict[str, Any]:
        """{"calls": {"telegram.sendPhoto": 3}, "faults": {"drop": 1}, "telegram": {…}, …}"""
        told = {"calls": dict(self.calls), "faults": dict(self.faults.taken)}
        return told | {key: platform.state() for key, platform in self.platforms.items()}

    def control(self, settings: dict[str, Any]) -> None:
        """{"faults": […], "clear": true, "clock_offset": 180000, "telegram": {…}}. Raises TypeError, ValueError."""
        if settings.pop("clear", False):
            self.faults.clear()
        for fault in settings.pop("faults", []):
            self.faults.add(fault)
        self.clock.offset = float(settings.pop("clock_offset", self.clock.offset))
        for key in [key for key in settings if key in self.platforms]:
            self.platforms[key].configure(settings.pop(key))
        if settings:
            raise ValueError(f"unknown: {', '.join(settings)}")


class Handler(BaseHTTPRequestHandler):
    owner: Sandbox
    server_version = "AvtofamilySandbox"
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: else the body may wait for the head's confirmation, 40 ms.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            self._send(json_response(200, {"status": "ok"}))
        elif path == "/__state":
            self._send(json_response(200, self.owner.state()))
        elif path == "/":
            self._send(page_response(overview([p for p in self.owner.platforms.values() if p.has_page])))
        else:
            self._call(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._send(json_response(413, {"error": "Request Entity Too Large"}))
            return
        body = self.rfile.read(length)
        if urlsplit(self.path).path == "/__control":
            self._control(body)
        else:
            self._call(body)

    do_PUT = do_PATCH = do_DELETE = do_HEAD = do_POST

    def _control(self, body: bytes) -> None:
        try:
            self.owner.control(json.loads(body or b"{}"))
        except (ValueError, TypeError, AttributeError) as error:
            self._send(json_response(400, {"error": str(error)}))
        else:
            self._send(json_response(200, {"ok": True}))

    def _call(self, body: bytes) -> None:
        address = urlsplit(self.path)
        _, key, *rest = address.path.split("/", 2)
        platform = self.owner.platforms.get(key)
        if platform is None:
            self._send(NOT_FOUND)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, f"/{''.join(rest)}", address.query, headers, body)
        operation = platform.operation(request)
        if operation is None:
            self._send(platform.handle(request))
            return
        self.owner.calls[f"{key}.{operation}"] += 1
        fault = self.owner.faults.take(key, operation)
        answer = platform.handle(request) if fault is None or fault.done else None
        if fault is not None:
            answer = self._spoil(fault, platform, answer)
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer)

    def _spoil(self, fault: Fault, platform: Platform, answer: Response | None) -> Response | None:
        """What arrives instead; None: the connection closes."""
        time.sleep(fault.delay)
        if fault.answer == "normal":
            return answer
        if fault.answer == "502":
            return Response(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html")
        if fault.answer == "500" or fault.answer == "429" or fault.answer == "auth":  # noqa: PLR1714  literals for mypy
            return platform.trouble(fault.answer, fault.retry_after)
        return None

    def _send(self, answer: Response) -> None:
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
        except (BrokenPipeError, ConnectionResetError):
            # The client has given up waiting: that is what slow answers are for.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: some platforms have the token in the address."""
