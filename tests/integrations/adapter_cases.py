"""What the contract's tests need to know of each adapter. A new adapter gets a function here.

Most take settings and access data from the demo's channel (`integrations/demo/channels.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.demo.channels import CHANNELS, HERE
from integrations.sandbox import avby_push

from .meta_helpers import car, photo

EXAMPLE = Path(__file__).parents[2] / "docs" / "adapters" / "avby_push.example.json"


@dataclass(frozen=True)
class AdapterCase:
    """`settings` and `secrets` as a person would type them in; "{sandbox}" stands for the sandbox's address."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    """Its key in the sandbox. Empty: the adapter calls nobody, as feeds do."""

    def pointed_at(self, url: str) -> dict[str, Any]:
        return {
            name: value.replace(HERE, url) if isinstance(value, str) else value for name, value in self.settings.items()
        }


def telegram() -> AdapterCase:
    return _of_the_demo("telegram", "telegram")


def instagram() -> AdapterCase:
    return _of_the_demo("instagram", "instagram")


def facebook() -> AdapterCase:
    return _of_the_demo("facebook", "facebook")


def meta_catalogue() -> AdapterCase:
    return _of_the_demo("meta_catalogue", "meta_catalogue")


def vk_wall() -> AdapterCase:
    return _of_the_demo("vk_wall", "vk")


def vk_market() -> AdapterCase:
    return _of_the_demo("vk_market", "vk")


def viber() -> AdapterCase:
    return _of_the_demo("viber", "viber")


def webhook() -> AdapterCase:
    return _of_the_demo("webhook", "webhook")


def avby_push_case() -> AdapterCase:
    settings = {"base_url": f"{HERE}/avby_push/api", "mapping": EXAMPLE.read_text()}
    return AdapterCase(settings, {"token": avby_push.TOKEN}, "avby_push")


def feed(key: str) -> Callable[[], AdapterCase]:
    return lambda: _of_the_demo(key, "")


CASES: Mapping[str, Callable[[], AdapterCase]] = {
    "telegram": telegram,
    "instagram": instagram,
    "facebook": facebook,
    "meta_catalogue": meta_catalogue,
    "vk_wall": vk_wall,
    "vk_market": vk_market,
    "viber": viber,
    "webhook": webhook,
    "avby_push": avby_push_case,
    **{key: feed(key) for key in (
        "meta_feed", "autoru", "avby", "kufar", "onliner", "abw", "avito", "yml", "google",
    )},
}  # fmt: skip


def _of_the_demo(key: str, platform: str) -> AdapterCase:
    channel = CHANNELS[key]
    return AdapterCase(channel.settings, channel.secrets, platform)


# --- Documents --------------------------------------------------------------------------------------
def whole_car(number: int = 0, count: int = 1, **fields: Any) -> dict[str, Any]:
    """A document with everything that one can have; cars of different numbers differ in what visitors see."""
    values = {
        "uuid": f"0f8fad5b-d9cb-469f-a165-7086772895{number:02d}", "slug": f"bmw-x5-2018-{number}",
        "path": f"/cars/bmw-x5-2018-{number}", "title": f"BMW X5 xDrive30d №{number}",
        "make": {"slug": "bmw", "name": "BMW"}, "model": {"slug": "bmw-x5", "name": "X5"},
        "generation": {"slug": "bmw-x5-f15", "name": "F15"}, "trim": "M Sport", "battery_kwh": None, "range_km": None,
        "price": {"amount": 95000, "currency": "BYN", "byn": 95000, "usd": 29000, "eur": 27000, "old_byn": 99000},
        "city": {"slug": "minsk", "name": "Минск", "oblast": "minsk"}, "photos_count": count,
        "published_at": "2026-11-01T10:00:00+00:00", "updated_at": "2026-11-02T10:00:00+00:00",
        "vin_masked": "•••••••••••••2345", "owners": 2, "customs_cleared": True, "registration_country": "BY",
        "payment_types": ["cash"], "equipment": [{"group": "safety", "items": ["abs"]}], "video": None,
        "dealer": {
            "slug": "avtosalon", "name": "Автосалон", "phone": "+375291234567", "address": "Ленина 1",
            "hours": "9–18", "city": "Минск", "latitude": 53.9, "longitude": 27.6,
        },
        "text_html": "<p>Один хозяин.</p><ul><li>Сервисная история</li></ul>", "vin": f"WBAKS410500H123{number:02d}",
    }  # fmt: skip
    return car(0, photos=[photo(n + 1 + number * 100) for n in range(count)], **(values | fields))


def documents() -> dict[str, dict[str, Any]]:
    """Names and documents that every adapter renders, or refuses in words."""
    nasty = "<script>alert(1)</script> ]]> &amp; \"'` {title} %s \x00 \u202e 🚗\u200d " * 200
    nothing: dict[str, Any] = {
        "generation": None,
        "trim": None,
        "owners": None,
        "engine_cc": None,
        "power_hp": None,
        "text_html": "",
    }
    return {
        "whole": whole_car(count=30),
        "without photos": whole_car(count=0),
        "without trim, text and figures": whole_car(**nothing),
        "without VIN": whole_car(vin=""),
        "electric": whole_car(fuel="electric", engine_cc=None, battery_kwh=77.4, gearbox="reducer", range_km=400),
        "new": whole_car(condition="new", mileage_km=0),
        "sold": whole_car(sale_state="sold"),
        "no rates": whole_car(price={"amount": 1, "currency": "BYN", "byn": 1, "usd": 0, "eur": 0, "old_byn": None}),
        "hostile": whole_car(
            title=nasty[:200], text_html=f"<p>{nasty}</p>" * 20, trim=nasty[:90],
            contact={"name": nasty[:90], "phone": "+375291234567"},
            dealer=whole_car()["dealer"] | {"name": nasty[:90], "address": nasty[:200]},
        ),
        "one endless word": whole_car(text_html="x" * 60_000, title="y" * 250),
    }  # fmt: skip
