"""What all API answers share: problem+json errors (RFC 9457), entity tags, caching."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

PUBLIC_CACHE = "public, max-age=0, must-revalidate"
"""Readers may keep an answer but ask whether it still holds: a price must not be old on one page and new on another."""


def problem(
    status: int, title: str, *, detail: str = "", errors: Mapping[str, Sequence[str]] | None = None
) -> HttpResponse:
    """An error as application/problem+json. `errors`: field to messages, for people to read."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [{"field": name, "message": text} for name, texts in errors.items() for text in texts]
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json; charset=utf-8"
    )


class ProblemError(Exception):
    """Ends a request with a problem, from wherever it is found."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def not_found() -> HttpResponse:
    return problem(404, _("Not found"), detail=_("There is nothing at this address."))


def gone() -> HttpResponse:
    return problem(410, _("Withdrawn"), detail=_("This was here and has been withdrawn."))


def json_response(body: str | Mapping[str, Any], *, cache_control: str = PUBLIC_CACHE) -> HttpResponse:
    """JSON with the characters as they are. A string is sent as it is: it is JSON already."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = cache_control
    return response


def tagged(request: HttpRequest, tag: str, build: Callable[[], HttpResponse]) -> HttpResponse:
    """Answers 304 without building anything if the reader has this version already."""
    etag = f'W/"{hashlib.sha256(tag.encode()).hexdigest()[:24]}"'
    known = {value.strip() for value in request.headers.get("If-None-Match", "").split(",")}
    response = HttpResponse(status=304) if etag in known else build()
    if response.status_code in (200, 304):
        response["ETag"] = etag
        response["Cache-Control"] = PUBLIC_CACHE
        patch_vary_headers(response, ["Accept-Encoding"])
    return response


def tagged_by_content(request: HttpRequest, body: Mapping[str, Any]) -> HttpResponse:
    """For answers that are cheap to build and have no version: the tag is made of the text."""
    response = json_response(body)
    return tagged(request, response.content.decode(), lambda: response)
