"""`{% publishing_stopped %}`: who has stopped all channels, since when and why. Nothing while they work."""

from typing import Any

from django import template

from integrations.publications.pausing import master_switch

register = template.Library()


@register.inclusion_tag("publications/admin/stopped.html", takes_context=True)
def publishing_stopped(context: Any) -> dict[str, Any]:
    user = context["request"].user
    return {"switch": master_switch(), "may_switch": user.has_perm("publications.change_channel")}
