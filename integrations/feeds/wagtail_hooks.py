"""What files for platforms add to the Wagtail admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from .admin import views


@hooks.register("register_admin_urls")
def register_pages() -> list[URLPattern]:
    return [
        path("channels/<int:pk>/feed/exchange/", views.exchange, name="channel_feed_exchange"),
        path("channels/<int:pk>/feed/announce/", views.announce, name="channel_feed_announce"),
        path("channels/<int:pk>/feed/preview/", views.preview, name="channel_feed_preview"),
        path("channels/<int:pk>/feed/check/", views.FeedCheckPage.as_view(), name="channel_feed_check"),
        path("publications/<int:pk>/feed/seen/", views.seen_there, name="publication_seen_there"),
    ]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, label in {
        "exchange_address": _("The address of the file exchanged"),
        "seen_there": _("Seen on the platform"),
    }.items():
        actions.register_action(f"feeds.{name}", label, label)
