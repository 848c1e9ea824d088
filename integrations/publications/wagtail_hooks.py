"""What publications add to the Wagtail admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from listings.permissions import DealerRowPolicy

from .admin import views
from .admin.text_preview import preview_text
from .admin.viewsets import ChannelGroup
from .models import Publication
from .places import channel_places
from .switchboard import Switchboard

register_permission_policy(
    Publication, DealerRowPolicy(Publication, "document__listing__dealer", "document__listing__agent")
)
hooks.register("register_listing_places", channel_places)
hooks.register("register_listing_channels", Switchboard)


@hooks.register("register_admin_viewset")
def register_viewsets() -> ChannelGroup:
    return ChannelGroup()


@hooks.register("register_admin_urls")
def register_buttons() -> list[URLPattern]:
    return [
        path("publications/<int:pk>/decide/<slug:verb>/", views.decide, name="publications_decide"),
        path("channels/<slug:adapter>/preview-text/", preview_text, name="publications_preview_text"),
        path("channels/<int:pk>/check/", views.check_channel, name="publications_check_channel"),
        path("channels/<int:pk>/publish-existing/", views.publish_existing, name="publications_publish_existing"),
    ]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, label in {
        "confirm": _("Confirmed that the post is in the channel"),
        "missing": _("Confirmed that the post is not in the channel"),
        "by_hand": _("Done by hand in the channel"),
        "retry": _("Tried again"),
        "anew": _("Published again"),
        "publish_existing": _("Existing cars sent to the channel"),
    }.items():
        actions.register_action(f"publications.{name}", label, label)
