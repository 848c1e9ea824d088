"""What a change affects. Listings have a constant answer: publishing a car costs the same in any catalogue."""

from collections.abc import Iterable, Iterator

from cms.pages.models import SiteSettings
from cms.pages.paths import affected_paths, all_page_paths, paths_showing_listings
from cms.pages.signals import PageChange
from listings.models import PublishedListing
from listings.signals import ListingChange

from .models import Priority

CATALOG = "/catalog"

# Rendered with each full build, beside the addresses that the API lists.
FIXED_ROUTES = ("/", CATALOG, "/404", "/410", "/thanks", "/preview")


def all_addresses() -> Iterator[str]:
    """Every address that visitors may open and link to: pages, the catalogue, cars."""
    yield from all_page_paths()
    yield CATALOG
    for slug in PublishedListing.objects.public().order_by("pk").values_list("slug", flat=True).iterator():
        yield f"/cars/{slug}"


def for_listings(changes: Iterable[ListingChange]) -> dict[Priority, set[str]]:
    """The cars' own pages, the catalogue and the pages with a block of newest cars."""
    result: dict[Priority, set[str]] = {}
    shown = {CATALOG, *paths_showing_listings()}
    for change in changes:
        priority = Priority.BULK if change.bulk else Priority.CLICK
        result.setdefault(priority, set(shown)).add(change.document.path)
    return result


def for_pages(changes: Iterable[PageChange]) -> dict[Priority, set[str]]:
    """The pages themselves at once; lists and pages that show something of them follow."""
    own: set[str] = set()
    around: set[str] = set()
    for change in changes:
        first, *others = affected_paths(change.document)
        own.add(first)
        around.update(others)
    return {Priority.CLICK: own, Priority.BULK: around - own}


def left_addresses(changes: Iterable[PageChange]) -> set[str]:
    """Where moved pages stood. Pages below them are changes of their own."""
    return {change.previous_path for change in changes if change.previous_path}


def change_navigation(changes: Iterable[PageChange]) -> bool:
    """Whether a page came, went or moved that the navigation of all pages leads to."""
    ids = {change.document.page_id for change in changes if change.kind != "updated" or change.previous_path}
    if not ids:
        return False
    settings = SiteSettings.objects.filter(site__is_default_site=True).first()
    return bool(settings and ids & {item["link"].get("page") for item in settings.navigation_items()})
