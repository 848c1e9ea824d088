"""GET /feeds/<token>/<name>: a channel's file, for the platform that fetches it."""

import ipaddress
import re
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from cms.limits import too_often
from leads.limits import client_ip

from .addresses import feed_by_token
from .entries import feed_adapter, modified_at
from .serving import FeedBroken, OpenFile, Told, open_file, stream

PULLS = ((60, 30),)
"""Seconds, and how often one file may be fetched in them. Platforms come some times a day."""
RETRY_LATER = 300
LONGEST_AGENT = 120
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@require_safe
def feed_file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    feed = feed_by_token(token)
    if feed is None or feed_adapter(feed.channel).file.name != name:
        return _quiet(404)
    wait = too_often("feed", str(feed.pk), PULLS)
    if wait:
        return _quiet(429, wait)
    told = Told(user_agent=_plain(request.headers.get("User-Agent", "")), network=network_of(client_ip(request)))
    try:
        file = open_file(feed)
    except FeedBroken:
        return _quiet(503, RETRY_LATER)
    return _answer(request, file, told)


def network_of(address: str) -> str:
    """Of the caller only so much that one can tell a platform from a stranger."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _answer(request: HttpRequest, file: OpenFile, told: Told) -> HttpResponseBase:
    compressed = bool(TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
    # Compressed it is another file: strong marks must differ.
    etag = f'"{file.feed.version}{"-gzip" if compressed else ""}"'
    modified = modified_at(file.feed)
    response: HttpResponseBase
    known = get_conditional_response(request, etag, modified, None)
    if known is None:
        body: Iterable[bytes] = () if request.method == "HEAD" else stream(file, told, compressed=compressed)
        response = StreamingHttpResponse(body, content_type=feed_adapter(file.feed.channel).file.content_type)
        if compressed:
            response["Content-Encoding"] = "gzip"
    else:
        response = known
        if request.method == "GET":
            told.status = known.status_code
            told.write(file.feed)
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:LONGEST_AGENT]


def _quiet(status: int, retry_after: int = 0) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain; charset=utf-8")
    if retry_after:
        response["Retry-After"] = str(retry_after)
    # Django would write the refused path into the log, and the path is the secret.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
