"""What stands about a car in the sandbox's channels, as a visitor would see it: read from its /__state.

Used by whoever must not believe the database: `demo_check` and `scripts/chaos`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

State = Mapping[str, Any]


@dataclass(frozen=True)
class SeenPost:
    """`words`: all that is written in it, addresses too. `address`: of the post itself."""

    words: str
    address: str = ""

    def is_about(self, slug: str, uuid: str) -> bool:
        return f"/cars/{slug}" in self.words or uuid in self.words


def posts_in(adapter: str, state: State, *, sandbox: str, file: str = "") -> list[SeenPost]:
    """The posts that stand there now. `file`: address of the channel's file, if the platform fetches one."""
    if file:
        ads = [ad for ad in state["feed_reader"]["ads"] if ad["feed"] == file and ad["removed"] is None]
        return [SeenPost(_text(ad["content"]), f"{sandbox}/feed_reader/ads/{ad['number']}") for ad in ads]
    return READERS[adapter](state[adapter], f"{sandbox}/{adapter}")


def _telegram(state: State, url: str) -> list[SeenPost]:
    posts = []
    for chat in state["chats"]:
        present = [message for message in chat["messages"] if message["deleted"] is None]
        for _album, group in groupby(present, key=lambda message: message["album"] or message["id"]):
            first = next(group)
            posts.append(SeenPost(first["html"], f"{url}/{chat['username']}/{first['id']}"))
    return posts


def _instagram(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(row["caption"], f"{url}/p/{row['code']}/") for row in state["media"] if row["deleted"] is None]


def _facebook(state: State, url: str) -> list[SeenPost]:
    rows = [row for row in state["posts"] if row["deleted"] is None]
    return [SeenPost(row["message"], f"{url}/posts/{row['number']}") for row in rows]


def _meta_catalogue(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row)) for row in state["items"]]


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


READERS: Mapping[str, Callable[[State, str], list[SeenPost]]] = {
    "telegram": _telegram,
    "instagram": _instagram,
    "facebook": _facebook,
    "meta_catalogue": _meta_catalogue,
}
