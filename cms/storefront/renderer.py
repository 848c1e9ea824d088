"""The internal Nuxt renderer: one address in, one finished page (or its absence) out."""

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import quote, unquote

import httpx

# A page takes 5-30 ms; ten seconds mean that something is wrong. A batch of
# four such pages in a row still ends within the lease (queue.LEASE).
TIMEOUT = httpx.Timeout(10, connect=2)

# The largest page measured is below 300 kB; more is not a page of ours.
MAX_PAGE_BYTES = 5 * 1024 * 1024

MARKER = re.compile(r'<meta\s+name="avtofamily-page"\s+content="([^"]*)"')

# What every site has. "Not found" for one of these is a broken renderer and never a reason to delete.
REQUIRED = frozenset({"/", "/catalog", "/404", "/410", "/thanks", "/preview"})

# These pages may be sent with the status that they describe.
OWN_STATUS = {"/404": 404, "/410": 410}

REDIRECT_PAGE = (
    '<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Страница переехала</title>'
    '<meta http-equiv="refresh" content="0; url={url}"><link rel="canonical" href="{url}">'
    '<meta name="robots" content="noindex"></head><body><a href="{url}">Страница переехала</a></body></html>'
)


class RenderError(Exception):
    """The page could not be made now; the message says why in a few words."""


@dataclass(frozen=True)
class Rendered:
    """`page`: these bytes; `gone`: was here and is not any more (410); `missing`: never was (404)."""

    kind: Literal["page", "gone", "missing"]
    body: bytes = b""


@cache
def client(renderer_url: str) -> httpx.Client:
    """One pool of connections for the process: a new one costs 30 ms, as much as several pages.

    Redirects are answers here and not followed; proxies of the environment are not used.
    """
    return httpx.Client(base_url=renderer_url, timeout=TIMEOUT, follow_redirects=False, trust_env=False)


def render(http: httpx.Client, path: str) -> Rendered:
    """Fetches one address and believes it only with the right status and the page's own marker."""
    try:
        response = http.get(quote(path))
    except (httpx.HTTPError, httpx.InvalidURL) as error:  # InvalidURL: in a Location header
        raise RenderError(f"no good answer from the renderer ({type(error).__name__})") from error
    status = response.status_code
    if status in (301, 302, 307, 308):
        return _redirect(response)
    if status in (404, 410) and path not in REQUIRED:
        return Rendered("gone" if status == 410 else "missing")
    if status != 200 and status != OWN_STATUS.get(path):
        raise RenderError(f"renderer answered {status}")
    body = response.content
    if len(body) > MAX_PAGE_BYTES:
        raise RenderError(f"page of {len(body)} bytes is too large")
    if _marker(body) != path:
        raise RenderError("page without its marker")
    return Rendered("page", body)


def _marker(body: bytes) -> str | None:
    found = MARKER.search(body.decode("utf-8", errors="replace"))
    return unquote(html.unescape(found[1])) if found else None


def _redirect(response: httpx.Response) -> Rendered:
    """A static host knows no redirect rules of ours: a page that sends on works everywhere."""
    location = response.headers.get("location", "")
    if not re.match(r"/(?!/)|https?://", location):
        raise RenderError("redirect to an odd address")
    return Rendered("page", REDIRECT_PAGE.format(url=html.escape(location)).encode())
