"""What the imitated Telegram remembers: chats, messages and pictures, in one SQLite file and a folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .platform import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS chat (id INTEGER PRIMARY KEY, username TEXT UNIQUE NOT NULL, title TEXT NOT NULL,
    last_message INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS message (chat INTEGER NOT NULL, id INTEGER NOT NULL, album TEXT, html TEXT NOT NULL,
    text TEXT NOT NULL, photo TEXT, sent REAL NOT NULL, edited REAL, deleted REAL, PRIMARY KEY (chat, id));
CREATE TABLE IF NOT EXISTS photo (id TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL,
    size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS webhook (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reaction (chat INTEGER NOT NULL, message INTEGER NOT NULL, emoji TEXT NOT NULL,
    total INTEGER NOT NULL, PRIMARY KEY (chat, message, emoji));
CREATE TABLE IF NOT EXISTS update_to_send (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next REAL NOT NULL, delivered REAL);
"""
FIRST_CHAT = -1001000000001


@dataclass(frozen=True)
class Picture:
    """An uploaded photo that passed the checks."""

    id: str
    width: int
    height: int
    content: bytes


class TelegramStore:
    def __init__(self, folder: Path, chats: Sequence[str]) -> None:
        self.photos = folder / "photos"
        self.photos.mkdir(parents=True, exist_ok=True)
        self.database = Database(folder / "telegram.sqlite3", SCHEMA)
        for index, name in enumerate(chats):
            self.database.run(
                "INSERT OR IGNORE INTO chat (id, username, title) VALUES (?, ?, ?)",
                *(FIRST_CHAT - index, name, f"Авто: {name}"),
            )

    def chat(self, chat_id: str) -> dict[str, Any] | None:
        column = "username" if chat_id.startswith("@") else "id"
        found = self.database.rows(f"SELECT * FROM chat WHERE {column} = ?", chat_id.lstrip("@"))  # noqa: S608  two literals
        return found[0] if found else None

    def chats(self) -> list[dict[str, Any]]:
        return self.database.rows("SELECT * FROM chat ORDER BY id DESC")

    def message(self, chat: int, message_id: int) -> dict[str, Any] | None:
        """A message that is still there."""
        found = self.database.rows(
            "SELECT * FROM message WHERE chat = ? AND id = ? AND deleted IS NULL", chat, message_id
        )
        return found[0] if found else None

    def messages(self, chat: int) -> list[dict[str, Any]]:
        return self.database.rows(
            "SELECT message.*, photo.width, photo.height, photo.size FROM message"
            " LEFT JOIN photo ON photo.id = message.photo WHERE chat = ? ORDER BY message.id",
            chat,
        )

    def add_message(
        self, chat: int, *, html: str, text: str, picture: Picture | None, album: str | None, now: float
    ) -> int:
        self.database.run("UPDATE chat SET last_message = last_message + 1 WHERE id = ?", chat)
        number: int = self.database.rows("SELECT last_message FROM chat WHERE id = ?", chat)[0]["last_message"]
        self.database.run(
            "INSERT INTO message (chat, id, album, html, text, photo, sent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(chat, number, album, html, text, self._keep(picture), now),
        )
        return number

    def edit_message(
        self, chat: int, message_id: int, *, html: str, text: str, picture: Picture | None, now: float
    ) -> None:
        self.database.run(
            "UPDATE message SET html = ?, text = ?, edited = ?, photo = COALESCE(?, photo) WHERE chat = ? AND id = ?",
            *(html, text, now, self._keep(picture), chat, message_id),
        )

    def delete_message(self, chat: int, message_id: int, now: float) -> None:
        self.database.run("UPDATE message SET deleted = ? WHERE chat = ? AND id = ?", now, chat, message_id)

    # --- What it sends by itself ------------------------------------------------------------------
    def set_webhook(self, settings: dict[str, Any]) -> None:
        self.database.run("INSERT OR REPLACE INTO webhook VALUES (1, ?)", json.dumps(settings))

    def webhook(self) -> dict[str, Any]:
        """As it was set; empty if never."""
        found = self.database.rows("SELECT settings FROM webhook")
        settings: dict[str, Any] = json.loads(found[0]["settings"]) if found else {}
        return settings

    def first_of_album(self, chat: int, message: dict[str, Any]) -> int:
        if not message["album"]:
            return int(message["id"])
        found = self.database.rows(
            "SELECT MIN(id) AS id FROM message WHERE chat = ? AND album = ? AND deleted IS NULL",
            *(chat, message["album"]),
        )
        return int(found[0]["id"])

    def add_reactions(self, chat: int, message: int, emoji: str, count: int) -> None:
        self.database.run(
            "INSERT INTO reaction VALUES (?, ?, ?, MAX(0, ?)) ON CONFLICT (chat, message, emoji)"
            " DO UPDATE SET total = MAX(0, total + ?)",
            *(chat, message, emoji, count, count),
        )

    def reactions(self, chat: int, message: int) -> dict[str, int]:
        rows = self.database.rows(
            "SELECT emoji, total FROM reaction WHERE chat = ? AND message = ? AND total > 0", chat, message
        )
        return {row["emoji"]: row["total"] for row in rows}

    def add_update(self, body: dict[str, Any], now: float) -> None:
        words = json.dumps(body, ensure_ascii=False)
        self.database.run("INSERT INTO update_to_send (body, next) VALUES (?, ?)", words, now)

    def pending_updates(self) -> list[dict[str, Any]]:
        return self.database.rows("SELECT * FROM update_to_send WHERE delivered IS NULL ORDER BY id")

    def update_sent(self, number: int, *, delivered: float | None, next_try: float) -> None:
        self.database.run(
            "UPDATE update_to_send SET tries = tries + 1, delivered = ?, next = ? WHERE id = ?",
            *(delivered, next_try, number),
        )

    def _keep(self, picture: Picture | None) -> str | None:
        if picture is None:
            return None
        (self.photos / f"{picture.id}.jpg").write_bytes(picture.content)
        self.database.run(
            "INSERT OR IGNORE INTO photo VALUES (?, ?, ?, ?)",
            *(picture.id, picture.width, picture.height, len(picture.content)),
        )
        return picture.id
