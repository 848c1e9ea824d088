"""No secret reaches a log, whoever writes the line.

Every value that a store hands out is known here from then on, in each spelling that libraries write it in. A factory
of log records covers them up before any handler or formatter sees the record: in the message, and in the text of the
exception. Libraries that quote what they send and receive are silent below WARNING, even if somebody sets them loose.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import takewhile
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
from pydantic import SecretStr

COVER = "**********"
SHORTEST = 6
"""Characters below which a value is not searched for: it would be found in every other word, and hides nothing."""
ENOUGH = 12
"""Characters of its beginning by which a value is recognised, as texts are cut off somewhere."""
KEPT = 3
"""Versions of one credential that stay known: for a while lines still speak of the one that was exchanged."""
QUOTING = {"boto3", "botocore", "hvac", "httpcore", "httpx", "requests", "s3transfer", "urllib3"}
"""Their lower lines hold whole addresses, headers and bodies."""

_plain_format = logging.Formatter()


class Redactor:
    """What must not be seen, by the reference that it belongs to."""

    def __init__(self) -> None:
        self._known: dict[str, list[frozenset[str]]] = {}
        self._spellings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._known)} credentials>"

    def learn(self, reference: str, secrets: Iterable[SecretStr]) -> None:
        new = frozenset(spelling for secret in secrets for spelling in _spellings(secret.get_secret_value()))
        versions = self._known.setdefault(reference, [])
        if not new or new in versions:
            return
        versions.append(new)
        del versions[:-KEPT]
        found = {spelling for sets in list(self._known.values()) for each in sets for spelling in each}
        # Longest first: the whole value goes before a part of it does.
        self._spellings = tuple(sorted(found, key=len, reverse=True))

    def scrub(self, text: str) -> str:
        """The text with every known secret covered."""
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, COVER)
        for spelling in self._spellings:
            # Somebody may have cut it off.
            start = text.find(spelling[:ENOUGH])
            while start >= 0:
                end = start + _length_of_match(text, start, spelling)
                text = text[:start] + COVER + text[end:]
                start = text.find(spelling[:ENOUGH], start + len(COVER))
        return text

    def cover(self, record: logging.LogRecord) -> None:
        """Changes the record in place, and only where there is something to hide."""
        if record.levelno < logging.WARNING and record.name.partition(".")[0] in QUOTING:
            record.msg, record.args = "(not logged: it may quote secrets)", ()
            return
        if not self._spellings:
            return
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # Its arguments do not fit: whoever formats it will say so, and quote all of it.
            record.args, record.msg = (), self.scrub(f"{record.msg} {record.args}")
        else:
            scrubbed = self.scrub(message)
            if scrubbed != message:
                record.msg, record.args = scrubbed, ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = self.scrub(_plain_format.formatException(record.exc_info))


def _length_of_match(text: str, start: int, spelling: str) -> int:
    pairs = zip(text[start : start + len(spelling)], spelling, strict=False)
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _spellings(value: str) -> set[str]:
    """The value as it is, in addresses, in JSON, and in Base64."""
    if len(value) < SHORTEST:
        return set()
    found = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
    with suppress(httpx.InvalidURL):
        found.add(httpx.URL(f"https://platform.example/{value}").raw_path.decode().removeprefix("/"))
    return found | {base64.b64encode(value.encode()).decode().rstrip("=")}


redactor = Redactor()
scrub = redactor.scrub


def install() -> None:
    """Puts the redactor between whoever logs and whoever listens. Once; further calls change nothing."""
    for name in QUOTING:
        logging.getLogger(name).setLevel(logging.WARNING)
    make = logging.getLogRecordFactory()
    if not isinstance(make, _Factory):
        logging.setLogRecordFactory(_Factory(make))


class _Factory:
    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        redactor.cover(record)
        return record
