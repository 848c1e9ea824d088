"""The row "Site" of the panel that says where a listing can be seen."""

from django.conf import settings
from django.utils.translation import pgettext

from listings.models import Listing, PublishedListing
from listings.places import Place

from .models import DirtyRoute, PublishedRoute, RouteState


def site_places(listing: Listing) -> list[Place]:
    """Nothing for a listing that has never been published: it has no address yet."""
    document = PublishedListing.objects.filter(listing=listing).first()
    if document is None:
        return []
    return [site_place(document)]


def site_place(document: PublishedListing) -> Place:
    """What is on the site now, and what is about to change."""
    waiting = DirtyRoute.objects.filter(path=document.path).first()
    live = PublishedRoute.objects.filter(path=document.path).first()
    is_live = live is not None and live.state == RouteState.LIVE
    url = settings.SITE_URL + document.path if is_live else ""
    name = pgettext("site", "Site")
    if waiting and waiting.error:
        detail = pgettext(
            "site", "The page could not be updated. It is tried again by itself; if this stays, tell the administrator."
        )
        return Place(name, pgettext("site", "error"), "bad", url, waiting.marked_at, detail)
    if waiting and document.is_public:
        label = (
            pgettext("site", "being updated") if is_live else pgettext("site", "waiting: on the site in a few seconds")
        )
        return Place(name, label, "waiting", url, waiting.marked_at)
    if waiting:
        return Place(name, pgettext("site", "being taken off the site"), "waiting", url, waiting.marked_at)
    if is_live and live:
        return Place(name, pgettext("site", "on the site"), "good", url, live.since)
    if document.is_public:
        return Place(name, pgettext("site", "waiting: the site is being built"), "waiting")
    return Place(name, pgettext("site", "taken off the site"), "off", at=live.since if live else document.removed_at)
