"""What an imitated platform keeps of the files that it has read: the ads with their numbers, which never change."""

import json
from collections.abc import Iterable
from html import escape
from typing import Any

from .feed_files import Ad, is_picture
from .page import ShownPost
from .platform import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS feed (address TEXT PRIMARY KEY, dialect TEXT NOT NULL, etag TEXT NOT NULL DEFAULT '',
    read_at REAL NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0, every REAL NOT NULL DEFAULT 0,
    problems TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS ad (number INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL, id TEXT NOT NULL,
    content TEXT NOT NULL, added REAL NOT NULL, changed REAL, removed REAL, UNIQUE (feed, id));
CREATE TABLE IF NOT EXISTS picture (address TEXT PRIMARY KEY, good INTEGER NOT NULL);
"""
FIRST_NUMBER = 100_000_000


class FeedStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, feed: str, ads: Iterable[Ad], now: float) -> dict[str, int]:
        """Adds, changes and removes, so that exactly these stand there."""
        counts = {"added": 0, "changed": 0, "removed": 0}
        with self.database.transaction():
            known = {row["id"]: row for row in self.ads(feed)}
            for ad in ads:
                row, content = known.pop(ad.id, None), json.dumps(ad.__dict__, ensure_ascii=False)
                if row is None or row["removed"] is not None:
                    counts["added"] += 1
                elif row["content"] != content:
                    counts["changed"] += 1
                self._write(feed, ad.id, content, row, now)
            for row in known.values():
                if row["removed"] is None:
                    counts["removed"] += 1
                    self.database.run("UPDATE ad SET removed = ? WHERE number = ?", now, row["number"])
        return counts

    def ads(self, feed: str = "") -> list[dict[str, Any]]:
        where, values = ("WHERE feed = ?", [feed]) if feed else ("", [])
        return self.database.rows(f"SELECT * FROM ad {where} ORDER BY number", *values)  # noqa: S608  two literals

    def ad(self, number: int) -> dict[str, Any] | None:
        found = self.database.rows("SELECT * FROM ad WHERE number = ?", number)
        return found[0] if found else None

    def unreachable(self, ads: Iterable[Ad]) -> list[tuple[str, str]]:
        """Photos that are no pictures. An address that is known is not fetched again: a new photo needs a new one."""
        problems = []
        for ad in ads:
            for address in ad.photos:
                if not self._is_good(address):
                    problems.append((ad.id, f"фото не открывается: {address[:200]}"))
        return problems

    def _is_good(self, address: str) -> bool:
        known = self.database.rows("SELECT good FROM picture WHERE address = ?", address)
        if known:
            return bool(known[0]["good"])
        good = is_picture(address)
        if good:
            self.database.run("INSERT OR REPLACE INTO picture VALUES (?, 1)", address)
        return good

    def _write(self, feed: str, id: str, content: str, row: dict[str, Any] | None, now: float) -> None:
        if row is None:
            count = self.database.rows("SELECT COUNT(*) AS n FROM ad")[0]["n"]
            self.database.run(
                "INSERT INTO ad (number, feed, id, content, added) VALUES (?, ?, ?, ?, ?)",
                *(FIRST_NUMBER + count, feed, id, content, now),
            )
        elif row["removed"] is not None or row["content"] != content:
            self.database.run(
                "UPDATE ad SET content = ?, changed = ?, removed = NULL WHERE number = ?", content, now, row["number"]
            )


def shown(row: dict[str, Any], address: str = "") -> ShownPost:
    """As a visitor sees the ad; with the address of its own page, if it has one."""
    ad = json.loads(row["content"])
    html = f"<b>{escape(ad['title'])}</b>\n{escape(ad['price'])}\n\n{escape(ad['text'])}"
    if address:
        html += f'\n\n<a href="{escape(address)}">{escape(address)}</a>'
    return ShownPost(
        id=str(row["number"]),
        html=html,
        photos=[photo for photo in ad["photos"] if photo.startswith(("http://", "https://"))],
        at=row["added"],
        edited=row["changed"] is not None,
        removed_at=row["removed"],
    )
