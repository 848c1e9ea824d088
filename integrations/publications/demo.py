"""The demo's channel: Telegram as the sandbox imitates it."""

from django.conf import settings

from integrations.credentials.store import credential_store

from .models import Channel

NAME = "Telegram (песочница)"
TOKEN = "100200300:AAsandbox-of-avtofamily-demo-00001"  # noqa: S105  opens only the local sandbox
CHAT = "@avtofamily_demo"
PER_MINUTE = 600
"""As generous as the sandbox starts by default, so that the demo's cars appear within a minute."""


def ensure_demo_channel() -> Channel:
    """Makes the channel if it is missing and points it at SANDBOX_URL; may be called again and again."""
    if not settings.SANDBOX_URL:
        raise ValueError("SANDBOX_URL is empty: the demo channel has nowhere to publish.")
    known = Channel.objects.filter(name=NAME).first()
    reference = credential_store().put(known.credential if known else "", {"token": TOKEN}, owner=NAME)
    values = {
        "adapter": "telegram",
        "credential": reference,
        "settings": {
            "chat_id": CHAT,
            "base_url": f"{settings.SANDBOX_URL}/telegram",
            "post_url": f"{settings.SANDBOX_URL}/telegram",
            "per_minute": PER_MINUTE,
        },
    }
    channel, _created = Channel.objects.update_or_create(name=NAME, defaults=values)
    return channel
