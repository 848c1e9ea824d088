"""Photos of a published document, as payloads name them."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from .base import Payload

WIDEST = 1600
"""Pixels: what platforms show; the largest JPEG rendition of a document is no wider."""


class Photo(Payload):
    id: int
    """Of the picture, for `Account.photo_address`."""
    key: str
    """Names what is to be seen, not its size: a larger rendition that appears later is the same photo."""
    url: str
    """Of the JPEG rendition, for `Account.read_photo`."""
    width: int
    height: int


def document_photos(document: Mapping[str, Any], limit: int) -> tuple[Photo, ...]:
    """The first photos of the document, each as its widest JPEG rendition."""
    return tuple(_photo(item) for item in document["photos"][:limit])


def _photo(item: Mapping[str, Any]) -> Photo:
    sources = sorted(item["sources"]["jpeg"], key=lambda source: source["width"])
    source = next((s for s in reversed(sources) if s["width"] <= WIDEST), sources[0])
    # A rendition is called "<name of the picture>.<size>.<format>"; an exchanged picture gets another name.
    name = PurePosixPath(unquote(urlsplit(source["url"]).path)).name.split(".", 1)[0]
    height = round(source["width"] * item["height"] / item["width"])
    return Photo(id=item["id"], key=f"{item['id']}:{name}", url=source["url"], width=source["width"], height=height)
