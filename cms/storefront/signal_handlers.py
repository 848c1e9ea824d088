"""Hears what changed and marks the addresses that show it, in the same transaction."""

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.contrib.redirects.models import Redirect

from cms.pages.signals import PageChange, page_changed, site_changed
from listings.models import (
    CarModel,
    City,
    Dealer,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Generation,
    Make,
    PaymentType,
)
from listings.signals import ListingChange, listing_changed

from . import routes
from .models import Priority
from .queue import mark_dirty, mark_whole_site

# Looked up when a page is rendered, and so shown without any document changing.
SHOWN_EVERYWHERE = (Equipment, EquipmentGroup, PaymentType, ExchangeRate)

# The catalogue's filters list them. Cars that show them come back to us as changed listings.
SHOWN_IN_FILTERS = (Make, CarModel, Generation, City, Dealer)

# Wagtail writes the redirect of a moved page a moment after the page: the old address is looked at after that.
REDIRECT_DELAY = timedelta(seconds=3)


@receiver(listing_changed, dispatch_uid="storefront")
def listings_changed(changes: list[ListingChange], **kwargs: Any) -> None:
    for priority, paths in routes.for_listings(changes).items():
        mark_dirty(paths, priority)


@receiver(page_changed, dispatch_uid="storefront")
def pages_changed(changes: list[PageChange], **kwargs: Any) -> None:
    for priority, paths in routes.for_pages(changes).items():
        mark_dirty(paths, priority)
    mark_dirty(routes.left_addresses(changes), wait=REDIRECT_DELAY)
    if routes.change_navigation(changes):
        mark_whole_site()


@receiver(site_changed, dispatch_uid="storefront")
def everything_changed(**kwargs: Any) -> None:
    mark_whole_site()


@receiver([post_save, post_delete], dispatch_uid="storefront")
def row_changed(sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Rows that pages show by looking them up. Fixtures (`raw`) come before the site is built."""
    if raw:
        return
    if issubclass(sender, SHOWN_EVERYWHERE):
        mark_whole_site()
    elif issubclass(sender, SHOWN_IN_FILTERS):
        mark_dirty([routes.CATALOG], Priority.BULK)
    elif isinstance(instance, Redirect):
        mark_dirty([instance.old_path])
