"""What watching the platforms adds to the Wagtail admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from .admin import buttons, channel, home, reports

hooks.register("construct_homepage_panels", home.add_home_panel)
hooks.register("register_reports_menu_item", reports.drift_item)
hooks.register("register_reports_menu_item", reports.checks_item)


@hooks.register("register_admin_urls")
def register_pages() -> list[URLPattern]:
    drift, checks = reports.DriftReport, reports.CheckReport
    return [
        path("channels/<int:pk>/events/", channel.ChannelWatchPage.as_view(), name="monitoring_channel"),
        path("channels/<int:pk>/events/connect/", channel.connect_events, name="monitoring_connect"),
        path("channels/<int:pk>/events/republish/", channel.choose_republishing, name="monitoring_republish"),
        path("reports/differences/", drift.as_view(), name="monitoring_drift"),
        path("reports/differences/results/", drift.as_view(results_only=True), name="monitoring_drift_results"),
        path("reports/seen/", checks.as_view(), name="monitoring_checks"),
        path("reports/seen/results/", checks.as_view(results_only=True), name="monitoring_checks_results"),
        path("publications/<int:pk>/stays/<slug:verb>/", buttons.decide, name="monitoring_decide"),
    ]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, label in {
        "connect": _("Events of the platform switched on"),
        "republish": _("Publishing again of removed posts changed"),
        "withdraw_again": _("Withdrawn once more"),
        "removed_by_hand": _("Confirmed that the post was removed"),
    }.items():
        actions.register_action(f"monitoring.{name}", label, label)
