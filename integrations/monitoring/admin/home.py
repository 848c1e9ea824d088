"""Channels in trouble, on the admin's home page."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.ui.components import Component

from integrations.monitoring.models import Alert
from integrations.monitoring.visibility import visible_channels

SHOWN = 10


class AlertsPanel(Component):
    """Nothing at all while everything works. One query."""

    name = "alerts"
    order = 20
    template_name = "monitoring/home_alerts.html"

    def __init__(self, alerts: list[Alert]) -> None:
        self.alerts = alerts

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"alerts": self.alerts[:SHOWN], "more": len(self.alerts) > SHOWN}


def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For the hook `construct_homepage_panels`: for who may see the channels."""
    rows = Alert.objects.open().filter(channel__in=visible_channels(request.user)).select_related("channel")
    if alerts := list(rows[: SHOWN + 1]):
        panels.append(AlertsPanel(alerts))
