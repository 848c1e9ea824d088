"""The demo's channels: one on each platform that the sandbox imitates.

A new adapter gets a line in `CHANNELS`; `posts.py` says where its posts are seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from cms import outgoing as http
from cms.settings.env import BASE_DIR
from integrations.credentials.store import credential_store
from integrations.marketplaces.registry import all_adapters
from integrations.publications.models import Channel
from integrations.sandbox import (
    avby_push,
    avito,
    facebook,
    instagram,
    meta_catalogue,
    telegram,
    viber,
    vk,
    vk_api,
    webhook_receiver,
)

TOKEN = telegram.TOKEN
CHAT = f"@{telegram.CHATS[0]}"
PER_MINUTE = telegram.PER_MINUTE
"""As generous as the sandbox, so that the demo's cars appear within minutes."""
GENEROUS = 3000
"""Calls a minute where the sandbox does not count."""
PHOTOS = 3
"""Enough to see an album; each photo costs every platform a picture of its own size."""
READ_EVERY = 2
"""Seconds between two looks of the imitated reader of files."""
HERE = "{sandbox}"
"""Stands in `CHANNELS` for SANDBOX_URL."""
AVBY_MAPPING = BASE_DIR / "docs" / "adapters" / "avby_push.example.json"
"""The made-up contract by which the sandbox takes cars."""
VK = {"group_id": vk_api.GROUP, "base_url": f"{HERE}/vk", "post_url": f"{HERE}/vk", "per_minute": PER_MINUTE}


@dataclass(frozen=True)
class DemoChannel:
    """`settings` and `secrets` as a person would type them in; `dialect`: how the sandbox reads the channel's file."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    dialect: str = ""


CHANNELS: Mapping[str, DemoChannel] = {
    "telegram": DemoChannel(
        "Telegram (песочница)",
        {"chat_id": CHAT, "base_url": f"{HERE}/telegram", "post_url": f"{HERE}/telegram", "per_minute": PER_MINUTE},
        {"token": TOKEN},
    ),
    "instagram": DemoChannel(
        "Instagram (песочница)",
        {
            "ig_user_id": instagram.USER,
            "login": "facebook",
            "when_changed": "replace",
            "base_url": f"{HERE}/instagram",
            "per_minute": GENEROUS,
        },
        {"token": instagram.FACEBOOK_TOKEN},
    ),
    "facebook": DemoChannel(
        "Facebook (песочница)",
        {"page_id": facebook.PAGE, "base_url": f"{HERE}/facebook", "per_minute": GENEROUS},
        {"token": facebook.TOKEN},
    ),
    "meta_catalogue": DemoChannel(
        "Каталог Meta (песочница)",
        {"catalog_id": meta_catalogue.CATALOG, "base_url": f"{HERE}/meta_catalogue", "per_minute": GENEROUS},
        {"token": meta_catalogue.TOKEN},
    ),
    "vk_wall": DemoChannel("VK, стена (песочница)", VK, {"token": vk.TOKEN}),
    "vk_market": DemoChannel("VK, товары (песочница)", VK | {"category_id": 1}, {"token": vk.TOKEN}),
    "viber": DemoChannel(
        "Viber (песочница)", {"base_url": f"{HERE}/viber", "per_minute": PER_MINUTE}, {"token": viber.TOKEN}
    ),
    "webhook": DemoChannel(
        "Своя система, вебхук (песочница)",
        {"url": f"{HERE}/webhook/events", "per_minute": GENEROUS},
        {"secret": webhook_receiver.SECRET},
    ),
    "avby_push": DemoChannel(
        "av.by по договору (песочница)",
        {"base_url": f"{HERE}/avby_push/api", "mapping": AVBY_MAPPING.read_text(), "per_minute": GENEROUS},
        {"token": avby_push.TOKEN},
    ),
    "avby": DemoChannel("av.by, файл (песочница)", dialect="autoru"),
    "kufar": DemoChannel("Kufar, файл (песочница)", dialect="autoru"),
    "onliner": DemoChannel("Onliner, файл (песочница)", dialect="autoru"),
    "abw": DemoChannel("abw.by, файл (песочница)", dialect="autoru"),
    "autoru": DemoChannel("auto.ru, файл (песочница)", dialect="autoru"),
    "avito": DemoChannel(
        "Avito, файл (песочница)",
        {"currency": "BYN", "base_url": f"{HERE}/avito"},
        {"client_id": avito.CLIENT_ID, "client_secret": avito.CLIENT_SECRET},
        dialect="avito",
    ),
    "yml": DemoChannel("Яндекс YML (песочница)", {"shop": "Avtofamily", "company": "ООО «Автофэмили»"}, dialect="yml"),
    "meta_feed": DemoChannel("Каталог Meta, файл (песочница)", dialect="meta"),
    "google": DemoChannel("Google, файл (песочница)", {"store_code": "minsk-1"}, dialect="google"),
}


def ensure_demo_channel(adapter: str = "telegram") -> Channel:
    """Makes the channel if it is missing and points it at SANDBOX_URL; may be called again and again."""
    if not settings.SANDBOX_URL:
        raise ValueError("SANDBOX_URL is empty: the demo channel has nowhere to publish.")
    wanted = CHANNELS[adapter]
    known = Channel.objects.filter(name=wanted.name).first()
    reference = known.credential if known else ""
    if wanted.secrets:
        reference = credential_store().put(reference, dict(wanted.secrets), owner=wanted.name)
    values = {"adapter": adapter, "credential": reference, "settings": _pointed_here(wanted.settings)}
    channel, _created = Channel.objects.update_or_create(
        name=wanted.name, defaults=values, create_defaults=values | {"photo_limit": _photo_limit(adapter)}
    )
    return channel


def ensure_demo_channels() -> list[Channel]:
    """One for each platform that both the product and the sandbox have."""
    return [ensure_demo_channel(adapter) for adapter in CHANNELS if adapter in all_adapters()]


def connect_sandbox() -> None:
    """Tells the sandbox, which must be running, where the files are. Raises ValueError if it does not take them."""
    # `feeds` builds on this app.
    from integrations.feeds.addresses import address_of

    files = [
        {"address": address_of(channel), "dialect": CHANNELS[channel.adapter].dialect, "every": READ_EVERY}
        for channel in demo_channels()
        if CHANNELS[channel.adapter].dialect
    ]
    told = http.request("POST", f"{settings.SANDBOX_URL}/__control", json={"feed_reader": {"subscribe": files}})
    if told.status != 200:
        raise ValueError(f"The sandbox does not take the files' addresses: {told.json}")


def demo_channels() -> list[Channel]:
    return list(Channel.objects.filter(name__in=[channel.name for channel in CHANNELS.values()]))


def _pointed_here(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace(HERE, settings.SANDBOX_URL) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _photo_limit(adapter: str) -> int | None:
    return PHOTOS if adapter in {"instagram", "facebook", "vk_wall", "vk_market"} else None
