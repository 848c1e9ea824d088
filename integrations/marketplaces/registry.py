"""Which adapters there are. Filled while the product starts, then frozen."""

from collections.abc import Callable
from typing import Any

from .base import MarketplaceAdapter

Adapter = MarketplaceAdapter[Any, Any, Any]

_adapters: dict[str, Adapter] = {}
_state = {"frozen": False}


def register(key: str) -> Callable[[type[Adapter]], type[Adapter]]:
    """Class decorator: `@register("telegram")`. The key is stored in channels and never changes."""

    def add(adapter: type[Adapter]) -> type[Adapter]:
        if _state["frozen"]:
            raise RuntimeError(f"Adapter {key!r} comes too late: register it in integrations/marketplaces.")
        if key in _adapters:
            raise RuntimeError(f"Adapter {key!r} is registered twice.")
        _adapters[key] = adapter()
        return adapter

    return add


def freeze() -> None:
    _state["frozen"] = True


def get_adapter(key: str) -> Adapter:
    return _adapters[key]


def all_adapters() -> dict[str, Adapter]:
    return dict(_adapters)
