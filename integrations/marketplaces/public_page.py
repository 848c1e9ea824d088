"""Reads from an ad's public page whether the ad is up: slowly, honestly, and never more than the page says.

Only the answer's code and its headings count. A page that asks for a captcha says nothing, and nobody solves it.
"""

import re
import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from cms import outgoing as http
from cms.limits import too_often

from .base import RateLimited, RetryLater, Seen

SECONDS_BETWEEN = 3
"""Between two pages of one host, whoever asks: as a person would browse."""
PATIENCE = 10.0
"""Seconds that one question waits for its turn."""
READ_TIMEOUT = 20.0
MAX_RETRY_AFTER = 3600.0
GONE = (404, 410)
NOT_FOUND = re.compile(r"\bне\s+найден[аоы]?\b", re.IGNORECASE)
ROBOT_CHECK = re.compile(r"captcha|капч|не робот|are you human|доступ ограничен", re.IGNORECASE)


def look(address: str) -> Seen:
    """404, 410 or "не найден" as the page's heading: removed; 200: live; anything else: unknown.

    Raises RetryLater and RateLimited.
    """
    _wait_for_turn(urlsplit(address).hostname or "")
    try:
        answer = http.get(address, headers={"Accept-Language": "ru"}, read_timeout=READ_TIMEOUT)
    except http.HttpProblem as problem:
        if str(problem) == "AnswerTooLarge":
            return Seen("unknown", _("The ad's page is too large to be read."))
        raise RetryLater(_("The platform's site does not answer.")) from None
    if answer.status == 429:
        raise RateLimited(_pause(answer.headers.get("retry-after", "")), _("The platform's site asks for a pause."))
    if answer.status in GONE:
        return Seen("removed", _("The ad's address answers %(status)d.") % {"status": answer.status})
    if answer.status != 200:
        return Seen("unknown", _("The ad's address answers %(status)d.") % {"status": answer.status})
    return _read(answer.body.decode("utf-8", "replace"))


def _read(page: str) -> Seen:
    headings = _Headings()
    try:
        headings.feed(page)
    except AssertionError:
        # The standard parser's way to say that a declaration is none.
        return Seen("unknown", _("The ad's page cannot be read."))
    text = " ".join("".join(headings.parts).split())
    if ROBOT_CHECK.search(text):
        return Seen("unknown", _("The platform's site wants to know whether we are a person."))
    if NOT_FOUND.search(text):
        return Seen("removed", _("The ad's page says that it was not found."))
    return Seen("live", _("The ad's page is there."))


def _wait_for_turn(host: str) -> None:
    """One page of a host in so many seconds, counted over all workers. Raises RateLimited."""
    until = time.monotonic() + PATIENCE
    while too_often("public_page", host, ((SECONDS_BETWEEN, 1),)):
        if time.monotonic() >= until:
            raise RateLimited(SECONDS_BETWEEN, _("Others are looking at this site just now."))
        time.sleep(0.2)


def _pause(text: str) -> float:
    return min(float(text), MAX_RETRY_AFTER) if text.isascii() and text.isdigit() else 60.0


class _Headings(HTMLParser):
    """What stands in <title> and <h1>: elsewhere a live page may well say "nothing found"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"title", "h1"}:
            self._inside += 1
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"title", "h1"}:
            self._inside = max(0, self._inside - 1)

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.parts.append(data)
