"""What publications add to the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import register_permission_policy

from listings.permissions import DealerRowPolicy

from .admin import bulk_actions, campaigns, planning, schedule, switch, views
from .admin.text_preview import preview_text
from .admin.viewers import ForViewers
from .admin.viewsets import ChannelGroup
from .models import Publication
from .places import channel_places
from .switchboard import Switchboard

register_permission_policy(
    Publication, DealerRowPolicy(Publication, "document__listing__dealer", "document__listing__agent")
)
hooks.register("register_listing_places", channel_places)
hooks.register("register_listing_channels", Switchboard)
hooks.register("construct_homepage_panels", switch.add_home_panel)
hooks.register("register_listing_links", planning.plan_link)
hooks.register("register_bulk_action", planning.PlanAction)
bulk_actions.register()


@hooks.register("register_admin_viewset")
def register_viewsets() -> ChannelGroup:
    return ChannelGroup()


@hooks.register("register_admin_urls")
def register_buttons() -> list[URLPattern]:
    return [
        path("schedule/", schedule.SchedulePage.as_view(), name="publications_schedule"),
        path("campaigns/", campaigns.CampaignsPage.as_view(), name="publications_campaigns"),
        path("campaigns/<int:pk>/", campaigns.CampaignPage.as_view(), name="publications_campaign"),
        path("campaigns/<int:pk>/stop/", campaigns.stop_campaign, name="publications_stop_campaign"),
        path("campaigns/entries/<int:pk>/<slug:verb>/", campaigns.change_entry, name="publications_change_entry"),
        path("channels/stop-all/", switch.SwitchPage.as_view(), name="publications_switch"),
        path("publications/<int:pk>/decide/<slug:verb>/", views.decide, name="publications_decide"),
        path("channels/<slug:adapter>/preview-text/", preview_text, name="publications_preview_text"),
        path("channels/<int:pk>/check/", views.check_channel, name="publications_check_channel"),
        path("channels/<int:pk>/publish-existing/", views.publish_existing, name="publications_publish_existing"),
    ]


class ForChannelKeepers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("publications.change_channel"))


@hooks.register("register_channels_menu_item")
def campaigns_item() -> MenuItem:
    url = reverse_lazy("publications_campaigns")
    return ForViewers(_("Campaigns"), url, name="campaigns", icon_name="date", order=50)


@hooks.register("register_channels_menu_item")
def schedule_item() -> MenuItem:
    url = reverse_lazy("publications_schedule")
    return ForViewers(_("Schedule"), url, name="schedule", icon_name="calendar-alt", order=60)


@hooks.register("register_channels_menu_item")
def switch_item() -> MenuItem:
    url = reverse_lazy("publications_switch")
    return ForChannelKeepers(_("Stop all channels"), url, name="stop-all-channels", icon_name="warning", order=90)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, label in {
        "confirm": _("Confirmed that the post is in the channel"),
        "missing": _("Confirmed that the post is not in the channel"),
        "by_hand": _("Done by hand in the channel"),
        "retry": _("Tried again"),
        "anew": _("Published again"),
        "withdraw": _("Withdrawn by a person"),
        "skip": _("Left out of the channel"),
        "put_back": _("Put back into the channel"),
        "post_again": _("To be published anew"),
        "posted_by_hand": _("Published by hand"),
        "removed_by_hand": _("Removed by hand"),
        "stop_all": _("All channels stopped"),
        "start_all": _("All channels switched on again"),
        "stop_campaign": _("Campaign stopped"),
        "move_entry": _("Publication moved to another time"),
        "drop_entry": _("Publication dropped from the campaign"),
        "pause": _("Channel paused by hand"),
        "resume": _("Channel resumed by hand"),
        "publish_existing": _("Existing cars sent to the channel"),
    }.items():
        actions.register_action(f"publications.{name}", label, label)
