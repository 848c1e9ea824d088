"""Addresses of the site: one spelling of each, and none that could leave the site's folder."""

import unicodedata
from urllib.parse import unquote

from .models import PATH_LENGTH

# File systems allow 255 bytes in a name; the rest is for suffixes of temporary files.
MAX_SEGMENT_BYTES = 200

# Served from other places than rendered pages; a page there would be unreachable or overwrite assets.
RESERVED_FIRST_SEGMENTS = frozenset({"_nuxt", "api", "media"})


class UnsafePath(ValueError):
    """An address that cannot become a file of the site."""


def normalise(path: str) -> str:
    """The stored spelling: decoded, NFC, no query, no slash at the end. Raises UnsafePath."""
    path = unicodedata.normalize("NFC", unquote(path.split("?", 1)[0].split("#", 1)[0]))
    path = path.rstrip("/") or "/"
    if not path.startswith("/") or len(path) > PATH_LENGTH:
        raise UnsafePath(f"Not an address of the site: {path[:80]!r}")
    if path == "/":
        return path
    segments = path[1:].split("/")
    for segment in segments:
        _check_segment(segment, path)
    if segments[0] in RESERVED_FIRST_SEGMENTS:
        raise UnsafePath(f"Reserved address: {path[:80]!r}")
    return path


def _check_segment(segment: str, path: str) -> None:
    hidden_or_parent = not segment or segment.startswith(".")
    odd = "\\" in segment or any(unicodedata.category(character)[0] == "C" for character in segment)
    if hidden_or_parent or odd or len(segment.encode()) > MAX_SEGMENT_BYTES:
        raise UnsafePath(f"Not an address of the site: {path[:80]!r}")
