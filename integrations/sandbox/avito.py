"""Avito Autoload: the API at /avito/…, its fetching of the file, and the ads as visitors see them at /avito/items/…"""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .feed_files import FileRefused, fetch, read_file
from .feed_store import SCHEMA, FeedStore, shown
from .forms import BadForm
from .page import posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret-of-avito"
TOKEN_SECONDS = 24 * 3600
UPLOAD_EVERY = 3600
PER_MINUTE = 300
PER_PAGE = 100
OLD_REPORTS_END = datetime(2027, 3, 8, tzinfo=UTC).timestamp()
ITEM_PATH = re.compile(r"/items/(\d{1,12})/?")
UPLOAD_PATH = re.compile(r"/autoload/v4/uploads/(?P<which>current|last_successful|\d+)(?P<items>/items)?")
OLD_PATH = re.compile(r"/autoload/v[23]/reports(/.*)?")
STATUSES = ("active", "old", "blocked", "rejected", "archived", "removed")
MORE = """
CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, made REAL NOT NULL);
CREATE TABLE IF NOT EXISTS profile (id INTEGER PRIMARY KEY CHECK (id = 1), content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, good INTEGER NOT NULL,
    words TEXT NOT NULL, items TEXT NOT NULL);
"""


class Refusal(Exception):
    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, headers or {}


class Avito(Platform):
    key, title = "avito", "Avito"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "avito.sqlite3", SCHEMA + MORE)
        self.store = FeedStore(self.database)
        self.per_minute = PER_MINUTE
        self.verdicts: dict[str, tuple[str, list[str]]] = {}
        """What moderation makes of a car, by its Id."""
        self._calls: list[float] = []

    def operation(self, request: Request) -> str | None:
        if request.path == "/token":
            return "token"
        if request.path.startswith("/autoload/"):
            return request.path.removeprefix("/autoload/").split("/", 1)[-1].split("/", 1)[0]
        return None

    def handle(self, request: Request) -> Response:
        if self.operation(request) is None:
            return self._page(request.path)
        try:
            status, body, headers = self._api(request)
        except Refusal as refusal:
            error = {"error": {"code": refusal.status, "message": refusal.words}}
            return json_response(refusal.status, error, refusal.headers)
        except BadForm:
            return json_response(400, {"error": {"code": 400, "message": "bad request"}})
        return json_response(status, body, headers)

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "429":
            return json_response(429, {"error": {"code": 429}}, {"Retry-After": str(retry_after)})
        return json_response(401 if kind == "auth" else 500, {"error": {"code": 401 if kind == "auth" else 500}})

    def configure(self, options: Mapping[str, Any]) -> None:
        """`per_minute`; `verdicts`: {Id: ["rejected", "Чужие фото"]} for the next reading; `forget_tokens`."""
        left = dict(options)
        self.per_minute = int(left.pop("per_minute", self.per_minute))
        for number, (status, *words) in left.pop("verdicts", {}).items():
            if status not in STATUSES:
                raise ValueError(f"unknown status: {status}")
            self.verdicts[number] = (status, words)
        if left.pop("forget_tokens", False):
            self.database.run("DELETE FROM token")
        super().configure(left)

    def state(self) -> Any:
        uploads = self.database.rows("SELECT * FROM upload ORDER BY number")
        return {
            "profile": self._profile(),
            "uploads": [row | {"items": json.loads(row["items"])} for row in uploads],
            "ads": self.store.ads(),
        }

    def posts(self) -> int:
        return sum(row["removed"] is None for row in self.store.ads())

    def close(self) -> None:
        self.database.close()

    # --- The API ----------------------------------------------------------------------------------
    def _api(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        if request.path == "/token":
            return 200, self._new_token(request), {}
        self._require_token(request)
        headers = self._count_call()
        if OLD_PATH.fullmatch(request.path):
            if self.clock.now() >= OLD_REPORTS_END:
                raise Refusal(410, "This method is gone, use /autoload/v4/uploads")
            return 200, {"reports": []}, headers
        if request.path == "/autoload/v2/profile":
            return 200, self._write_profile(request) if request.method == "POST" else self._profile(), headers
        if request.path == "/autoload/v1/upload" and request.method == "POST":
            self._upload()
            return 200, {}, headers
        if request.path in ("/autoload/v2/items/avito_ids", "/autoload/v2/items/ad_ids"):
            return 200, self._ids(request), headers
        if found := UPLOAD_PATH.fullmatch(request.path):
            return 200, self._uploads(found["which"], bool(found["items"]), request), headers
        raise Refusal(404, "Not Found")

    def _new_token(self, request: Request) -> dict[str, Any]:
        form = request.form()
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refusal(401, "invalid client")
        token = secrets.token_urlsafe(24)
        self.database.run("INSERT INTO token VALUES (?, ?)", token, self.clock.now())
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}

    def _require_token(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        made = self.database.rows("SELECT made FROM token WHERE token = ?", token)
        if not made or self.clock.now() - made[0]["made"] >= TOKEN_SECONDS:
            raise Refusal(401, "access token expired")

    def _count_call(self) -> dict[str, str]:
        now = self.clock.now()
        self._calls = [at for at in self._calls if now - at < 60]
        limit = {"X-RateLimit-Limit": str(self.per_minute)}
        if len(self._calls) >= self.per_minute:
            after = str(max(1, round(60 - (now - self._calls[0]))))
            raise Refusal(429, "too many requests", limit | {"X-RateLimit-Remaining": "0", "Retry-After": after})
        self._calls.append(now)
        return limit | {"X-RateLimit-Remaining": str(self.per_minute - len(self._calls))}

    def _profile(self) -> dict[str, Any]:
        found = self.database.rows("SELECT content FROM profile")
        return json.loads(found[0]["content"]) if found else {"autoload_enabled": False, "feeds_data": []}

    def _write_profile(self, request: Request) -> dict[str, Any]:
        wanted = request.json()
        if not isinstance(wanted, dict):
            raise Refusal(400, "a JSON object is expected")
        feeds = wanted.get("feeds_data")
        named = isinstance(feeds, list) and all(
            isinstance(feed, dict) and feed.get("feed_name") and str(feed.get("feed_url", "")).startswith("http")
            for feed in feeds
        )
        if not isinstance(wanted.get("autoload_enabled"), bool) or not named or not wanted.get("schedule"):
            raise Refusal(400, "autoload_enabled, feeds_data and schedule are required")
        self.database.run("INSERT OR REPLACE INTO profile VALUES (1, ?)", json.dumps(wanted, ensure_ascii=False))
        return {}

    def _upload(self) -> None:
        """Fetches the file of the profile. Once an hour at most."""
        profile, now = self._profile(), self.clock.now()
        if not profile["autoload_enabled"] or not profile["feeds_data"]:
            raise Refusal(400, "autoload is not enabled")
        last = self.database.rows("SELECT MAX(at) AS at FROM upload")[0]["at"]
        if last is not None and now - last < UPLOAD_EVERY:
            after = str(int(UPLOAD_EVERY - (now - last)) + 1)
            raise Refusal(429, "upload is allowed once an hour", {"Retry-After": after})
        address = profile["feeds_data"][0]["feed_url"]
        try:
            items, good, words = self._read(address, now), 1, ""
        except FileRefused as refusal:
            items, good, words = [], 0, str(refusal)
        self.database.run(
            "INSERT INTO upload (at, good, words, items) VALUES (?, ?, ?, ?)",
            *(now, good, words, json.dumps(items, ensure_ascii=False)),
        )

    def _read(self, address: str, now: float) -> list[dict[str, Any]]:
        found = read_file("avito", fetch(address).body)
        problems: dict[str, list[str]] = {}
        for number, problem in found.problems + self.store.unreachable(found.ads):
            problems.setdefault(number, []).append(problem)
        for number, (status, words) in self.verdicts.items():
            if status != "active" and any(ad.id == number for ad in found.ads):
                problems.setdefault(number, []).extend(words or [status])
        before = {row["id"] for row in self.store.ads("avito") if row["removed"] is None}
        good = [ad for ad in found.ads if ad.id not in problems]
        self.store.take("avito", good, now)
        rows = {row["id"]: row for row in self.store.ads("avito")}
        items = [self._item(rows[ad.id], "active", []) for ad in good]
        for number, words in problems.items():
            status = self.verdicts.get(number, ("rejected",))[0]
            items.append(self._item(rows.get(number, {"id": number}), status, words))
        gone = before - {item["ad_id"] for item in items}
        return items + [self._item(rows[number], "removed", []) for number in sorted(gone)]

    def _item(self, row: dict[str, Any], status: str, messages: list[str]) -> dict[str, Any]:
        number = row.get("number")
        return {
            "ad_id": row["id"],
            "avito_id": number,
            "avito_status": status,
            "url": f"{self.url}/items/{number}" if number else None,
            "messages": [{"title": words} for words in messages],
        }

    def _uploads(self, which: str, items: bool, request: Request) -> dict[str, Any]:
        rows = self.database.rows("SELECT * FROM upload ORDER BY number DESC")
        if which == "last_successful":
            rows = [row for row in rows if row["good"]]
        elif which != "current":
            rows = [row for row in rows if row["number"] == int(which)]
        if not rows:
            raise Refusal(404, "no such upload")
        row = rows[0]
        if not items:
            at = datetime.fromtimestamp(row["at"], UTC).isoformat()
            return {"upload_id": row["number"], "status": "success" if row["good"] else "error", "started_at": at}
        page, size = request.params.get("page", "0"), request.params.get("per_page", str(PER_PAGE))
        if not page.isdigit() or not size.isdigit() or not 0 < int(size) <= PER_PAGE:
            raise Refusal(400, "page is a number, per_page is at most 100")
        start = int(page) * int(size)
        return {"items": json.loads(row["items"])[start : start + int(size)]}

    def _ids(self, request: Request) -> dict[str, Any]:
        wanted = request.params.get("query", "").split("|")
        rows = self.store.ads("avito")
        field = "id" if request.path.endswith("avito_ids") else "number"
        found = [{"ad_id": row["id"], "avito_id": row["number"]} for row in rows if str(row[field]) in wanted]
        return {"items": found}

    # --- Pages ------------------------------------------------------------------------------------
    def _page(self, path: str) -> Response:
        if item := ITEM_PATH.fullmatch(path):
            row = self.store.ad(int(item[1]))
            if row is None or row["removed"] is not None:
                return page_response(posts_page("Объявление не найдено", "Его сняли с публикации", []), 404)
            return page_response(posts_page(json.loads(row["content"])["title"], "Объявление", [shown(row)]))
        if path != "/":
            return NOT_FOUND
        posts = [shown(row, f"{self.url}/items/{row['number']}") for row in self.store.ads()]
        return page_response(posts_page(self.title, "Объявления из автозагрузки", posts))
