"""Marketplaces: one adapter per file.

A file of ours is named in `OURS`; another package names its module under the entry point `avtofamily.marketplaces`.
"""

from importlib import import_module
from importlib.metadata import entry_points

ENTRY_POINTS = "avtofamily.marketplaces"
OURS = (
    "telegram",
    "instagram",
    "facebook",
    "meta_catalogue",
    "meta_feed",
    "autoru",
    "avby",
    "kufar",
    "onliner",
    "abw",
    "avito",
    "yml",
    "google",
    "vk_wall",
    "vk_market",
    "viber",
    "webhook",
    "avby_push",
)


def load() -> None:
    """Registers every adapter, then closes the registry. Called once, when Django starts."""
    from . import registry

    for name in OURS:
        import_module(f"{__name__}.{name}")
    for entry_point in entry_points(group=ENTRY_POINTS):
        entry_point.load()
    registry.freeze()
