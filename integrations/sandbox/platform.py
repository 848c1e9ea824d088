"""What an imitated platform consists of. `telegram.py` is the one to read beside this file."""

import json
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl

from .forms import BadForm, Form, read_form

Trouble = Literal["500", "429", "auth"]


@dataclass(frozen=True)
class Request:
    """A call as it arrived. Header names are lower case; `path` begins behind the platform's prefix, with a slash."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def params(self) -> dict[str, str]:
        """Of the query alone."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form(self) -> Form:
        """Query and body (form, multipart or JSON object) together. Raises BadForm."""
        return read_form(self.headers.get("content-type", ""), self.body, self.query)

    def json(self) -> Any:
        """Raises BadForm."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadForm from error


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, json.dumps(body, ensure_ascii=False).encode(), headers=headers or {})


def page_response(page: str, status: int = 200) -> Response:
    return Response(status, page.encode(), "text/html; charset=utf-8")


NOT_FOUND = Response(404, "Здесь ничего нет.".encode(), "text/plain; charset=utf-8")


class Clock:
    """All platforms' time. Tests and people move it by `offset` seconds."""

    offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset


class Database:
    """An SQLite file. Thread-safe; one write at a time: a request is carried out whole or not at all."""

    def __init__(self, path: Path, schema: str) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        # Whatever happens to the process, the posts stay; only a power cut may cost some. Waiting for the disk in
        # each call would make the sandbox the slowest part of whatever is measured with it.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(schema)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """May be entered again inside itself."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def run(self, sql: str, *values: Any) -> int:
        """Returns the number of the row that was inserted last."""
        with self._lock:
            return self._db.execute(sql, values).lastrowid or 0


class Platform(ABC):
    """One imitated platform, served below /<key>/. It keeps everything in its own folder."""

    key: ClassVar[str]
    title: ClassVar[str]
    """As people call it, for the overview."""
    has_page: ClassVar[bool] = True

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.clock = folder, clock
        self.url = url
        """Of this platform, without a slash at the end: http://127.0.0.1:8090/<key>"""

    @abstractmethod
    def operation(self, request: Request) -> str | None:
        """Name of the call, by which it is counted and faults are set; None for pages and pictures."""

    @abstractmethod
    def handle(self, request: Request) -> Response:
        """Answers a call as the platform would; GET / is the page as a visitor sees it."""

    @abstractmethod
    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        """The platform's own words for a failure: its own 500, too many calls, access that is no longer valid."""

    def configure(self, options: Mapping[str, Any]) -> None:
        """Settings from the control door. Raises TypeError or ValueError for what it does not know."""
        if options:
            raise ValueError(f"unknown: {', '.join(options)}")

    def state(self) -> Any:
        """What it holds, as JSON, for tests."""
        return {}

    def posts(self) -> int:
        """How many posts a visitor sees, for the overview."""
        return 0

    def close(self) -> None:  # noqa: B027  most have nothing to close
        """Closes what it has opened."""
