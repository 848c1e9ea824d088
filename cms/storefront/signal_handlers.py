"""Hears what changed and marks the addresses that show it, in the same transaction."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from listings.models import Equipment, EquipmentGroup, PaymentType
from listings.signals import ListingChange, listing_changed

from . import routes
from .models import Priority, PublishedRoute, RouteState
from .queue import mark_dirty, mark_whole_site

# Their names are looked up when a page is rendered. Names that are part of a car's document (make, city,
# dealer) come back to us as changed listings.
LABELS = (Equipment, EquipmentGroup, PaymentType)


def on_listings(sender: object, changes: list[ListingChange], **kwargs: Any) -> None:
    for priority, paths in routes.for_listings(changes).items():
        mark_dirty(paths, priority)


def on_page(sender: object, instance: Page, **kwargs: Any) -> None:
    paths = routes.for_page(instance)
    mark_dirty(paths)
    if routes.BLOG in paths:
        # Numbered lists and the "more posts" of other posts: as many as the blog has, and not urgent.
        mark_dirty(_live_below(routes.BLOG), Priority.BULK)


def on_slug_changed(sender: object, instance: Page, instance_before: Page, **kwargs: Any) -> None:
    _moved(instance_before, instance)


def on_page_moved(sender: object, instance: Page, url_path_before: str, url_path_after: str, **kwargs: Any) -> None:
    if url_path_before != url_path_after:
        before = Page(pk=instance.pk, url_path=url_path_before)
        _moved(before, instance)


def _moved(before: Page, after: Page) -> None:
    """The old address and the new one, with all that lies below the old."""
    old_path = routes.page_path(before)
    mark_dirty(routes.for_page(after) | ({old_path} if old_path else set()))
    new_path = routes.page_path(after)
    if old_path and new_path and old_path != routes.HOME:
        below = _live_below(old_path)
        mark_dirty(below + [new_path + path.removeprefix(old_path) for path in below], Priority.BULK)


def _live_below(path: str) -> list[str]:
    live = PublishedRoute.objects.filter(state=RouteState.LIVE, path__startswith=f"{path}/")
    return list(live.values_list("path", flat=True))


def on_saved_or_deleted(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Settings of the site and labels are on every page; a redirect changes the answer of its old address."""
    if kwargs.get("raw"):
        return  # fixtures: the site is built afterwards
    if issubclass(sender, (*LABELS, BaseSiteSetting, BaseGenericSetting)):
        mark_whole_site()
    elif isinstance(instance, Redirect):
        mark_dirty([instance.old_path])


def connect() -> None:
    """Called once, when the app is ready."""
    listing_changed.connect(on_listings, dispatch_uid="storefront")
    page_published.connect(on_page, dispatch_uid="storefront")
    page_unpublished.connect(on_page, dispatch_uid="storefront")
    page_slug_changed.connect(on_slug_changed, dispatch_uid="storefront")
    post_page_move.connect(on_page_moved, dispatch_uid="storefront")
    post_save.connect(on_saved_or_deleted, dispatch_uid="storefront")
    post_delete.connect(on_saved_or_deleted, dispatch_uid="storefront")
