"""What a change affects. Each answer has a constant size: publishing costs the same in any catalogue."""

from collections.abc import Iterable

from wagtail.models import Page

from listings.signals import ListingChange

from .models import Priority

HOME = "/"
CATALOG = "/catalog"
BLOG = "/blog"

# Rendered once per build, beside the addresses that the API lists.
FIXED_ROUTES = ("/404", "/410", "/thanks", "/preview")


def for_listings(changes: Iterable[ListingChange]) -> dict[Priority, set[str]]:
    """The cars' own pages and the two pages that show the newest cars."""
    result: dict[Priority, set[str]] = {}
    for change in changes:
        priority = Priority.BULK if change.bulk else Priority.CLICK
        result.setdefault(priority, {HOME, CATALOG}).add(change.document.path)
    return result


def for_page(page: Page) -> set[str]:
    """A page's own address, and for the blog the lists that show it. Empty: the page has no address."""
    path = page_path(page)
    if path is None:
        return set()
    if path == BLOG or path.startswith(f"{BLOG}/"):
        return {path, BLOG, HOME}
    return {path}


def page_path(page: Page) -> str | None:
    """The address of a Wagtail page on the site, as it is stored: no slash at the end."""
    parts = page.get_url_parts()
    if parts is None or parts[2] is None:
        return None
    return parts[2].rstrip("/") or HOME
