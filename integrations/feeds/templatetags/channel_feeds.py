"""`{% channel_feed channel %}`: the file of a channel, on the channel's page."""

from typing import Any

from django import template

from integrations.feeds.panel import feed_panel
from integrations.publications.models import Channel

register = template.Library()


@register.inclusion_tag("feeds/admin/channel_feed.html", takes_context=True)
def channel_feed(context: Any, channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel,
        "panel": feed_panel(channel, context["request"].user),
        "may_change": context["request"].user.has_perm("publications.change_channel"),
    }
