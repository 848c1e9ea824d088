"""A car's published document as adapters get it, without a database."""

from typing import Any

from integrations.marketplaces.base import Account
from integrations.marketplaces.registry import get_adapter

from .conftest import SETTINGS

SITE = "https://avtofamily.example"


def photo(number: int, name: str) -> dict[str, Any]:
    sources = [{"url": f"/media/images/{name}.width-{width}.jpg", "width": width} for width in (480, 960, 1600)]
    return {"id": number, "width": 2000, "height": 1500, "sources": {"jpeg": sources}}


def document(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "uuid": "0b9f2a52-6f0e-4a2e-9a35-3f3e8f6f7b11",
        "title": "BMW X5 xDrive30d", "year": 2018, "path": "/cars/bmw-x5-2018-abcd", "sale_state": "available",
        "make": {"slug": "bmw", "name": "BMW"}, "model": {"slug": "bmw-x5", "name": "X5"},
        "generation": {"slug": "g05", "name": "IV (G05)"}, "trim": "xDrive30d",
        "price": {"amount": 95000, "currency": "BYN", "byn": 95000, "usd": 29000, "eur": 27000, "old_byn": 99000},
        "mileage_km": 120000, "condition": "used", "fuel": "diesel", "engine_cc": 2993, "power_hp": 249,
        "battery_kwh": None, "gearbox": "automatic", "drive": "all", "body": "suv", "color": "black", "owners": 1,
        "customs_cleared": True, "exchange": True, "leasing": False, "vat": False, "vin": "WBAKJ810600000001",
        "city": {"slug": "minsk", "name": "Минск", "oblast": "minsk"},
        "dealer": {
            "slug": "avtosalon", "name": "Автосалон", "phone": "+375291234567", "address": "Ленина 1",
            "hours": "9–20 без выходных", "city": "Минск",
        },
        "contact": {"name": "Анна", "phone": "+375291234567"},
        "text_html": "<p>Один хозяин &amp; сервисная книжка.</p><p>Торг у капота &lt;уместен&gt;.</p>",
        "photos": [photo(1, "front"), photo(2, "back")],
    }  # fmt: skip
    return values | changes


def account_for(key: str, **changes: Any) -> Account[Any, Any]:
    """Of an adapter with the settings that the tests use."""
    adapter = get_adapter(key)
    return Account(
        settings=adapter.Settings.model_validate(SETTINGS[key] | changes),
        credentials=adapter.Credentials.model_construct(),
        site_url=SITE,
        read_photo=lambda _url: b"",
    )
