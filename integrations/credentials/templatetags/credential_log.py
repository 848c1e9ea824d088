"""`{% credential_log channel.credential %}`: what is known of access data and who has used them."""

from typing import Any

from django import template
from django.utils import timezone

from integrations.credentials.events import credential_events
from integrations.credentials.selectors import SOON, credential_info

register = template.Library()


@register.inclusion_tag("credentials/admin/events.html")
def credential_log(reference: str) -> dict[str, Any]:
    info = credential_info(reference)
    left = info.expires_at - timezone.now() if info and info.expires_at else None
    return {
        "info": info,
        "expired": left is not None and left.total_seconds() <= 0,
        "soon": left is not None and left <= SOON,
        "events": credential_events(reference),
    }
