"""VK's methods that the product uses, with the platform's limits and its numbers for what is wrong."""

import hashlib
import io
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PIL import Image, UnidentifiedImageError

from .forms import Form
from .platform import Clock, Database

GROUP, NAME = "123456789", "Avtofamily"
OWNER = f"-{GROUP}"
SCHEMA = """
CREATE TABLE IF NOT EXISTS ticket (name TEXT PRIMARY KEY, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS photo (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS post (number INTEGER PRIMARY KEY, guid TEXT NOT NULL, message TEXT NOT NULL,
    photos TEXT NOT NULL, made REAL NOT NULL, edited REAL, deleted REAL);
CREATE TABLE IF NOT EXISTS good (number INTEGER PRIMARY KEY, sku TEXT NOT NULL, name TEXT NOT NULL,
    description TEXT NOT NULL, category INTEGER NOT NULL, price INTEGER NOT NULL, photos TEXT NOT NULL,
    made REAL NOT NULL, edited REAL, deleted REAL);
"""
GOOD_NAME, SHORTEST_DESCRIPTION = range(4, 101), 10
MORE_PHOTOS, LONGEST_SKU = 4, 50
ATTACHMENTS = 10
LONGEST_MESSAGE = 16_384
MAX_COUNT = {"wall.get": 100, "market.get": 200}


class VkRefusal(Exception):
    """An answer with `error`."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


def invalid(words: str) -> VkRefusal:
    return VkRefusal(100, f"One of the parameters specified was missing or invalid: {words}")


class VkApi:
    """One community, as its administrator reaches it."""

    def __init__(self, database: Database, clock: Clock, url: str) -> None:
        self.database, self.clock, self.url = database, clock, url
        self.per_second = 1000
        """Generous; the real platform lets three through."""
        self._calls: deque[float] = deque()
        self._methods: dict[str, Callable[[Form], Any]] = {
            "groups.getById": self._group,
            "photos.getWallUploadServer": lambda form: self._ticket(form, "wall"),
            "photos.saveWallPhoto": lambda form: self._save_photo(form, "wall"),
            "photos.getMarketUploadServer": lambda form: self._ticket(form, "market"),
            "photos.saveMarketPhoto": lambda form: self._save_photo(form, "market"),
            "wall.post": self._post,
            "wall.edit": self._edit_post,
            "wall.delete": self._delete_post,
            "wall.get": self._newest_posts,
            "wall.getById": self._read_posts,
            "market.add": self._add_good,
            "market.edit": self._edit_good,
            "market.delete": self._delete_good,
            "market.get": self._goods,
            "market.getById": self._read_goods,
        }

    def count(self) -> None:
        now = time.monotonic()
        while self._calls and self._calls[0] <= now - 1:
            self._calls.popleft()
        if len(self._calls) >= self.per_second:
            raise VkRefusal(6, "Too many requests per second")
        self._calls.append(now)

    def call(self, method: str, form: Form) -> Any:
        """The `response` of a method. Raises VkRefusal. Carried out whole or not at all."""
        found = self._methods.get(method)
        if found is None:
            raise VkRefusal(3, "Unknown method passed")
        with self.database.transaction():
            return found(form)

    def upload(self, ticket: str, content: bytes, keep: Callable[[bytes], str]) -> Any:
        """What the upload server answers; "[]" where it sees no picture."""
        if not self.database.rows("SELECT 1 FROM ticket WHERE name = ?", ticket):
            return {"error": "ERR_UPLOAD_BAD_HASH"}
        try:
            with Image.open(io.BytesIO(content)) as image:
                image.verify()
        except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
            return {"server": 1, "photo": "[]", "hash": ""}
        name = keep(content)
        return {"server": 1, "photo": name, "hash": _hash(name)}

    def all_posts(self) -> list[dict[str, Any]]:
        return _with_photos(self.database.rows("SELECT * FROM post ORDER BY number"))

    def all_goods(self) -> list[dict[str, Any]]:
        return _with_photos(self.database.rows("SELECT * FROM good ORDER BY number"))

    def all_photos(self) -> list[dict[str, Any]]:
        return self.database.rows("SELECT * FROM photo ORDER BY number")

    # --- Photos -----------------------------------------------------------------------------------
    def _group(self, form: Form) -> Any:
        self._require_group(form)
        return {"groups": [{"id": int(GROUP), "name": NAME, "screen_name": f"club{GROUP}"}], "profiles": []}

    def _ticket(self, form: Form, kind: str) -> Any:
        self._require_group(form)
        name = secrets.token_hex(16)
        self.database.run("INSERT INTO ticket (name, kind) VALUES (?, ?)", name, kind)
        return {"upload_url": f"{self.url}/upload/{name}"}

    def _save_photo(self, form: Form, kind: str) -> Any:
        self._require_group(form)
        name = form.get("photo")
        if not name or form.get("hash") != _hash(name):
            raise VkRefusal(121, "Invalid hash")
        number = self.database.run("INSERT INTO photo (kind, name) VALUES (?, ?)", kind, name)
        return [{"id": number, "owner_id": int(OWNER)}]

    # --- The wall ---------------------------------------------------------------------------------
    def _post(self, form: Form) -> Any:
        message, photos = self._content(form)
        guid = form.get("guid")
        # A repetition with the same guid is the same post.
        known = self.database.rows("SELECT number FROM post WHERE guid = ? AND guid != ''", guid)
        if known:
            return {"post_id": known[0]["number"]}
        number = self.database.run(
            "INSERT INTO post (guid, message, photos, made) VALUES (?, ?, ?, ?)",
            *(guid, message, json.dumps(photos), self.clock.now()),
        )
        return {"post_id": number}

    def _edit_post(self, form: Form) -> Any:
        row = self._present("post", form, "post_id")
        message, photos = self._content(form)
        self.database.run(
            "UPDATE post SET message = ?, photos = ?, edited = ? WHERE number = ?",
            *(message, json.dumps(photos), self.clock.now(), row["number"]),
        )
        return {"post_id": row["number"]}

    def _delete_post(self, form: Form) -> Any:
        row = self._present("post", form, "post_id")
        self.database.run("UPDATE post SET deleted = ? WHERE number = ?", self.clock.now(), row["number"])
        return 1

    def _newest_posts(self, form: Form) -> Any:
        self._require_owner(form)
        limit, _offset = _page(form, "wall.get")
        rows = self.database.rows("SELECT * FROM post WHERE deleted IS NULL ORDER BY number DESC LIMIT ?", limit)
        return {"count": len(rows), "items": [_post_json(row) for row in rows]}

    def _read_posts(self, form: Form) -> Any:
        found = [self._find("post", number) for number in _numbers(form.get("posts"))]
        return {"items": [_post_json(row) for row in found if row]}

    def _content(self, form: Form) -> tuple[str, list[str]]:
        self._require_owner(form)
        message, attachments = form.get("message"), [item for item in form.get("attachments").split(",") if item]
        if not message and not attachments:
            raise invalid("message and attachments are both undefined")
        if len(message) > LONGEST_MESSAGE:
            raise invalid("message is too long")
        if len(attachments) > ATTACHMENTS:
            raise invalid("too many attachments")
        return message, [self._photo(item.removeprefix(f"photo{OWNER}_"), "wall") for item in attachments]

    # --- Goods ------------------------------------------------------------------------------------
    def _add_good(self, form: Form) -> Any:
        values = self._good(form)
        number = self.database.run(
            "INSERT INTO good (name, description, category, price, sku, photos, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(*values, self.clock.now()),
        )
        return {"market_item_id": number}

    def _edit_good(self, form: Form) -> Any:
        row, values = self._present("good", form, "item_id"), self._good(form)
        self.database.run(
            "UPDATE good SET name = ?, description = ?, category = ?, price = ?, sku = ?, photos = ?, edited = ? "
            "WHERE number = ?",
            *(*values, self.clock.now(), row["number"]),
        )
        return 1

    def _delete_good(self, form: Form) -> Any:
        row = self._present("good", form, "item_id")
        self.database.run("UPDATE good SET deleted = ? WHERE number = ?", self.clock.now(), row["number"])
        return 1

    def _goods(self, form: Form) -> Any:
        self._require_owner(form)
        rows = self.database.rows(
            "SELECT * FROM good WHERE deleted IS NULL ORDER BY number DESC LIMIT ? OFFSET ?", *_page(form, "market.get")
        )
        return {"count": len(rows), "items": [_good_json(row) for row in rows]}

    def _read_goods(self, form: Form) -> Any:
        found = [self._find("good", number) for number in _numbers(form.get("item_ids"))]
        return {"items": [_good_json(row) for row in found if row]}

    def _good(self, form: Form) -> tuple[Any, ...]:
        self._require_owner(form)
        name, description, sku = (form.get(field) for field in ("name", "description", "sku"))
        if len(name) not in GOOD_NAME:
            raise invalid("name should be from 4 to 100 letters length")
        if len(description) < SHORTEST_DESCRIPTION:
            raise invalid("description should be at least 10 letters length")
        if len(sku) > LONGEST_SKU:
            raise invalid("sku should be at most 50 letters length")
        category, price = (_integer(form.get(field), field) for field in ("category_id", "price"))
        more = [item for item in form.get("photo_ids").split(",") if item]
        if len(more) > MORE_PHOTOS:
            raise invalid("photo_ids has more than 4 photos")
        photos = [self._photo(item, "market") for item in (form.get("main_photo_id"), *more)]
        return name, description, category, price, sku, json.dumps(photos)

    # --- Shared -----------------------------------------------------------------------------------
    def _photo(self, number: str, kind: str) -> str:
        """Name of its file."""
        found = self.database.rows(
            "SELECT name FROM photo WHERE number = ? AND kind = ?", _integer(number, "photo"), kind
        )
        if not found:
            raise invalid("photo is not found")
        return str(found[0]["name"])

    def _present(self, table: str, form: Form, parameter: str) -> dict[str, Any]:
        self._require_owner(form)
        found = self._find(table, _integer(form.get(parameter), parameter))
        if found is None:
            raise VkRefusal(1403, "Item not found") if table == "good" else invalid("post_id is invalid")
        return found

    def _find(self, table: str, number: int) -> dict[str, Any] | None:
        found = self.database.rows(
            f"SELECT * FROM {table} WHERE number = ? AND deleted IS NULL",  # noqa: S608  a constant
            number,
        )
        return found[0] if found else None

    def _require_group(self, form: Form) -> None:
        if form.get("group_id") != GROUP:
            raise invalid("group_id is invalid")

    def _require_owner(self, form: Form) -> None:
        if form.get("owner_id") != OWNER:
            raise VkRefusal(15, "Access denied")


def _with_photos(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"photos": json.loads(row["photos"])} for row in rows]


def _post_json(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: {"count": 0} for name in ("likes", "comments", "reposts", "views")}
    return {"id": row["number"], "owner_id": int(OWNER), "date": int(row["made"]), "text": row["message"], **counts}


def _good_json(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["number"], "owner_id": int(OWNER), "title": row["name"], "sku": row["sku"]}


def _page(form: Form, method: str) -> tuple[int, int]:
    count = _integer(form.get("count") or "20", "count")
    if not 1 <= count <= MAX_COUNT[method]:
        raise invalid("count is out of range")
    return count, _integer(form.get("offset") or "0", "offset")


def _numbers(names: str) -> list[int]:
    """Of "-1_2,-1_3", those of this community."""
    return [_integer(name.removeprefix(f"{OWNER}_"), "id") for name in names.split(",") if name.startswith(f"{OWNER}_")]


def _integer(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid(f"{name} not integer")
    return int(text)


def _hash(name: str) -> str:
    return hashlib.sha256(f"sandbox{name}".encode()).hexdigest()[:16]
