"""`{% channel_feed channel %}` on a channel's page: its file. `{% seen_there publication %}` on a car's: "I saw it"."""

from typing import Any

from django import template

from integrations.feeds.entries import is_feed
from integrations.feeds.panel import feed_panel
from integrations.publications.actions import may_change
from integrations.publications.models import Channel, Publication

register = template.Library()


@register.inclusion_tag("feeds/admin/channel_feed.html", takes_context=True)
def channel_feed(context: Any, channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel,
        "panel": feed_panel(channel, context["request"].user),
        "may_change": context["request"].user.has_perm("publications.change_channel"),
    }


@register.inclusion_tag("feeds/admin/seen_there.html", takes_context=True)
def seen_there(context: Any, publication: Publication) -> dict[str, Any]:
    """For cars that stand in a file, and people who may change them."""
    in_file = is_feed(publication.channel) and publication.has_post
    return {"row": publication, "asks": in_file and may_change(publication, context["request"].user)}
