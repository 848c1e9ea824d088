"""A marketplace that fetches files: POST /feed_reader/fetch {"address", "dialect"}, ads at /feed_reader/ads/<number>.

It stands for every platform that has no interface for cars: it fetches on demand or every so many seconds, takes good
cars, names bad ones, and its pages of ads are what a status poll looks at.
"""

import json
import re
import threading
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .feed_files import DIALECTS, FileRefused, fetch, read_file, with_limits
from .feed_store import SCHEMA, FeedStore, shown
from .forms import BadForm
from .page import posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response

AD_PATH = re.compile(r"/ads/(\d{1,12})/?")
TICK = 1.0
"""Seconds between two looks at which files are due."""


class FeedReader(Platform):
    key, title = "feed_reader", "Площадка, которая забирает файл"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "feed_reader.sqlite3", SCHEMA)
        self.store = FeedStore(self.database)
        self.limits: dict[str, dict[str, int]] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._fetch_by_itself, daemon=True).start()

    def operation(self, request: Request) -> str | None:
        if request.path == "/fetch":
            return "fetch"
        return "ad" if AD_PATH.fullmatch(request.path) else None

    def handle(self, request: Request) -> Response:
        if request.path == "/fetch" and request.method == "POST":
            return self._fetch_on_demand(request)
        if ad := AD_PATH.fullmatch(request.path):
            return self._ad_page(int(ad[1]))
        return self._page() if request.path == "/" else NOT_FOUND

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "429":
            return Response(429, b"", "text/html", {"Retry-After": str(retry_after)})
        return Response(403 if kind == "auth" else 500, b"", "text/html")

    def configure(self, options: Mapping[str, Any]) -> None:
        """`subscribe`: [{"address", "dialect", "every": seconds}]; `limits`: {dialect: {"cars": 2}}."""
        left = dict(options)
        for dialect, changes in left.pop("limits", {}).items():
            if dialect not in DIALECTS:
                raise ValueError(f"unknown dialect: {dialect}")
            with_limits(dialect, changes)
            self.limits[dialect] = changes
        for item in left.pop("subscribe", []):
            self._know(str(item["address"]), str(item["dialect"]), float(item["every"]))
        super().configure(left)

    def state(self) -> Any:
        ads = [row | {"content": json.loads(row["content"])} for row in self.store.ads()]
        feeds = self.database.rows("SELECT * FROM feed")
        return {"ads": ads, "feeds": [row | {"problems": json.loads(row["problems"])} for row in feeds]}

    def posts(self) -> int:
        return sum(row["removed"] is None for row in self.store.ads())

    def close(self) -> None:
        self._closed.set()
        self.database.close()

    def read(self, address: str, dialect: str) -> dict[str, Any]:
        """Fetches the file and takes its cars. Raises FileRefused; then everything stays as it was."""
        known = self.database.rows("SELECT etag FROM feed WHERE address = ?", address)
        fetched = fetch(address, known[0]["etag"] if known else "")
        if fetched.status == 304:
            self._note(address, 304, fetched.etag, None)
            return {"status": 304}
        found = read_file(dialect, fetched.body, with_limits(dialect, self.limits.get(dialect, {})))
        problems = found.problems + self.store.unreachable(found.ads)
        bad = {number for number, _ in problems}
        good = [ad for ad in found.ads if ad.id not in bad]
        counts = self.store.take(address, good, self.clock.now())
        self._note(address, 200, fetched.etag, problems)
        return {"status": 200, "taken": len(good), "problems": [list(problem) for problem in problems]} | counts

    def _fetch_on_demand(self, request: Request) -> Response:
        try:
            form = request.form()
        except BadForm:
            return json_response(400, {"refused": "Запрос не читается"})
        address, dialect = form.get("address"), form.get("dialect")
        if dialect not in DIALECTS:
            return json_response(400, {"refused": f"Формат {dialect!r} неизвестен"})
        self._know(address, dialect, 0)
        try:
            return json_response(200, self.read(address, dialect))
        except FileRefused as refusal:
            self._note(address, 422, "", [("", str(refusal))])
            return json_response(422, {"refused": str(refusal)})

    def _fetch_by_itself(self) -> None:
        while not self._closed.wait(TICK):
            try:
                due = self.database.rows(
                    "SELECT * FROM feed WHERE every > 0 AND read_at + every <= ?", self.clock.now()
                )
                for feed in due:
                    self._read_quietly(feed)
            except Exception:  # the database was closed under us: the sandbox ends
                return

    def _read_quietly(self, feed: dict[str, Any]) -> None:
        try:
            self.read(feed["address"], feed["dialect"])
        except FileRefused as refusal:
            self._note(feed["address"], 422, "", [("", str(refusal))])

    def _know(self, address: str, dialect: str, every: float) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"unknown dialect: {dialect}")
        self.database.run(
            "INSERT INTO feed (address, dialect, every) VALUES (?, ?, ?) ON CONFLICT (address)"
            " DO UPDATE SET dialect = excluded.dialect, every = MAX(feed.every, excluded.every)",
            *(address, dialect, every),
        )

    def _note(self, address: str, status: int, etag: str, problems: list[tuple[str, str]] | None) -> None:
        now = self.clock.now()
        self.database.run(
            "UPDATE feed SET status = ?, etag = ?, read_at = ? WHERE address = ?", status, etag, now, address
        )
        if problems is not None:
            told = json.dumps(problems, ensure_ascii=False)
            self.database.run("UPDATE feed SET problems = ? WHERE address = ?", told, address)

    def _ad_page(self, number: int) -> Response:
        row = self.store.ad(number)
        if row is None or row["removed"] is not None:
            page = posts_page("Объявление не найдено", "Его нет или его сняли", [])
            return page_response(page, 404)
        return page_response(posts_page(json.loads(row["content"])["title"], "Объявление на площадке", [shown(row)]))

    def _page(self) -> Response:
        feeds = self.database.rows("SELECT * FROM feed")
        problems = [problem for feed in feeds for problem in json.loads(feed["problems"])]
        words = f"Файлов: {len(feeds)}. " + (f"Ошибок: {len(problems)}" if problems else "Ошибок нет")
        posts = [shown(row, f"{self.url}/ads/{row['number']}") for row in self.store.ads()]
        page = posts_page(self.title, words, posts)
        told = "".join(f"<li>{escape(number)} {escape(text)}</li>" for number, text in problems[:50])
        return page_response(page.replace("</main>", f"<ul>{told}</ul></main>" if told else "</main>"))
