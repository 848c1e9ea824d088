"""A small real HTTP server in the place of the renderer: what it answers is the test's to say."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from pytest_django import Settings

from cms.storefront.targets import FolderTarget


def page(path: str, text: str = "") -> str:
    return f'<!doctype html><head><meta name="avtofamily-page" content="{quote(path)}"></head><body>{text}</body>'


@dataclass
class FakeRenderer:
    """Answers by `pages` (path to text), `statuses` and `before`, which runs before each answer."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    before: Callable[[str], None] = lambda path: None
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, str, str]:
        self.asked.append(path)
        text = self.pages.get(path)
        self.before(path)
        if path in self.locations:
            return 301, "", self.locations[path]
        if path in self.statuses:
            return self.statuses[path], self.bodies.get(path, "no"), ""
        if path in self.bodies:
            return 200, self.bodies[path], ""
        return (200, page(path, text), "") if text is not None else (404, "not found", "")


@pytest.fixture
def renderer(settings: Settings) -> Iterator[FakeRenderer]:
    fake = FakeRenderer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, text, location = fake.answer(unquote(self.path))
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    fake.url = settings.RENDERER_URL = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(folders: Path) -> FolderTarget:
    root = folders / "site"
    root.mkdir()
    return FolderTarget(root)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> float:
    """Seconds until the condition holds; fails the test if it never does."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"still not so after {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - started
