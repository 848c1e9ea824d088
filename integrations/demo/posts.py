"""What stands about a car in the sandbox's channels, as a visitor would see it: read from its /__state.

Used by whoever must not believe the database: `demo_check` and `scripts/chaos`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from integrations.sandbox.vk_api import GROUP

State = Mapping[str, Any]


@dataclass(frozen=True)
class SeenPost:
    """`words`: all that is written in it, addresses too. `address`: of the post itself."""

    words: str
    address: str = ""

    def is_about(self, slug: str, uuid: str, vin: str = "") -> bool:
        """Google's files know a car by its VIN alone."""
        return f"/cars/{slug}" in self.words or uuid in self.words or (vin != "" and vin in self.words)


def posts_in(adapter: str, state: State, *, sandbox: str, file: str = "") -> list[SeenPost]:
    """The posts that stand there now. `file`: address of the channel's file, if the platform fetches one."""
    if file:
        ads = [ad for ad in state["feed_reader"]["ads"] if ad["feed"] == file and ad["removed"] is None]
        return [SeenPost(_text(ad["content"]), f"{sandbox}/feed_reader/ads/{ad['number']}") for ad in ads]
    platform, reader = READERS[adapter]
    return reader(state[platform], f"{sandbox}/{platform}")


def _telegram(state: State, url: str) -> list[SeenPost]:
    posts = []
    for chat in state["chats"]:
        present = [message for message in chat["messages"] if message["deleted"] is None]
        for _album, group in groupby(present, key=lambda message: message["album"] or message["id"]):
            first = next(group)
            posts.append(SeenPost(first["html"], f"{url}/{chat['username']}/{first['id']}"))
    return posts


def _instagram(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(row["caption"], f"{url}/p/{row['code']}/") for row in _present(state["media"])]


def _facebook(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(row["message"], f"{url}/posts/{row['number']}") for row in _present(state["posts"])]


def _meta_catalogue(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row)) for row in state["items"]]


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _vk_wall(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row), f"{url}/wall-{GROUP}_{row['number']}") for row in _present(state["posts"])]


def _vk_market(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row), f"{url}/product-{GROUP}_{row['number']}") for row in _present(state["goods"])]


def _viber(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row)) for row in state["messages"]]


def _webhook(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row["listing"]), f"{url}/#{row['id']}") for row in _present(state["cars"])]


def _avby_push(state: State, url: str) -> list[SeenPost]:
    return [SeenPost(_text(row), f"{url}/#{row['number']}") for row in _present(state["offers"])]


def _present(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["deleted"] is None]


READERS: Mapping[str, tuple[str, Callable[[State, str], list[SeenPost]]]] = {
    "telegram": ("telegram", _telegram),
    "instagram": ("instagram", _instagram),
    "facebook": ("facebook", _facebook),
    "meta_catalogue": ("meta_catalogue", _meta_catalogue),
    "vk_wall": ("vk", _vk_wall),
    "vk_market": ("vk", _vk_market),
    "avby_push": ("avby_push", _avby_push),
    "viber": ("viber", _viber),
    "webhook": ("webhook", _webhook),
}
"""By adapter: the platform's name in the sandbox, and how its state is read."""
