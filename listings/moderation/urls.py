"""Addresses of moderation, its place in the menu and its panels on the home page."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from .home import QueuePanel, ReturnedPanel
from .queue import QueueView, ReviewView, waiting_states

urlpatterns: list[URLPattern] = [
    path("listings/moderation/", QueueView.as_view(), name="listing_moderation"),
    path("listings/moderation/<int:pk>/", ReviewView.as_view(), name="listing_review"),
]


def may_moderate(user: Any) -> bool:
    return bool(user.has_perm("listings.publish_listing"))


class ModerationMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)


def menu_item() -> MenuItem:
    return ModerationMenuItem(
        _("Moderation"), reverse_lazy("listing_moderation"), name="moderation", icon_name="tasks", order=105
    )


def add_home_panels(request: HttpRequest, panels: list[Component]) -> None:
    """For the hook `construct_homepage_panels`."""
    if may_moderate(request.user):
        panels.append(QueuePanel(waiting_states()))
    elif request.user.has_perm("listings.change_listing"):
        panels.append(ReturnedPanel(request.user))  # type: ignore[arg-type]
