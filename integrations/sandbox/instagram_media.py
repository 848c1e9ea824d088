"""What the imitated Instagram keeps, by its rules: containers for 24 hours, media, the day's quota."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .forms import Form
from .meta_errors import GraphRefusal, bad_parameter, no_such_object
from .meta_pictures import crop, fetch, keep, require_instagram_jpeg
from .platform import Clock, Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS container (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, caption TEXT NOT NULL,
    photos TEXT NOT NULL, children TEXT NOT NULL, ratio REAL NOT NULL, made REAL NOT NULL, ready REAL NOT NULL,
    failure TEXT NOT NULL, published REAL);
CREATE TABLE IF NOT EXISTS media (number INTEGER PRIMARY KEY, caption TEXT NOT NULL, photos TEXT NOT NULL,
    made REAL NOT NULL, deleted REAL, figures TEXT NOT NULL);
"""
CONTAINERS, MEDIA = 17_900_000_000_000_000, 18_000_000_000_000_000
DAY = 24 * 3600
CAPTION_LIMIT, HASHTAGS, MENTIONS = 2200, 30, 20
CAROUSEL = range(2, 11)


@dataclass
class Rules:
    """What tests and people set."""

    processing: float = 0.0
    quota_total: int = 10_000
    """Generous, so that the demo's cars appear soon. Meta's pages say 50 or 100."""
    fail: str = ""


class Media:
    def __init__(self, database: Database, clock: Clock, folder: Path, url: str, rules: Rules) -> None:
        self.database, self.clock, self.folder, self.url, self.rules = database, clock, folder, url, rules

    # --- Containers -------------------------------------------------------------------------------
    def create_container(self, form: Form) -> dict[str, str]:
        """Raises GraphRefusal."""
        if form.get("media_type") == "CAROUSEL":
            return self._carousel(form)
        if form.get("media_type") not in {"", "IMAGE"}:
            raise GraphRefusal(100, "The media type is unknown.", subcode=2207023)
        if not form.get("image_url"):
            raise bad_parameter("The parameter image_url is required")
        child = form.get("is_carousel_item").lower() == "true"
        caption = "" if child else _caption(form.get("caption"))
        picture = fetch(form.get("image_url"))
        require_instagram_jpeg(picture)
        photos = [keep(picture.content, self.folder)]
        return self._add("child" if child else "image", caption, photos, [], picture.ratio, self.clock.now())

    def container(self, node: str) -> dict[str, Any] | None:
        found = self.database.rows("SELECT * FROM container WHERE number = ?", _number(node) - CONTAINERS)
        return found[0] if found else None

    def containers(self) -> list[dict[str, Any]]:
        rows = self.database.rows("SELECT * FROM container ORDER BY number")
        return [
            {"id": str(CONTAINERS + row["number"]), "kind": row["kind"], "status": self.status(row)[0]} for row in rows
        ]

    def status(self, container: dict[str, Any]) -> tuple[str, str]:
        now = self.clock.now()
        if container["published"] is not None:
            return "PUBLISHED", "Published: Media has already been published"
        if now - container["made"] >= DAY:
            return "EXPIRED", "Expired: Media was not published within 24 hours"
        if now < container["ready"]:
            return "IN_PROGRESS", "In Progress: Media is still being processed."
        if container["failure"]:
            return "ERROR", f"Error: {container['failure']}"
        return "FINISHED", "Finished: Media has been uploaded and it is ready to be published."

    def _carousel(self, form: Form) -> dict[str, str]:
        caption = _caption(form.get("caption"))
        ids = [part for part in form.get("children").split(",") if part]
        if len(ids) not in CAROUSEL:
            raise GraphRefusal(100, "A carousel has 2 to 10 children.", subcode=2207028)
        children = [self._child(node) for node in ids]
        ratio = children[0]["ratio"]
        photos = [self._cropped(json.loads(child["photos"])[0], ratio) for child in children]
        return self._add("carousel", caption, photos, ids, ratio, self.clock.now())

    def _child(self, node: str) -> dict[str, Any]:
        found = self.container(node)
        if found is None or found["kind"] != "child":
            raise GraphRefusal(100, f"{node} is no carousel item.", subcode=2207028)
        status, _words = self.status(found)
        if status == "EXPIRED":
            raise GraphRefusal(-2, "The media has expired.", subcode=2207020)
        if status == "IN_PROGRESS":
            raise not_ready()
        return found

    def _cropped(self, name: str, ratio: float) -> str:
        content = (self.folder / "photos" / f"{name}.jpg").read_bytes()
        return keep(crop(content, ratio), self.folder)

    def _add(
        self, kind: str, caption: str, photos: list[str], children: list[str], ratio: float, now: float
    ) -> dict[str, str]:
        failure, self.rules.fail = self.rules.fail, ""
        number = self.database.run(
            "INSERT INTO container (kind, caption, photos, children, ratio, made, ready, failure)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(kind, caption, json.dumps(photos), json.dumps(children), ratio, now, now + self.rules.processing),
            failure,
        )
        return {"id": str(CONTAINERS + number)}

    # --- Media ------------------------------------------------------------------------------------
    def publish(self, node: str) -> dict[str, str]:
        """Raises GraphRefusal. A container is published once."""
        with self.database.transaction():
            container = self.container(node)
            if container is None:
                raise GraphRefusal(24, "The media builder with this creation id does not exist.", subcode=2207008)
            self._require_publishable(container)
            if self.used() >= self.rules.quota_total:
                raise GraphRefusal(9, "The account has reached the number of posts in 24 hours.", subcode=2207042)
            now = self.clock.now()
            self.database.run("UPDATE container SET published = ? WHERE number = ?", now, container["number"])
            number = self.database.run(
                "INSERT INTO media (caption, photos, made, figures) VALUES (?, ?, ?, '{}')",
                *(container["caption"], container["photos"], now),
            )
            return {"id": str(MEDIA + number)}

    def used(self) -> int:
        """Posts of the last 24 hours, deleted ones too."""
        since = self.clock.now() - DAY
        count: int = self.database.rows("SELECT COUNT(*) AS count FROM media WHERE made > ?", since)[0]["count"]
        return count

    def all(self) -> list[dict[str, Any]]:
        return [self._read(row) for row in self.database.rows("SELECT * FROM media ORDER BY number")]

    def present(self, node: str) -> dict[str, Any]:
        """Raises GraphRefusal where it is not there, or not any more."""
        found = self.database.rows("SELECT * FROM media WHERE number = ? AND deleted IS NULL", _number(node) - MEDIA)
        if not found:
            raise no_such_object(node)
        return self._read(found[0])

    def described(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": item["id"],
            "caption": item["caption"],
            "permalink": f"{self.url}/p/{item['code']}/",
            "timestamp": datetime.fromtimestamp(item["made"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "media_type": "CAROUSEL_ALBUM" if len(item["photos"]) > 1 else "IMAGE",
        }

    def delete(self, node: str) -> None:
        self.present(node)
        self.database.run("UPDATE media SET deleted = ? WHERE number = ?", self.clock.now(), _number(node) - MEDIA)

    def figures(self, item: dict[str, Any]) -> dict[str, int]:
        names = ("views", "reach", "likes", "comments", "saved", "shares")
        counted = {name: int(item["figures"].get(name, 0)) for name in names}
        interactions = sum(counted[name] for name in ("likes", "comments", "saved", "shares"))
        return counted | {"total_interactions": interactions}

    def count(self, node: str, figures: Mapping[str, int]) -> None:
        """Visitors have looked at it so many times in all."""
        merged = json.dumps(self.present(node)["figures"] | dict(figures))
        self.database.run("UPDATE media SET figures = ? WHERE number = ?", merged, _number(node) - MEDIA)

    def _require_publishable(self, container: dict[str, Any]) -> None:
        status, _words = self.status(container)
        if container["kind"] == "child":
            raise bad_parameter("A carousel item cannot be published by itself")
        if status == "IN_PROGRESS":
            raise not_ready()
        if status == "EXPIRED":
            raise GraphRefusal(-2, "The media has expired.", subcode=2207020)
        if status == "ERROR":
            raise GraphRefusal(-1, "The media could not be processed.", subcode=2207053)
        if status == "PUBLISHED":
            raise GraphRefusal(24, "The media cannot be found.", subcode=2207006)

    def _read(self, row: dict[str, Any]) -> dict[str, Any]:
        return row | {
            "id": str(MEDIA + row["number"]),
            "code": f"S{row['number']:05d}",
            "photos": json.loads(row["photos"]),
            "figures": json.loads(row["figures"]),
        }


def not_ready() -> GraphRefusal:
    return GraphRefusal(9007, "Media ID is not available", subcode=2207027)


def _caption(text: str) -> str:
    too_many = len(re.findall("#", text)) > HASHTAGS or len(re.findall("@", text)) > MENTIONS
    if len(text.encode("utf-16-le")) // 2 > CAPTION_LIMIT or too_many:
        words = "The caption is too long: up to 2200 characters, 30 hashtags and 20 @ tags."
        raise GraphRefusal(36004, words, subcode=2207010)
    return text


def _number(node: str) -> int:
    return int(node) if node.isdigit() and len(node) < 19 else 0
