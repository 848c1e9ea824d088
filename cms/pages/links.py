"""Addresses on the site: where a page stands, and which addresses are safe."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site

MAX_PATH = 500
"""Longer addresses break in mail programs and messengers."""

# No space, control character, backslash or "<": browsers read "/\host" as "//host".
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\<>\"'\x00-\x1f\x7f]*")

Place = tuple[int, str]
"""Site id and path."""


def is_local_path(value: str) -> bool:
    """Whether a browser that follows the value stays on the site."""
    return len(value) <= MAX_PATH and _LOCAL_PATH.fullmatch(value) is not None


def validate_link(value: str) -> None:
    """A path of the site, or a full https address."""
    parts = urlsplit(value)
    if not is_local_path(value) and not (parts.scheme == "https" and parts.hostname and not re.search(r"\s", value)):
        raise ValidationError(
            _("Enter an address of this site that starts with “/”, such as /catalog, or a full one with https://."),
            code="link",
        )


def site_roots() -> list[Place]:
    """Site id and the tree path of its home page; the default site first."""
    roots = Site.objects.order_by("-is_default_site", "pk").values_list("pk", "root_page__url_path")
    return [(pk, path) for pk, path in roots if path]


def site_place(url_path: str, roots: list[Place]) -> Place | None:
    """Where a page of this tree path is seen: its site, and its address there without a closing slash."""
    for site_id, root in roots:
        if url_path.startswith(root):
            return site_id, "/" + url_path[len(root) :].rstrip("/")
    return None


def page_path(page: Page | None) -> str | None:
    """The page's address on its site, or None for a page that visitors cannot open."""
    if page is None or not page.live:
        return None
    place = site_place(page.url_path, site_roots())
    return place[1] if place else None
