"""A Facebook page: photos and posts at /facebook/v25.0/, the page as people see it at /facebook/."""

import json
import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from .forms import Form
from .meta import MetaPlatform
from .meta_errors import GraphRefusal, bad_parameter, no_such_object
from .meta_pictures import fetch, keep
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Response, page_response

TOKEN = "EAAGsandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
PAGE, NAME = "100200300400500", "Avtofamily"
SCHEMA = """
CREATE TABLE IF NOT EXISTS photo (number INTEGER PRIMARY KEY, name TEXT NOT NULL, made REAL NOT NULL, post INTEGER);
CREATE TABLE IF NOT EXISTS post (number INTEGER PRIMARY KEY, message TEXT NOT NULL, photos TEXT NOT NULL,
    made REAL NOT NULL, edited REAL, deleted REAL);
"""
DAY = 24 * 3600
MESSAGE_LIMIT = 63_206
PHOTO_PATH = re.compile(r"/photos/([0-9a-f]{32})\.jpg")
POST_PATH = re.compile(r"/(?:posts/(?P<number>\d+)/?)?")


class Facebook(MetaPlatform):
    key, title = "facebook", "Facebook"
    schema, accepted = SCHEMA, (TOKEN,)
    operations = {("POST", "photos"): "uploadPhoto", ("POST", "feed"): "post", ("GET", "feed"): "listPosts"}

    def call(self, operation: str, node: str, form: Form, token: str) -> Any:
        if operation in {"uploadPhoto", "post", "listPosts"} and node != PAGE:
            raise no_such_object(node)
        if operation == "uploadPhoto":
            return self._upload(form)
        if operation == "post":
            return self._post(form)
        if operation == "listPosts":
            return self._newest(int(form.get("limit") or 25), int(form.get("after") or 2**60))
        if operation == "read" and node == PAGE:
            return {"id": PAGE, "name": NAME}
        return self._of_a_post(operation, self._present(node), form)

    def _newest(self, limit: int, before: int) -> Any:
        query = "SELECT * FROM post WHERE deleted IS NULL AND number < ? ORDER BY number DESC LIMIT ?"
        rows = self.database.rows(query, before, limit)
        paging = {"cursors": {"after": str(rows[-1]["number"])}} if len(rows) == limit else {}
        return {"data": [self._described(row) for row in rows], "paging": paging}

    def state(self) -> Any:
        return {"photos": self.database.rows("SELECT * FROM photo"), "posts": self._all()}

    def posts(self) -> int:
        return len([row for row in self._all() if row["deleted"] is None])

    def page(self, path: str) -> Response:
        photo, post = PHOTO_PATH.fullmatch(path), POST_PATH.fullmatch(path)
        if photo:
            return self.picture(photo[1])
        if post is None:
            return NOT_FOUND
        shown = [
            ShownPost(
                id=str(row["number"]),
                html=escape(row["message"]),
                photos=[f"{self.url}/photos/{name}.jpg" for name in row["photos"]],
                at=row["made"],
                edited=row["edited"] is not None,
                removed_at=row["deleted"],
            )
            for row in self._all()
        ]
        subtitle = f"{NAME}: так выглядела бы страница"
        return page_response(posts_page(self.title, subtitle, shown, target=post["number"] or ""))

    def _upload(self, form: Form) -> Any:
        if form.get("published").lower() != "false":
            raise bad_parameter("This sandbox takes only photos with published=false")
        if not form.get("url"):
            raise bad_parameter("(#324) Requires upload file")
        name = keep(fetch(form.get("url")).content, self.folder)
        return {"id": str(self.database.run("INSERT INTO photo (name, made) VALUES (?, ?)", name, self.clock.now()))}

    def _post(self, form: Form) -> Any:
        message = _message(form)
        attached = [
            value for key, value in sorted(form.values.items(), key=_place) if key.startswith("attached_media[")
        ]
        if not message and not attached:
            raise bad_parameter("(#100) The post has neither message nor attached_media")
        with self.database.transaction():
            photos = [self._unused_photo(value) for value in attached]
            number = self.database.run(
                "INSERT INTO post (message, photos, made) VALUES (?, ?, ?)",
                *(message, json.dumps([photo["name"] for photo in photos]), self.clock.now()),
            )
            for photo in photos:
                self.database.run("UPDATE photo SET post = ? WHERE number = ?", number, photo["number"])
        return {"id": f"{PAGE}_{number}"}

    def _unused_photo(self, value: str) -> dict[str, Any]:
        try:
            number = int(json.loads(value)["media_fbid"])
        except (ValueError, KeyError, TypeError):
            raise bad_parameter("(#100) attached_media must be an object with media_fbid") from None
        since = self.clock.now() - DAY
        found = self.database.rows("SELECT * FROM photo WHERE number = ? AND post IS NULL AND made > ?", number, since)
        if not found:
            raise bad_parameter(f"(#100) Photo {number} does not exist, has expired or is shown already")
        return found[0]

    def _of_a_post(self, operation: str, row: dict[str, Any], form: Form) -> Any:
        now, number = self.clock.now(), row["number"]
        if operation == "read":
            return self._described(row)
        if operation == "edit":
            if any(name.startswith("attached_media") for name in form.values):
                raise bad_parameter("(#100) Photos of a post cannot be changed")
            self.database.run("UPDATE post SET message = ?, edited = ? WHERE number = ?", _message(form), now, number)
        elif operation == "delete":
            self.database.run("UPDATE post SET deleted = ? WHERE number = ?", now, number)
        else:
            raise GraphRefusal(3, "Unknown method")
        return {"success": True}

    def _present(self, node: str) -> dict[str, Any]:
        page, _, number = node.partition("_")
        known = page == PAGE and number.isdigit() and len(number) < 19
        found = self.database.rows(
            "SELECT * FROM post WHERE number = ? AND deleted IS NULL", int(number) if known else 0
        )
        if not found:
            raise no_such_object(node)
        return found[0]

    def _all(self) -> list[dict[str, Any]]:
        rows = self.database.rows("SELECT * FROM post ORDER BY number")
        return [row | {"id": f"{PAGE}_{row['number']}", "photos": json.loads(row["photos"])} for row in rows]

    def _described(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"{PAGE}_{row['number']}",
            "message": row["message"],
            "created_time": datetime.fromtimestamp(row["made"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"{self.url}/posts/{row['number']}",
        }


def _message(form: Form) -> str:
    message = form.get("message")
    if len(message) > MESSAGE_LIMIT:
        raise bad_parameter("(#100) The message is too long")
    return message


def _place(item: tuple[str, str]) -> int:
    digits = re.sub(r"\D", "", item[0])
    return int(digits) if digits else 0
